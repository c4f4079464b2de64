"""What was made of a foreign description, and what of it did not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bigpicture.model.algorithm import Algorithm, Output, Weights

ENTRY = "adapter:run"
"""The function that somebody has yet to write: it calls the foreign algorithm."""
UNSTATED = "not stated"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A field of the description that the manifest has no place for, and why."""

    place: str
    why: str


@dataclass(frozen=True, slots=True)
class Imported:
    """`format` says what it was."""

    algorithm: Algorithm
    format: str
    left_out: tuple[LeftOut, ...]


@dataclass(slots=True)
class Gathering:
    """What is gathered while a description is read."""

    outputs: list[Output] = field(default_factory=list[Output])
    parameters: dict[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])
    weights: list[Weights] = field(default_factory=list[Weights])

    def leave(self, place: str, why: str) -> None:
        self.left_out.append(LeftOut(place, why))

    def done(
        self,
        *,
        name: str,
        version: str,
        title: str,
        licence: str,
        description: str,
        written_as: str,
    ) -> Imported:
        """The manifest; raises `InputError` where there is no output that fits."""
        if not licence:
            self.leave("licence", "the description states none; state it in the manifest")
        algorithm = Algorithm(
            name,
            version,
            title[:200],
            licence[:200] or UNSTATED,
            ENTRY,
            tuple(self.outputs),
            parameters=self.parameters,
            weights=tuple(self.weights),
            description=description[:4000],
        )
        return Imported(algorithm, written_as, tuple(self.left_out))


def name_of(text: str) -> str:
    """A name as manifests have them: `Glomerulus Count` becomes `glomerulus_count`."""
    name = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower())
    return (name.strip("_") or "value")[:60] if name.strip("_")[:1].isalpha() else f"v_{name}"[:60]


def id_of(text: str, *, otherwise: str) -> str:
    """An id as manifests have them, below `otherwise` where it has one part only."""
    parts = [
        re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in text.split(".") if part
    ]
    parts = [part for part in parts if part]
    if len(parts) < 2 or not parts[0][0].isalpha():
        parts = [*otherwise.split("."), *(parts or ["algorithm"])]
    return ".".join(parts)[:80].strip("-.")


def version_of(text: str) -> str:
    """`0.1.0.$Revision$` as `0.1.0`, `v2` as `2.0.0`, nothing as `0.0.0`."""
    numbers = re.findall(r"\d{1,9}", text)[:3]
    return ".".join(str(int(each)) for each in [*numbers, "0", "0", "0"][:3])
