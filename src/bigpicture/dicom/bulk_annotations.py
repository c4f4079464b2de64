"""DICOM Microscopy Bulk Simple Annotations: a million shapes on a slide, as flat arrays."""

from __future__ import annotations

from collections.abc import Sequence as Several
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from bigpicture.dicom.code import code_sequence
from bigpicture.dicom.derived import (
    NO_UNIT,
    add_content,
    add_references,
    add_specimen,
    algorithm_item,
    begin_derived,
    from_bytes,
    name_uids,
    named_code,
    referenced,
    to_bytes,
)
from bigpicture.model.code import Code
from bigpicture.model.errors import InputError
from bigpicture.model.slide_frame import Maker, SlideFrame

BULK_ANNOTATIONS = "1.2.840.10008.5.1.4.1.1.91.1"
POINT, RECTANGLE, POLYGON = "POINT", "RECTANGLE", "POLYGON"
"""PS3.3 C.37.1.2: one coordinate, four corners, three or more and not closed."""
_POINTS = {POINT: 1, RECTANGLE: 4}
_CATEGORY = Code("91723000", "SCT", "Anatomical Structure")
_SCORE = named_code("score")
UNLABELLED = "unlabelled"


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Shapes of one graphic type and one label.

    `coordinates` are float64 (points of all shapes, 2) in pixels of the slide's total pixel
    matrix, which are its level-0 pixels: (0, 0) is the upper left corner of the upper left pixel
    (PS3.3 C.37.1.2). `starts` (int64) says at which of them each shape begins. `scores` is a
    number each, NaN where it has none, or None where none has.
    """

    graphic: str
    label: str
    coordinates: NDArray[np.float64]
    starts: NDArray[np.int64]
    scores: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.starts)


def write_annotations(groups: Several[Group], *, frame: SlideFrame, maker: Maker) -> bytes:
    """The file (PS3.3 A.87). Coordinates keep all their bits, scores 32."""
    uid = name_uids(frame, maker, b"".join(_content(group) for group in groups))
    dataset = begin_derived(
        sop_class=BULK_ANNOTATIONS, modality="ANN", frame=frame, maker=maker, uid=uid
    )
    add_specimen(dataset, frame)
    add_content(dataset, label="ANNOTATIONS", maker=maker)
    add_references(dataset, frame)
    dataset.AnnotationCoordinateType = "2D"
    dataset.PixelOriginInterpretation = "VOLUME"
    dataset.ReferencedImageSequence = Sequence([referenced(frame)])
    dataset.AnnotationGroupSequence = Sequence(
        [_item(number, group, maker, uid(f"group {number}")) for number, group in _numbered(groups)]
    )
    return to_bytes(dataset)


def _content(group: Group) -> bytes:
    scores = b"" if group.scores is None else group.scores.tobytes()
    told = f"{group.graphic}\0{group.label}\0".encode()
    return told + group.coordinates.tobytes() + group.starts.tobytes() + scores


def _numbered(groups: Several[Group]) -> enumerate[Group]:
    """The standard asks for a group, so that nothing found is a group of nothing."""
    nothing = Group(POINT, "", np.empty((0, 2)), np.empty(0, np.int64))
    return enumerate(groups or (nothing,), 1)


def _item(number: int, group: Group, maker: Maker, uid: UID) -> Dataset:
    item = Dataset()
    item.AnnotationGroupNumber = number
    item.AnnotationGroupUID = uid
    item.AnnotationGroupLabel = group.label[:64] or UNLABELLED
    item.AnnotationGroupDescription = group.label
    item.AnnotationGroupGenerationType = "AUTOMATIC"
    item.AnnotationGroupAlgorithmIdentificationSequence = Sequence([algorithm_item(maker)])
    item.AnnotationPropertyCategoryCodeSequence = code_sequence(_CATEGORY)
    item.AnnotationPropertyTypeCodeSequence = code_sequence(named_code(group.label or UNLABELLED))
    item.NumberOfAnnotations = len(group)
    item.AnnotationAppliesToAllOpticalPaths = "YES"
    item.GraphicType = group.graphic
    small = group.coordinates.astype("<f4")
    if np.array_equal(small, group.coordinates):
        item.PointCoordinatesData = small.tobytes()
    else:
        item.DoublePointCoordinatesData = group.coordinates.astype("<f8").tobytes()
    if group.graphic not in _POINTS:
        # Counted from 1, in numbers, not in points (PS3.3 C.37.1.2.1).
        item.LongPrimitivePointIndexList = (group.starts * 2 + 1).astype("<i4").tobytes()
    if group.scores is not None:
        item.MeasurementsSequence = Sequence([_scores(group.scores)])
    return item


def _scores(scores: NDArray[np.float64]) -> Dataset:
    values = Dataset()
    is_known = ~np.isnan(scores)
    values.FloatingPointValues = scores[is_known].astype("<f4").tobytes()
    if not is_known.all():
        values.AnnotationIndexList = (np.flatnonzero(is_known) + 1).astype("<i4").tobytes()
    item = Dataset()
    item.ConceptNameCodeSequence = code_sequence(_SCORE)
    item.MeasurementUnitsCodeSequence = code_sequence(NO_UNIT)
    item.MeasurementValuesSequence = Sequence([values])
    return item


def read_annotations(data: bytes) -> tuple[Group, ...]:
    """Read the points, rectangles and polygons of a file; raises `InputError`.

    Coordinates must be those of the total pixel matrix (2D, VOLUME).
    """
    dataset = from_bytes(data, BULK_ANNOTATIONS, "file of bulk annotations")
    kind = dataset.get("AnnotationCoordinateType"), dataset.get("PixelOriginInterpretation")
    if kind != ("2D", "VOLUME"):
        raise InputError(
            "these annotations are not in pixels of the slide.", rule="2D coordinates, VOLUME"
        )
    read = (_read_group(item) for item in dataset.AnnotationGroupSequence)
    return tuple(group for group in read if len(group))


def _read_group(item: Dataset) -> Group:
    graphic = str(item.GraphicType)
    if graphic not in {*_POINTS, POLYGON}:
        raise InputError(f"shapes of the type {graphic} are not read.", rule="POINT, POLYGON ...")
    if "DoublePointCoordinatesData" in item:
        numbers = np.frombuffer(item.DoublePointCoordinatesData, "<f8")
    else:
        numbers = np.frombuffer(item.get("PointCoordinatesData") or b"", "<f4")
    coordinates = numbers.astype(np.float64).reshape(-1, 2)
    many = int(item.NumberOfAnnotations)
    if graphic in _POINTS:
        starts = np.arange(many, dtype=np.int64) * _POINTS[graphic]
    else:
        starts = (np.frombuffer(item.LongPrimitivePointIndexList, "<i4").astype(np.int64) - 1) // 2
    if len(starts) != many or (many and starts[-1] >= len(coordinates)):
        raise InputError(f"{many} shapes are declared and not as many are there.")
    label = item.get("AnnotationGroupDescription")
    label = item.AnnotationGroupLabel if label is None else label
    return Group(graphic, str(label), coordinates, starts, _read_scores(item, many))


def _read_scores(item: Dataset, many: int) -> NDArray[np.float64] | None:
    for measured in item.get("MeasurementsSequence") or ():
        name = measured.ConceptNameCodeSequence[0]
        if (name.get("CodeValue"), name.CodingSchemeDesignator) != (_SCORE.code, _SCORE.scheme):
            continue
        values = measured.MeasurementValuesSequence[0]
        numbers = np.frombuffer(values.FloatingPointValues, "<f4")
        scores = np.full(many, np.nan)
        if "AnnotationIndexList" in values:
            scores[np.frombuffer(values.AnnotationIndexList, "<i4") - 1] = numbers
        else:
            scores[:] = numbers
        return scores
    return None
