"""Fold: an application is what its events made of it, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import cast

from bigpicture.model.application import (
    Application,
    Decision,
    Declaration,
    Document,
    DocumentKind,
    Line,
    LineState,
    Party,
    Question,
    Review,
    Signature,
    Vote,
)
from bigpicture.model.application_event import ApplicationEvent
from bigpicture.model.application_table import Command, state_after
from bigpicture.model.voting import Choice, Outcome

Said = Mapping[str, object]
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
        lines=_lines(said["datasets"]),
        members=_parties(said.get("members")),
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


def party_of(said: object) -> Party:
    """A party from JSON."""
    held = cast("Said", said)
    return Party(str(held["id"]), str(held["organisation"]), str(held["country"]))


def _nothing(application: Application, _: ApplicationEvent) -> Application:
    return application


def _edit(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    if "answers" in said:
        application = replace(application, answers=cast("Said", said["answers"]))
    if "form" in said:
        application = replace(application, form=int(str(said["form"])))
    if "datasets" in said:
        application = replace(application, lines=_lines(said["datasets"]))
    if "members" in said:
        application = replace(application, members=_parties(said["members"]))
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


def _submit(application: Application, event: ApplicationEvent) -> Application:
    """Votes on what it was before do not count for what it is now; committees are today's."""
    deciding = cast("Mapping[str, str]", event.said.get("committees") or {})
    lines = tuple(
        replace(each, votes=(), committee=deciding.get(each.dataset, each.committee))
        if each.state is LineState.ASKED
        else each
        for each in application.lines
    )
    return replace(
        application,
        lines=lines,
        matches=cast("Mapping[str, Said]", event.said.get("matches") or {}),
        submitted=event.at,
        decisions=application.decisions if application.is_change else (),
    )


def _return(application: Application, _: ApplicationEvent) -> Application:
    """What was decided already was decided on what is changed now: it is asked for again."""
    lines = tuple(
        replace(each, votes=(), verdict=None, state=LineState.ASKED) if each.verdict else each
        for each in application.lines
    )
    return replace(application, lines=lines)


def _give_up(application: Application, _: ApplicationEvent) -> Application:
    """What stood approved before a change stands on; all else goes."""
    return _trim(replace(application, lines=tuple(map(_reverted, application.lines))))


def _reverted(line: Line) -> Line:
    if line.state not in (LineState.ASKED, LineState.APPROVED):
        return line
    state = LineState.APPROVED if line.members else LineState.REMOVED
    return replace(line, votes=(), verdict=None, state=state)


def _completed(application: Application) -> Application:
    """What the committees decided takes effect, once no dataset is asked for any more."""
    if any(each.state is LineState.ASKED for each in application.living):
        return application
    everyone = frozenset(each.id for each in application.everyone)
    lines = tuple(
        replace(
            each,
            verdict=None,
            members=everyone if each.verdict is Outcome.APPROVED else each.members,
        )
        for each in application.lines
    )
    return _trim(replace(application, lines=lines))


def _trim(application: Application) -> Application:
    """Leave those members for whom something stands approved; of nothing, leave all."""
    approved = [each for each in application.living if each.state is LineState.APPROVED]
    if not approved:
        return application
    kept = frozenset[str]().union(*(each.members for each in approved))
    return replace(application, members=tuple(m for m in application.members if m.id in kept))


