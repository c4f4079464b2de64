"""Perform: in the child, open the slide, load the algorithm, run it, and answer with bytes.

The first report of progress is the slide's width and height. It is sent before anything of the
algorithm is loaded, so that the parent knows what the values are measured against.
"""

from __future__ import annotations

import importlib
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bigpicture.analysis.denied import Attempt, reason_of, watch
from bigpicture.analysis.opening import Opener
from bigpicture.analysis.pack import Packer, pack_values, unpacked
from bigpicture.analysis.timed import timed
from bigpicture.dicom.reader import SlideReader
from bigpicture.model.algorithm import Algorithm
from bigpicture.model.errors import AlgorithmError, BigpictureError, FailureReason

Report = Callable[[int, int], None]
_MPP_ERROR = 0.01
_LOG_LETTERS = 8000


@dataclass(frozen=True, slots=True)
class Work:
    """What a child is asked to do.

    `inputs` are packed values by the names of the needs. `is_open` says that the one who wrote the
    algorithm may read its messages and its traceback: they may quote the slide.
    """

    algorithm: Algorithm
    opener: Opener
    inputs: Mapping[str, bytes]
    parameters: Mapping[str, Any]
    folder: Path | None = None
    weights: Path | None = None
    is_open: bool = False


def perform(work: Work, progress: Report) -> bytes:
    """Do it, and answer packed values with the seconds of each stage, or why there are none."""
    attempts = watch()
    seconds: dict[str, float] = {}
    has_mpp = True
    try:
        begun = time.monotonic()
        with work.opener() as slide:
            seconds["open"] = time.monotonic() - begun
            has_mpp = slide.mpp is not None
            check_mpp(work.algorithm, slide.mpp)
            progress(slide.width, slide.height)
            return _answer(work, slide, seconds)
    except BaseException as error:  # noqa: BLE001 - whatever it was, the answer tells it
        packer = Packer()
        return packer.whole(
            {"seconds": seconds, **_failure(work, error, attempts, has_mpp=has_mpp)}
        )


def check_mpp(algorithm: Algorithm, mpp: tuple[float, float] | None) -> None:
    """Raise `AlgorithmError` where the slide's scale is unknown or not the algorithm's."""
    if algorithm.mpp is None:
        return
    least, most = algorithm.mpp
    rule = f"{least:g} to {most:g} µm per pixel"
    if mpp is None:
        raise AlgorithmError(
            "this slide does not say how large its pixels are.",
            reason=FailureReason.NO_MPP,
            place="slide",
            rule=rule,
            remedy="Have its scale stated when it is converted.",
        )
    if not all(least * (1 - _MPP_ERROR) <= each <= most * (1 + _MPP_ERROR) for each in mpp):
        raise AlgorithmError(
            f"this slide has {mpp[0]:.4g} µm per pixel.",
            reason=FailureReason.WRONG_MPP,
            place="slide",
            rule=rule,
            remedy="Run it on slides of the scale that it was made for.",
        )


def _answer(work: Work, slide: SlideReader, seconds: dict[str, float]) -> bytes:
    begun = time.monotonic()
    run = _load(work)
    inputs = {name: unpacked(data) for name, data in work.inputs.items()}
    seconds["load"] = time.monotonic() - begun
    begun = time.monotonic()
    slide, reading = timed(slide)
    values = run(
        slide, inputs=inputs, parameters=dict(work.parameters), weights=work.weights
    )  # fmt: skip
    ended = time.monotonic()
    seconds["read"] = reading.seconds
    seconds["compute"] = ended - begun - reading.seconds
    packer = Packer()
    header = pack_values(packer, values)
    seconds["write"] = time.monotonic() - ended
    return packer.whole({"values": header, "seconds": seconds})


def _load(work: Work) -> Callable[..., object]:
    """The function that the entry names; of a folder, only what lies in it."""
    name, _, function = work.algorithm.entry.partition(":")
    if work.folder is not None:
        sys.path.insert(0, str(work.folder))
        sys.modules.pop(name, None)
    sys.dont_write_bytecode = True
    module = importlib.import_module(name)
    found = getattr(module, function, None)
    if not callable(found):
        raise AlgorithmError(
            "the module has no such function.", place=f"entry {work.algorithm.entry}"
        )
    return found


def _failure(
    work: Work, error: BaseException, attempts: deque[Attempt], *, has_mpp: bool
) -> dict[str, object]:
    reason = reason_of(error, attempts, has_mpp=has_mpp)
    told: dict[str, object] = {"reason": str(reason)}
    if isinstance(error, BigpictureError):
        told |= {"what": error.what, "place": error.place, "rule": error.rule}
        told["remedy"] = error.remedy
    else:
        told["what"] = f"it failed with {type(error).__name__}."
        told["place"] = _place(error, work.folder)
    if work.is_open:
        told["log"] = "".join(traceback.format_exception(error, limit=-20))[-_LOG_LETTERS:]
    return told


def _place(error: BaseException, folder: Path | None) -> str:
    """The last line of the algorithm's own code: file and number, never what it says."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if folder and Path(each.filename).is_relative_to(folder)]
    last = (own or frames)[-1:]
    return f"{Path(last[0].filename).name}:{last[0].lineno}" if last else ""
