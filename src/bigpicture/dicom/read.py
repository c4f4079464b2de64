"""Reads what one DICOM whole-slide instance says about itself, without its pixels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from typing import NoReturn

import pydicom
from pydicom.dataset import Dataset

from bigpicture.dicom.elements import (
    EXTENDED_LENGTHS,
    EXTENDED_OFFSETS,
    PIXEL_DATA,
    Element,
    Layout,
    header_bytes,
    read_layout,
)
from bigpicture.dicom.syntax import FrameForm
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour, Level
from bigpicture.model.source import ByteSource

WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
MAXIMUM_SIDE = 2_000_000
"""Pixels; the largest scanners make 250 000."""
MAXIMUM_TILE_SIDE = 16_384
MAXIMUM_PLANES, MAXIMUM_PATHS = 1_000, 1_000
"""Focal planes and optical paths of one slide; the largest cyclic stainings have a hundred."""
MAXIMUM_FRAMES = 2**31


@dataclass(frozen=True)
class Instance:
    """One instance: a level of the pyramid, or a label, overview or thumbnail.

    `header` holds every element but the pixel data and the extended offset tables. `level.index`
    is 0 until `order_levels` has seen the whole pyramid; `level.mpp_x` is 0 where the instance
    states no spacing. `frame_count` is what the instance declares, or what its matrix needs.
    `bits` are allocated for a sample, `stored_bits` of them are used.
    """

    header: Dataset
    level: Level
    flavour: Flavour
    transfer_syntax: str
    photometric: str
    samples: int
    bits: int
    stored_bits: int
    frame_count: int
    layout: Layout
    place: str

    @property
    def is_encapsulated(self) -> bool:
        return self.pixel_element.length < 0

    @property
    def pixel_element(self) -> Element:
        found = self.layout.find(PIXEL_DATA)
        if found is None:
            raise SlideError(
                "the instance has no pixel data.",
                place=self.place,
                remedy="It is damaged: copy it again from its origin, or export it again.",
            )
        return found

    @property
    def offset_elements(self) -> tuple[Element, Element] | None:
        offsets = self.layout.find(EXTENDED_OFFSETS)
        lengths = self.layout.find(EXTENDED_LENGTHS)
        return (offsets, lengths) if offsets and lengths else None

    @property
    def is_tiled_full(self) -> bool:
        """Whether frames follow each other in the order of TILED_FULL.

        Where the header does not say it, they do unless each says its own place.
        """
        return _is_tiled_full(self.header)

    @property
    def form(self) -> FrameForm:
        return FrameForm(
            self.transfer_syntax,
            self.photometric,
            self.level.tile_columns,
            self.level.tile_rows,
            self.samples,
            self.bits,
            self.stored_bits,
            str(self.header.get("PlanarConfiguration", "")) == "1",
        )


def read_instance(
    source: ByteSource, *, place: str = "instance", otherwise: Flavour | None = None
) -> Instance:
    """Read the header of an instance with bounded reads; no declared length is trusted.

    `otherwise` is what it counts as where its Image Type names no flavour that we know. Raises
    `SlideError` naming `place` where it is no whole-slide instance or is damaged.
    """
    layout = read_layout(source, place=place)
    header = _parse(header_bytes(source, layout, place=place), place)
    if str(header.get("SOPClassUID", "")) != WHOLE_SLIDE:
        raise SlideError(
            "this DICOM file is not a whole-slide image.",
            place=f"{place} (0008,0016)",
            rule=f"SOP Class {WHOLE_SLIDE} (VL Whole Slide Microscopy)",
            remedy="Hand over the slide's instances only.",
        )
    level = _level(header, place)
    bits = _number(header, "BitsAllocated", place, 64, 8)
    return Instance(
        header=header,
        level=level,
        flavour=find_flavour(header) or otherwise or _refuse_flavour(place),
        transfer_syntax=layout.transfer_syntax,
        photometric=str(header.get("PhotometricInterpretation", "")),
        samples=_number(header, "SamplesPerPixel", place, 4, 1),
        bits=bits,
        stored_bits=_number(header, "BitsStored", place, bits, bits),
        frame_count=_number(header, "NumberOfFrames", place, MAXIMUM_FRAMES, level.frame_count),
        layout=layout,
        place=place,
    )


def _level(header: Dataset, place: str) -> Level:
    columns = _number(header, "Columns", place, MAXIMUM_TILE_SIDE * 4)
    rows = _number(header, "Rows", place, MAXIMUM_TILE_SIDE * 4)
    frames = _number(header, "NumberOfFrames", place, MAXIMUM_FRAMES, 0)
    # One frame is its own matrix; of several, nothing tells how they lie.
    alone = frames < 2
    total_columns = _number(
        header, "TotalPixelMatrixColumns", place, MAXIMUM_SIDE, columns if alone else None
    )
    total_rows = _number(
        header, "TotalPixelMatrixRows", place, MAXIMUM_SIDE, rows if alone else None
    )
    mpp_x, mpp_y = _spacing(header, total_columns, total_rows)
    flat = Level(0, total_columns, total_rows, columns, rows, mpp_x, mpp_y)
    planes, paths = _depth(header, place, frames, flat.tile_count)
    if flat.tile_count * planes * paths > MAXIMUM_FRAMES:
        raise SlideError(
            f"{flat.tile_count} tiles, {planes} focal planes and {paths} optical paths are too "
            "many.",
            place=place,
            remedy="It is damaged: export it again.",
        )
    return replace(flat, focal_planes=planes, optical_paths=paths)


def _depth(header: Dataset, place: str, frames: int, tiles: int) -> tuple[int, int]:
    """Focal planes and optical paths.

    Some writers count the optical paths of the slide in every instance; where the frames are
    those of a single one, it holds one.
    """
    planes = _number(header, "TotalPixelMatrixFocalPlanes", place, MAXIMUM_PLANES, 1)
    paths = _number(header, "NumberOfOpticalPaths", place, MAXIMUM_PATHS, 0)
    if not paths:
        described = len(header.get("OpticalPathSequence", None) or ())
        paths = described if described and frames == tiles * planes * described else 1
    if "ConcatenationUID" not in header and frames == tiles * planes and _is_tiled_full(header):
        paths = 1
    return planes, paths


def _is_tiled_full(header: Dataset) -> bool:
    kind = str(header.get("DimensionOrganizationType", None) or "")
    if kind:
        return kind == "TILED_FULL"
    groups = header.get("PerFrameFunctionalGroupsSequence", None)
    return not groups or "PlanePositionSlideSequence" not in groups[0]


def order_levels(instances: Iterable[Instance]) -> list[Instance]:
    """The volume instances of one slide, finest first, their `level.index` set.

    Raises `SlideError` where two of them have the same size (several focal planes, optical paths
    or concatenation parts), because one of them would silently vanish.
    """
    volume = [item for item in instances if item.flavour is Flavour.VOLUME]
    volume.sort(key=lambda item: (item.level.columns, item.level.rows), reverse=True)
    for finer, coarser in pairwise(volume):
        if (finer.level.columns, finer.level.rows) == (coarser.level.columns, coarser.level.rows):
            raise SlideError(
                "two instances have the same total pixel matrix.",
                place=f"{finer.place}, {coarser.place}",
                rule="one instance a level",
                remedy="Hand over one focal plane and one optical path of one slide.",
            )
    return [
        replace(item, level=replace(item.level, index=index)) for index, item in enumerate(volume)
    ]


def _parse(data: bytes, place: str) -> Dataset:
    try:
        header = pydicom.dcmread(BytesIO(data), stop_before_pixels=True)
        header.file_meta.walk(_touch)
        header.walk(_touch)
    except Exception as error:  # pydicom raises a dozen kinds on damaged input
        raise damaged_header(error, place) from error
    return header


def damaged_header(error: Exception, place: str) -> SlideError:
    """What pydicom could not read; its own words may repeat a value, and are left out."""
    return SlideError(
        f"the header cannot be read ({type(error).__name__}).",
        place=place,
        remedy="It is damaged: export it again.",
    )


def _touch(dataset: Dataset, element: object) -> None:
    """Make pydicom convert each value now, so that a bad one is met here, not later."""


def _number(
    header: Dataset, keyword: str, place: str, maximum: int, absent: int | None = None
) -> int:
    value = header.get(keyword, None)
    if value in (None, "") and absent is not None:
        return absent
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if not 1 <= number <= maximum:
        raise SlideError(
            f"{keyword} is missing or not between 1 and {maximum}.",
            place=place,
            remedy="It is damaged, or larger than any slide: export it again.",
        )
    return number


def _spacing(header: Dataset, columns: int, rows: int) -> tuple[float, float]:
    """Micrometres per pixel (x, y); Pixel Spacing is millimetres, row spacing (y) first."""
    try:
        shared = header.SharedFunctionalGroupsSequence[0]
        spacing = shared.PixelMeasuresSequence[0].PixelSpacing
        return float(spacing[1]) * 1000, float(spacing[0]) * 1000
    except (AttributeError, IndexError, TypeError, ValueError):
        pass
    try:
        spacing = header.PixelSpacing
        return float(spacing[1]) * 1000, float(spacing[0]) * 1000
    except (AttributeError, IndexError, TypeError, ValueError):
        pass
    try:
        width, height = header.ImagedVolumeWidth, header.ImagedVolumeHeight
        return float(width) * 1000 / columns, float(height) * 1000 / rows
    except (AttributeError, TypeError, ValueError):
        return 0.0, 0.0


def find_flavour(header: Dataset) -> Flavour | None:
    """What value 3 of Image Type says; None where it is no flavour that we know."""
    kinds = [str(part) for part in header.get("ImageType", None) or []]
    for part in kinds[2:3]:
        if part in set(Flavour):
            return Flavour(part)
    return Flavour.OVERVIEW if kinds[2:3] == ["LOCALIZER"] else None


def _refuse_flavour(place: str) -> NoReturn:
    raise SlideError(
        "Image Type names no flavour of a slide.",
        place=f"{place} (0008,0008)",
        rule="PS3.3 C.8.12.4.1.1: VOLUME, LABEL, OVERVIEW or THUMBNAIL",
        remedy="Leave this instance out, or export the slide again.",
    )
