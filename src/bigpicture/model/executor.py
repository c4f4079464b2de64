"""An executor: does a task for each of some references, on this machine or on others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from bigpicture.model.errors import BigpictureError

Task = Callable[[Any, str], None]
"""A function of a module, known everywhere by its name.

It takes the stores of the process that it runs in and a reference (the identifier of a row). It may
be done again after a crash, also when it had finished just before.
"""

Outcome = BigpictureError | None
"""What became of one reference: done, or why not."""


class Executor(Protocol):
    """Carries references, never pixels: what a task needs it opens where it runs."""

    @property
    def width(self) -> int:
        """How many tasks are done at once now; 0 while there is nobody to do any."""
        ...

    def each(self, task: Task, references: Sequence[str]) -> list[Outcome]:
        """Do `task` for each reference and return their outcomes in the same order. Blocks.

        Nothing is lost silently: work whose process died is done again elsewhere or its outcome
        is an error. The same task of the same reference is never begun while it is under way.
        """
        ...
