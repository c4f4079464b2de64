"""A place: what an executor has as many of as it does tasks at once.

A task whose computing is over, and which only has to keep what came of it, gives its place to the
next one: keeping waits for disks and records, not for cores.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

_leave: ContextVar[Callable[[], None] | None] = ContextVar("leave", default=None)


@contextmanager
def place(leave: Callable[[], None]) -> Generator[None]:
    """Within, a task holds a place; `leave` is called at most once, when it gives it up."""
    token = _leave.set(leave)
    try:
        yield
    finally:
        _leave.reset(token)


def give_up_place() -> None:
    """Let another task begin: this one computes no more. Without effect where none is held."""
    leave = _leave.get()
    if leave is not None:
        _leave.set(None)
        leave()
