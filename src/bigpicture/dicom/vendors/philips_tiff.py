"""Philips TIFF: an exported iSyntax slide, described by XML in the words of DICOM."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from math import ceil

import numpy as np

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.jpeg import read_head
from bigpicture.dicom.markup import Markup, read_markup, read_root
from bigpicture.dicom.philips_objects import (
    IMAGE_DATA,
    IMAGE_TYPE,
    PIXEL_SPACING,
    REPRESENTATIONS,
    SCANNED_IMAGES,
    DataObject,
    fields_of,
    read_objects,
)
from bigpicture.dicom.picture import draw_jpeg
from bigpicture.dicom.scale import Mpp, credible, scale_remarks
from bigpicture.dicom.slide import Associated, OpenedSlide, Pixels, Scanner, VendorSlide
from bigpicture.dicom.tiff import Directory, TiffFile
from bigpicture.dicom.tiff_pyramid import associated_image, is_tiled, missing_remarks, size
from bigpicture.dicom.tiff_segments import Segments
from bigpicture.dicom.tiff_tiles import TiledLevel
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

DESCRIPTION = 270
PROFILE = 34675
_NEW_SUBFILE_TYPE = 254
_START = 1 << 16
_IMPORT = "DPUfsImport"

MAXIMUM_HEAD = 1 << 20
"""Letters of a picture in base 64 that are decoded, to learn its size."""
MAXIMUM_FACTOR = 1 << 20

_PICTURES = {"LABELIMAGE": Flavour.LABEL, "MACROIMAGE": Flavour.OVERVIEW}


@dataclass(frozen=True)
class CroppedLevel(TiledLevel):
    """A level without the padding that its directory counts: tiles beyond `crop` are left out."""

    crop: tuple[int, int] = (0, 0)

    @property
    def columns(self) -> int:
        return self.crop[0]

    @property
    def rows(self) -> int:
        return self.crop[1]

    @cached_property
    def tiles(self) -> Segments:
        """The tiles within the crop, out of the grid of the whole directory."""
        shape = (self.tile_columns, self.tile_rows)
        across = ceil(self._side(256) / self.tile_columns)
        down = ceil(self._side(257) / self.tile_rows)
        grid = self.segments(324, 325, across * down, shape=shape)
        kept = slice(ceil(self.rows / self.tile_rows)), slice(ceil(self.columns / shape[0]))
        return Segments(
            *(
                np.ascontiguousarray(part.reshape(down, across)[kept]).reshape(-1)
                for part in (grid.starts, grid.lengths)
            )
        )

    @cached_property
    def missing(self) -> int:
        return len(self.tiles) - int(np.count_nonzero(self.tiles.lengths))


def recognises(candidate: Candidate) -> bool:
    """A TIFF whose first description is a data object of Philips."""
    if candidate.tiff is None or candidate.source is None:
        return False
    tag = candidate.tiff.directories[0].tags.get(DESCRIPTION)
    if tag is None:
        return False
    start = candidate.source.read(tag.offset, min(tag.size, _START)).decode("utf-8", "replace")
    name, attributes = read_root(start)
    return name == "DataObject" and "ObjectType" in attributes


def open_philips_tiff(candidate: Candidate) -> VendorSlide:
    """Open a Philips TIFF; its levels are cut to their true sizes.

    Raises `SlideError` where the description does not fit the directories, or is damaged.
    """
    tiff = candidate.tiff
    assert tiff is not None
    base = tiff.directories[0]
    place = f"{base.place} ImageDescription"
    markup = read_markup(base.text(DESCRIPTION).lstrip("\ufeff \t\r\n"), place=place)
    described = read_objects(markup)
    if described is None or described.type != _IMPORT:
        raise _misfit("it describes no scanned slide", place)
    slide = _slide(described, place)
    pyramid = _pyramid(tiff)
    spacings = _spacings(slide, place)
    levels = _levels(pyramid, spacings, place)
    mpp = _mpp(slide, spacings)
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=levels,
        associated=tuple(_associated(tiff, pyramid, described, place)),
        fields=tuple(_fields(tiff, markup, described, place)),
        mpp=mpp,
        profile=("TIFF.InterColorProfile", base.raw(PROFILE)) if PROFILE in base.tags else None,
        remarks=(*missing_remarks(levels), *scale_remarks(mpp, candidate.place)),
        describe=_scanner,
    )


def _slide(described: DataObject, place: str) -> DataObject:
    """The one scanned image that is the slide."""
    found = [
        image for image in described.held(SCANNED_IMAGES) if image.texts.get(IMAGE_TYPE) == "WSI"
    ]
    if len(found) != 1:
        raise _misfit(f"it has {len(found)} whole-slide images, not one", place)
    return found[0]


def _pyramid(tiff: TiffFile) -> list[Directory]:
    """The tiled directories: the first one and its reductions, which may not grow."""
    if not is_tiled(tiff.directories[0]):
        raise _misfit("the first image is not tiled", tiff.directories[0].place)
    pyramid = [each for each in tiff.directories if is_tiled(each)]
    for finer, coarser in pairwise(pyramid):
        is_reduced = coarser.number(_NEW_SUBFILE_TYPE, 0) & 1
        if not is_reduced or size(coarser)[0] > size(finer)[0] or size(coarser)[1] > size(finer)[1]:
            raise _misfit("a tiled image is no reduction of the one before it", coarser.place)
    return pyramid


def _spacings(slide: DataObject, place: str) -> list[tuple[float, float]]:
    """Millimetres a pixel (across, down) of each level, as the description counts them."""
    found: list[tuple[float, float]] = []
    for level in slide.held(REPRESENTATIONS):
        if level.type == "PixelDataRepresentation" and PIXEL_SPACING in level.texts:
            spacing = _spacing(level.texts[PIXEL_SPACING])
            if spacing is None:
                raise _misfit("a level's pixel spacing is no pair of lengths", place)
            found.append(spacing)
    return found


def _spacing(text: str) -> tuple[float, float] | None:
    """PS3.3 10.7.1.3: the distance between rows comes first, then between columns."""
    try:
        down, across = (float(part) for part in text.split())
    except ValueError:
        return None
    return (across, down) if credible(across * 1000, down * 1000) else None


def _levels(
    pyramid: Sequence[Directory], spacings: Sequence[tuple[float, float]], place: str
) -> tuple[CroppedLevel, ...]:
    """The levels, each as large as the base divided by its factor: the rest is padding.

    Directories and description count whole tiles. Factors are whole numbers, told by the
    spacings, and sizes are rounded down, as OpenSlide has them.
    """
    if len(spacings) != len(pyramid):
        raise _misfit(f"it describes {len(spacings)} levels of {len(pyramid)}", place)
    columns, rows = size(pyramid[0])
    levels: list[CroppedLevel] = []
    for directory, (across, down) in zip(pyramid, spacings, strict=True):
        factor = round((across / spacings[0][0] + down / spacings[0][1]) / 2)
        crop = (columns // factor, rows // factor) if 1 <= factor <= MAXIMUM_FACTOR else (0, 0)
        wide, high = size(directory)
        if not (1 <= crop[0] <= wide and 1 <= crop[1] <= high):
            raise _misfit("a level is smaller than its pixel spacing tells", directory.place)
        if levels and crop[0] >= levels[-1].columns:
            raise _misfit("two levels are of one resolution", directory.place)
        level = CroppedLevel(directory, crop=crop)
        level.check()
        levels.append(level)
    return tuple(levels)


def _mpp(slide: DataObject, spacings: Sequence[tuple[float, float]]) -> Mpp | None:
    """The slide's own spacing; that of the first level is rounded in some files."""
    stated = _spacing(slide.texts.get(PIXEL_SPACING, "")) or spacings[0]
    return credible(stated[0] * 1000, stated[1] * 1000)


