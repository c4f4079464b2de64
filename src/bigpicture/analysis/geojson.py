"""Shapes as GeoJSON, as QuPath writes and reads it; and drawn outlines as shapes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from bigpicture.analysis.values import Geometry, Shape
from bigpicture.model.algorithm import RESEARCH_ONLY
from bigpicture.model.errors import InputError
from bigpicture.model.outline import Outline, OutlineKind

GEOJSON = "application/geo+json"
_COMPACT = (",", ":")


def write_geojson(
    geometry: Geometry, *, colours: Mapping[str, tuple[int, int, int]] | None = None
) -> bytes:
    """A FeatureCollection (RFC 7946, in level-0 pixels, y down), a feature for each shape.

    Polygons and rectangles are QuPath's detections, points its annotations (it has no detection
    that is a point); a label is the class, with a colour (red, green, blue) where one is given, a
    score a measurement. Coordinates keep all their digits; a rectangle is a polygon of four.
    """
    features = [_feature(shape, colours or {}) for shape in geometry.shapes]
    collection = {"type": "FeatureCollection", "features": features, "notice": RESEARCH_ONLY}
    return json.dumps(collection, ensure_ascii=False, separators=_COMPACT).encode()


def _feature(shape: Shape, colours: Mapping[str, tuple[int, int, int]]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "objectType": "annotation" if shape.kind == "point" else "detection"
    }
    if shape.label:
        known = {"color": list(colours[shape.label])} if shape.label in colours else {}
        properties["classification"] = {"name": shape.label, **known}
    if shape.score is not None:
        properties["measurements"] = {"score": shape.score}
    return {"type": "Feature", "geometry": _geometry(shape), "properties": properties}


def _geometry(shape: Shape) -> dict[str, Any]:
    places = shape.coordinates.tolist()
    if shape.kind == "point":
        return {"type": "Point", "coordinates": places[0]}
    if shape.kind == "rectangle":
        (left, top), (right, bottom) = places
        places = [[left, top], [right, top], [right, bottom], [left, bottom]]
    # RFC 7946 3.1.6: the first place is repeated at the end.
    return {"type": "Polygon", "coordinates": [[*places, *places[:1]]]}


def geometry_of(outlines: Iterable[Outline]) -> Geometry:
    """Outlines that somebody drew, as shapes; each place of a set of points is one.

    Raises `InputError` for lines and for polygons with holes, which no shape can be.
    """
    return Geometry(tuple(shape for outline in outlines for shape in _shapes(outline)))


def _shapes(outline: Outline) -> list[Shape]:
    outer, *holes = outline.rings
    if outline.kind is OutlineKind.LINE or holes:
        what = "a line" if outline.kind is OutlineKind.LINE else "a polygon with holes"
        raise InputError(
            f"{what} is none of the shapes of a result.",
            place=outline.name or outline.label,
            rule="points, rectangles, polygons",
            remedy="Draw it as polygons without holes.",
        )
    places = np.asarray(outer, np.float64)
    if outline.kind is OutlineKind.POLYGON:
        return [Shape("polygon", places, outline.label)]
    return [Shape("point", place[None], outline.label) for place in places]
