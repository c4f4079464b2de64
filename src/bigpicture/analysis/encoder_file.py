"""Read what an encoder states of itself from a TOML file beside its weights."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bigpicture.model.encoder import EncoderFacts, Normalisation
from bigpicture.model.errors import InputError

_WORDS = ("name", "version", "licence", "address", "terms")
_MOST_BYTES = 64 << 10


def read_encoder_file(path: Path) -> tuple[EncoderFacts, Path]:
    """The facts of an encoder, and its file of weights; raises `InputError`.

    ```toml
    name = "org.example.vit-s"
    version = "1.0.0"
    licence = "Apache-2.0"
    mpp = 0.5
    size = 224
    width = 384
    normalisation = { mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225] }
    weights = { path = "vit-s.onnx", sha256 = "..." }
    ```

    A normalisation is always stated: `"none"` for a net that takes pixels of 0 to 255.
    """
    told = _parsed(path)
    unknown = told.keys() - {*_WORDS, "mpp", "size", "width", "normalisation", "weights"}
    if unknown:
        raise _wrong(path, f"{min(unknown)!r} is no fact of an encoder.")
    weights = told.get("weights")
    if not isinstance(weights, dict) or set(weights) != {"path", "sha256"}:
        raise _wrong(path, "weights have no path and sha256.")
    file = path.parent / str(weights["path"])
    if not file.resolve().is_relative_to(path.parent.resolve()):
        raise _wrong(path, "the weights lie outside of the folder of the file.")
    facts = EncoderFacts(
        **{word: str(told.get(word, "")) for word in _WORDS},
        mpp=_number(path, told, "mpp"),
        size=int(_number(path, told, "size")),
        width=int(_number(path, told, "width")),
        normalisation=_normalisation(path, told.get("normalisation")),
        weights=str(weights["sha256"]),
    )
    return facts, file


def _parsed(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.loads(file.read(_MOST_BYTES).decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _wrong(path, "this cannot be read as TOML.") from error


def _number(path: Path, told: Mapping[str, Any], name: str) -> float:
    value = told.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(path, f"{name} is no number.")
    return float(value)


def _normalisation(path: Path, told: object) -> Normalisation | None:
    if told == "none":
        return None
    if isinstance(told, dict) and set(told) == {"mean", "std"}:
        mean, deviation = _three(told["mean"]), _three(told["std"])
        if mean and deviation:
            return Normalisation(mean, deviation)
    raise _wrong(path, "the normalisation is not stated.")


def _three(told: object) -> tuple[float, float, float] | None:
    if not isinstance(told, list) or len(told) != 3:
        return None
    numbers = [float(each) for each in told if isinstance(each, int | float)]
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else None


def _wrong(path: Path, what: str) -> InputError:
    return InputError(
        what,
        place=path.name,
        rule="name, version, licence, mpp, size, width, normalisation, weights",
        remedy="See docs/learning.md for an example.",
    )
