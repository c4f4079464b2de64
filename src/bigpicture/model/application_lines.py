"""What becomes of the datasets of an application: asked for, voted on, decided, changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from bigpicture.model.application import Application, Decision, Line, LineState, Party, Vote
from bigpicture.model.application_event import ApplicationEvent
from bigpicture.model.voting import Choice, Outcome

Said = Mapping[str, object]


def submit(application: Application, event: ApplicationEvent) -> Application:
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


def ask_again(application: Application, _: ApplicationEvent) -> Application:
    """What was decided already was decided on what is changed now: it is asked for again."""
    lines = tuple(
        replace(each, votes=(), verdict=None, state=LineState.ASKED) if each.verdict else each
        for each in application.lines
    )
    return replace(application, lines=lines)


def give_up(application: Application, _: ApplicationEvent) -> Application:
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


def vote(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    uses = said.get("uses")
    fresh = Vote(
        by=event.by,
        choice=Choice(str(said["vote"])),
        reason=str(said["reason"]),
        at=event.at,
        conditions=texts_of(said.get("conditions")),
        uses=None if uses is None else texts_of(uses),
        end=str(said.get("end") or ""),
    )

    def cast_on(line: Line) -> Line:
        without = without_vote(line, event.by)  # who votes again says something else
        return replace(without, votes=(*without.votes, fresh))

    return _on_line(application, str(said["dataset"]), cast_on)


def decide(application: Application, event: ApplicationEvent) -> Application:
    said = event.said
    dataset, outcome = str(said["dataset"]), Outcome(str(said["outcome"]))
    uses = said.get("uses")
    fresh = Decision(
        dataset=dataset,
        committee=str(said["committee"]),
        outcome=outcome,
        at=event.at,
        reason=str(said["reason"]),
        conditions=texts_of(said.get("conditions")),
        uses=None if uses is None else texts_of(uses),
        end=str(said.get("end") or ""),
    )

    def decided(line: Line) -> Line:
        stands = outcome is Outcome.APPROVED or line.members  # a change refused leaves what stands
        state = LineState.APPROVED if stands else LineState.REFUSED
        return replace(line, state=state, verdict=outcome)

    done = _on_line(application, dataset, decided)
    return _completed(replace(done, decisions=(*done.decisions, fresh)))


def change(application: Application, event: ApplicationEvent) -> Application:
    """Whoever or whatever is new is decided on; what goes, goes at once."""
    wanted = {each.dataset: each for each in lines_of(event.said["datasets"])}
    members = parties_of(event.said["members"])
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


def bar(application: Application, event: ApplicationEvent) -> Application:
    def barred(line: Line) -> Line:
        return replace(line, state=LineState.REFUSED, votes=(), verdict=None, members=frozenset())

    return _completed(_on_line(application, str(event.said["dataset"]), barred))


def without_vote(line: Line, person: str) -> Line:
    return replace(line, votes=tuple(each for each in line.votes if each.by != person))


def _on_line(application: Application, dataset: str, act: Callable[[Line], Line]) -> Application:
    lines = tuple(
        act(each) if each.dataset == dataset and each.state is not LineState.REMOVED else each
        for each in application.lines
    )
    return replace(application, lines=lines)


def lines_of(said: object) -> tuple[Line, ...]:
    held = cast("list[Mapping[str, str]]", said)
    return tuple(Line(each["dataset"], each["committee"]) for each in held)


def parties_of(said: object) -> tuple[Party, ...]:
    return tuple(map(party_of, cast("list[object]", said or [])))


def party_of(said: object) -> Party:
    """A party from JSON."""
    held = cast("Said", said)
    return Party(str(held["id"]), str(held["organisation"]), str(held["country"]))


def texts_of(said: object) -> tuple[str, ...]:
    return tuple(map(str, cast("list[object]", said or [])))
