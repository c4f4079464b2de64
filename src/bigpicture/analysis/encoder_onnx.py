"""An encoder that is an ONNX file: proven by its digest, run by ONNX Runtime on the processor.

ONNX holds a graph and numbers, no code; an archive of pickles would. What it computes is the same
on every number of threads to rounding, and to 1e-5 what torch computes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from bigpicture.analysis.encoder import Patches, Vectors, normalised
from bigpicture.model.encoder import EncoderFacts
from bigpicture.model.errors import AlgorithmError, FailureReason

_FLOAT = "tensor(float)"


class OnnxEncoder:
    """One input, float32 (n, 3, size, size); its first output is (n, width).

    `threads` 0 takes every core. Raises `AlgorithmError` (`wrong-weights`) where the file is not
    the one that `facts` name, is no ONNX, or takes and gives something else than `facts` say.
    """

    def __init__(self, facts: EncoderFacts, file: Path, *, threads: int = 1) -> None:
        content = _read(facts, file)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that wait in circles take the core from whoever reads the next patches.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            # From bytes, not from the path: what was digested is what runs.
            self._session = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise _wrong(facts, "this is no model that ONNX Runtime runs.") from error
        self.facts = facts
        self._input = self._check_shapes()

    def encode(self, patches: Patches) -> Vectors:
        """float32 (n, width) of RGB patches, uint8 (n, size, size, 3)."""
        if not len(patches):
            return np.zeros((0, self.facts.width), np.float32)
        given = normalised(patches, self.facts)
        return np.asarray(self._session.run(None, {self._input: given})[0])

    def _check_shapes(self) -> str:
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        wanted = (3, self.facts.size, self.facts.size)
        if len(inputs) != 1 or inputs[0].type != _FLOAT or not _fits(inputs[0].shape, wanted):
            raise _wrong(self.facts, f"it takes {[(each.type, each.shape) for each in inputs]}.")
        if outputs[0].type != _FLOAT or not _fits(outputs[0].shape, (self.facts.width,)):
            raise _wrong(self.facts, f"it gives {outputs[0].type} of shape {outputs[0].shape}.")
        return str(inputs[0].name)


def _read(facts: EncoderFacts, file: Path) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise _wrong(facts, "its file of weights cannot be read.") from error
    if hashlib.sha256(content).hexdigest() != facts.weights:
        raise _wrong(facts, "the file is not the one that the encoder names.")
    return content


def _fits(shape: Sequence[Any], wanted: tuple[int, ...]) -> bool:
    """Whether a shape is (any number, *wanted); a size that has a name may be anything."""
    if len(shape) != len(wanted) + 1 or shape[0] == 1:
        return False
    return all(
        not isinstance(side, int) or side == right
        for side, right in zip(shape[1:], wanted, strict=True)
    )


def _wrong(facts: EncoderFacts, what: str) -> AlgorithmError:
    return AlgorithmError(
        what,
        reason=FailureReason.WRONG_WEIGHTS,
        place=facts.name,
        rule=f"weights {facts.weights or 'without a digest'}; float32 (n, 3, {facts.size}, "
        f"{facts.size}) to (n, {facts.width}), any n",
        remedy="Fetch the file again, or state what it is.",
    )
