"""Act: do a command to an application, or say which rule refuses it; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bigpicture.model.application import Application, Line, LineState, State, Vote
from bigpicture.model.application_event import ApplicationEvent
from bigpicture.model.application_fold import follow
from bigpicture.model.application_guards import NODE, Actor, Wanted, check, may_vote, parts_of
from bigpicture.model.application_table import TABLE, Command
from bigpicture.model.errors import ConflictError, ForbiddenError
from bigpicture.model.voting import Choice, Outcome, count_votes


def act(
    application: Application, wanted: Wanted
) -> tuple[Application, tuple[ApplicationEvent, ...]]:
    """Do a command; returns the application as it is then, and the events that made it so.

    A vote, or a declaration that takes one back, may be followed by the decision on its dataset.
    Raises `ForbiddenError` where none of the actor's parts may do this, `ConflictError` where the
    state or a guard refuses it.
    """
    _admit(application, wanted)
    event = _event(application, wanted.actor.id, wanted.command, wanted.said, wanted.now)
    application, events = follow(application, event), [event]
    while decided := _next_decision(application, wanted):
        application = follow(application, decided)
        events.append(decided)
    return application, tuple(events)


def allowed(application: Application, actor: Actor) -> frozenset[Command]:
    """What somebody's parts and the state allow; guards may still refuse it."""
    parts = parts_of(application, actor)
    return frozenset(
        command
        for command, row in TABLE.items()
        if parts & row.parts and application.state in row.states
    )


def _admit(application: Application, wanted: Wanted) -> None:
    row = TABLE.get(wanted.command)
    if row is None or not parts_of(application, wanted.actor) & row.parts:
        raise ForbiddenError(
            "this is not for you to do.",
            rule=f"{wanted.command}: {', '.join(sorted(row.parts)) if row else 'nobody'}",
        )
    if application.state not in row.states:
        raise ConflictError(
            f"this cannot be done to an application that is {application.state}.",
            rule=f"{wanted.command}: {', '.join(sorted(row.states))}",
            remedy="Load it again: it may have been changed meanwhile.",
        )
    check(application, wanted)


def _event(
    application: Application, by: str, command: Command, said: Mapping[str, object], at: datetime
) -> ApplicationEvent:
    return ApplicationEvent(application.seq + 1, at, by, command, said)


def _next_decision(application: Application, wanted: Wanted) -> ApplicationEvent | None:
    """The decision that the votes on one of the datasets have made, if on any."""
    if wanted.command not in (Command.VOTE, Command.DECLARE):
        return None
    if application.state is not State.IN_REVIEW:
        return None
    for line in application.living:
        seats = wanted.facts.seats.get(line.committee)
        if line.state is not LineState.ASKED or seats is None:
            continue
        voters = may_vote(application, seats)
        cast = {each.by: each.choice for each in line.votes}
        outcome = count_votes(seats.rule, seats.quorum, cast, voters)
        if outcome:
            counted = [each for each in line.votes if each.by in voters]
            said = _decision(line, outcome, counted)
            return _event(application, NODE, Command.DECIDE, said, wanted.now)
    return None


def _decision(line: Line, outcome: Outcome, votes: list[Vote]) -> dict[str, object]:
    """Where those who approve differ, the strictest of what they say holds."""
    side = Choice.APPROVE if outcome is Outcome.APPROVED else Choice.REFUSE
    mine = [each for each in votes if each.choice is side] or votes
    approving = mine if outcome is Outcome.APPROVED else []
    uses = [set(each.uses) for each in approving if each.uses is not None]
    ends = [each.end for each in approving if each.end]
    return {
        "dataset": line.dataset,
        "committee": line.committee,
        "outcome": outcome.value,
        "reason": "\n".join(dict.fromkeys(each.reason for each in mine)),
        "conditions": list(dict.fromkeys(c for each in approving for c in each.conditions)),
        "uses": sorted(set.intersection(*uses)) if uses else None,
        "end": min(ends, key=datetime.fromisoformat) if ends else "",
    }
