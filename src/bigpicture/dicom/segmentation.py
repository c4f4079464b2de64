"""DICOM Segmentation: a mask of classes over a slide, written and read back.

BINARY, one frame of bits for each class and tile that holds any of it: the viewers of whole slides
read that (dicom-microscopy-viewer and what is built on it knows BINARY and FRACTIONAL alone), and
LABELMAP (supplement 243) only few as yet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from bigpicture.dicom.code import code_sequence
from bigpicture.dicom.derived import (
    add_content,
    add_references,
    add_specimen,
    algorithm_item,
    begin_derived,
    from_bytes,
    name_uids,
    named_code,
    to_bytes,
)
from bigpicture.dicom.derived_matrix import (
    TILE,
    Placed,
    Tile,
    add_dimensions,
    add_matrix,
    assemble,
    cut,
    derivation,
    frame_item,
    measures,
    read_placed,
)
from bigpicture.model.code import Code
from bigpicture.model.errors import InputError
from bigpicture.model.slide_frame import Maker, SlideFrame

SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
_CATEGORY = Code("91723000", "SCT", "Anatomical Structure")
_SEGMENT_NUMBER, _SEGMENT_GROUP = Tag(0x0062000B), Tag(0x0062000A)


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """A mask: `pixels` uint8 (rows, columns) of class numbers, 0 none; `classes` name 1 to n."""

    pixels: NDArray[np.uint8]
    placed: Placed
    classes: tuple[str, ...]


def write_segmentation(segments: Segments, *, frame: SlideFrame, maker: Maker) -> bytes:
    """The file (PS3.3 A.51); classes without a pixel keep their segment. Raises `InputError`."""
    pixels, placed = segments.pixels, segments.placed
    if pixels.size == 0 or (pixels.max() > len(segments.classes)):
        raise InputError("the mask is empty, or has a class that it does not name.")
    content = repr((segments.classes, placed, pixels.shape)).encode() + pixels.tobytes()
    uid = name_uids(frame, maker, content)
    dataset = begin_derived(
        sop_class=SEGMENTATION, modality="SEG", frame=frame, maker=maker, uid=uid
    )
    tiles = _tiles(pixels, len(segments.classes))
    add_specimen(dataset, frame)
    add_content(dataset, label="SEGMENTATION", maker=maker)
    add_references(dataset, frame)
    add_matrix(dataset, frame=frame, placed=placed, shape=pixels.shape, uid=uid)
    add_dimensions(dataset, uid, (_SEGMENT_NUMBER, _SEGMENT_GROUP))
    _image(dataset, len(tiles))
    dataset.SegmentSequence = Sequence(
        [_segment(number, name, maker) for number, name in enumerate(segments.classes, 1)]
    )
    shared = Dataset()
    shared.PixelMeasuresSequence = Sequence([measures(frame, placed.scale)])
    shared.DerivationImageSequence = Sequence([derivation(frame)])
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    dataset.PerFrameFunctionalGroupsSequence = Sequence(
        [_frame(tile, frame, placed) for tile in tiles]
    )
    bits = np.concatenate([tile.pixels.ravel() for tile in tiles])
    dataset.PixelData = np.packbits(bits, bitorder="little").tobytes()
    dataset["PixelData"].VR = "OB"
    return to_bytes(dataset)


def _tiles(pixels: NDArray[np.uint8], classes: int) -> list[Tile]:
    """Segment by segment the tiles that hold any of it; at least one, empty where all is."""
    cuts = cut(pixels, padding=0)
    held = [frozenset(np.flatnonzero(np.bincount(tile.pixels.ravel()))) for tile in cuts]
    found = [
        Tile(tile.column, tile.row, tile.pixels == number, number)
        for number in range(1, classes + 1)
        for tile, numbers in zip(cuts, held, strict=True)
        if number in numbers
    ]
    return found or [Tile(0, 0, np.zeros((TILE, TILE), bool), 1)]


def _image(dataset: Dataset, frames: int) -> None:
    """PS3.3 C.8.20.2."""
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.PatientOrientation = ""
    dataset.SegmentationType = "BINARY"
    dataset.SegmentsOverlap = "NO"
    dataset.NumberOfFrames = frames
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 1
    dataset.HighBit = dataset.PixelRepresentation = 0
    dataset.LossyImageCompression = "00"
    dataset.BurnedInAnnotation = "NO"


def _segment(number: int, name: str, maker: Maker) -> Dataset:
    item = Dataset()
    item.SegmentNumber = number
    item.SegmentLabel = name[:64]
    item.SegmentDescription = name
    item.SegmentAlgorithmType = "AUTOMATIC"
    item.SegmentAlgorithmName = maker.name[:64]
    item.SegmentationAlgorithmIdentificationSequence = Sequence([algorithm_item(maker)])
    item.SegmentedPropertyCategoryCodeSequence = code_sequence(_CATEGORY)
    item.SegmentedPropertyTypeCodeSequence = code_sequence(named_code(name))
    return item


def _frame(tile: Tile, frame: SlideFrame, placed: Placed) -> Dataset:
    item = frame_item(tile, frame=frame, placed=placed)
    segment = Dataset()
    segment.ReferencedSegmentNumber = tile.segment
    item.SegmentIdentificationSequence = Sequence([segment])
    return item


def read_segmentation(data: bytes, *, frame: SlideFrame) -> Segments:
    """Read a BINARY segmentation of a slide; where segments overlap, the later one wins.

    `frame` is the slide's, in whose level-0 pixels the answer is. Raises `InputError`.
    """
    dataset = from_bytes(data, SEGMENTATION, "segmentation")
    if str(dataset.SegmentationType) != "BINARY":
        raise InputError("only a segmentation of bits is read.", rule="Segmentation Type BINARY")
    shape = (int(dataset.TotalPixelMatrixRows), int(dataset.TotalPixelMatrixColumns))
    side = (int(dataset.Rows), int(dataset.Columns))
    groups = dataset.PerFrameFunctionalGroupsSequence
    bits = np.unpackbits(np.frombuffer(dataset.PixelData, np.uint8), bitorder="little")
    frames = bits[: len(groups) * side[0] * side[1]].reshape(-1, *side)
    numbers = [int(one.SegmentIdentificationSequence[0].ReferencedSegmentNumber) for one in groups]
    pixels = np.zeros(shape, np.uint8)
    counted = (each * np.uint8(number) for each, number in zip(frames, numbers, strict=True))
    assemble(dataset, counted, pixels, nothing=0)
    classes = tuple(
        str(one.get("SegmentDescription", one.SegmentLabel)) for one in dataset.SegmentSequence
    )
    return Segments(pixels, read_placed(dataset, frame), classes)
