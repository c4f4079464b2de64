"""Nurseries of the sandbox that stay for the next command, as they do within one command.

A command starts one, in a second, and ends it; tests call hundreds of commands in one process.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bigpicture.sandbox.environment import child_environment
from bigpicture.sandbox.fork import Forker


class _Staying(Forker):
    """Whoever closes it has no child left, since every call waits for its own."""

    def close(self) -> None:
        """Stay."""

    def end(self) -> None:
        super().close()


@cache
def _staying(_here: Path, _variables: frozenset, preload: tuple[str, ...]) -> _Staying:
    forker = _Staying(preload)
    atexit.register(forker.end)
    return forker


def _as_if_new(preload: tuple[str, ...]) -> _Staying:
    """One of the folder and the variables in which a new one would start."""
    return _staying(Path.cwd(), frozenset(child_environment().items()), tuple(preload))


@pytest.fixture(scope="module", autouse=True)
def staying_nurseries() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bigpicture.sandbox.run.Forker", _as_if_new)
        yield
