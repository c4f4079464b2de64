"""A fitted model: it scores bags, and is kept as one file without code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile, ZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bigpicture.analysis.mil.bag import Bag
from bigpicture.analysis.mil.model import BagModel
from bigpicture.analysis.mil.models import make_model
from bigpicture.analysis.mil.training import Training
from bigpicture.model.errors import AlgorithmError, FailureReason, InputError

_FORMAT = "bigpicture-mil-1"
_MOST_BYTES = 2 << 30


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """What vectors are brought to one scale by, each number of its own: (width,) each."""

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]

    @classmethod
    def of(cls, bags: Sequence[Bag]) -> Self:
        """That of all patches of the training bags, each bag weighing the same."""
        mean = np.mean([bag.vectors.mean(0, dtype=np.float64) for bag in bags], 0)
        square = np.mean([((bag.vectors - mean) ** 2).mean(0, dtype=np.float64) for bag in bags], 0)
        # A number that never varies says nothing: it stays 0 whatever a later slide has there.
        deviation = np.where(square > 1e-12, np.sqrt(square), np.inf)
        return cls(mean.astype(np.float32), deviation.astype(np.float32))

    def tensor(self, vectors: NDArray[np.float32]) -> Tensor:
        return torch.from_numpy((vectors - self.mean) / self.deviation)


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What a model says of a bag: a probability for each class, an attention for each patch.

    `probabilities` are float32 (classes,), `attention` float32 (n,); each sums to 1.
    """

    probabilities: NDArray[np.float32]
    attention: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A model, how it was fitted, and the beings it learned from (never to be evaluated on)."""

    model: BagModel
    scaling: Scaling
    training: Training
    encoder: str
    width: int
    beings: tuple[str, ...]

    def has_learned_from(self, being: str) -> bool:
        """Whether it learned from a being; also where the names are hidden."""
        return being in self.beings or _hidden(being) in self.beings

    def with_hidden_names(self) -> Fitted:
        """The model for others: of its beings it keeps the SHA-256 of each name."""
        return replace(self, beings=tuple(sorted(map(_hidden, self.beings))))

    def score(self, bag: Bag) -> Scored:
        """Score one bag; raises `InputError` where its features are of another encoder."""
        if (bag.encoder, bag.vectors.shape[1]) != (self.encoder, self.width):
            raise InputError(
                f"the features are of {bag.encoder}.",
                place=bag.images[0],
                rule=f"this model reads those of {self.encoder}",
                remedy="Compute the features with the encoder that it learned from.",
            )
        with torch.inference_mode():
            logits, attention = self.model.eval()(self.scaling.tensor(bag.vectors))
            return Scored(torch.softmax(logits, 0).numpy(), attention.numpy())

    def save(self, path: Path) -> None:
        """Write it as an archive of arrays and JSON: reading it runs no code."""
        told = {
            "format": _FORMAT,
            "training": {**asdict(self.training), "shape": dict(self.training.shape)},
            "encoder": self.encoder,
            "width": self.width,
            "beings": self.beings,
        }
        arrays = {f"state/{name}": each.numpy() for name, each in self.model.state_dict().items()}
        scaling = {"mean": self.scaling.mean, "deviation": self.scaling.deviation}
        with path.open("wb") as file:
            np.savez(file, told=np.array(json.dumps(told)), **scaling, **arrays)


def _hidden(being: str) -> str:
    return sha256(being.encode()).hexdigest()


def load_fitted(path: Path) -> Fitted:
    """Read what `Fitted.save` wrote; of anything else raises `AlgorithmError` (`wrong-weights`)."""
    try:
        told, arrays = _unpacked(path)
        training = _training(told["training"])
        width, encoder = int(told["width"]), str(told["encoder"])
        model = make_model(training.model, width, len(training.classes), training.shape)
        state = {
            name.removeprefix("state/"): torch.from_numpy(each)
            for name, each in arrays.items()
            if name.startswith("state/")
        }
        model.load_state_dict(state)
        scaling = Scaling(arrays["mean"], arrays["deviation"])
        beings = tuple(str(being) for being in told["beings"])
        is_known = told["format"] == _FORMAT and scaling.mean.shape == (width,)
    except Exception as error:
        raise _wrong(path) from error
    if not is_known:
        raise _wrong(path)
    return Fitted(model.eval(), scaling, training, encoder, width, beings)


def _unpacked(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What was told and the arrays; an archive that would swell past the limit is not read."""
    with ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > _MOST_BYTES:
            raise BadZipFile("too large")
    with np.load(path, allow_pickle=False) as kept:
        told = json.loads(str(kept["told"]))
        return told, {name: kept[name] for name in kept.files if name != "told"}


def _training(told: Mapping[str, Any]) -> Training:
    given: dict[str, Any] = {**told, "classes": tuple(told["classes"])}
    return Training(**given)


def _wrong(path: Path) -> AlgorithmError:
    return AlgorithmError(
        "this is no fitted model.",
        reason=FailureReason.WRONG_WEIGHTS,
        place=path.name,
        rule=_FORMAT,
        remedy="Give the file that `Fitted.save` wrote.",
    )
