"""An algorithm: what it needs, what it gives, and by which digest it is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bigpicture.model.canonical import digest
from bigpicture.model.errors import InputError

RESEARCH_ONLY = "For research use only. Not for use in diagnostic procedures."
"""Stands on every output, answer and page of an algorithm."""

_ID = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_VERSION = re.compile(r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})")
_SPEC = re.compile(rf"(?:(>=|==|~=)?({_VERSION.pattern}|\d{{1,9}}(?:\.\d{{1,9}})?))?")


class OutputKind(StrEnum):
    """What an output is; each has a value of its own in `analysis/values.py`."""

    FACET = "facet"
    """One number or word for a slide, by which the catalogue filters."""
    MASK = "mask"
    """A class for each pixel."""
    HEATMAP = "heatmap"
    """A number for each pixel."""
    GEOMETRY = "geometry"
    """Points, polygons and rectangles."""
    MEASUREMENTS = "measurements"
    """Named numbers with units."""
    FEATURES = "features"
    """A vector for each patch."""


@dataclass(frozen=True, slots=True)
class Output:
    """What an algorithm gives under one name.

    `unit` is a UCUM unit of its numbers, `mpp` the micrometres per pixel of a raster, `range` the
    least and the greatest of its numbers, `classes` the names of the classes 1, 2, ... of a mask,
    of the labels of shapes, or of the words that a facet may be.
    """

    name: str
    kind: OutputKind
    unit: str = ""
    mpp: float | None = None
    range: tuple[float, float] | None = None
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resources:
    """What an algorithm may use for one slide.

    `cpu` is a number of cores, `seconds` wall time, `processes` how many may live at once, itself
    counted; `scratch_bytes` is what it may keep in its scratch folder.
    """

    cpu: int = 1
    memory_bytes: int = 1 << 30
    seconds: float = 120.0
    processes: int = 1
    scratch_bytes: int = 256 << 20


@dataclass(frozen=True, slots=True)
class Needs:
    """The result of another algorithm that this one is given as the input `name`.

    `version` is `1.2.0`, `==1.2.0`, `>=1`, `~=1.2` (that or later, of the same first number), or
    empty for any.
    """

    name: str
    algorithm: str
    version: str = ""

    def is_met_by(self, version: str) -> bool:
        """Whether a version of the algorithm will do."""
        match = _SPEC.fullmatch(self.version)
        if match is None:
            raise InputError(
                "this is no version specification.", place=self.name, rule=">=1, ~=1.2 or ==1.2.0"
            )
        if not match[2]:
            return True
        wanted = [int(part) for part in match[2].split(".")]
        found = list(version_key(version))
        if match[1] == ">=":
            return found >= wanted
        if match[1] == "~=":
            return found >= wanted and found[0] == wanted[0]
        return found[: len(wanted)] == wanted


@dataclass(frozen=True, slots=True)
class Weights:
    """A file of weights beside the manifest, and the SHA-256 by which it is known."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One version of an algorithm, as its manifest says.

    `entry` reads `module:function`, or is empty where `image` names a container by its digest.
    `parameters` maps a name to a JSON Schema with its `default`. `mpp` is the range of
    micrometres per pixel (of level 0) that it was made for, None for any, also unknown ones;
    `stains` are those that it was made for, none meaning any. `card` is the file of what its
    author says, `evidence` the file of what was measured: its model card is made of both; `code` is
    the SHA-256 of its code. Raises `InputError` where a part breaks a rule.
    """

    id: str
    version: str
    title: str
    licence: str
    entry: str
    outputs: tuple[Output, ...]
    needs: tuple[Needs, ...] = ()
    parameters: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict[str, Mapping[str, Any]]
    )
    mpp: tuple[float, float] | None = None
    stains: tuple[str, ...] = ()
    resources: Resources = Resources()
    weights: tuple[Weights, ...] = ()
    card: str = ""
    evidence: str = ""
    code: str = ""
    image: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        _check(bool(_ID.fullmatch(self.id)) and len(self.id) <= 80, "id", self.id, "a.name-of.it")
        _check(bool(_VERSION.fullmatch(self.version)), "version", self.version, "1.2.0")
        names = [each.name for each in (*self.outputs, *self.needs)] + list(self.parameters)
        for name in names:
            _check(bool(_NAME.fullmatch(name)), "name", name, "a-z, 0-9 and _, a letter first")
        outputs = {each.name for each in self.outputs}
        _check(len(outputs) == len(self.outputs) > 0, "outputs", "", "one or more, each name once")
        _check(bool(self.entry) != bool(self.image), "entry", "", "an entry or an image")

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical manifest with the digests of code and weights."""
        return digest(self.manifest())

    def manifest(self) -> dict[str, Any]:
        """All that decides what it computes, as plain JSON values."""
        return {
            "id": self.id,
            "version": self.version,
            "entry": self.entry,
            "image": self.image,
            "code": self.code,
            "outputs": [_plain_output(each) for each in self.outputs],
            "needs": [[each.name, each.algorithm, each.version] for each in self.needs],
            "parameters": {name: dict(schema) for name, schema in self.parameters.items()},
            "mpp": list(self.mpp) if self.mpp else None,
            "stains": list(self.stains),
            "weights": [[each.path, each.sha256] for each in self.weights],
        }

    def output(self, name: str) -> Output:
        """The output of that name; raises `KeyError`."""
        return next(each for each in self.outputs if each.name == name)

    def defaults(self) -> dict[str, Any]:
        """The value of each parameter that has a default."""
        told = self.parameters.items()
        return {name: schema["default"] for name, schema in told if "default" in schema}


def version_key(version: str) -> tuple[int, int, int]:
    """By which versions are in order; raises `InputError` for what is none."""
    match = _VERSION.fullmatch(version)
    if match is None:
        raise InputError("this is no version.", place=version[:40], rule="1.2.0")
    return int(match[1]), int(match[2]), int(match[3])


def _plain_output(output: Output) -> dict[str, Any]:
    return {
        "name": output.name,
        "kind": str(output.kind),
        "unit": output.unit,
        "mpp": output.mpp,
        "range": list(output.range) if output.range else None,
        "classes": list(output.classes),
    }


def _check(is_right: bool, place: str, found: str, rule: str) -> None:
    if not is_right:
        shown = f" {found[:80]!r}" if found else ""
        raise InputError(f"this{shown} does not fit an algorithm.", place=place, rule=rule)
