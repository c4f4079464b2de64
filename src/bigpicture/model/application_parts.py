"""What somebody is to an application, and what a command on it is judged by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bigpicture.model.application import Application
from bigpicture.model.application_table import Command, Part
from bigpicture.model.voting import VotingRule

NODE = "node"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `committees` are those whose member this is."""

    id: str
    organisation: str = ""
    committees: frozenset[str] = frozenset()
    is_steward: bool = False


@dataclass(frozen=True, slots=True)
class Seats:
    """A committee as a vote needs it: `members` are ids, with their organisations."""

    rule: VotingRule
    quorum: int
    members: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the records say that an application does not hold itself.

    `form_errors` are places in the answers. The sets are datasets: whose policy wants an ethics
    approval, which the applicant lost for misuse, which have no committee any more.
    `needs_signatory`: an agreement is to be signed by the organisation.
    """

    form_errors: tuple[str, ...] = ()
    needs_ethics: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    needs_signatory: bool = False
    seats: Mapping[str, Seats] = field(default_factory=dict[str, Seats])


@dataclass(frozen=True, slots=True)
class Wanted:
    """A command as somebody wants it done; `said` is JSON."""

    actor: Actor
    command: Command
    said: Mapping[str, object]
    now: datetime
    facts: Facts = field(default_factory=Facts)


def parts_of(application: Application, actor: Actor) -> frozenset[Part]:
    """What somebody is to an application; who has a part in it neither leads nor decides it."""
    if actor.id == NODE:
        return frozenset({Part.NODE})
    if actor.id in application.parties:
        return frozenset(_own_parts(application, actor.id))
    parts: set[Part] = set()
    sits = any(each.committee in actor.committees for each in application.living)
    is_apart = not is_of_same(actor.organisation, application.applicant.organisation)
    if sits and is_apart:
        parts |= {Part.DECIDER, Part.HANDLER}
    if actor.is_steward:
        parts.add(Part.HANDLER)
    if any(each.by == actor.id for each in application.reviews):
        parts.add(Part.REVIEWER)
    return frozenset(parts)


def _own_parts(application: Application, person: str) -> Iterable[Part]:
    if person == application.applicant.id:
        yield Part.APPLICANT
    if any(each.id == person for each in application.members):
        yield Part.MEMBER
    if application.signatory and application.signatory.id == person:
        yield Part.SIGNATORY


def is_of_same(one: str, other: str) -> bool:
    """Whether two names are of the same organisation; who has none is of nobody's."""
    return bool(one.strip()) and one.strip().casefold() == other.strip().casefold()


def may_vote(application: Application, seats: Seats) -> frozenset[str]:
    """Those of a committee whose votes count: no party, no colleague, no conflict of interest."""
    declared = {each.by: each.has_conflict for each in application.declarations}
    return frozenset(
        person
        for person, organisation in seats.members.items()
        if person not in application.parties
        and not is_of_same(organisation, application.applicant.organisation)
        and not declared.get(person, False)
    )
