"""Try out: an algorithm and what it needs on one slide, under the limits of a node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bigpicture.analysis.execute import Executed, execute
from bigpicture.analysis.installed import Installed
from bigpicture.analysis.opening import Opener
from bigpicture.analysis.shipped import plugged, shipped
from bigpicture.model.algorithm import Needs, version_key
from bigpicture.model.errors import InputError


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it, and which algorithms ran before for its inputs."""

    executed: Executed
    before: tuple[str, ...]


def try_out(
    installed: Installed,
    slide: Opener,
    *,
    parameters: Mapping[str, Any],
    folder: Path,
    say: Callable[[str], None] = lambda _: None,
) -> Tried:
    """Run it, as a node would; what it needs is run first, of what is installed here.

    `say` is told what runs. Raises `AlgorithmError` with its traceback in `errors`.
    """
    return _try(installed, slide, parameters, folder, say, ())


def _try(
    installed: Installed,
    slide: Opener,
    parameters: Mapping[str, Any],
    folder: Path,
    say: Callable[[str], None],
    above: tuple[str, ...],
) -> Tried:
    algorithm = installed.algorithm
    if algorithm.id in above:
        raise InputError("this algorithm needs itself.", place=" → ".join((*above, algorithm.id)))
    before: list[str] = []
    inputs: dict[str, Any] = {}
    for need in algorithm.needs:
        found = _found(need)
        tried = _try(found, slide, {}, folder, say, (*above, algorithm.id))
        inputs[need.name] = tried.executed.values
        before += [*tried.before, f"{found.algorithm.id} {found.algorithm.version}"]
    say(f"{algorithm.id} {algorithm.version}")
    done = execute(
        installed, slide, inputs=inputs, parameters=parameters, folder=folder, is_open=True
    )
    return Tried(done, tuple(before))


def _found(need: Needs) -> Installed:
    """The newest of what is installed here that will do."""
    fit = [
        each
        for each in (*shipped(), *plugged())
        if each.algorithm.id == need.algorithm and need.is_met_by(each.algorithm.version)
    ]
    if not fit:
        raise InputError(
            "what it needs is not installed here.",
            place=f"{need.algorithm} {need.version}".strip(),
            remedy="Install it, or run it at a node that has it.",
        )
    return max(fit, key=lambda each: version_key(each.algorithm.version))
