"""Find an encoder by its name or its file: the one shipped, an ONNX file, or an entry point."""

from __future__ import annotations

import hashlib
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from bigpicture.analysis.encoder import Encoder
from bigpicture.analysis.encoder_file import read_encoder_file
from bigpicture.analysis.encoder_statistics import FACTS, StatisticsEncoder
from bigpicture.analysis.foundation import FOUNDATION
from bigpicture.model.encoder import EncoderFacts
from bigpicture.model.errors import AlgorithmError, FailureReason, InputError, UnknownError

GROUP = "bigpicture.encoders"
"""Entry points of other packages: functions without arguments that give an `Encoder`."""


def find_encoder(named: str | Path, *, weights: Path | None = None) -> Encoder:
    """The encoder of that name, or of that TOML file (`encoder_file`).

    A foundation model is named and `weights` is the ONNX file that its user exported. Raises
    `UnknownError`, `InputError`, `AlgorithmError` (`wrong-weights`).
    """
    if isinstance(named, Path) or named.endswith(".toml"):
        facts, file = read_encoder_file(Path(named))
        return onnx_encoder(facts, file)
    if named == FACTS.name:
        return StatisticsEncoder()
    known = {each.name: each for each in FOUNDATION}
    if named in known:
        return _fetched(known[named], weights)
    for point in entry_points(group=GROUP):
        if point.name == named:
            return _loaded(point)
    raise UnknownError(
        "there is no encoder of this name.",
        place=named[:80],
        remedy=f"Known: {', '.join([FACTS.name, *known])}; or give a TOML file.",
    )


def onnx_encoder(facts: EncoderFacts, file: Path) -> Encoder:
    """Run `file` as the encoder that `facts` describe; raises `AlgorithmError`."""
    try:
        # By name: only who runs ONNX files needs the extra `ai`.
        runner = import_module("bigpicture.analysis.encoder_onnx")
    except ImportError as error:
        raise InputError(
            "ONNX Runtime is not installed.",
            place=facts.name,
            remedy="pip install 'bigpicture[ai]'",
        ) from error
    return runner.OnnxEncoder(facts, file)


def _fetched(facts: EncoderFacts, weights: Path | None) -> Encoder:
    if weights is None:
        raise AlgorithmError(
            f"the weights of {facts.name} are not shipped.",
            reason=FailureReason.WRONG_WEIGHTS,
            place=facts.name,
            rule=f"licence {facts.licence}. {facts.terms}",
            remedy=f"Fetch them from {facts.address}, export them to ONNX, and give the file.",
        )
    return onnx_encoder(
        facts.with_weights(hashlib.sha256(weights.read_bytes()).hexdigest()), weights
    )


def _loaded(point: EntryPoint) -> Encoder:
    encoder = point.load()()
    if not isinstance(getattr(encoder, "facts", None), EncoderFacts):
        raise AlgorithmError(
            "the entry point gives no encoder.",
            reason=FailureReason.BAD_OUTPUT,
            place=point.value[:80],
            rule="an object with facts and encode",
            remedy="Have its author mend it.",
        )
    return encoder
