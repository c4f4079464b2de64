"""The models by name: a new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bigpicture.analysis.mil.abmil import Abmil
from bigpicture.analysis.mil.clam import ClamSb
from bigpicture.analysis.mil.mean_pool import MeanPool
from bigpicture.analysis.mil.model import BagModel
from bigpicture.analysis.mil.transmil import TransMil
from bigpicture.model.errors import InputError

MODELS: Mapping[str, Callable[..., BagModel]] = {
    "abmil": Abmil,
    "clam": ClamSb,
    "transmil": TransMil,
    "mean-pool": MeanPool,
}


def make_model(name: str, width: int, classes: int, shape: Mapping[str, Any]) -> BagModel:
    """A model with fresh weights; `shape` are its further arguments. Raises `InputError`."""
    if name not in MODELS:
        raise InputError(f"there is no model {name[:40]!r}.", place="model", rule=", ".join(MODELS))
    try:
        return MODELS[name](width, classes, **shape)
    except TypeError as error:
        raise InputError(
            f"{name} has no such shape.", place="shape", rule=", ".join(sorted(shape))
        ) from error
