"""Check what an algorithm gave: nothing wrong, missing or extra is kept."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.values import (
    Facet,
    Features,
    Geometry,
    Heatmap,
    Mask,
    Measurements,
    Shape,
    Value,
    Values,
)
from bigpicture.model.algorithm import Algorithm, Output, OutputKind
from bigpicture.model.errors import AlgorithmError, FailureReason

_KINDS: Mapping[OutputKind, type[Value]] = {
    OutputKind.FACET: Facet,
    OutputKind.MASK: Mask,
    OutputKind.HEATMAP: Heatmap,
    OutputKind.GEOMETRY: Geometry,
    OutputKind.MEASUREMENTS: Measurements,
    OutputKind.FEATURES: Features,
}
_LONGEST = 200
"""Characters of a word that a catalogue shows."""
_MOST_SHAPES = 5_000_000
_MPP_ERROR = 0.01


def check_values(algorithm: Algorithm, values: Values, slide_size: tuple[int, int]) -> None:
    """Check `values` against the outputs that the manifest declares.

    `slide_size` is width and height in level-0 pixels. Raises `AlgorithmError` (`bad-output`, its
    place the output's name) at a missing or undeclared output, a wrong kind, shape or dtype, a
    raster or shape that does not touch the slide, an unknown class, NaN or infinity where a number
    belongs, or a number out of the declared range.
    """
    declared = {output.name: output for output in algorithm.outputs}
    for name in declared.keys() - values.keys():
        _refuse(name, "this output is missing.")
    for name in values.keys() - declared.keys():
        _refuse(str(name)[:80], "this output is not in the manifest.")
    for name, output in declared.items():
        value, wanted = values[name], _KINDS[output.kind]
        if type(value) is not wanted:
            _refuse(name, f"this is a {type(value).__name__[:40]}, not a {wanted.__name__}.")
        _CHECKS[output.kind](output, value, slide_size)


def _check_facet(output: Output, facet: Facet, _: tuple[int, int]) -> None:
    _is(output, facet.unit == output.unit, f"the unit is {output.unit or 'none'}")
    if isinstance(facet.value, str):
        _check_word(output, facet.value)
        _is(output, output.range is None, "a number, as its range says")
    elif facet.value is not None:
        _check_number(output, facet.value)


def _check_measurements(output: Output, measurements: Measurements, _: tuple[int, int]) -> None:
    names = [each.name for each in measurements.values]
    _is(output, len(set(names)) == len(names), "each measurement once")
    for each in measurements.values:
        _is(output, 0 < len(each.name) <= _LONGEST and each.name.isprintable(), "a name")
        _is(output, len(each.unit) <= 40 and each.unit.isprintable(), "a unit of UCUM")
        if each.value is not None:
            _check_number(output, each.value)


def _check_mask(output: Output, mask: Mask, slide_size: tuple[int, int]) -> None:
    _check_raster(output, mask.pixels, "uint8", (mask.x, mask.y, mask.scale), slide_size)
    _is(output, tuple(mask.classes) == output.classes, "the classes of the manifest, in its order")
    most = int(mask.pixels.max())
    _is(output, most <= len(output.classes), f"class numbers up to {len(output.classes)}")


def _check_heatmap(output: Output, heatmap: Heatmap, slide_size: tuple[int, int]) -> None:
    placed = (heatmap.x, heatmap.y, heatmap.scale)
    _check_raster(output, heatmap.pixels, "float32", placed, slide_size)
    _is(output, heatmap.unit == output.unit, f"the unit is {output.unit or 'none'}")
    told = tuple(heatmap.range)
    is_range = len(told) == 2 and all(map(_is_finite, told)) and told[0] <= told[1]
    _is(output, is_range, "a range is two numbers, the least first")
    _is(output, output.range is None or told == output.range, "the range of the manifest")
    known = heatmap.pixels[~np.isnan(heatmap.pixels)]
    is_within = known.size == 0 or (known.min() >= told[0] and known.max() <= told[1])
    _is(output, bool(is_within), f"numbers from {told[0]:g} to {told[1]:g}, or NaN")


def _check_raster(
    output: Output,
    pixels: NDArray[Any],
    dtype: str,
    placed: tuple[float, float, float],
    slide_size: tuple[int, int],
) -> None:
    _check_array(output, pixels, dtype)
    _is(output, pixels.ndim == 2 and pixels.size > 0, "pixels are (h, w), none of them 0")
    _is(output, all(map(_is_finite, placed)), "x, y and scale are numbers")
    x, y, scale = placed
    _is(output, scale > 0, "scale is level-0 pixels per pixel, above 0")
    # A raster may reach beyond the slide by a pixel of its own that began within it.
    height, width = pixels.shape
    is_inside = (
        x >= -scale
        and y >= -scale
        and x + (width - 1) * scale < slide_size[0]
        and y + (height - 1) * scale < slide_size[1]
    )
    _is(output, is_inside, "it lies on the slide, by its x, y, scale and size")


def _check_geometry(output: Output, geometry: Geometry, slide_size: tuple[int, int]) -> None:
    _is(output, len(geometry.shapes) <= _MOST_SHAPES, f"{_MOST_SHAPES} shapes at most")
    for shape in geometry.shapes:
        _check_shape(output, shape, slide_size)


_PAIRS: Mapping[str, tuple[int, float]] = {
    "point": (1, 1),
    "rectangle": (2, 2),
    "polygon": (3, math.inf),
}


def _check_shape(output: Output, shape: Shape, slide_size: tuple[int, int]) -> None:
    _is(output, type(shape) is Shape and shape.kind in _PAIRS, f"a {', '.join(_PAIRS)}")
    found = shape.coordinates
    _check_array(output, found, "float64")
    least, most = _PAIRS[shape.kind]
    is_pairs = found.ndim == 2 and found.shape[1] == 2 and least <= len(found) <= most
    _is(output, is_pairs, f"coordinates of a {shape.kind} are (n, 2) with their n")
    _is(output, bool(np.isfinite(found).all()), "coordinates are numbers")
    is_inside = bool((found >= 0).all() and (found <= np.asarray(slide_size)).all())
    _is(output, is_inside, "shapes lie on the slide")
    if shape.label or output.classes:
        _check_word(output, shape.label)
    if shape.score is not None:
        _check_number(output, shape.score)


def _check_features(output: Output, features: Features, slide_size: tuple[int, int]) -> None:
    places, vectors = features.coordinates, features.vectors
    _check_array(output, places, "int64")
    _check_array(output, vectors, "float32")
    _is(output, places.ndim == 2 and places.shape[1] == 2, "coordinates are (n, 2)")
    is_shaped = vectors.ndim == 2 and len(vectors) == len(places) and vectors.shape[1] > 0
    _is(output, is_shaped, "vectors are (n, d), one for each coordinate")
    _is(output, bool(np.isfinite(vectors).all()), "vectors hold numbers, no NaN")
    _is(output, _is_finite(features.mpp) and features.mpp > 0, "mpp is above 0")
    _is(output, type(features.size) is int and features.size > 0, "size is whole and above 0")
    is_mpp = output.mpp is None or abs(features.mpp / output.mpp - 1) <= _MPP_ERROR
    _is(output, is_mpp, "the mpp of the manifest")
    _is(output, 0 < len(features.encoder) <= _LONGEST, "the encoder has a name")
    is_inside = bool((places < np.asarray(slide_size)).all() and (places > -(1 << 20)).all())
    _is(output, is_inside, "patches lie on the slide")


def _check_array(output: Output, array: object, dtype: str) -> None:
    is_right = type(array) is np.ndarray and array.dtype == np.dtype(dtype)
    _is(output, is_right, f"an array of {dtype}")


def _check_word(output: Output, word: object) -> None:
    is_word = isinstance(word, str) and len(word) <= _LONGEST and word.isprintable()
    _is(output, is_word, f"a word of {_LONGEST} printable characters at most")
    is_known = not output.classes or word in output.classes
    _is(output, is_known, f"one of: {', '.join(output.classes)[:200]}")


def _check_number(output: Output, number: object) -> None:
    _is(output, _is_finite(number), "a number; no NaN, no infinity")
    assert isinstance(number, float | int)
    least, most = output.range or (-math.inf, math.inf)
    _is(output, least <= number <= most, f"a number from {least:g} to {most:g}")


def _is_finite(number: object) -> bool:
    return (
        isinstance(number, float | int) and not isinstance(number, bool) and math.isfinite(number)
    )


def _is(output: Output, is_right: bool, rule: str) -> None:
    if not is_right:
        _refuse(output.name, f"this {output.kind} is not what the manifest declares.", rule)


def _refuse(place: str, what: str, rule: str = "") -> NoReturn:
    raise AlgorithmError(
        what,
        reason=FailureReason.BAD_OUTPUT,
        place=place,
        rule=rule,
        remedy="Nothing of this slide was kept; mend the algorithm or its manifest.",
    )


_CHECKS: Mapping[OutputKind, Any] = {
    OutputKind.FACET: _check_facet,
    OutputKind.MASK: _check_mask,
    OutputKind.HEATMAP: _check_heatmap,
    OutputKind.GEOMETRY: _check_geometry,
    OutputKind.MEASUREMENTS: _check_measurements,
    OutputKind.FEATURES: _check_features,
}
