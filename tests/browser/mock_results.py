"""The mock node's results: what invented algorithms computed of its slides."""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np

from bigpicture.dicom.bulk_annotations import POINT, POLYGON, Group
from bigpicture.model.image import Level
from bigpicture.viewing.colour_maps import hex_of, table_of_classes, table_of_map
from bigpicture.viewing.raster import Raster, draw_overlay
from bigpicture.viewing.shapes import Shapes, View, look, shapes_of
from browser import mock_catalogue as catalogue

SCALE = 16.0
CLASSES = ("tissue", "fold")
NUCLEI = 15_000
KEYS = {
    "tissue": "a" * 64,
    "focus": "b" * 64,
    "nuclei": "c" * 64,
    "area": "a" * 64,
    "note": "d" * 64,
}
KINDS = {
    "tissue": "mask",
    "focus": "heatmap",
    "nuclei": "geometry",
    "area": "facet",
    "note": "features",
}
ALGORITHMS = {
    "tissue": "org.example.tissue",
    "area": "org.example.tissue",
    "focus": "org.example.focus",
    "nuclei": "org.example.nuclei",
    "note": "org.example.encoder",
}
TEMPLATE = "/api/v1/results/{key}/{output}/{what}?image={image}"
ROUTES = [
    ("GET", "/api/v1/images/{image}/results", "get_results"),
    ("GET", "/api/v1/results/{key}/{output}/overlay", "get_overlay"),
    ("GET", "/api/v1/results/{key}/{output}/shapes", "get_shapes"),
    ("GET", "/api/v1/results/{key}/{output}/tiles/{level}/{column}_{row}", "get_overlay_tile"),
]


def levels(image: str) -> list[Level]:
    return [
        Level(
            one["level"],
            *(one[name] for name in ("columns", "rows", "tile_columns", "tile_rows")),
            1.0,
            1.0,
        )
        for one in catalogue.image(image)["levels"]
    ]


@cache
def raster(image: str, output: str) -> Raster:
    """The left half is one class, a square of it another; focus rises from left to right."""
    base = levels(image)[0]
    rows, columns = int(base.rows // SCALE), int(base.columns // SCALE)
    if output == "focus":
        numbers = np.broadcast_to(
            np.linspace(1, 255, columns).astype(np.uint8), (rows, columns)
        ).copy()
        numbers[: rows // 4] = 0
        return Raster(numbers, 0.0, 0.0, SCALE)
    numbers = np.zeros((rows, columns), np.uint8)
    numbers[:, : columns // 2] = 1
    cv2.rectangle(numbers, (columns // 8, rows // 4), (columns // 4, rows // 2), 2, -1)
    return Raster(numbers, 0.0, 0.0, SCALE)


@cache
def shapes(image: str) -> Shapes:
    base = levels(image)[0]
    places = np.random.default_rng(5).random((NUCLEI, 2)) * (base.columns, base.rows)
    box = np.array([[600, 500], [1200, 500], [1200, 900], [600, 900]], np.float64)
    return shapes_of(
        [
            Group(POINT, "lymphocyte", places[::2], np.arange(NUCLEI // 2)),
            Group(POINT, "tumour nucleus", places[1::2], np.arange(NUCLEI // 2)),
            Group(POLYGON, "field", box, np.array([0])),
        ]
    )


class Results:
    """A part of the mock's door."""

    def get_results(self, image: str) -> None:
        if self.world.results == "none":
            return self.json({"items": []})
        if self.world.results == "fail":
            return self.problem(503, "The store does not answer.", remedy="Try again in a minute.")
        return self.json({"items": [self._result(image, output) for output in KEYS]})

    def _result(self, image: str, output: str) -> dict[str, Any]:
        return {
            "image": image,
            "key": KEYS[output],
            "output": output,
            "kind": KINDS[output],
            "algorithm": ALGORITHMS[output],
            "version": "1.2.0",
            "media_type": "application/dicom",
            "size": 123_456,
            "created": "2026-11-23T10:00:00Z",
            "value": 123.456 if output == "area" else None,
            "unit": "mm2" if output == "area" else "",
            "address": f"/api/v1/results/{KEYS[output]}/{output}?image={image}",
        }

    def get_overlay(self, key: str, output: str) -> None:
        if self.world.overlays_fail:
            return self.problem(403, "The grant for this dataset has ended.", reason="grant")
        image, first = self.query["image"], int(self.query.get("first", 1))
        colours, table = self.query.get("map", "aurora"), table_of_classes(first)
        names = {"tissue": CLASSES, "nuclei": shapes(image).labels}.get(output, ())
        counts = shapes(image).counts() if output == "nuclei" else [None] * len(names)
        tiles = TEMPLATE.format(
            key=key, output=output, what="tiles/{level}/{column}_{row}", image=image
        )
        tiles += f"&first={first}&map={colours}"
        return self.json(
            {
                "kind": KINDS[output],
                "unit": "um" if output == "focus" else "",
                "range": [0, 12.5] if output == "focus" else None,
                "classes": [
                    {"name": name, "colour": hex_of(table, number), "count": count}
                    for number, (name, count) in enumerate(zip(names, counts, strict=True), 1)
                ],
                "stops": [hex_of(table_of_map(colours), 1 + at * 17) for at in range(15)],
                "tiles": tiles if output != "nuclei" else None,
                "shapes": TEMPLATE.format(key=key, output=output, what="shapes", image=image)
                if output == "nuclei"
                else None,
            }
        )

    def get_shapes(self, key: str, output: str) -> None:
        del key, output
        asked = [float(self.query[name]) for name in ("x", "y", "width", "height", "cell")]
        self.world.views.append(asked)
        self.json(look(shapes(self.query["image"]), View(*asked)))

    def get_overlay_tile(self, key: str, output: str, level: str, column: str, row: str) -> None:
        del key
        if self.world.overlays_fail:
            return self.problem(403, "The grant for this dataset has ended.", reason="grant")
        image = self.query["image"]
        there = levels(image)
        usual = table_of_classes(int(self.query.get("first", 1)))
        table = table_of_map(self.query.get("map", "aurora")) if output == "focus" else usual
        drawn = draw_overlay(
            raster(image, output),
            table,
            base=there[0],
            level=there[int(level)],
            column=int(column),
            row=int(row),
        )
        return self.give(drawn, "image/png")
