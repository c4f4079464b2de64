"""How a model is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How a model is fitted; the defaults are near those of the papers.

    `classes` names the labels 0, 1, ...; `shape` are further arguments of the model; `patience` is
    after how many epochs without a lower loss of the tuning bags it stops; `most_patches` are drawn
    from a larger bag in each epoch (None: all).
    """

    model: str = "abmil"
    classes: tuple[str, ...] = ("negative", "positive")
    shape: Mapping[str, Any] = field(default_factory=dict[str, Any])
    epochs: int = 50
    patience: int = 8
    rate: float = 2e-4
    decay: float = 1e-4
    seed: int = 0
    most_patches: int | None = None
