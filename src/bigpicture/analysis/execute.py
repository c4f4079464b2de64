"""Execute: one algorithm on one slide, behind walls; checked values come back, or a reason."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bigpicture.analysis.check_values import check_values
from bigpicture.analysis.installed import Installed
from bigpicture.analysis.opening import Opener, opening_of
from bigpicture.analysis.pack import Unpacker, bad_output, packed, unpack_values
from bigpicture.analysis.parameters import fill_parameters
from bigpicture.analysis.perform import Work, perform
from bigpicture.analysis.shipped import installed_of
from bigpicture.analysis.values import Values
from bigpicture.analysis.weights import check_weights
from bigpicture.model.algorithm import Algorithm, Resources
from bigpicture.model.errors import (
    AlgorithmError,
    FailureReason,
    SandboxError,
    StoppedError,
    WallError,
)
from bigpicture.sandbox.limits import FOREIGN
from bigpicture.sandbox.messages import printable
from bigpicture.sandbox.run import Limits, Protection, Reach, kept_sandbox

_STAGES: tuple[str, ...] = ("start", "open", "load", "read", "compute", "write")
_LARGEST_FILE = 1 << 40


@dataclass(frozen=True, slots=True)
class Executed:
    """What came of one slide: values, seconds by stage, the walls that stood meanwhile.

    The stages are start (process and walls), open (the slide), load (the algorithm), read (pixels),
    compute, write (packing and checking the values).
    """

    values: Values
    seconds: Mapping[str, float]
    walls: frozenset[Protection] = field(default_factory=frozenset[Protection])


def execute(
    algorithm: Installed | Algorithm,
    slide: Path | Opener,
    *,
    inputs: Mapping[str, Values] | None = None,
    parameters: Mapping[str, Any] | None = None,
    folder: Path | None = None,
    limits: Limits | None = None,
    is_open: bool = False,
) -> Executed:
    """Run an algorithm on a slide in a child process, and check what it gives.

    `inputs` holds the values of each algorithm that this one needs. `folder` is where a scratch
    folder is made for it, and taken away again; `limits` are those of the manifest unless given.
    With `is_open` the error of an algorithm carries its traceback, in `errors`: only for whoever
    may see the slide. Everything that goes wrong is an `AlgorithmError` with its `reason`.
    """
    installed = algorithm if isinstance(algorithm, Installed) else installed_of(algorithm)
    work = _work(installed, slide, inputs or {}, parameters or {}, is_open=is_open)
    limits = limits or limits_of(installed.algorithm.resources)
    scratch = Path(tempfile.mkdtemp(prefix="algorithm-", dir=folder)).resolve()
    try:
        return _run(installed, work, limits, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def limits_of(resources: Resources) -> Limits:
    """The limits of a child process that what a manifest asks for comes to."""
    return Limits(
        memory_bytes=resources.memory_bytes,
        seconds=resources.seconds,
        file_bytes=min(resources.scratch_bytes, _LARGEST_FILE),
        threads=64 * resources.cpu,
        cores=resources.cpu,
        scratch_bytes=resources.scratch_bytes,
        is_alone=resources.processes == 1,
    )


def _work(
    installed: Installed,
    slide: Path | Opener,
    inputs: Mapping[str, Values],
    parameters: Mapping[str, Any],
    *,
    is_open: bool,
) -> Work:
    algorithm = installed.algorithm
    if algorithm.image:
        raise AlgorithmError(
            "it is a container image, and no container is run here.",
            reason=FailureReason.REFUSED_NO_ISOLATION,
            place="image",
            remedy="Give it as a folder with a manifest and Python code.",
        )
    check_weights(installed)
    needed = {each.name for each in algorithm.needs}
    if set(inputs) != needed:
        raise AlgorithmError(
            "it was not given what it needs.",
            reason=FailureReason.BAD_PARAMETERS,
            place=", ".join(sorted(needed ^ set(inputs))),
        )
    return Work(
        algorithm,
        opening_of(slide) if isinstance(slide, Path) else slide,
        {name: packed(values) for name, values in inputs.items()},
        fill_parameters(algorithm, parameters),
        installed.folder,
        installed.weights,
        is_open,
    )


def _run(installed: Installed, work: Work, limits: Limits, scratch: Path) -> Executed:
    begun = time.monotonic()
    own = (installed.folder,) if installed.folder else ()
    size: list[tuple[int, int]] = []

    def hear(width: int, height: int) -> None:
        if not size:  # the first report is ours, all later ones may be the algorithm's
            size.append((width, height))

    try:
        ran = kept_sandbox(perform.__module__).run(
            perform,
            work,
            limits=limits,
            reach=Reach(
                writable=work.opener.writable,
                readable=(*work.opener.readable, *own),
                is_narrow=True,
                scratch=scratch,
            ),
            progress=hear,
            is_plain=True,
            required=FOREIGN if installed.is_foreign else frozenset(),
        )
    except SandboxError as error:
        raise _told(error) from error
    lasted = time.monotonic() - begun
    values, seconds = _read(ran.value)
    checking = time.monotonic()
    check_values(work.algorithm, values, size[0] if size else (0, 0))
    seconds["start"] = max(0.0, lasted - sum(seconds.values()))
    seconds["write"] += time.monotonic() - checking
    return Executed(values, {stage: seconds[stage] for stage in _STAGES}, ran.protections)


def _told(error: SandboxError) -> AlgorithmError:
    """What the sandbox says, with a reason of the closed list."""
    reason = FailureReason.CRASHED
    if isinstance(error, StoppedError) or "SIGXCPU" in error.what:
        reason = FailureReason.HUNG
    elif isinstance(error, WallError):
        reason = FailureReason.REFUSED_NO_ISOLATION
    elif "nonsense" in error.what or "not bytes" in error.what:
        reason = FailureReason.BAD_OUTPUT
    remedy = error.remedy
    if reason is FailureReason.HUNG:
        remedy = "Make it faster, or give it more time in its manifest."
    elif reason is FailureReason.CRASHED:
        remedy = "Run it with `bigpicture algorithm test`, which shows more."
    return AlgorithmError(
        error.what, reason=reason, place=error.place, rule=error.rule, remedy=remedy
    )


def _read(answer: bytes) -> tuple[Values, dict[str, float]]:
    """Values and seconds of an answer, which is not believed; raises what it tells instead."""
    unpacker = Unpacker(answer)
    header = unpacker.header
    if "reason" in header:
        raise _failure(header)
    told = header.get("seconds")
    seconds: dict[str, float] = dict.fromkeys(_STAGES, 0.0)
    if isinstance(told, dict):
        for stage in _STAGES:
            value = told.get(stage, 0.0)
            seconds[stage] = value if isinstance(value, float) and 0 <= value < 1e7 else 0.0
    return unpack_values(unpacker, header.get("values")), seconds


def _failure(header: Mapping[str, object]) -> AlgorithmError:
    try:
        reason = FailureReason(str(header["reason"]))
    except ValueError:
        return bad_output("what it answered gives no reason that is known.")
    what, place, rule, remedy = (
        printable(str(header.get(name) or "")) for name in ("what", "place", "rule", "remedy")
    )
    error = AlgorithmError(what, reason=reason, place=place, rule=rule, remedy=remedy)
    log = header.get("log")
    if isinstance(log, str) and log:
        lines = (printable(line) for line in log.splitlines()[-200:])
        error.errors = (AlgorithmError("\n".join(lines), reason=reason),)
    return error
