"""Applications: begin one, act on one; events, grants and notices in the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Connection, select

from bigpicture.access.agreements import accept, agreements_for
from bigpicture.access.application_facts import country_of, facts_of, match_all, read_asked
from bigpicture.access.application_form import VERSION
from bigpicture.access.application_grants import (
    adjust_holds,
    applications_of,
    follow_with_grants,
)
from bigpicture.access.application_notices import tell_of
from bigpicture.access.application_rows import (
    find_application,
    keep_events,
    list_ids,
    open_for,
)
from bigpicture.access.committees import actor_of, deciding_on
from bigpicture.access.data_use.diseases import Lineage
from bigpicture.model.agreement import Agreement
from bigpicture.model.application import Application, LineState, Party, State
from bigpicture.model.application_act import act
from bigpicture.model.application_event import ApplicationEvent
from bigpicture.model.application_fold import begin, follow
from bigpicture.model.application_guards import NODE, Actor, Wanted
from bigpicture.model.application_table import Command
from bigpicture.model.errors import (
    ChangedError,
    ConflictError,
    InputError,
    LimitError,
    UnknownError,
)
from bigpicture.model.person import Permission, Person
from bigpicture.model.policy import AccessTier
from bigpicture.storage.records.application_tables import acceptances, applications

MOST_DATASETS = 200
MOST_DRAFTS = 50
"""Of one person at a time."""

Refreeze = Callable[[Connection, str, int, frozenset[str]], int | None]
"""Freeze a cohort's version again without some datasets: the number of the new one, if any."""


@dataclass(frozen=True, slots=True)
class Around:
    """What acts need of the rest of the node."""

    now: datetime
    lineage: Lineage | None = None
    refreeze: Refreeze = lambda *_: None


def create_application(
    connection: Connection,
    person: Person,
    *,
    datasets: Sequence[str],
    cohort: tuple[str, int] | None,
    now: datetime,
    said: Mapping[str, object] | None = None,
) -> Application:
    """Begin a draft; `said` is what a renewal takes over.

    Raises `UnknownError` for an unknown dataset, `InputError` for one that needs no application or
    that nobody here decides on, `LimitError` for too many drafts.
    """
    lines = lines_of(connection, datasets)
    answers = cast("Mapping[str, object]", (said or {}).get("answers") or {})
    drafts = [
        each for each, _ in list_ids(connection, _own(person), state=State.DRAFT, limit=MOST_DRAFTS)
    ]
    if len(drafts) >= MOST_DRAFTS:
        raise LimitError(
            "there are too many drafts.",
            rule=f"at most {MOST_DRAFTS}",
            remedy="Submit or withdraw one.",
        )
    event = ApplicationEvent(
        seq=1,
        at=now,
        by=person.id,
        command=Command.CREATE,
        said={
            "form": VERSION,
            **(said or {}),
            "id": secrets.token_hex(10),
            "applicant": {
                "id": person.id,
                "organisation": person.organisation,
                "country": country_of(answers),
            },
            "datasets": lines,
            "cohort": list(cohort) if cohort else None,
        },
    )
    application = begin(event)
    keep_events(connection, application, [event])
    return application


def lines_of(connection: Connection, datasets: Sequence[str]) -> list[dict[str, str]]:
    """The datasets with their committees, as an event says them; raises as above."""
    wanted = list(dict.fromkeys(datasets))
    if len(wanted) > MOST_DATASETS:
        raise LimitError("these are too many datasets.", rule=f"at most {MOST_DATASETS}")
    asked, deciding = read_asked(connection, wanted), deciding_on(connection, wanted)
    for name in wanted:
        if name not in asked:
            raise UnknownError("there is no such dataset.", place=name)
        if asked[name].policy.tier is AccessTier.OPEN:
            raise InputError(
                "this dataset is open to everyone.", place=name, remedy="Leave it out."
            )
        if name not in deciding:
            raise InputError(
                "nobody here decides on this dataset.",
                place=name,
                rule="a dataset has a committee",
                remedy="Its page says where to apply.",
            )
    return [{"dataset": name, "committee": deciding[name]} for name in wanted]


