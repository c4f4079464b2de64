"""Outlines as other programs wrote them: QuPath, large_image, ASAP, CAMELYON's converters."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from bigpicture.metaflex.outlines.read import read_outlines
from bigpicture.model.errors import MetadataError
from bigpicture.model.outline import OutlineKind
from places import shared

FOLDER = "testdata/annotations"
TRIANGLE = [[0, 0], [4, 0], [0, 3], [0, 0]]


def feature(kind, coordinates, **properties):
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


def read(told):
    return read_outlines(json.dumps(told).encode(), name="drawn.geojson")


@pytest.mark.parametrize(
    ("kind", "coordinates", "wanted"),
    [
        ("Polygon", [TRIANGLE], [(OutlineKind.POLYGON, [3])]),
        ("Polygon", [TRIANGLE, TRIANGLE], [(OutlineKind.POLYGON, [3, 3])]),
        ("MultiPolygon", [[TRIANGLE], [TRIANGLE]], [(OutlineKind.POLYGON, [3])] * 2),
        ("LineString", [[0, 0], [1, 1]], [(OutlineKind.LINE, [2])]),
        ("MultiLineString", [[[0, 0], [1, 1]]] * 2, [(OutlineKind.LINE, [2])] * 2),
        ("Point", [1, 2, 0], [(OutlineKind.POINTS, [1])]),
        ("MultiPoint", [[1, 2], [3, 4]], [(OutlineKind.POINTS, [2])]),
    ],
)
def test_every_geometry_of_geojson_is_read(kind, coordinates, wanted):
    found = read(feature(kind, coordinates))
    assert [(each.kind, list(map(len, each.rings))) for each in found] == wanted


def test_a_class_is_where_qupath_and_bigpicture_write_it():
    given = [
        feature("Point", [0, 0], classification={"name": "Tumor", "color": [1, 2, 3]}, name="A"),
        feature("Point", [0, 0], classification="Stroma"),
        feature("Point", [0, 0], label="Necrosis"),
        feature("Point", [0, 0]),
    ]
    for form in (given, {"type": "FeatureCollection", "features": given}):
        assert [each.label for each in read(form)] == ["Tumor", "Stroma", "Necrosis", ""]
    assert read(given)[0].name == "A"


@pytest.mark.parametrize(
    "name",
    [
        "qupath-brush", "qupath-line", "qupath-multipoint", "qupath-polygon", "qupath-polyline",
        "qupath-wand",
    ],
)  # fmt: skip
def test_what_qupath_exported_is_read_place_by_place(name):
    path = shared(f"{FOLDER}/qupath_geojson/{name}.json")
    geometry = json.loads(path.read_bytes())["geometry"]
    found = read_outlines(path.read_bytes(), name=path.name)
    places = [list(place) for each in found for ring in each.rings for place in ring]
    given = geometry["coordinates"]
    flat = (
        [place[:2] for ring in given for place in ring] if "Polygon" in geometry["type"] else given
    )
    flat = flat[:-1] if geometry["type"] == "Polygon" and len(given) == 1 else flat
    assert places == flat


def test_collections_of_others_are_read_whole():
    cells = shared(f"{FOLDER}/qupath_geojson_advanced/qupath-polygon-cell-classified.json")
    found = read_outlines(cells.read_bytes(), name=cells.name)
    assert len(found) == len(json.loads(cells.read_bytes()))
    assert any(each.label for each in found)
    other = shared(f"{FOLDER}/large_image/sample.geojson")
    features = json.loads(other.read_bytes())["features"]
    assert len(read_outlines(other.read_bytes(), name=other.name)) >= len(features)


@pytest.mark.parametrize("name", ["Tumor_001", "Tumor_052"])
def test_camelyons_polygons_are_those_that_its_json_has(name):
    """The same annotations in ASAP's XML and in the JSON that others made of it."""
    path = shared(f"{FOLDER}/camelyon16_ncrf/{name}_asap.xml")
    told = json.loads(path.with_name(f"{name}.json").read_bytes())
    found = read_outlines(path.read_bytes(), name=path.name)
    assert {each.kind for each in found} == {OutlineKind.POLYGON}
    theirs = [each["vertices"] for side in ("positive", "negative") for each in told[side]]

    def cycle(places):
        """The places of a ring, wherever it begins, without one that is repeated at its end."""
        whole = [(float(x), float(y)) for x, y in places]
        return frozenset(whole)

    assert {cycle(each.rings[0]) for each in found} == {cycle(each) for each in theirs}


@pytest.mark.parametrize(("name", "count"), [("asap-dot", 1), ("asap-pointset", 5)])
def test_asaps_points_are_read(name, count):
    path = shared(f"{FOLDER}/asap/{name}.xml")
    (found,) = read_outlines(path.read_bytes(), name=path.name)
    given = ElementTree.parse(path).iter("Coordinate")
    assert (found.kind, len(found.rings[0]), found.label) == (OutlineKind.POINTS, count, "")
    assert list(found.rings[0]) == [(float(c.get("X")), float(c.get("Y"))) for c in given]


def test_asaps_places_come_in_the_order_of_their_numbers():
    rows = "".join(
        f'<Coordinate Order="{n}" X="{x}" Y="{y}"/>'
        for n, x, y in [(2, 0, 3), (0, 0, 0), (1, 4, 0)]
    )
    text = (
        "<ASAP_Annotations><Annotations>"
        f'<Annotation Name="a" Type="Polygon" PartOfGroup="Tumor"><Coordinates>{rows}</Coordinates>'
        "</Annotation></Annotations></ASAP_Annotations>"
    )
    (found,) = read_outlines(text.encode(), name="a.xml")
    assert found.rings == (((0, 0), (4, 0), (0, 3)),)
    assert found.label == "Tumor"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "no file of annotations"),
        (b"PK\x03\x04", "no file of annotations"),
        (b"{", "no JSON"),
        (b'{"a": 1}', "no GeoJSON"),
        (b"[1, 2]", "no GeoJSON"),
        (b"[" * 100_000, "no JSON"),
        (json.dumps(feature("Polygon", [[[0, 0], [1, 1]]])).encode(), "cannot be read"),
        (json.dumps(feature("Polygon", [[[0, "x"]] * 4])).encode(), "cannot be read"),
        (json.dumps(feature("Circle", [0, 0])).encode(), "cannot be read"),
        (b'{"geometry": {"type": "Point", "coordinates": [NaN, 0]}}', "cannot be read"),
        (b"<html/>", "no file of ASAP"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><ASAP_Annotations/>', "document type"),
        (b'<ASAP_Annotations><Annotation Type="Heart"/></ASAP_Annotations>', "cannot be read"),
    ],
)
def test_what_is_no_annotation_is_refused_with_its_place(data, what):
    with pytest.raises(MetadataError, match=what) as refused:
        read_outlines(data, name="drawn.json")
    assert refused.value.place.startswith("drawn.json")
