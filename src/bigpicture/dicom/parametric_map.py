"""DICOM Parametric Map: a number at each place of a slide, written and read back bit by bit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian

from bigpicture.dicom.code import code_sequence
from bigpicture.dicom.derived import (
    add_content,
    add_references,
    add_specimen,
    begin_derived,
    from_bytes,
    name_uids,
    named_code,
    read_code,
    read_unit,
    to_bytes,
    unit_code,
)
from bigpicture.dicom.derived_matrix import (
    Placed,
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

PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.30"
QUANTITY = Code("246205007", "SCT", "Quantity")


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """`pixels` float32 (rows, columns), NaN where nothing was evaluated.

    `range` is what can occur (what a colour bar spans), `unit` a UCUM code, empty for a pure
    number.
    """

    pixels: NDArray[np.float32]
    placed: Placed
    name: str
    unit: str
    range: tuple[float, float]


def write_parametric_map(values: Map, *, frame: SlideFrame, maker: Maker) -> bytes:
    """The file (PS3.3 A.75): 32-bit floats as they are.

    All tiles are there, those of NaN throughout too: a reader may take what is missing for zero,
    which is a value. Deflated (PS3.5 A.5) they take next to no room; pixel data of floats has no
    compression of its own.
    """
    pixels, placed = values.pixels.astype(np.float32, copy=False), values.placed
    if pixels.size == 0:
        raise InputError("the heatmap is empty.")
    told = (placed, pixels.shape, values.name, values.unit, values.range)
    uid = name_uids(frame, maker, repr(told).encode() + pixels.tobytes())
    dataset = begin_derived(
        sop_class=PARAMETRIC_MAP, modality="OT", frame=frame, maker=maker, uid=uid
    )
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    tiles = cut(pixels, padding=np.nan)
    add_specimen(dataset, frame)
    add_content(dataset, label="HEATMAP", maker=maker)
    add_references(dataset, frame)
    add_matrix(dataset, frame=frame, placed=placed, shape=pixels.shape, uid=uid)
    add_dimensions(dataset, uid)
    dataset.DimensionOrganizationType = "TILED_FULL"
    dataset.TotalPixelMatrixFocalPlanes = 1
    _image(dataset, len(tiles))
    dataset.SharedFunctionalGroupsSequence = Sequence([_shared(values, frame)])
    dataset.PerFrameFunctionalGroupsSequence = Sequence(
        [frame_item(one, frame=frame, placed=placed) for one in tiles]
    )
    dataset.FloatPixelData = b"".join(tile.pixels.astype("<f4").tobytes() for tile in tiles)
    return to_bytes(dataset)


def _image(dataset: Dataset, frames: int) -> None:
    """PS3.3 C.8.32.2 and C.7.6.24."""
    dataset.ImageType = ["DERIVED", "PRIMARY", "VOLUME", "NONE"]
    dataset.ContentQualification = "RESEARCH"
    dataset.PixelPresentation = "MONOCHROME"
    dataset.RecognizableVisualFeatures = "NO"
    dataset.AcquisitionContextSequence = Sequence()
    dataset.NumberOfFrames = frames
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = 32
    dataset.LossyImageCompression = "00"
    dataset.BurnedInAnnotation = "NO"
    dataset.PresentationLUTShape = "IDENTITY"


def _shared(values: Map, frame: SlideFrame) -> Dataset:
    shared = Dataset()
    shared.PixelMeasuresSequence = Sequence([measures(frame, values.placed.scale)])
    shared.DerivationImageSequence = Sequence([derivation(frame)])
    kind = Dataset()
    kind.FrameType = ["DERIVED", "PRIMARY", "VOLUME", "NONE"]
    shared.ParametricMapFrameTypeSequence = Sequence([kind])
    transformation = Dataset()
    transformation.RescaleIntercept, transformation.RescaleSlope = "0", "1"
    transformation.RescaleType = "US"
    shared.PixelValueTransformationSequence = Sequence([transformation])
    low, high = values.range
    window = Dataset()
    window.WindowCenter, window.WindowWidth = (low + high) / 2, max(high - low, 1e-6)
    shared.FrameVOILUTSequence = Sequence([window])
    shared.RealWorldValueMappingSequence = Sequence([_mapping(values)])
    return shared


def _mapping(values: Map) -> Dataset:
    """What a number means (PS3.3 C.7.6.16.2.11): itself, in its unit, under its name."""
    item = Dataset()
    item.LUTExplanation = values.name[:64]
    item.LUTLabel = "VALUE"
    item.DoubleFloatRealWorldValueFirstValueMapped = float(values.range[0])
    item.DoubleFloatRealWorldValueLastValueMapped = float(values.range[1])
    item.RealWorldValueIntercept, item.RealWorldValueSlope = 0.0, 1.0
    item.MeasurementUnitsCodeSequence = code_sequence(unit_code(values.unit))
    quantity = Dataset()
    quantity.ValueType = "CODE"
    quantity.ConceptNameCodeSequence = code_sequence(QUANTITY)
    quantity.ConceptCodeSequence = code_sequence(named_code(values.name))
    item.QuantityDefinitionSequence = Sequence([quantity])
    return item


def read_parametric_map(data: bytes, *, frame: SlideFrame) -> Map:
    """Read a map of 32-bit floats over a slide; what is not there is NaN."""
    dataset = from_bytes(data, PARAMETRIC_MAP, "parametric map")
    if "FloatPixelData" not in dataset:
        raise InputError("only a map of 32-bit floats is read.", rule="Float Pixel Data")
    shape = (int(dataset.TotalPixelMatrixRows), int(dataset.TotalPixelMatrixColumns))
    side = (int(dataset.Rows), int(dataset.Columns))
    frames = np.frombuffer(dataset.FloatPixelData, "<f4").reshape(-1, *side)
    pixels = np.full(shape, np.nan, np.float32)
    assemble(dataset, frames, pixels, nothing=np.nan)
    mapping = dataset.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence[0]
    quantity = mapping.QuantityDefinitionSequence[0].ConceptCodeSequence[0]
    return Map(
        pixels,
        read_placed(dataset, frame),
        read_code(quantity).code,
        read_unit(mapping.MeasurementUnitsCodeSequence[0]),
        (
            float(mapping.DoubleFloatRealWorldValueFirstValueMapped),
            float(mapping.DoubleFloatRealWorldValueLastValueMapped),
        ),
    )
