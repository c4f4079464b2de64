"""Pack: values as bytes between processes that do not believe each other; nothing is unpickled.

`BPV1`, the length of a JSON header (8 bytes, little endian), the header, then the arrays that it
names by dtype, shape and place, each at a multiple of 16.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.pack_shapes import shapes_from, shapes_to
from bigpicture.analysis.values import (
    Facet,
    Features,
    Geometry,
    Heatmap,
    Mask,
    Measurement,
    Measurements,
    Value,
    Values,
)
from bigpicture.model.errors import AlgorithmError, FailureReason

_MAGIC = b"BPV1"
_ALIGNED = 16
_HEADER_BYTES = 64 << 20
_DTYPES = frozenset({"uint8", "int64", "float32", "float64"})

Header = dict[str, Any]


class Packer:
    """Collects arrays behind a header."""

    def __init__(self) -> None:
        self._arrays: list[bytes] = []
        self._length = 0

    def array(self, array: object) -> Header:
        """Where an array will stand; raises `AlgorithmError` for one that no value has."""
        if not isinstance(array, np.ndarray) or str(array.dtype) not in _DTYPES:
            told = str(array.dtype) if isinstance(array, np.ndarray) else type(array).__name__
            raise bad_output(f"an array of {told[:40]} is none of: {', '.join(sorted(_DTYPES))}.")
        data = np.ascontiguousarray(array).tobytes()
        place = {"dtype": str(array.dtype), "shape": list(array.shape), "at": self._length}
        padded = data + bytes(-len(data) % _ALIGNED)
        self._arrays.append(padded)
        self._length += len(padded)
        return place

    def whole(self, header: Header) -> bytes:
        """Everything, with the header that says what it is."""
        text = json.dumps(header).encode()
        text += b" " * (-(len(text) + 12) % _ALIGNED)
        return b"".join((_MAGIC, len(text).to_bytes(8, "little"), text, *self._arrays))


class Unpacker:
    """Reads what a `Packer` wrote, or what somebody claims that it wrote."""

    def __init__(self, data: bytes) -> None:
        length = int.from_bytes(data[4:12], "little")
        if data[:4] != _MAGIC or not 0 < length <= min(_HEADER_BYTES, len(data) - 12):
            raise bad_output("what it answered is no packed value.")
        self._arrays = memoryview(data)[12 + length :]
        try:
            header = json.loads(bytes(data[12 : 12 + length]))
        except (ValueError, RecursionError) as error:
            raise bad_output("what it answered is no packed value.") from error
        if not isinstance(header, dict):
            raise bad_output("what it answered is no packed value.")
        self.header = cast("Header", header)

    def array(self, place: object) -> NDArray[Any]:
        """The array that stands at `place`; read-only."""
        if not isinstance(place, dict):
            raise bad_output("an array is not where it should be.")
        told = cast("Header", place)
        shape, at, dtype = told.get("shape"), told.get("at"), told.get("dtype")
        is_shape = isinstance(shape, list) and len(shape) <= 3 and all(map(_is_count, shape))
        if dtype not in _DTYPES or not is_shape or not _is_count(at):
            raise bad_output("an array is not described as one.")
        sides, start = cast("list[int]", shape), cast("int", at)
        end = start + math.prod(sides) * np.dtype(cast("str", dtype)).itemsize
        if start % _ALIGNED or end > len(self._arrays):
            raise bad_output("an array is shorter than it says.")
        found = np.frombuffer(self._arrays[start:end], cast("str", dtype))
        return found.reshape(sides)


def pack_values(packer: Packer, values: object) -> Header:
    """A header for `values`; raises `AlgorithmError` (its place the output's name) for others."""
    if not isinstance(values, Mapping):
        raise bad_output(f"it gave a {type(values).__name__[:40]}, not a mapping of names.")
    packed: Header = {}
    for name, value in cast("Mapping[object, object]", values).items():
        if not isinstance(name, str):
            raise bad_output("an output's name is no string.")
        try:
            packed[name] = _pack(packer, value)
        except AlgorithmError as error:
            raise bad_output(error.what, name) from error
        except Exception as error:  # whatever stands in the fields of a value
            raise bad_output("its fields are not those of a value.", name) from error
    return packed


def unpack_values(unpacker: Unpacker, header: object) -> dict[str, Value]:
    """The values that a header names. What they say is yet to be checked (`check_values`)."""
    if not isinstance(header, dict):
        raise bad_output("what it answered holds no values.")
    found: dict[str, Value] = {}
    for name, told in cast("Header", header).items():
        try:
            found[name] = _UNPACK[told["kind"]](unpacker, told)
        except AlgorithmError as error:
            raise bad_output(error.what, name) from error
        except Exception as error:  # whatever a forged header provokes has one meaning
            raise bad_output("its fields are not those of a value.", name) from error
    return found


def packed(values: Values) -> bytes:
    """Values alone, as bytes."""
    packer = Packer()
    return packer.whole({"values": pack_values(packer, values)})


def unpacked(data: bytes) -> dict[str, Value]:
    """Values alone, from bytes; raises `AlgorithmError`."""
    unpacker = Unpacker(data)
    return unpack_values(unpacker, unpacker.header.get("values"))


def bad_output(what: str, place: str = "") -> AlgorithmError:
    """An error that says that a value is none."""
    return AlgorithmError(what, reason=FailureReason.BAD_OUTPUT, place=place[:80])


def _pack(packer: Packer, value: object) -> Header:
    kind = type(value)
    if kind is Facet or kind is Measurements or kind is Geometry:
        return _pack_listed(packer, cast("Facet | Measurements | Geometry", value))
    if kind is Mask or kind is Heatmap:
        return _pack_raster(packer, cast("Mask | Heatmap", value))
    if kind is Features:
        features = cast("Features", value)
        return {
            "kind": "features",
            "coordinates": packer.array(features.coordinates),
            "vectors": packer.array(features.vectors),
            "mpp": float(features.mpp),
            "size": int(features.size),
            "encoder": str(features.encoder),
        }
    raise bad_output(f"a {kind.__name__[:40]} is no value of an algorithm.")


def _pack_listed(packer: Packer, value: Facet | Measurements | Geometry) -> Header:
    if isinstance(value, Facet):
        return {"kind": "facet", "value": _plain(value.value), "unit": str(value.unit)}
    if isinstance(value, Geometry):
        return {"kind": "geometry", **shapes_to(packer.array, value.shapes)}
    told = [[str(each.name), _plain(each.value), str(each.unit)] for each in value.values]
    return {"kind": "measurements", "values": told}


def _pack_raster(packer: Packer, value: Mask | Heatmap) -> Header:
    placed = {"x": float(value.x), "y": float(value.y), "scale": float(value.scale)}
    header: Header = {"pixels": packer.array(value.pixels), **placed}
    if isinstance(value, Mask):
        return {"kind": "mask", **header, "classes": [str(each) for each in value.classes]}
    least, most = value.range
    told = {"unit": str(value.unit), "range": [float(least), float(most)]}
    return {"kind": "heatmap", **header, **told}


def _plain(value: object) -> float | str | bool | None:
    """A number of NumPy is a number too."""
    if value is None or isinstance(value, str | bool):
        return value
    return float(cast("float", value))


def _facet(_: Unpacker, told: Header) -> Facet:
    value = told["value"]
    if not (value is None or isinstance(value, str | float | int)):
        raise bad_output("a facet is a number or a word.")
    return Facet(value, _text(told["unit"]))


def _measurements(_: Unpacker, told: Header) -> Measurements:
    return Measurements(
        tuple(
            Measurement(_text(name), None if value is None else _number(value), _text(unit))
            for name, value, unit in told["values"]
        )
    )


def _mask(unpacker: Unpacker, told: Header) -> Mask:
    return Mask(
        unpacker.array(told["pixels"]),
        *(_number(told[name]) for name in ("x", "y", "scale")),
        classes=tuple(_text(each) for each in told["classes"]),
    )


def _heatmap(unpacker: Unpacker, told: Header) -> Heatmap:
    least, most = (_number(each) for each in told["range"])
    return Heatmap(
        unpacker.array(told["pixels"]),
        *(_number(told[name]) for name in ("x", "y", "scale")),
        unit=_text(told["unit"]),
        range=(least, most),
    )


def _features(unpacker: Unpacker, told: Header) -> Features:
    return Features(
        unpacker.array(told["coordinates"]),
        unpacker.array(told["vectors"]),
        _number(told["mpp"]),
        int(_number(told["size"])),
        _text(told["encoder"]),
    )


def _geometry(unpacker: Unpacker, told: Header) -> Geometry:
    return Geometry(shapes_from(unpacker.array, told))


_UNPACK = {
    "facet": _facet,
    "measurements": _measurements,
    "mask": _mask,
    "heatmap": _heatmap,
    "features": _features,
    "geometry": _geometry,
}


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, float | int):
        raise bad_output("this is no number.")
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise bad_output("this is no text.")
    return value


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 40
