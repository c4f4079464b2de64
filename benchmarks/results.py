"""Results written and read beside highdicom, and a million shapes looked at.

Both write the same mask (2,560 x 2,048 pixels, three classes) and the same 200,000 polygons; what
the peer reads is what we wrote, and the values are compared. The peer's time is process time of
one thread, as ours. A look at a million points is beside a plain comparison of a million boxes.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from io import BytesIO
from statistics import median
from typing import Any

import highdicom
import numpy as np
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from benchmarks.claim import Claim
from bigpicture.dicom.bulk_annotations import (
    POINT,
    POLYGON,
    Group,
    read_annotations,
    write_annotations,
)
from bigpicture.dicom.derived_matrix import Placed
from bigpicture.dicom.segmentation import Segments, read_segmentation, write_segmentation
from bigpicture.model.slide_frame import Maker, SlideFrame
from bigpicture.viewing.shapes import View, look, shapes_of

ROUNDS = 5
POLYGONS = 200_000
POINTS = 1_000_000
SIDE = 100_000
FRAME = SlideFrame(
    study_uid="2.25.1",
    series_uid="2.25.2",
    instance_uid="2.25.3",
    frame_of_reference_uid="2.25.4",
    columns=SIDE,
    rows=SIDE,
    mpp=(0.25, 0.25),
    patient="P",
    container="C",
    specimen="S",
    specimen_uid="2.25.5",
)
MAKER = Maker(name="org.example.measured", version="1.0.0")


def claims() -> list[Claim]:
    """Seconds of process time, medians of rounds in turns."""
    warnings.simplefilter("ignore")
    return [*_mask(), *_shapes(), _look()]


def _mask() -> list[Claim]:
    pixels = np.zeros((2_048, 2_560), np.uint8)
    for number, (top, left) in enumerate(((100, 200), (700, 900), (1_300, 100)), 1):
        pixels[top : top + 600, left : left + 1_200] = number
    names = ("tissue", "fold", "pen")
    segments = Segments(pixels, Placed(0.0, 0.0, 32.0), names)
    source = _source()
    descriptions = [_description(number, name) for number, name in enumerate(names, 1)]
    measures = highdicom.PixelMeasuresSequence([0.008, 0.008], 0.004)

    def ours() -> bytes:
        return write_segmentation(segments, frame=FRAME, maker=MAKER)

    def peer() -> Any:
        return highdicom.seg.Segmentation(
            source_images=[source],
            pixel_array=pixels[None, ..., None] == np.arange(1, 4),
            segmentation_type="BINARY",
            segment_descriptions=descriptions,
            pixel_measures=measures,
            plane_orientation=highdicom.PlaneOrientationSequence("SLIDE", [0, -1, 0, -1, 0, 0]),
            plane_positions=[
                highdicom.PlanePositionSequence(
                    "SLIDE", (0.0, 0.0, 0.0), pixel_matrix_position=(1, 1)
                )
            ],
            tile_pixel_array=True,
            tile_size=(512, 512),
            **_common(),
        )

    written = ours()

    def read_ours() -> Any:
        return read_segmentation(written, frame=FRAME).pixels

    def read_peer() -> Any:
        read = highdicom.seg.segread(BytesIO(written))
        return read.get_total_pixel_matrix(combine_segments=True)

    assert np.array_equal(read_ours(), pixels)
    assert np.array_equal(read_peer(), pixels)
    return [
        _claim("mask of 3 classes, 2560 x 2048, written", *_times(ours, peer), target=1.0),
        _claim("the same, read", *_times(read_ours, read_peer), target=1.0),
    ]


def _shapes() -> list[Claim]:
    chance = np.random.default_rng(1)
    centres = chance.random((POLYGONS, 1, 2)) * SIDE
    outlines = centres + chance.random((POLYGONS, 8, 2)) * 20
    group = Group(POLYGON, "nucleus", outlines.reshape(-1, 2), np.arange(POLYGONS) * 8)
    listed = list(outlines)
    source = _source()

    def ours() -> bytes:
        return write_annotations([group], frame=FRAME, maker=MAKER)

    def peer() -> Any:
        made = highdicom.ann.AnnotationGroup(
            number=1,
            uid=highdicom.UID(),
            label="nucleus",
            annotated_property_category=codes.SCT.AnatomicalStructure,
            annotated_property_type=codes.SCT.Nucleus,
            graphic_type="POLYGON",
            graphic_data=listed,
            algorithm_type="MANUAL",
        )
        whole = highdicom.ann.MicroscopyBulkSimpleAnnotations(
            source_images=[source],
            annotation_coordinate_type="2D",
            annotation_groups=[made],
            **_common(),
        )
        buffer = BytesIO()
        whole.save_as(buffer)
        return buffer

    written = ours()

    def read_ours() -> Any:
        return read_annotations(written)[0].coordinates

    def read_peer() -> Any:
        (found,) = highdicom.ann.annread(BytesIO(written)).get_annotation_groups()
        return found.get_graphic_data("2D")

    assert np.array_equal(np.concatenate(read_peer()), read_ours())
    return [
        _claim(f"{POLYGONS:,} polygons written", *_times(ours, peer), target=1.0),
        _claim("the same, read", *_times(read_ours, read_peer), target=1.0),
    ]


def _look() -> Claim:
    """Clusters of the whole slide: the dearest of all views."""
    places = np.random.default_rng(2).random((POINTS, 2)) * SIDE
    shapes = shapes_of([Group(POINT, "nucleus", places, np.arange(POINTS))])
    view = View(0, 0, SIDE, SIDE, 4_096)
    boxes = shapes.bounds

    def compare() -> Any:
        return np.flatnonzero(
            (boxes[:, 0] <= SIDE) & (boxes[:, 1] <= SIDE) & (boxes[:, 2] >= 0) & (boxes[:, 3] >= 0)
        )

    seen = look(shapes, view)
    assert sum(seen["clusters"]["count"]) == POINTS
    return _claim(
        f"clusters of {POINTS:,} points, beside comparing their boxes",
        *_times(lambda: look(shapes, view), compare),
        target=0.05,
    )


def _times(ours: Callable[[], Any], peer: Callable[[], Any]) -> tuple[float, float]:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for act, times in ((ours, taken[0]), (peer, taken[1])):
            began = time.process_time()
            act()
            times.append(time.process_time() - began)
    return median(taken[0]), median(taken[1])


def _claim(name: str, ours: float, peer: float, *, target: float) -> Claim:
    return Claim.of(name, ours=ours, peer=peer, unit="CPU-s", target=target, more_is_better=False)


def _common() -> dict[str, Any]:
    return {
        "series_instance_uid": highdicom.UID(),
        "series_number": 1,
        "sop_instance_uid": highdicom.UID(),
        "instance_number": 1,
        "manufacturer": "Measured",
        "manufacturer_model_name": "Measured",
        "software_versions": "1",
        "device_serial_number": "1",
    }


def _description(number: int, name: str) -> Any:
    return highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=name,
        segmented_property_category=codes.SCT.AnatomicalStructure,
        segmented_property_type=codes.SCT.Tissue,
        algorithm_type="MANUAL",
    )


def _source() -> Dataset:
    """The header of a slide, as far as the peer asks for it."""
    made = Dataset()
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.77.1.6"
    made.SOPInstanceUID, made.SeriesInstanceUID = FRAME.instance_uid, FRAME.series_uid
    made.StudyInstanceUID = FRAME.study_uid
    made.FrameOfReferenceUID = FRAME.frame_of_reference_uid
    made.PatientID = made.PatientName = "P^"
    made.PatientBirthDate = made.PatientSex = made.AccessionNumber = ""
    made.StudyID = made.StudyDate = made.StudyTime = made.ReferringPhysicianName = ""
    made.Modality, made.ImageType = "SM", ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    made.Rows = made.Columns = 512
    made.TotalPixelMatrixRows = made.TotalPixelMatrixColumns = SIDE
    made.NumberOfFrames = (SIDE // 512 + 1) ** 2
    made.DimensionOrganizationType = "TILED_FULL"
    made.ImageOrientationSlide = [0, -1, 0, -1, 0, 0]
    origin = Dataset()
    origin.XOffsetInSlideCoordinateSystem = origin.YOffsetInSlideCoordinateSystem = 0.0
    made.TotalPixelMatrixOriginSequence = [origin]
    made.PositionReferenceIndicator = "SLIDE_CORNER"
    made.ContainerIdentifier = "C"
    made.IssuerOfTheContainerIdentifierSequence = []
    made.ContainerTypeCodeSequence = []
    made.SpecimenDescriptionSequence = []
    made.BurnedInAnnotation = "NO"
    shared, spacing = Dataset(), Dataset()
    spacing.PixelSpacing, spacing.SliceThickness = [0.00025, 0.00025], 0.004
    shared.PixelMeasuresSequence = [spacing]
    made.SharedFunctionalGroupsSequence = [shared]
    return made
