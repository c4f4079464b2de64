"""The header of a de-identified whole-slide instance, built from nothing but what it is given."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from bigpicture.dicom.code import (
    BASIC_PROFILE,
    CLEAN_DESCRIPTORS,
    EMBEDDING_MEDIUM,
    FIXATIVE,
    MICROSCOPE_SLIDE,
    MODIFIED_DATES,
    PREPARATION,
    PROCESSING_TYPE,
    SPECIMEN_IDENTIFIER,
    STAINING,
    USING_SUBSTANCE,
    code_sequence,
    coded_content,
    text_content,
)
from bigpicture.dicom.optical_path import Optics, write_optical_paths
from bigpicture.dicom.read import WHOLE_SLIDE
from bigpicture.dicom.slide import RGB_STACK, Scanner, Stack
from bigpicture.dicom.subject import DUMMY_TIME, Subject
from bigpicture.model.code import Code
from bigpicture.model.image import Flavour, Level

# Made once from a random UUID (PS3.5 B.2): names this writer, not a person or a place.
IMPLEMENTATION = "2.25.172094117346208917263051789220416153287"
IMPLEMENTATION_NAME = "BIGPICTURE_1"
UNTOLD = "not told"
HUMAN = "337915000"
"""SNOMED CT, Homo sapiens."""
SECTION_MICROMETRES = 4.0
"""Thickness of a section where nothing is known of it; Pixel Measures asks for one."""
UNTOLD_SPACING = 1.0
"""Micrometres between focal planes where the source does not tell; a remark says so."""
GLASS_WIDTH, GLASS_HEIGHT = 76.0, 26.0
"""Millimetres (ISO 8037-1)."""
SHORT, _LONG = 16, 64
"""Characters of a short and a long string (PS3.5 6.2); longer pseudonyms are cut."""
MOMENT = "%Y%m%d%H%M%S"
"""How a date with its time is written."""


@dataclass(frozen=True, slots=True)
class Storage:
    """How the frames of one instance are stored.

    `losses` are the lossy compressions the pixels went through, in order, as (method, ratio);
    the writer fills in a ratio of 0 when it knows how many bytes came out.
    """

    transfer_syntax: str
    photometric: str
    losses: tuple[tuple[str, float], ...]
    is_resampled: bool
    stack: Stack = RGB_STACK
    flavour: Flavour = Flavour.VOLUME


def build_header(
    *,
    subject: Subject,
    scanner: Scanner,
    level: Level,
    base: Level,
    storage: Storage,
    optics: Optics,
) -> Dataset:
    """A VL Whole Slide Microscopy header (PS3.3 A.32.8) without pixel data.

    `level.mpp_x` is micrometres per pixel of this level; `base` is the finest one: every level of
    a slide shares its extent, frame of reference, pyramid and study.
    """
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    _patient(dataset, subject)
    _study(dataset, subject)
    _equipment(dataset, scanner)
    _acquisition(dataset, subject, level)
    _pixels(dataset, level, storage)
    _whole_slide(dataset, level, base, storage, optics)
    _functional_groups(dataset, level, storage, optics)
    write_optical_paths(dataset, scanner, storage.stack, optics)
    _specimen(dataset, subject)
    dataset.SOPClassUID = UID(WHOLE_SLIDE)
    dataset.SOPInstanceUID = UID(subject.instance_uid(level.index))
    dataset.file_meta = _file_meta(dataset, storage)
    return dataset


def _file_meta(dataset: Dataset, storage: Storage) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = UID(storage.transfer_syntax)
    meta.ImplementationClassUID = UID(IMPLEMENTATION)
    meta.ImplementationVersionName = IMPLEMENTATION_NAME
    return meta


def _patient(dataset: Dataset, subject: Subject) -> None:
    dataset.PatientName = subject.patient[:_LONG]
    dataset.PatientID = subject.patient[:_LONG]
    dataset.PatientBirthDate = ""
    dataset.PatientSex = subject.sex if subject.sex in {"M", "F", "O"} else ""
    if subject.species is not None and subject.species.code != HUMAN:
        # PS3.3 C.7.1.1: animals need these even when nothing is told.
        dataset.PatientSpeciesCodeSequence = code_sequence(subject.species)
        dataset.PatientSexNeutered = ""
        strain = subject.strain
        dataset.PatientBreedDescription = (strain.meaning or strain.code)[:_LONG] if strain else ""
        is_coded = strain is not None and bool(strain.code and strain.scheme)
        dataset.PatientBreedCodeSequence = (
            code_sequence(strain) if strain and is_coded else Sequence()
        )
        dataset.BreedRegistrationSequence = Sequence()
        dataset.ResponsiblePerson = ""
        dataset.ResponsibleOrganization = ""
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "Bigpicture allow-list: rewritten from nothing"
    is_dummy = subject.acquired == DUMMY_TIME
    methods = [BASIC_PROFILE, CLEAN_DESCRIPTORS, *([] if is_dummy else [MODIFIED_DATES])]
    dataset.DeidentificationMethodCodeSequence = code_sequence(*methods)
    dataset.LongitudinalTemporalInformationModified = "REMOVED" if is_dummy else "MODIFIED"


def _study(dataset: Dataset, subject: Subject) -> None:
    dataset.StudyInstanceUID = UID(subject.study_uid)
    dataset.StudyDate = ""
    dataset.StudyTime = ""
    dataset.ReferringPhysicianName = ""
    dataset.StudyID = ""
    # SH holds 16 characters: of a longer pseudonym the first 16, which is 80 bits.
    dataset.AccessionNumber = subject.case[:SHORT]
    dataset.SeriesInstanceUID = UID(subject.series_uid)
    dataset.SeriesNumber = 1
    dataset.Modality = "SM"
    dataset.FrameOfReferenceUID = UID(subject.frame_uid)
    dataset.PositionReferenceIndicator = "SLIDE_CORNER"


def _equipment(dataset: Dataset, scanner: Scanner) -> None:
    """Enhanced General Equipment: each is type 1, so what is not told says so."""
    dataset.Manufacturer = scanner.manufacturer[:_LONG] or UNTOLD
    dataset.ManufacturerModelName = scanner.model[:_LONG] or UNTOLD
    dataset.DeviceSerialNumber = scanner.serial[:_LONG] or UNTOLD
    dataset.SoftwareVersions = scanner.software.replace("\\", "/")[:_LONG] or UNTOLD


def _acquisition(dataset: Dataset, subject: Subject, level: Level) -> None:
    moment = subject.acquired
    dataset.AcquisitionDateTime = moment.strftime(MOMENT)
    dataset.ContentDate = moment.strftime("%Y%m%d")
    dataset.ContentTime = moment.strftime("%H%M%S")
    dataset.InstanceNumber = level.index + 1
    dataset.AcquisitionContextSequence = Sequence()
    dataset.PyramidUID = UID(subject.pyramid_uid)
    organisation = Dataset()
    organisation.DimensionOrganizationUID = UID(subject.dimension_uid)
    dataset.DimensionOrganizationSequence = Sequence([organisation])
    dataset.DimensionOrganizationType = "TILED_FULL"


def _pixels(dataset: Dataset, level: Level, storage: Storage) -> None:
    stack = storage.stack
    dataset.SamplesPerPixel = stack.samples
    dataset.PhotometricInterpretation = storage.photometric
    if stack.samples > 1:
        dataset.PlanarConfiguration = 0
    else:
        # PS3.3 C.8.12.4.1.5: intensities are shown as they are.
        dataset.PresentationLUTShape = "IDENTITY"
        dataset.RescaleIntercept, dataset.RescaleSlope = "0", "1"
    dataset.NumberOfFrames = level.frame_count
    dataset.Columns, dataset.Rows = level.tile_columns, level.tile_rows
    used = stack.used or stack.bits
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = stack.bits, used, used - 1
    dataset.PixelRepresentation = 0
    dataset.LossyImageCompression = "01" if storage.losses else "00"
    if storage.losses:
        dataset.LossyImageCompressionMethod = [method for method, _ in storage.losses]
        dataset.LossyImageCompressionRatio = [decimal(ratio) for _, ratio in storage.losses]


def decimal(value: float) -> str:
    """A decimal string of always ten characters, so that one can be written over another."""
    return f"{min(value, 9999999.99):010.2f}"


def _image_type(storage: Storage) -> list[str]:
    if storage.is_resampled:
        return ["DERIVED", "PRIMARY", storage.flavour, "RESAMPLED"]
    return ["ORIGINAL", "PRIMARY", storage.flavour, "NONE"]


def _whole_slide(
    dataset: Dataset, level: Level, base: Level, storage: Storage, optics: Optics
) -> None:
    """PS3.3 C.8.12.4. Rows run along the slide's y axis, away from it, as with the label left.

    Where the tissue lies on the glass is not always known: then the matrix is laid with its last
    pixel on the slide's corner.
    """
    width, height = base.columns * base.mpp_x / 1000, base.rows * base.mpp_y / 1000
    dataset.ImageType = _image_type(storage)
    dataset.VolumetricProperties = "VOLUME"
    dataset.ImagedVolumeWidth = width
    dataset.ImagedVolumeHeight = height
    dataset.ImagedVolumeDepth = SECTION_MICROMETRES + (level.focal_planes - 1) * _spacing(optics)
    dataset.TotalPixelMatrixColumns, dataset.TotalPixelMatrixRows = level.columns, level.rows
    dataset.TotalPixelMatrixFocalPlanes = level.focal_planes
    x, y = height, width
    if optics.placement is not None:
        x, y = GLASS_HEIGHT - optics.placement[1], GLASS_WIDTH - optics.placement[0]
    origin = Dataset()
    origin.XOffsetInSlideCoordinateSystem = f"{x:.6f}"
    origin.YOffsetInSlideCoordinateSystem = f"{y:.6f}"
    dataset.TotalPixelMatrixOriginSequence = Sequence([origin])
    dataset.ImageOrientationSlide = [0, -1, 0, -1, 0, 0]
    dataset.SpecimenLabelInImage = "NO"
    dataset.BurnedInAnnotation = "NO"
    dataset.FocusMethod = "AUTO"
    dataset.ExtendedDepthOfField = "NO"


def _spacing(optics: Optics) -> float:
    return optics.plane_spacing or UNTOLD_SPACING


def _spaced(mpp: float) -> str:
    """Micrometres as millimetres, in a decimal string."""
    return f"{mpp / 1000:.10g}"


def spacing_mpp(mpp: float) -> float:
    """Micrometres per pixel, as whoever reads the header has them."""
    return float(_spaced(mpp)) * 1000


def _functional_groups(dataset: Dataset, level: Level, storage: Storage, optics: Optics) -> None:
    """PS3.3 C.8.12.6; of several optical paths, the order of frames tells which is whose."""
    measures = Dataset()
    measures.PixelSpacing = [_spaced(level.mpp_y), _spaced(level.mpp_x)]
    measures.SliceThickness = f"{SECTION_MICROMETRES / 1000:.10g}"
    if level.focal_planes > 1:
        measures.SpacingBetweenSlices = f"{_spacing(optics) / 1000:.10g}"
    kind = Dataset()
    kind.FrameType = _image_type(storage)
    shared = Dataset()
    shared.PixelMeasuresSequence = Sequence([measures])
    shared.WholeSlideMicroscopyImageFrameTypeSequence = Sequence([kind])
    if level.optical_paths == 1:
        path = Dataset()
        path.OpticalPathIdentifier = "0"
        shared.OpticalPathIdentificationSequence = Sequence([path])
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])


def _specimen(dataset: Dataset, subject: Subject) -> None:
    dataset.ContainerIdentifier = subject.container[:_LONG]
    dataset.IssuerOfTheContainerIdentifierSequence = Sequence()
    dataset.ContainerTypeCodeSequence = code_sequence(MICROSCOPE_SLIDE)
    specimen = Dataset()
    specimen.SpecimenIdentifier = subject.specimen[:_LONG]
    specimen.IssuerOfTheSpecimenIdentifierSequence = Sequence()
    specimen.SpecimenUID = UID(subject.specimen_uid)
    steps: list[Dataset] = []
    if subject.fixation or subject.embedding:
        steps.append(_step(subject, PREPARATION, _preparation(subject)))
    if subject.stains:
        uses = [(USING_SUBSTANCE, stain) for stain in subject.stains]
        steps.append(_step(subject, STAINING, uses))
    specimen.SpecimenPreparationSequence = Sequence(steps)
    if subject.site is not None:
        specimen.PrimaryAnatomicStructureSequence = code_sequence(subject.site)
    dataset.SpecimenDescriptionSequence = Sequence([specimen])


def _preparation(subject: Subject) -> list[tuple[Code, Code]]:
    pairs = ((FIXATIVE, subject.fixation), (EMBEDDING_MEDIUM, subject.embedding))
    return [(name, value) for name, value in pairs if value is not None]


def _step(subject: Subject, kind: Code, uses: list[tuple[Code, Code]]) -> Dataset:
    """One step of specimen preparation (PS3.16 TID 8001); a block's step names the block."""
    named = subject.block if kind is PREPARATION and subject.block else subject.specimen
    step = Dataset()
    step.SpecimenPreparationStepContentItemSequence = Sequence(
        [
            text_content(SPECIMEN_IDENTIFIER, named),
            coded_content(PROCESSING_TYPE, kind),
            *(coded_content(name, value) for name, value in uses),
        ]
    )
    return step
