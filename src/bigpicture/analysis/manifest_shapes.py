"""The shape of `algorithm.toml`, field by field."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_SIZE = re.compile(r"(\d{1,9}) ?(B|KiB|MiB|GiB)")
_TIME = re.compile(r"(\d{1,7}(?:\.\d{1,3})?) ?(s|min|h)")
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_Text = Annotated[str, Field(min_length=1, max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _About(_Part):
    id: _Text
    version: _Text
    title: _Text
    licence: _Text
    description: str = Field("", max_length=4000)
    entry: str = Field("", max_length=200, pattern=r"^([A-Za-z_][\w.]*:[A-Za-z_]\w*)?$")
    image: str = Field("", max_length=400, pattern=r"^([\w./:-]+@sha256:[0-9a-f]{64})?$")


class SlideShape(_Part):
    mpp: float | list[float] | None = None
    stains: list[_Text] = []


class ResultShape(_Part):
    result: Annotated[str, Field(pattern=r"^[^@]+(@.*)?$", max_length=200)]


class OutputShape(_Part):
    type: Literal["facet", "mask", "heatmap", "geometry", "measurements", "features"]
    unit: str = Field("", max_length=40)
    mpp: float | None = Field(None, gt=0)
    range: list[float] | None = Field(None, min_length=2, max_length=2)
    classes: list[_Text] = Field([], max_length=255)


class _Parameter(_Part):
    type: Literal["number", "integer", "string", "boolean"]
    default: bool | int | float | str | None = None
    minimum: float | None = None
    maximum: float | None = None
    enum: list[bool | int | float | str] | None = None
    description: str = Field("", max_length=1000)


class ResourcesShape(_Part):
    cpu: Annotated[int, Field(ge=1, le=256)] = 1
    memory: str = "1 GiB"
    timeout: str = "120 s"
    scratch: str = "256 MiB"
    processes: Annotated[int, Field(ge=1, le=64)] = 1
    gpu: Literal[0] = 0
    network: Literal[False] = False

    @field_validator("memory", "scratch")
    @classmethod
    def _is_size(cls, value: str) -> str:
        bytes_of(value)
        return value

    @field_validator("timeout")
    @classmethod
    def _is_time(cls, value: str) -> str:
        seconds_of(value)
        return value


class _Weights(_Part):
    path: _Text
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @field_validator("path")
    @classmethod
    def _is_inside(cls, value: str) -> str:
        return inside(value)


class _Card(_Part):
    file: _Text | None = None
    evidence: _Text | None = None

    @field_validator("file", "evidence")
    @classmethod
    def _is_inside(cls, value: str | None) -> str | None:
        return None if value is None else inside(value)


class ManifestShape(_Part):
    algorithm: _About
    input: dict[str, dict[str, Any]] = {}
    output: dict[str, OutputShape]
    parameters: dict[str, _Parameter] = {}
    resources: ResourcesShape = ResourcesShape()
    weights: list[_Weights] = []
    card: _Card | None = None


def inside(path: str) -> str:
    """A path that cannot leave its folder; raises `ValueError` for any other."""
    parts = PurePosixPath(path).parts
    if (
        not parts
        or path.startswith("/")
        or "\\" in path
        or ":" in path
        or any(part in {"..", "."} or not part.isprintable() for part in parts)
    ):
        raise ValueError("a path inside the algorithm's folder, without ..")
    return path


def bytes_of(size: str) -> int:
    """`1 GiB` in bytes; raises `ValueError`."""
    match = _SIZE.fullmatch(size)
    if match is None:
        raise ValueError("a size reads 1 GiB")
    return int(match[1]) * _UNITS[match[2]]


def seconds_of(time: str) -> float:
    """`2 min` in seconds; raises `ValueError`."""
    match = _TIME.fullmatch(time)
    if match is None:
        raise ValueError("a time reads 120 s")
    return float(match[1]) * _SECONDS[match[2]]