def _associated(
    tiff: TiffFile, pyramid: Sequence[Directory], described: DataObject, place: str
) -> Iterator[Associated]:
    """Label and macro as directories, and as pictures inside the XML."""
    levels = {directory.place for directory in pyramid}
    for directory in tiff.all:
        if directory.place not in levels and 256 in directory.tags:
            is_label = directory.text(DESCRIPTION).startswith("Label")
            yield associated_image(directory, Flavour.LABEL if is_label else Flavour.OVERVIEW)
    for image in described.held(SCANNED_IMAGES):
        if IMAGE_DATA in image.texts:
            where = f"{place} line {image.lines[IMAGE_DATA]}"
            flavour = _PICTURES.get(image.texts.get(IMAGE_TYPE, ""), Flavour.OVERVIEW)
            data = image.texts[IMAGE_DATA]
            sides = _picture_size(data, where)
            yield Associated(flavour, where, *sides, partial(_draw, data, where))


def _draw(text: str, place: str) -> Pixels:
    try:
        return draw_jpeg(base64.b64decode(text), place=place)
    except binascii.Error as error:
        raise SlideError("this picture is not in base 64.", place=place) from error


def _picture_size(text: str, place: str) -> tuple[int, int]:
    """Columns and rows of a JPEG in base 64, from its head; zeros where it cannot be read."""
    start = text[:MAXIMUM_HEAD].replace(" ", "")
    try:
        head = read_head(base64.b64decode(start[: len(start) // 4 * 4]), place=place)
    except (binascii.Error, ValueError, SlideError):
        return 0, 0
    return head.columns, head.rows


def _fields(
    tiff: TiffFile, markup: Sequence[Markup], described: DataObject, place: str
) -> Iterator[Field]:
    for directory in tiff.directories:
        for field in directory.fields():
            # What the description says is told attribute by attribute below.
            yield Field(place, field.name, "") if field.place == place else field
    yield from fields_of(markup, place=place)
    barcode = described.texts.get("PIM_DP_UFS_BARCODE", "")
    if barcode:
        yield Field(place, "Philips.PIM_DP_UFS_BARCODE", _decoded(barcode))


def _decoded(text: str) -> str:
    """A barcode in plain letters; empty where it is none in base 64."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def _misfit(what: str, place: str) -> SlideError:
    return SlideError(
        f"this Philips TIFF does not fit its description: {what}.",
        place=place,
        remedy="Export the slide again from its scanner's software.",
    )


def _scanner(kept: Mapping[str, str]) -> Scanner:
    return Scanner(
        manufacturer=kept.get("Philips.DICOM_MANUFACTURER", ""),
        model=kept.get("Philips.DICOM_MANUFACTURERS_MODEL_NAME", ""),
        serial=kept.get("Philips.DICOM_DEVICE_SERIAL_NUMBER", ""),
        software=kept.get("Philips.DICOM_SOFTWARE_VERSIONS", "")[:64],
    )


VENDOR = Vendor("philips-tiff", recognises, open_philips_tiff, (".tiff", ".tif"))
