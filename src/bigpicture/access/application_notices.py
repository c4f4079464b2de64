"""Who is told what of an application: a notice for whoever it waits for now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from bigpicture.access.notices import notify
from bigpicture.model.application import Application, LineState, State
from bigpicture.model.application_event import ApplicationEvent
from bigpicture.model.application_table import Command
from bigpicture.storage.records.application_tables import committee_members

_APPLICANT = {
    Command.SCREEN: ("in review", "The committee has begun to review it."),
    Command.RETURN: ("returned", "The committee asks you to change it and to submit it again."),
    Command.REJECT: ("rejected", "It was rejected; its page says why."),
    Command.ASK: ("a question", "Somebody asks you something about it."),
    Command.BAR: ("refused in part", "A dataset is refused to you after a misuse."),
}
_COMMITTEE = {
    Command.SUBMIT: ("submitted", "It waits to be screened."),
    Command.RESUBMIT: ("submitted again", "It waits to be screened."),
    Command.CHANGE: ("a change", "What it would widen waits for you."),
    Command.ANSWER: ("answered", "A question was answered."),
    Command.REVIEW: ("reviewed", "A review was given."),
    Command.WITHDRAW: ("withdrawn", "The applicant took it back."),
}


def tell_of(
    connection: Connection, application: Application, events: Sequence[ApplicationEvent]
) -> None:
    """Tell those concerned of what was just done; who did it is not told."""
    for event in events:
        for people, subject, text in _told(connection, application, event):
            notify(
                connection,
                set(people) - {event.by},
                kind=f"application-{event.command}",
                subject=f"{_name(application)}: {subject}"[:200],
                text=text,
                link=f"/applications/{application.id}",
            )


_Told = tuple[Iterable[str], str, str]


def _told(
    connection: Connection, application: Application, event: ApplicationEvent
) -> Iterable[_Told]:
    command = event.command
    if command in _APPLICANT:
        yield (application.applicant.id,), *_APPLICANT[command]
    if command in _COMMITTEE and application.submitted:
        yield members_of(connection, application), *_COMMITTEE[command]
    if command is Command.INVITE:
        yield (str(event.said["person"]),), "your review", "You are asked to review it."
    if command in (Command.DECIDE, Command.BAR) and application.state is State.APPROVED:
        yield _everyone(application), "approved", _approved(application)
        if application.signatory:
            yield (application.signatory.id,), "your signature", "Sign for your organisation."
    if command is Command.DECIDE and application.state is State.REJECTED:
        yield (application.applicant.id,), "refused", "Its page says why."
    if command is Command.CLOSE:
        yield _everyone(application), "closed", "Its grants have ended."


def members_of(connection: Connection, application: Application) -> list[str]:
    """Who sits on a committee that decides on it."""
    table = committee_members
    committees = {each.committee for each in application.living}
    people = connection.scalars(select(table.c.person).where(table.c.committee.in_(committees)))
    return sorted(set(people) - application.parties)


def _everyone(application: Application) -> list[str]:
    return [each.id for each in application.everyone]


def _approved(application: Application) -> str:
    refused = sum(each.state is LineState.REFUSED for each in application.lines)
    part = f" {refused} of its datasets were refused." if refused else ""
    return f"It was approved.{part} Accept the agreements on its page to open the data."


def _name(application: Application) -> str:
    return application.title or "Your application"
