"""Guards: what must hold, beside part and state, before a command is done to an application."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from bigpicture.model.application import Application, DocumentKind, LineState
from bigpicture.model.application_table import Command, Part
from bigpicture.model.errors import ConflictError
from bigpicture.model.voting import Choice, VotingRule

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


def check(application: Application, wanted: Wanted) -> None:
    """Raise `ConflictError` with the rule that a command breaks."""
    for guard in GUARDS.get(wanted.command, ()):
        guard(application, wanted)


_Guard = Callable[[Application, Wanted], None]


def _refuse(what: str, *, rule: str, place: str = "", remedy: str = "") -> ConflictError:
    return ConflictError(what, rule=rule, place=place, remedy=remedy)


def _has_form(application: Application, wanted: Wanted) -> None:
    if wanted.facts.form_errors:
        raise _refuse(
            f"the form is not complete: {'; '.join(wanted.facts.form_errors[:10])}.",
            place="answers",
            rule="all that the form asks for",
        )
    if not application.living:
        raise _refuse("it asks for no dataset.", place="datasets", rule="at least one")


def _has_committees(_: Application, wanted: Wanted) -> None:
    for dataset in sorted(wanted.facts.gone):
        raise _refuse(
            "nobody here decides on this dataset.",
            place=dataset,
            rule="a dataset has a committee",
            remedy="Take it out; its page says where to apply.",
        )


def _has_ethics(application: Application, wanted: Wanted) -> None:
    has = any(each.kind is DocumentKind.ETHICS for each in application.documents)
    if wanted.facts.needs_ethics and not has:
        raise _refuse(
            "an ethics committee's approval is missing.",
            place=min(wanted.facts.needs_ethics),
            rule="IRB (DUO:0000021)",
            remedy="Attach it as a document of kind ethics.",
        )


def _is_not_barred(_: Application, wanted: Wanted) -> None:
    for dataset in sorted(wanted.facts.barred):
        raise _refuse(
            "this dataset was taken from you for misuse.",
            place=dataset,
            rule="who misused a dataset does not apply for it",
            remedy="Write to its committee.",
        )


def _has_signatory(application: Application, wanted: Wanted) -> None:
    if not wanted.facts.needs_signatory:
        return
    signing = application.signatory
    if signing is None or signing.id in {each.id for each in application.everyone}:
        raise _refuse(
            "somebody else must sign for your organisation.",
            place="signatory",
            rule="an agreement is signed by the organisation's signatory",
            remedy="Name them; it is not a member of the application.",
        )
    if not is_of_same(signing.organisation, application.applicant.organisation):
        raise _refuse(
            "who signs is of another organisation than the applicant.",
            place="signatory",
            rule="an organisation signs for its own people",
        )


def _keeps_what_stands(application: Application, wanted: Wanted) -> None:
    if application.is_change and not {"datasets", "members"}.isdisjoint(wanted.said):
        raise _refuse(
            "a change that was returned keeps its datasets and members.",
            rule="what stands approved is not edited",
            remedy="Withdraw the change, and ask for another.",
        )


def _votes_on_own(application: Application, wanted: Wanted) -> None:
    dataset = str(wanted.said["dataset"])
    line = application.line(dataset)
    if line is None or line.committee not in wanted.actor.committees:
        raise _refuse(
            "your committee does not decide on this dataset.",
            place=dataset,
            rule="each committee decides on its own datasets",
        )
    if line.state is not LineState.ASKED:
        raise _refuse("this dataset is decided.", place=dataset, rule="a decision is made once")


def _has_declared(application: Application, wanted: Wanted) -> None:
    declared = application.declared(wanted.actor.id)
    if declared is None:
        raise _refuse(
            "say first whether you have a conflict of interest.",
            rule="a declaration before a vote or a review",
        )
    if declared.has_conflict:
        raise _refuse(
            "you declared a conflict of interest.",
            rule="who has one neither votes nor reviews",
        )


def _takes_no_more(application: Application, wanted: Wanted) -> None:
    """What a vote grants is within what is asked for."""
    uses = wanted.said.get("uses")
    asked = application.answers.get("environment")
    if isinstance(uses, list) and isinstance(asked, list):
        more = set(cast("list[str]", uses)) - set(cast("list[str]", asked))
        if more or not uses:
            raise _refuse(
                "this is not among the uses asked for.",
                place="uses",
                rule=f"of {', '.join(map(str, cast('list[str]', asked)))}",
            )
    end = str(wanted.said.get("end") or "")
    if end and datetime.fromisoformat(end) <= wanted.now:
        raise _refuse("a grant ends in the future.", place="end", rule="end > now")


def _agrees_on_uses(application: Application, wanted: Wanted) -> None:
    """Those who approve must leave a use in common, or they would have approved nothing."""
    line = application.line(str(wanted.said["dataset"]))
    uses = wanted.said.get("uses")
    if line is None or wanted.said["vote"] != Choice.APPROVE or not isinstance(uses, list):
        return
    common = set(cast("list[str]", uses))
    for vote in line.votes:
        if vote.choice is Choice.APPROVE and vote.uses is not None and vote.by != wanted.actor.id:
            common &= set(vote.uses)
    if not common:
        raise _refuse(
            "this has no use in common with the votes before.",
            place="uses",
            rule="what is granted is what all who approve agree on",
            remedy="Talk to those who voted; a vote may be given again until it is decided.",
        )


def _asks_what_is_open(application: Application, wanted: Wanted) -> None:
    asked = next((q for q in application.questions if q.id == wanted.said["question"]), None)
    if asked is None:
        raise _refuse("there is no such question.", place="question", rule="a question's id")
    if asked.answered:
        raise _refuse("this question is answered.", place="question", rule="an answer stays")


def _invites_others(application: Application, wanted: Wanted) -> None:
    person = str(wanted.said["person"])
    if person in application.parties:
        raise _refuse("a party to it reviews nothing.", rule="a reviewer stands outside")
    if any(each.by == person for each in application.reviews):
        raise _refuse("this person is invited already.", rule="an invitation for each")


def _reviews_once(application: Application, wanted: Wanted) -> None:
    if any(each.by == wanted.actor.id and each.at for each in application.reviews):
        raise _refuse("your review is given.", rule="a review stays")


def _signs_once(application: Application, wanted: Wanted) -> None:
    said = wanted.said
    signed = {(each.agreement, each.version) for each in application.signatures}
    if (said["agreement"], said["version"]) in signed:
        raise _refuse("this is signed.", rule="an agreement's version is signed once")


def _has_transfer_document(application: Application, wanted: Wanted) -> None:
    said = wanted.said
    if application.document(str(said["document"])) is None:
        raise _refuse(
            "there is no such document on file.",
            place="document",
            rule="a transfer outside the EEA rests on a document (GDPR, article 46)",
        )
    if said["member"] not in {each.id for each in application.everyone}:
        raise _refuse("this is no member of it.", place="member", rule="a member's id")


def _closes_own(application: Application, wanted: Wanted) -> None:
    if wanted.actor.is_steward or wanted.actor.id == application.applicant.id:
        return
    others = [
        each.dataset
        for each in application.living
        if each.state is LineState.APPROVED and each.committee not in wanted.actor.committees
    ]
    if others:
        raise _refuse(
            "another committee approved part of it.",
            place=min(others),
            rule="each committee decides on its own datasets",
            remedy="Revoke the grants of your datasets, or ask a steward.",
        )


def _changes_something(application: Application, wanted: Wanted) -> None:
    datasets = cast("list[Mapping[str, str]]", wanted.said["datasets"])
    if not datasets:
        raise _refuse("nothing would be left.", rule="at least one dataset", remedy="Close it.")
    members = cast("list[Mapping[str, str]]", wanted.said["members"])
    asked = {each["dataset"] for each in datasets}, {each["id"] for each in members}
    approved = (each for each in application.living if each.state is LineState.APPROVED)
    if asked == ({each.dataset for each in approved}, {each.id for each in application.members}):
        raise _refuse("this changes nothing.", rule="other datasets, or other members")


_SUBMITTING = (_has_form, _has_committees, _has_ethics, _is_not_barred, _has_signatory)

GUARDS: Mapping[Command, tuple[_Guard, ...]] = {
    Command.EDIT: (_keeps_what_stands,),
    Command.SUBMIT: _SUBMITTING,
    Command.RESUBMIT: _SUBMITTING,
    Command.CHANGE: (_changes_something, *_SUBMITTING),
    Command.VOTE: (_votes_on_own, _has_declared, _takes_no_more, _agrees_on_uses),
    Command.REVIEW: (_has_declared, _reviews_once),
    Command.ANSWER: (_asks_what_is_open,),
    Command.INVITE: (_invites_others,),
    Command.SIGN: (_signs_once,),
    Command.RECORD_TRANSFER: (_has_transfer_document,),
    Command.CLOSE: (_closes_own,),
}
