"""Fold: an application is what its events made of it, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import cast

from bigpicture.model.application import (
    Application,
    Declaration,
    Document,
    DocumentKind,
    Question,
    Review,
    Signature,
)
from bigpicture.model.application_event import ApplicationEvent
from bigpicture.model.application_lines import (
    Said,
    ask_again,
    bar,
    change,
    decide,
    give_up,
    lines_of,
    parties_of,
    party_of,
    submit,
    vote,
    without_vote,
)
from bigpicture.model.application_table import Command, state_after

_Act = Callable[[Application, ApplicationEvent], Application]


def fold(events: Iterable[ApplicationEvent]) -> Application:
    """The application that these events made; the first of them creates it."""
    remaining = iter(events)
    application = begin(next(remaining))
    for event in remaining:
        application = follow(application, event)
    return application


def begin(event: ApplicationEvent) -> Application:
    """The draft that the first event creates."""
    said = event.said
    cohort = cast("list[object] | None", said.get("cohort"))
    return Application(
        id=str(said["id"]),
        applicant=party_of(said["applicant"]),
        created=event.at,
        changed=event.at,
        form=int(str(said["form"])),
        seq=event.seq,
        lines=lines_of(said["datasets"]),
        members=parties_of(said.get("members")),
        signatory=party_of(said["signatory"]) if said.get("signatory") else None,
        answers=cast("Said", said.get("answers") or {}),
        cohort=(str(cohort[0]), int(str(cohort[1]))) if cohort else None,
        renews=str(said.get("renews") or ""),
    )


def follow(application: Application, event: ApplicationEvent) -> Application:
    """The application after one event more."""
    done = _ACTS.get(event.command, _nothing)(application, event)
    state = state_after(event.command, application.state, done)
    return replace(done, state=state, seq=event.seq, changed=event.at)


def _nothing(application: Application, _: ApplicationEvent) -> Application:
    return application


def _edit(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    if "answers" in said:
        application = replace(application, answers=cast("Said", said["answers"]))
    if "form" in said:
        application = replace(application, form=int(str(said["form"])))
    if "datasets" in said:
        application = replace(application, lines=lines_of(said["datasets"]))
    if "members" in said:
        application = replace(application, members=parties_of(said["members"]))
    if "signatory" in said:
        signing = party_of(said["signatory"]) if said["signatory"] else None
        application = replace(application, signatory=signing)
    if "applicant" in said:
        application = replace(application, applicant=party_of(said["applicant"]))
    return application


def _attach(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    fresh = Document(
        name=str(said["name"]),
        title=str(said["title"]),
        kind=DocumentKind(str(said["kind"])),
        size=int(str(said["size"])),
        sha256=str(said["sha256"]),
        by=event.by,
        at=event.at,
    )
    others = (each for each in application.documents if each.name != fresh.name)
    return replace(application, documents=(*others, fresh))


def _detach(application: Application, event: ApplicationEvent) -> Application:
    kept = tuple(each for each in application.documents if each.name != event.said["name"])
    return replace(application, documents=kept)


def _declare(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    fresh = Declaration(event.by, said["has_conflict"] is True, str(said["text"]), event.at)
    lines = application.lines
    if fresh.has_conflict:  # nor does what they said before count
        lines = tuple(without_vote(each, event.by) for each in lines)
    return replace(application, declarations=(*application.declarations, fresh), lines=lines)


def _ask(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    fresh = Question(
        id=str(event.seq),
        by=event.by,
        committee=str(said.get("committee") or ""),
        text=str(said["text"]),
        at=event.at,
    )
    return replace(application, questions=(*application.questions, fresh))


def _answer(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    questions = tuple(
        replace(each, answer=str(said["text"]), answered=event.at)
        if each.id == said["question"]
        else each
        for each in application.questions
    )
    return replace(application, questions=questions)


def _invite(application: Application, event: ApplicationEvent) -> Application:
    invited = Review(str(event.said["person"]))
    return replace(application, reviews=(*application.reviews, invited))


def _review(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    given = Review(event.by, str(said["text"]), str(said["recommendation"]), event.at)
    reviews = tuple(given if each.by == event.by else each for each in application.reviews)
    return replace(application, reviews=reviews)


def _sign(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    fresh = Signature(str(said["agreement"]), int(str(said["version"])), event.by, event.at)
    return replace(application, signatures=(*application.signatures, fresh))


def _record_transfer(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    on_file = {**application.transfers, str(said["member"]): str(said["document"])}
    return replace(application, transfers=on_file)


def _narrow(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    return replace(application, cohort=(str(said["cohort"]), int(str(said["version"]))))


_ACTS: Mapping[Command, _Act] = {
    Command.EDIT: _edit,
    Command.ATTACH: _attach,
    Command.DETACH: _detach,
    Command.SUBMIT: submit,
    Command.RESUBMIT: submit,
    Command.WITHDRAW: give_up,
    Command.REJECT: give_up,
    Command.RETURN: ask_again,
    Command.DECLARE: _declare,
    Command.ASK: _ask,
    Command.ANSWER: _answer,
    Command.INVITE: _invite,
    Command.REVIEW: _review,
    Command.VOTE: vote,
    Command.DECIDE: decide,
    Command.SIGN: _sign,
    Command.RECORD_TRANSFER: _record_transfer,
    Command.CHANGE: change,
    Command.BAR: bar,
    Command.NARROW: _narrow,
}
