"""A result as a file that others read: DICOM objects, Parquet for features; and back.

What comes back is what went in: rasters and coordinates bit by bit, numbers in 64 bits; only the
score of a shape keeps 32, and where a raster lies a millionth of a level-0 pixel. Shapes come back
group by group (kind and label).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bigpicture.analysis.feature_table import read_features, write_features
from bigpicture.analysis.shape_groups import as_geometry, group_shapes
from bigpicture.analysis.values import (
    Facet,
    Features,
    Geometry,
    Heatmap,
    Mask,
    Measurement,
    Measurements,
    Value,
)
from bigpicture.dicom.bulk_annotations import read_annotations, write_annotations
from bigpicture.dicom.derived_matrix import Placed
from bigpicture.dicom.parametric_map import Map, read_parametric_map, write_parametric_map
from bigpicture.dicom.segmentation import Segments, read_segmentation, write_segmentation
from bigpicture.dicom.structured_report import Stated, read_report, write_report
from bigpicture.model.algorithm import OutputKind
from bigpicture.model.errors import InputError
from bigpicture.model.slide_frame import Maker, SlideFrame

DICOM = "application/dicom"
PARQUET = "application/vnd.apache.parquet"
_UNTOLD = Maker()


@dataclass(frozen=True, slots=True)
class Encoded:
    """The bytes of a file and what they are; `suffix` is that of its name, with the dot."""

    media_type: str
    suffix: str
    data: bytes


def encode(
    value: Value, *, frame: SlideFrame, name: str = "result", maker: Maker = _UNTOLD
) -> Encoded:
    """The file of a value: the same bytes each time it is asked with the same words.

    `name` is the output's, `maker` what the object says of the algorithm. A mask becomes a DICOM
    Segmentation, a heatmap a Parametric Map, shapes Microscopy Bulk Simple Annotations, facets
    and measurements a structured report (TID 1500), features Parquet. Raises `InputError`.
    """
    write, media_type, suffix = _WRITERS[type(value)]
    return Encoded(media_type, suffix, write(value, name, frame, maker))


def decode(data: bytes, *, kind: OutputKind, frame: SlideFrame) -> Value:
    """The value in such a file, in level-0 pixels of the slide; raises `InputError`."""
    return _READERS[kind](data, frame)


def _write_mask(value: Mask, _: str, frame: SlideFrame, maker: Maker) -> bytes:
    placed = Placed(value.x, value.y, value.scale)
    return write_segmentation(
        Segments(value.pixels, placed, value.classes), frame=frame, maker=maker
    )


def _read_mask(data: bytes, frame: SlideFrame) -> Mask:
    found = read_segmentation(data, frame=frame)
    at = found.placed
    return Mask(found.pixels, at.x, at.y, at.scale, found.classes)


def _write_heatmap(value: Heatmap, name: str, frame: SlideFrame, maker: Maker) -> bytes:
    placed = Placed(value.x, value.y, value.scale)
    written = Map(value.pixels, placed, name, value.unit, value.range)
    return write_parametric_map(written, frame=frame, maker=maker)


def _read_heatmap(data: bytes, frame: SlideFrame) -> Heatmap:
    found = read_parametric_map(data, frame=frame)
    at = found.placed
    return Heatmap(found.pixels, at.x, at.y, at.scale, found.unit, found.range)


def _write_geometry(value: Geometry, _: str, frame: SlideFrame, maker: Maker) -> bytes:
    return write_annotations(group_shapes(value), frame=frame, maker=maker)


def _write_facet(value: Facet, name: str, frame: SlideFrame, maker: Maker) -> bytes:
    stated = Stated(name, value.value, value.unit)
    return write_report([stated], title=name, frame=frame, maker=maker)


def _read_facet(data: bytes, _: SlideFrame) -> Facet:
    found = read_report(data)
    if len(found) != 1:
        raise InputError(f"{len(found)} values are stated where a facet is one.")
    return Facet(found[0].value, found[0].unit)


def _write_measurements(value: Measurements, name: str, frame: SlideFrame, maker: Maker) -> bytes:
    stated = [Stated(one.name, one.value, one.unit) for one in value.values]
    return write_report(stated, title=name, frame=frame, maker=maker)


def _read_measurements(data: bytes, _: SlideFrame) -> Measurements:
    return Measurements(tuple(_measurement(stated) for stated in read_report(data)))


def _measurement(stated: Stated) -> Measurement:
    if isinstance(stated.value, str):
        raise InputError("a measurement is a number.", place=stated.name)
    return Measurement(stated.name, stated.value, stated.unit)


def _write_features(value: Features, _: str, frame: SlideFrame, maker: Maker) -> bytes:
    return write_features(value, frame=frame, maker=maker)


_WRITERS: Mapping[type, tuple[Callable[[Any, str, SlideFrame, Maker], bytes], str, str]] = {
    Mask: (_write_mask, DICOM, ".dcm"),
    Heatmap: (_write_heatmap, DICOM, ".dcm"),
    Geometry: (_write_geometry, DICOM, ".dcm"),
    Facet: (_write_facet, DICOM, ".dcm"),
    Measurements: (_write_measurements, DICOM, ".dcm"),
    Features: (_write_features, PARQUET, ".parquet"),
}
_READERS: Mapping[OutputKind, Callable[[bytes, SlideFrame], Value]] = {
    OutputKind.MASK: _read_mask,
    OutputKind.HEATMAP: _read_heatmap,
    OutputKind.GEOMETRY: lambda data, _: as_geometry(read_annotations(data)),
    OutputKind.FACET: _read_facet,
    OutputKind.MEASUREMENTS: _read_measurements,
    OutputKind.FEATURES: lambda data, _: read_features(data),
}
