"""Listen: what a child says, until it has answered; the same whichever way it was started."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bigpicture.model.errors import BigpictureError, SandboxError, StoppedError
from bigpicture.sandbox.limits import Limits, Protection
from bigpicture.sandbox.messages import Kind, Messages, read_error, read_value, unpack_progress

T = TypeVar("T")

Progress = Callable[[int, int], None]
_SIGNALLED = 128
"""What a shell adds to the number of the signal that ended a process."""


@dataclass(frozen=True, slots=True)
class Ran(Generic[T]):
    """What a child answered, and which walls stood around it."""

    value: T
    protections: frozenset[Protection]


class Listener:
    """Hears one child, which is not believed."""

    def __init__(self, progress: Progress | None, *, is_plain: bool = False) -> None:
        self._progress = progress
        self._is_plain = is_plain
        self._messages = Messages()
        self._protections: frozenset[Protection] = frozenset()
        self._answer: tuple[Kind, object] | None = None
        self.has_started = False

    def hear(self, data: bytes) -> None:
        """Take what arrived; raises `SandboxError` on nonsense."""
        for kind, payload in self._messages.feed(data):
            if kind is Kind.STARTED:
                if self.has_started:
                    continue  # whatever runs there now may say that it stands behind every wall
                self.has_started = True
                names = set(payload.decode("ascii", "replace").splitlines())
                self._protections = frozenset(each for each in Protection if each in names)
            elif kind is Kind.PROGRESS:
                if self._progress is not None:
                    self._progress(*unpack_progress(payload))
            else:
                self._answer = (kind, self._read(kind, payload))

    def _read(self, kind: Kind, payload: bytes) -> object:
        if not self._is_plain:
            return read_value(payload)
        return payload if kind is Kind.RESULT else read_error(payload)

    def conclude(self, exit_code: int | None) -> Ran[object]:
        """Return the child's answer, or raise its error, or say how it ended without one."""
        if self._answer is None:
            raise SandboxError(
                f"a child process {_death(exit_code)} before it answered.",
                remedy="The input is probably damaged or hostile; nothing was kept of it.",
            )
        kind, value = self._answer
        if kind is Kind.ERROR:
            raise (
                value
                if isinstance(value, BigpictureError)
                else SandboxError("a child process answered nonsense.")
            )
        return Ran(value, self._protections)


def stopped(limits: Limits) -> StoppedError:
    """Its time was over."""
    return StoppedError(
        f"a child process was stopped after {limits.seconds:g} seconds.",
        remedy="Give it more time if the slide is genuine.",
    )


def _death(exit_code: int | None) -> str:
    if exit_code is None:
        return "was lost"
    number = -exit_code if exit_code < 0 else exit_code - _SIGNALLED
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(number).name}"
    # Windows tells a crash by a number that is known in hexadecimal: 0xc0000005
    code = f"{exit_code:#x}" if exit_code > 1 << 16 else str(exit_code)
    return f"ended with status {code}"
