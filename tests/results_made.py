"""Results of one slide for tests: a value of each kind, and the slide they are of."""

from __future__ import annotations

import numpy as np

from bigpicture.analysis.values import (
    Facet,
    Features,
    Geometry,
    Heatmap,
    Mask,
    Measurement,
    Measurements,
    Shape,
)
from bigpicture.model.slide_frame import Maker, SlideFrame
from slide_making import uid

FRAME = SlideFrame(
    study_uid=uid("study"),
    series_uid=uid("series"),
    instance_uid=uid("level 0"),
    frame_of_reference_uid=uid("frame"),
    columns=40_000,
    rows=30_000,
    mpp=(0.25, 0.25),
    origin=(20.0, 60.0),
    patient="PSEUDONYM1",
    container="GLASS1",
    specimen="SPECIMEN1",
    specimen_uid=uid("specimen"),
)
MAKER = Maker(name="org.example.tissue", version="1.2.0", key="k" * 64)
LONG = "a class whose name goes on for longer than the 64 characters a label may have"


def mask(rows: int = 700, columns: int = 1_100) -> Mask:
    """Two classes and one that nowhere occurs."""
    pixels = np.zeros((rows, columns), np.uint8)
    pixels[100:400, 100:900] = 1
    pixels[380:600, 200:300] = 2
    return Mask(pixels, 123.5, 17.0, 32.0, ("tissue", LONG, "pen"))


def heatmap() -> Heatmap:
    """Random numbers, a line of zeros, and NaN where nothing was evaluated."""
    pixels = np.random.default_rng(1).random((600, 700)).astype(np.float32)
    pixels[:520] = np.nan
    pixels[550] = 0
    return Heatmap(pixels, 0.0, 31.7, 31.7, "um", (0.0, 1.0))


def geometry() -> Geometry:
    """Points with and without a score, a rectangle, two polygons of which one has no label."""
    places = np.random.default_rng(2).random((50, 2)) * 30_000
    nuclei = [
        Shape("point", place[None], "nucleus", 0.5 if number % 3 else None)
        for number, place in enumerate(places)
    ]
    box = Shape("rectangle", np.array([[10.0, 20.0], [110.25, 220.0]]), "field")
    polygons = [
        Shape("polygon", np.array([[0.0, 0], [5, 0], [5, 5]]), "gland", 1.0),
        Shape("polygon", np.array([[1.0, 1], [2, 2], [1, 2], [0.1, 1.7]])),
    ]
    return Geometry((*nuclei, box, *polygons))


def measurements() -> Measurements:
    return Measurements(
        (
            Measurement("tissue area", 12.345678901234567, "mm2"),
            Measurement("nuclei", 3.0, "1"),
            Measurement("mitoses", None, "/mm2"),
        )
    )


def features(many: int = 40) -> Features:
    chance = np.random.default_rng(3)
    return Features(
        chance.integers(0, 30_000, (many, 2)),
        chance.standard_normal((many, 16)).astype(np.float32),
        0.5,
        224,
        "example encoder",
    )


VALUES = {
    "mask": mask(),
    "heatmap": heatmap(),
    "geometry": geometry(),
    "measurements": measurements(),
    "facet": Facet(12.5, "mm2"),
    "word": Facet("H&E"),
    "nothing": Facet(None, "mm2"),
    "features": features(),
}
