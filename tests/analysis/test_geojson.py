"""Shapes leave as the GeoJSON that QuPath reads, and drawn outlines come in as shapes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bigpicture.analysis.geojson import geometry_of, write_geojson
from bigpicture.analysis.values import Geometry, Shape
from bigpicture.metaflex.outlines.read import read_outlines
from bigpicture.model.errors import InputError
from results_made import geometry

ASAP = b"""<?xml version="1.0"?>
<ASAP_Annotations><Annotations>
  <Annotation Name="one" Type="Polygon" PartOfGroup="tumor" Color="#F4FA58"><Coordinates>
    <Coordinate Order="1" X="30" Y="0" /><Coordinate Order="0" X="10.5" Y="20" />
    <Coordinate Order="2" X="40" Y="50" />
  </Coordinates></Annotation>
  <Annotation Name="two" Type="PointSet" PartOfGroup="None" Color="#F4FA58"><Coordinates>
    <Coordinate Order="0" X="1" Y="2" /><Coordinate Order="1" X="3" Y="4" />
  </Coordinates></Annotation>
</Annotations></ASAP_Annotations>"""


def test_features_by_hand():
    shapes = Geometry(
        (
            Shape("point", np.array([[1.5, 2.0]]), "nucleus", 0.25),
            Shape("rectangle", np.array([[10.0, 20.0], [30.0, 40.0]])),
        )
    )
    told = json.loads(write_geojson(shapes, colours={"nucleus": (1, 2, 3)}))
    assert told["type"] == "FeatureCollection"
    assert told["features"] == [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [1.5, 2.0]},
            "properties": {
                "objectType": "annotation",
                "classification": {"name": "nucleus", "color": [1, 2, 3]},
                "measurements": {"score": 0.25},
            },
        },
        {
            "type": "Feature",
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[10, 20], [30, 20], [30, 40], [10, 40], [10, 20]]],
            },
            "properties": {"objectType": "detection"},
        },
    ]


def test_places_and_labels_come_back_to_the_last_digit():
    written = geometry()
    again = geometry_of(read_outlines(write_geojson(written), name="shapes.geojson"))
    assert [each.label for each in again.shapes] == [each.label for each in written.shapes]
    for one, other in zip(written.shapes, again.shapes, strict=True):
        if one.kind != "rectangle":
            assert one.kind == other.kind
            assert np.array_equal(one.coordinates, other.coordinates)


def test_what_was_drawn_in_asap_comes_in():
    found = geometry_of(read_outlines(ASAP, name="drawn.xml"))
    assert [(each.kind, each.label, each.coordinates.tolist()) for each in found.shapes] == [
        ("polygon", "tumor", [[10.5, 20], [30, 0], [40, 50]]),
        ("point", "", [[1, 2]]),
        ("point", "", [[3, 4]]),
    ]


@pytest.mark.parametrize(
    ("kind", "coordinates"),
    [
        ("LineString", [[0, 0], [1, 1]]),
        ("Polygon", [[[0, 0], [9, 0], [9, 9], [0, 0]], [[2, 2], [3, 2], [3, 3], [2, 2]]]),
    ],
)
def test_what_no_shape_can_be_is_refused_and_not_changed(kind, coordinates):
    drawn = {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}}
    with pytest.raises(InputError, match="none of the shapes"):
        geometry_of(read_outlines(json.dumps(drawn).encode(), name="drawn.geojson"))
