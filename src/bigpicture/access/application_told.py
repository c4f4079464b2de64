"""An application told to people: what it waits for, by when, and what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bigpicture.model.application import Application, LineState, State
from bigpicture.model.application_event import ApplicationEvent
from bigpicture.model.application_table import Command

DECIDE_WITHIN = timedelta(days=90)
"""A decision within three months, as the EHDS asks of those who decide there."""
SCREEN_WITHIN = timedelta(days=14)
ANSWER_WITHIN = timedelta(days=90)
"""What was returned to the applicant, and a draft, waits as long."""


def deadline_of(application: Application) -> datetime | None:
    """By when whoever it waits for should have acted; None where nobody has to."""
    submitted = application.submitted or application.changed
    match application.state:
        case State.DRAFT | State.RETURNED:
            return application.changed + ANSWER_WITHIN
        case State.SUBMITTED:
            return submitted + SCREEN_WITHIN
        case State.IN_REVIEW:
            return submitted + DECIDE_WITHIN
        case _:
            return None


def waiting_for(
    application: Application, committees: Mapping[str, str], *, missing: tuple[str, ...] = ()
) -> str:
    """What it waits for, for people. `missing` is what still holds the grants, in words."""
    match application.state:
        case State.DRAFT:
            return "The applicant finishes it and submits it."
        case State.RETURNED:
            return "The applicant changes what was asked for and submits it again."
        case State.SUBMITTED:
            return f"{_deciding(application, committees)} screens it."
        case State.IN_REVIEW:
            return _in_review(application, committees)
        case State.APPROVED if missing:
            return f"Before the data open: {'; '.join(missing)}."
        case State.APPROVED:
            return "Nothing: it was approved."
        case _:
            return "Nothing: it is over."


def _in_review(application: Application, committees: Mapping[str, str]) -> str:
    told = f"{_deciding(application, committees)} decides."
    if any(each.answered is None for each in application.questions):
        told = f"The applicant answers a question; then {told[0].lower()}{told[1:]}"
    if any(each.at is None for each in application.reviews):
        told += " A reviewer was asked and has not answered."
    return told


def _deciding(application: Application, committees: Mapping[str, str]) -> str:
    asked = [each for each in application.living if each.state is LineState.ASKED]
    names = sorted({committees.get(each.committee, "") or "The committee" for each in asked})
    return " and ".join(names) or "The committee"


Named = Callable[[str], str]
"""A dataset's title, a committee's name."""


def told(event: ApplicationEvent, title: Named, committee: Named) -> str | None:
    """One event in words; None for what is not of the timeline. Says nothing of who voted how."""
    said = event.said
    if event.command in _PLAIN:
        return _PLAIN[event.command]
    match event.command:
        case Command.DECIDE:
            name, what = committee(str(said["committee"])), said["outcome"]
            return f"{name} {what}: {title(str(said['dataset']))}"
        case Command.ATTACH:
            return f"Document added: {said['title']}"
        case Command.BAR:
            return f"Refused after a misuse: {title(str(said['dataset']))}"
        case Command.ACCEPT | Command.SIGN:
            done = "accepted" if event.command is Command.ACCEPT else "signed"
            return f"Agreement {said['agreement']}, version {said['version']}, {done}"
        case Command.RETURN:
            return f"Returned: {said['text']}"
        case Command.REJECT | Command.CLOSE:
            done = "Rejected" if event.command is Command.REJECT else "Closed"
            return f"{done}: {said['reason']}"
        case _:
            return None


_PLAIN: Mapping[Command, str] = {
    Command.CREATE: "Begun",
    Command.SUBMIT: "Submitted",
    Command.RESUBMIT: "Submitted again",
    Command.SCREEN: "Screened; the review began",
    Command.WITHDRAW: "Withdrawn",
    Command.ASK: "A question was asked",
    Command.ANSWER: "A question was answered",
    Command.INVITE: "A reviewer was invited",
    Command.REVIEW: "A review was given",
    Command.CHANGE: "A change was asked for",
    Command.RECORD_TRANSFER: "A transfer's document was put on file",
    Command.RENEW: "Copied into a new application",
    Command.EXPIRE: "Expired: nothing was done for 90 days",
    Command.NARROW: "The cohort was frozen again to what was approved",
}
