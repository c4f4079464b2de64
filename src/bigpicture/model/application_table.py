"""The table of an application: who may do what in which state, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bigpicture.model.application import Application, LineState, State


class Command(StrEnum):
    CREATE = "create"
    EDIT = "edit"
    ATTACH = "attach"
    DETACH = "detach"
    SUBMIT = "submit"
    RESUBMIT = "resubmit"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    SIGN = "sign"
    SCREEN = "screen"
    RETURN = "return"
    REJECT = "reject"
    DECLARE = "declare"
    ASK = "ask"
    ANSWER = "answer"
    INVITE = "invite"
    REVIEW = "review"
    VOTE = "vote"
    DECIDE = "decide"
    """The node's own: the votes on a dataset are counted."""
    RECORD_TRANSFER = "record-transfer"
    CHANGE = "change"
    CLOSE = "close"
    RENEW = "renew"
    EXPIRE = "expire"
    BAR = "bar"
    """The applicant lost a dataset for misuse: what asks for it is refused."""
    NARROW = "narrow"
    """The node's own: the cohort was frozen again to what was approved."""


class Part(StrEnum):
    """What somebody is to an application."""

    APPLICANT = "applicant"
    MEMBER = "member"
    SIGNATORY = "signatory"
    HANDLER = "handler"
    """A member of a committee that decides on it, or a steward: leads it through."""
    DECIDER = "decider"
    REVIEWER = "reviewer"
    NODE = "node"


Target = State | Callable[[Application], State]
"""Where a command leads: known before, or seen from what it did."""


@dataclass(frozen=True, slots=True)
class Row:
    parts: frozenset[Part]
    states: Mapping[State, Target]


def _row(*parts: Part, to: Target | None = None, of: tuple[State, ...]) -> Row:
    """Without `to` the state stays what it is."""
    return Row(frozenset(parts), {state: state if to is None else to for state in of})


def settled(application: Application) -> State:
    """The state that the lines make: decided once no line is asked for any more."""
    states = {each.state for each in application.living}
    if LineState.ASKED in states:
        return State.SUBMITTED if application.state is State.APPROVED else application.state
    return State.APPROVED if LineState.APPROVED in states else State.REJECTED


def _given_up(otherwise: State) -> Callable[[Application], State]:
    """A change that is given up leaves what was approved before it."""

    def target(application: Application) -> State:
        stands = any(each.state is LineState.APPROVED for each in application.living)
        return State.APPROVED if stands else otherwise

    return target


_S, _P = State, Part
_WRITING = (_S.DRAFT, _S.RETURNED)
_DECIDING = (_S.SUBMITTED, _S.IN_REVIEW)
_OPEN = (*_WRITING, *_DECIDING, _S.APPROVED)

TABLE: Mapping[Command, Row] = {
    Command.EDIT: _row(_P.APPLICANT, of=_WRITING),
    Command.ATTACH: _row(_P.APPLICANT, of=_WRITING),
    Command.DETACH: _row(_P.APPLICANT, of=_WRITING),
    Command.SUBMIT: _row(_P.APPLICANT, of=(_S.DRAFT,), to=_S.SUBMITTED),
    Command.RESUBMIT: _row(_P.APPLICANT, of=(_S.RETURNED,), to=_S.SUBMITTED),
    Command.WITHDRAW: _row(_P.APPLICANT, of=(*_WRITING, *_DECIDING), to=_given_up(_S.WITHDRAWN)),
    Command.ACCEPT: _row(_P.APPLICANT, _P.MEMBER, of=_OPEN),
    Command.SIGN: _row(_P.SIGNATORY, of=(*_DECIDING, _S.APPROVED)),
    Command.SCREEN: _row(_P.HANDLER, of=(_S.SUBMITTED,), to=_S.IN_REVIEW),
    Command.RETURN: _row(_P.HANDLER, of=_DECIDING, to=_S.RETURNED),
    Command.REJECT: _row(_P.HANDLER, of=(_S.SUBMITTED,), to=_given_up(_S.REJECTED)),
    Command.DECLARE: _row(_P.DECIDER, _P.REVIEWER, of=_DECIDING),
    Command.ASK: _row(_P.HANDLER, _P.REVIEWER, of=_DECIDING),
    Command.ANSWER: _row(_P.APPLICANT, of=(*_DECIDING, _S.RETURNED)),
    Command.INVITE: _row(_P.HANDLER, of=_DECIDING),
    Command.REVIEW: _row(_P.REVIEWER, of=(_S.IN_REVIEW,)),
    Command.VOTE: _row(_P.DECIDER, of=(_S.IN_REVIEW,)),
    Command.DECIDE: _row(_P.NODE, of=(_S.IN_REVIEW,), to=settled),
    Command.RECORD_TRANSFER: _row(_P.HANDLER, of=(*_DECIDING, _S.APPROVED)),
    Command.CHANGE: _row(_P.APPLICANT, of=(_S.APPROVED,), to=settled),
    Command.CLOSE: _row(_P.APPLICANT, _P.HANDLER, of=(_S.APPROVED,), to=_S.CLOSED),
    Command.RENEW: _row(
        _P.APPLICANT, of=(_S.APPROVED, _S.REJECTED, _S.WITHDRAWN, _S.CLOSED, _S.EXPIRED)
    ),
    Command.EXPIRE: _row(_P.NODE, of=(_S.DRAFT,), to=_S.EXPIRED),
    Command.BAR: _row(_P.NODE, of=(*_DECIDING, _S.RETURNED), to=settled),
    Command.NARROW: _row(_P.NODE, of=(_S.APPROVED,)),
}
"""Whatever is not here is refused, to everybody."""


def state_after(command: Command, before: State, after: Application) -> State:
    """The state that a command led to; `after` is the application with all else done."""
    target = TABLE[command].states[before]
    return target if isinstance(target, State) else target(after)