def see_application(connection: Connection, person: Person, application: str) -> Application:
    """An application that the person may know of; raises `UnknownError` for all others."""
    found = find_application(connection, application)
    if not may_see(found, actor_of(connection, person), person):
        raise UnknownError("there is no such application.")
    return found


def may_see(application: Application, actor: Actor, person: Person) -> bool:
    """Whether somebody may know of an application.

    Who has a part in it does, and whoever may read any; once it was submitted, those who decide on
    it or were asked to review it.
    """
    if actor.id in application.parties or person.may(Permission.APPLICATION_READ_ANY):
        return True
    if application.submitted is None:
        return False
    sits = any(each.committee in actor.committees for each in application.lines)
    return sits or any(each.by == actor.id for each in application.reviews)


def act_on(
    connection: Connection,
    person: Person,
    application: str,
    command: Command,
    said: Mapping[str, object],
    *,
    around: Around,
    known: str = "",
) -> Application:
    """Do a command to an application, with all that follows from it.

    `known` is the tag of the version that it was made from, if that was said. Raises
    `UnknownError`, `ForbiddenError`, `ConflictError`, `ChangedError`.
    """
    before = see_application(connection, person, application)
    if command in (Command.ACCEPT, Command.SIGN) and _is_accepted(connection, person, before, said):
        return before
    if known and known != etag_of(before):
        raise ChangedError(
            "the application was changed meanwhile.",
            rule="If-Match is the ETag of the version that was changed",
            remedy="Open it as it is now, and do it again.",
        )
    after = carry_out(
        connection, before, actor_of(connection, person), command, said, around=around
    )
    if command in (Command.ACCEPT, Command.SIGN):
        accept(connection, person, application, _agreement(connection, before, command, said))
        for other in {after.id, *applications_of(connection, person.id, around.now)}:
            adjust_holds(connection, find_application(connection, other), now=around.now)
    return after


def _agreement(
    connection: Connection, application: Application, command: Command, said: Mapping[str, object]
) -> Agreement:
    """The agreement that a command names, in its current version; raises `ConflictError`."""
    concerned = agreements_for(connection, [each.dataset for each in application.living])
    named = next((each for each in concerned if each.id == said["agreement"]), None)
    if named is None or named.is_signed is not (command is Command.SIGN):
        raise ConflictError(
            "this agreement is not asked for here.",
            place="agreement",
            rule="members accept, the signatory signs",
        )
    if named.version != said["version"]:
        raise ConflictError(
            "there is a newer version of this agreement.",
            place="version",
            rule=f"version {named.version}",
            remedy="Load it again, and read it.",
        )
    return named


def _is_accepted(
    connection: Connection, person: Person, application: Application, said: Mapping[str, object]
) -> bool:
    """Whether the person did so before: it is done once, and asked twice harms nobody."""
    done = select(acceptances.c.at).where(
        acceptances.c.person == person.id,
        acceptances.c.application == application.id,
        acceptances.c.agreement == said["agreement"],
        acceptances.c.version == said["version"],
    )
    return connection.execute(done).first() is not None


def carry_out(
    connection: Connection,
    before: Application,
    actor: Actor,
    command: Command,
    said: Mapping[str, object],
    *,
    around: Around,
) -> Application:
    """As `act_on`, for an actor who may be the node."""
    facts = facts_of(connection, _as_changed(before, command, said))
    if command in (Command.SUBMIT, Command.RESUBMIT, Command.CHANGE):
        said = {**said, **_snapshot(connection, before, command, said, around)}
    after, events = act(before, Wanted(actor, command, said, around.now, facts))
    after, events = _narrowed(connection, before, after, events, around)
    keep_events(connection, after, events)
    follow_with_grants(connection, before, after, now=around.now, by=actor.id)
    if command is Command.RECORD_TRANSFER:
        adjust_holds(connection, after, now=around.now)
    tell_of(connection, after, events)
    return after