def _declare(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    fresh = Declaration(event.by, said["has_conflict"] is True, str(said["text"]), event.at)
    lines = application.lines
    if fresh.has_conflict:  # nor does what they said before count
        lines = tuple(_without_vote(each, event.by) for each in lines)
    return replace(application, declarations=(*application.declarations, fresh), lines=lines)


def _without_vote(line: Line, person: str) -> Line:
    return replace(line, votes=tuple(each for each in line.votes if each.by != person))


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


def _vote(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    uses = said.get("uses")
    fresh = Vote(
        by=event.by,
        choice=Choice(str(said["vote"])),
        reason=str(said["reason"]),
        at=event.at,
        conditions=_texts(said.get("conditions")),
        uses=None if uses is None else _texts(uses),
        end=str(said.get("end") or ""),
    )

    def cast_on(line: Line) -> Line:
        without = _without_vote(line, event.by)  # who votes again says something else
        return replace(without, votes=(*without.votes, fresh))

    return _on_line(application, str(said["dataset"]), cast_on)


def _decide(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    dataset, outcome = str(said["dataset"]), Outcome(str(said["outcome"]))
    uses = said.get("uses")
    fresh = Decision(
        dataset=dataset,
        committee=str(said["committee"]),
        outcome=outcome,
        at=event.at,
        reason=str(said["reason"]),
        conditions=_texts(said.get("conditions")),
        uses=None if uses is None else _texts(uses),
        end=str(said.get("end") or ""),
    )

    def decided(line: Line) -> Line:
        stands = outcome is Outcome.APPROVED or line.members  # a change refused leaves what stands
        state = LineState.APPROVED if stands else LineState.REFUSED
        return replace(line, state=state, verdict=outcome)

    done = _on_line(application, dataset, decided)
    return _completed(replace(done, decisions=(*done.decisions, fresh)))


def _sign(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    fresh = Signature(str(said["agreement"]), int(str(said["version"])), event.by, event.at)
    return replace(application, signatures=(*application.signatures, fresh))


def _record_transfer(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    on_file = {**application.transfers, str(said["member"]): str(said["document"])}
    return replace(application, transfers=on_file)


def _change(application: Application, event: ApplicationEvent) -> Application:
    """Whoever or whatever is new is decided on; what goes, goes at once."""
    wanted = {each.dataset: each for each in _lines(event.said["datasets"])}
    members = _parties(event.said["members"])
    staying = frozenset({each.id for each in members} | {application.applicant.id})
    old = {each.dataset: each for each in application.lines}
    is_wider = bool(staying - {each.id for each in application.everyone})
    lines = [
        _changed(each, is_wanted=each.dataset in wanted, staying=staying, is_wider=is_wider)
        for each in application.lines
        if each.dataset not in wanted or each.state is LineState.APPROVED
    ]
    lines += [
        each
        for each in wanted.values()
        if each.dataset not in old or old[each.dataset].state is not LineState.APPROVED
    ]
    return replace(
        application,
        lines=tuple(lines),
        members=members,
        matches=cast("Mapping[str, Said]", event.said.get("matches") or {}),
        submitted=event.at,
    )


def _changed(line: Line, *, is_wanted: bool, staying: frozenset[str], is_wider: bool) -> Line:
    if not is_wanted:
        return replace(line, state=LineState.REMOVED, votes=(), members=frozenset())
    state = LineState.ASKED if is_wider else line.state
    return replace(line, state=state, votes=(), members=line.members & staying)


def _bar(application: Application, event: ApplicationEvent) -> Application:
    def barred(line: Line) -> Line:
        return replace(line, state=LineState.REFUSED, votes=(), verdict=None, members=frozenset())

    return _completed(_on_line(application, str(event.said["dataset"]), barred))


def _narrow(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    return replace(application, cohort=(str(said["cohort"]), int(str(said["version"]))))


def _on_line(application: Application, dataset: str, act: Callable[[Line], Line]) -> Application:
    lines = tuple(
        act(each) if each.dataset == dataset and each.state is not LineState.REMOVED else each
        for each in application.lines
    )
    return replace(application, lines=lines)


def _lines(said: object) -> tuple[Line, ...]:
    held = cast("list[Mapping[str, str]]", said)
    return tuple(Line(each["dataset"], each["committee"]) for each in held)


def _parties(said: object) -> tuple[Party, ...]:
    return tuple(map(party_of, cast("list[object]", said or [])))


def _texts(said: object) -> tuple[str, ...]:
    return tuple(map(str, cast("list[object]", said or [])))


_ACTS: Mapping[Command, _Act] = {
    Command.EDIT: _edit,
    Command.ATTACH: _attach,
    Command.DETACH: _detach,
    Command.SUBMIT: _submit,
    Command.RESUBMIT: _submit,
    Command.WITHDRAW: _give_up,
    Command.REJECT: _give_up,
    Command.RETURN: _return,
    Command.DECLARE: _declare,
    Command.ASK: _ask,
    Command.ANSWER: _answer,
    Command.INVITE: _invite,
    Command.REVIEW: _review,
    Command.VOTE: _vote,
    Command.DECIDE: _decide,
    Command.SIGN: _sign,
    Command.RECORD_TRANSFER: _record_transfer,
    Command.CHANGE: _change,
    Command.BAR: _bar,
    Command.NARROW: _narrow,
}
