"""GeoJSON (RFC 7946) as Bigpicture and QuPath write it: pixels of the finest level, y down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import Any, cast

from bigpicture.model.errors import MetadataError
from bigpicture.model.outline import Outline, OutlineKind, Place, Ring

_RULE = "a Feature, a FeatureCollection, or a list of Features"
_PARTS: Mapping[str, tuple[OutlineKind, Callable[[list[Any]], list[Any]]]] = {
    "Polygon": (OutlineKind.POLYGON, lambda rings: [rings]),
    "MultiPolygon": (OutlineKind.POLYGON, lambda polygons: polygons),
    "LineString": (OutlineKind.LINE, lambda line: [[line]]),
    "MultiLineString": (OutlineKind.LINE, lambda lines: [[line] for line in lines]),
    "Point": (OutlineKind.POINTS, lambda point: [[[point]]]),
    "MultiPoint": (OutlineKind.POINTS, lambda points: [[points]]),
}
"""Of each kind of geometry, the lists of rings that its coordinates are."""
_FEWEST = {OutlineKind.POLYGON: 3, OutlineKind.LINE: 2, OutlineKind.POINTS: 1}


def read_geojson(data: bytes, *, name: str) -> tuple[Outline, ...]:
    """The outlines of a file in its order; several of them where a geometry is of many parts.

    The class is `properties.classification.name` (QuPath), else `properties.classification` or
    `properties.label`. Cells bear their own outline; the nucleus's is left out. Raises
    `MetadataError` with the number of the feature.
    """
    try:
        read = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise MetadataError("this is no JSON.", place=name, remedy="Export it again.") from error
    found: list[Outline] = []
    for number, feature in enumerate(_features(read, name), start=1):
        place = f"{name}, feature {number}"
        geometry = feature.get("geometry")
        if geometry is None:
            continue  # RFC 7946 3.2: a feature that is nowhere
        try:
            found += _outlines(geometry, _label(feature), _name(feature))
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise MetadataError(
                "its geometry cannot be read.",
                place=place,
                rule="RFC 7946 3.1, coordinates in pixels",
                remedy="Export it again.",
            ) from error
    return tuple(found)


def _features(read: object, name: str) -> list[Mapping[str, Any]]:
    listed: object = read
    if isinstance(read, dict):
        whole = cast("dict[str, Any]", read)
        listed = whole.get("features") if whole.get("type") == "FeatureCollection" else [whole]
    features = cast("list[object]", listed) if isinstance(listed, list) else []
    are_good = all(isinstance(each, dict) and "geometry" in each for each in features)
    if not isinstance(listed, list) or not are_good:
        raise MetadataError("this is no GeoJSON of annotations.", place=name, rule=_RULE)
    return cast("list[Mapping[str, Any]]", features)


def _label(feature: Mapping[str, Any]) -> str:
    properties = feature.get("properties") or {}
    given = properties.get("classification") or properties.get("label") or ""
    return str(given.get("name") or "") if isinstance(given, dict) else str(given)


def _name(feature: Mapping[str, Any]) -> str:
    return str((feature.get("properties") or {}).get("name") or "")


def _outlines(geometry: Mapping[str, Any], label: str, name: str) -> Iterator[Outline]:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _outlines(part, label, name)
        return
    of, parts = _PARTS[kind]
    for rings in parts(geometry["coordinates"]):
        yield _made(of, rings, label, name)


def _made(kind: OutlineKind, rings: list[Any], label: str, name: str) -> Outline:
    read = tuple(_ring(ring, is_closed=kind is OutlineKind.POLYGON) for ring in rings)
    if not read or any(len(ring) < _FEWEST[kind] for ring in read):
        raise ValueError("too few places")
    return Outline(kind, read, label, name)


def _ring(places: list[Any], *, is_closed: bool) -> Ring:
    ring = [_place(each) for each in places]
    if is_closed and len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    return tuple(ring)


def _place(given: list[Any]) -> Place:
    x, y = float(given[0]), float(given[1])
    if not (isfinite(x) and isfinite(y)):
        raise ValueError("not a place")
    return x, y