def reject_blocked(
    connection: Connection, person: str, dataset: str, *, by: str, around: Around
) -> list[str]:
    """Refuse a dataset in the open applications of a person who is barred from it; returns those.

    For who revoked a grant for misuse, in the same transaction.
    """
    found = [each for each, _ in list_ids(connection, open_for(person, dataset), limit=10_000)]
    for application in found:
        before = find_application(connection, application)
        if before.line(dataset) is not None:
            said = {"dataset": dataset, "by": by, "reason": "misuse"}
            carry_out(connection, before, Actor(NODE), Command.BAR, said, around=around)
    return found


def renew(
    connection: Connection, person: Person, application: str, *, around: Around
) -> Application:
    """Copy an application into a new draft, which is decided on as any other.

    Datasets that nobody here decides on any more stay behind; documents are attached anew.
    """
    old = see_application(connection, person, application)
    names = [each.dataset for each in old.lines]
    asked, deciding = read_asked(connection, names), deciding_on(connection, names)
    said = {
        "renews": old.id,
        "form": old.form,
        "answers": dict(old.answers),
        "members": [_party(each) for each in old.members],
        "signatory": _party(old.signatory) if old.signatory else None,
    }
    actor = actor_of(connection, person)
    fresh = create_application(
        connection,
        person,
        datasets=[name for name in names if name in asked and name in deciding],
        cohort=old.cohort,
        now=around.now,
        said=said,
    )
    carry_out(connection, old, actor, Command.RENEW, {"into": fresh.id}, around=around)
    return fresh


def etag_of(application: Application) -> str:
    """Changes with every event."""
    return f"{application.seq}"


def _as_changed(before: Application, command: Command, said: Mapping[str, object]) -> Application:
    """What a change asks for is judged as if it were asked for now."""
    if command is not Command.CHANGE:
        return before
    event = ApplicationEvent(before.seq + 1, before.changed, before.applicant.id, command, said)
    return follow(before, event) if before.state is State.APPROVED else before


def _snapshot(
    connection: Connection,
    before: Application,
    command: Command,
    said: Mapping[str, object],
    around: Around,
) -> dict[str, object]:
    """What it is judged by from now on: who decides, what each policy says and which it was."""
    asked = _as_changed(before, command, said)
    names = [each.dataset for each in asked.living if each.state is LineState.ASKED]
    matches = match_all(connection, asked, around.lineage)
    return {
        "committees": deciding_on(connection, names),
        "matches": matches,
        "matched": {
            name: {key: each[key] for key in ("id", "answer", "algorithm", "policy")}
            for name, each in matches.items()
        },
    }


def _narrowed(
    connection: Connection,
    before: Application,
    after: Application,
    events: Sequence[ApplicationEvent],
    around: Around,
) -> tuple[Application, Sequence[ApplicationEvent]]:
    """Freeze the cohort again to what was approved, where a part of it was not."""
    is_decided = after.state is State.APPROVED and before.state is not State.APPROVED
    refused = _refused(after)
    if not (is_decided and after.cohort and refused):
        return after, events
    number = around.refreeze(connection, *after.cohort, refused)
    if number is None:
        return after, events
    said = {"cohort": after.cohort[0], "version": number}
    wanted = Wanted(Actor(NODE), Command.NARROW, said, around.now)
    narrowed, more = act(after, wanted)
    return narrowed, (*events, *more)


def _refused(application: Application) -> frozenset[str]:
    states: Collection[LineState] = (LineState.REFUSED, LineState.REMOVED)
    return frozenset(each.dataset for each in application.lines if each.state in states)


def _party(party: Party) -> dict[str, str]:
    return {"id": party.id, "organisation": party.organisation, "country": party.country}


def _own(person: Person) -> ColumnElement[bool]:
    return applications.c.applicant == person.id
