"""3DHISTECH MIRAX: a preview (`.mrxs`) and a folder of the same name with the slide in it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.jpeg import read_head
from bigpicture.dicom.mirax_index import Blob, MiraxIndex, check_data_file, read_index
from bigpicture.dicom.mirax_level import GridLevel, ImageCache, Images, MosaicLevel
from bigpicture.dicom.mirax_photos import (
    MAXIMUM_PHOTOS,
    RECORD_BYTES,
    Parts,
    Photos,
    Placing,
    Step,
    read_positions,
)
from bigpicture.dicom.picture import MOST_PIXELS, draw_jpeg
from bigpicture.dicom.read import MAXIMUM_SIDE, MAXIMUM_TILE_SIDE
from bigpicture.dicom.scale import Mpp, credible, scale_remarks
from bigpicture.dicom.slide import (
    Associated,
    OpenedSlide,
    Pixels,
    Scanner,
    SourceLevel,
    VendorSlide,
)
from bigpicture.dicom.slidedat import NAME, Slidedat, read_slidedat
from bigpicture.dicom.tiff import is_tiff
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

ENDING = ".mrxs"
MAXIMUM_LEVELS = 32
MAXIMUM_FILES = 10_000
MAXIMUM_LAYERS = 256
MAXIMUM_CONCAT = 1 << 24
_JPEG = b"\xff\xd8\xff"
_VALUE = re.compile(r"NONHIER_(\d{1,3})_VAL_(\d{1,4})")
_KINDS = frozenset({"JPEG", "PNG", "BMP24"})
_FLAVOURS = {
    "ScanDataLayer_SlideBarcode": Flavour.LABEL,
    "ScanDataLayer_SlideThumbnail": Flavour.OVERVIEW,
    "ScanDataLayer_WholeSlide": Flavour.OVERVIEW,
    "ScanDataLayer_SlidePreview": Flavour.THUMBNAIL,
}


def recognises(candidate: Candidate) -> bool:
    """A folder with Slidedat.ini or with a preview, or the preview, alone or beside its folder."""
    if candidate.source is None:
        return (candidate.path / NAME).is_file() or bool(_previews(candidate.path))
    is_preview = candidate.path.suffix.lower() == ENDING
    is_jpeg = candidate.head.startswith(_JPEG)
    has_folder = (candidate.path.parent / candidate.path.stem / NAME).is_file()
    if is_preview:
        return is_jpeg or (has_folder and not is_tiff(candidate.head))
    return is_jpeg and has_folder


def _previews(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() == ENDING)


def belongings(path: Path) -> tuple[Path, ...]:
    """The preview and its folder, where it is there: reading tells better that it is missing."""
    home = path.with_suffix("")
    return (path, home) if path.suffix.lower() == ENDING and home.exists() else (path,)


def open_mirax(candidate: Candidate) -> VendorSlide:
    """Open a MIRAX slide; raises `SlideError` where a file is missing, damaged or hostile."""
    below, preview = _home(candidate)
    settings = read_slidedat(candidate.beside(NAME, below=below), place=f"{candidate.place} {NAME}")
    _refuse_fluorescence(settings)
    opening = _Opening(candidate, below, settings)
    levels = tuple(opening.levels())
    mpp = opening.mpp
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=levels,
        associated=(*_preview(candidate, preview), *_associated(opening)),
        fields=tuple(settings.fields()),
        mpp=mpp,
        profile=None,
        remarks=(*_remarks(settings, levels), *scale_remarks(mpp, candidate.place)),
        describe=_scanner,
    )


def _home(candidate: Candidate) -> tuple[str, Path | None]:
    """The slide's folder, below the candidate's own, and its preview where there is one."""
    if candidate.source is not None:
        name, preview = candidate.path.stem, candidate.path
    elif (candidate.path / NAME).is_file():
        return "", None
    else:
        found = _previews(candidate.path)
        if len(found) > 1:
            raise SlideError(
                f"the folder holds {len(found)} MIRAX slides.",
                place=candidate.place,
                remedy="Hand over one slide at a time: its .mrxs file.",
            )
        name, preview = found[0].stem, found[0]
    if not (candidate.folder / name / NAME).is_file():
        raise SlideError(
            "this is only the preview of a MIRAX slide: the folder of the same name is missing, "
            f"or has no {NAME}.",
            place=candidate.place,
            rule="a slide of several files is handed over with all of them",
            remedy="Copy the folder of the same name beside the .mrxs file.",
        )
    return name, preview


def _refuse_fluorescence(settings: Slidedat) -> None:
    kind = settings.find("GENERAL", "SLIDE_TYPE") or ""
    stored = {each.value for each in settings.entries if each.key == "DATA_IN_THIS_FILTER_LEVEL"}
    if "FLUORESCENCE" in kind.upper() or len(stored) > 1:
        raise SlideError(
            "this is a fluorescence MIRAX slide, whose images hold up to three channels each.",
            place=settings.place,
            rule="which colour of an image is which channel is not published, and the known "
            "readers contradict each other",
            remedy="Export it from its viewer as OME-TIFF.",
        )


@dataclass
class _Opening:
    """What the levels are made from."""

    candidate: Candidate
    below: str
    settings: Slidedat

    @cached_property
    def files(self) -> tuple[FileSource, ...]:
        count = self.settings.whole("DATAFILE", "FILE_COUNT", least=1, most=MAXIMUM_FILES)
        names = [self.settings.text("DATAFILE", f"FILE_{number}") for number in range(count)]
        files = tuple(self.candidate.beside(name, below=self.below) for name in names)
        for number, file in enumerate(files):
            place = f"{self.candidate.place} data file {number}"
            check_data_file(file, identity=self.identity, number=number, place=place)
        return files

    @cached_property
    def identity(self) -> str:
        return self.settings.text("GENERAL", "SLIDE_ID")

    @cached_property
    def index(self) -> MiraxIndex:
        name = self.settings.text("HIERARCHICAL", "INDEXFILE")
        return read_index(
            self.candidate.beside(name, below=self.below),
            identity=self.identity,
            sizes=tuple(file.size for file in self.files),
            place=f"{self.candidate.place} index",
        )

    @cached_property
    def sections(self) -> tuple[str, ...]:
        """The section of each level."""
        if self.settings.text("HIERARCHICAL", "HIER_0_NAME") != "Slide zoom level":
            raise self.settings.wrong("HIERARCHICAL", "HIER_0_NAME", "is not the zoom levels")
        count = self.settings.whole("HIERARCHICAL", "HIER_0_COUNT", least=1, most=MAXIMUM_LEVELS)
        return tuple(
            self.settings.text("HIERARCHICAL", f"HIER_0_VAL_{level}_SECTION")
            for level in range(count)
        )

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        steps: list[Step] = []
        concat = 1
        for level, section in enumerate(self.sections):
            # The factor is an exponent; only the finest level may have none.
            factor = self.settings.whole(
                section, "IMAGE_CONCAT_FACTOR", least=1 if level else 0, most=24
            )
            concat <<= factor
            if concat > MAXIMUM_CONCAT:
                raise self.settings.wrong(section, "IMAGE_CONCAT_FACTOR", "is impossible")
            steps.append(Step(concat, self._image(section), self._overlap(section)))
        return tuple(steps)

    def _image(self, section: str) -> tuple[int, int]:
        width, height = (
            self.settings.whole(section, f"DIGITIZER_{side}", least=8, most=MAXIMUM_TILE_SIDE)
            for side in ("WIDTH", "HEIGHT")
        )
        return width, height

    def _overlap(self, section: str) -> tuple[float, float]:
        return (
            self.settings.real(section, "OVERLAP_X"),
            self.settings.real(section, "OVERLAP_Y"),
        )

    @cached_property
    def photos(self) -> Photos:
        images = (
            self.settings.whole("GENERAL", "IMAGENUMBER_X", least=1, most=MAXIMUM_SIDE),
            self.settings.whole("GENERAL", "IMAGENUMBER_Y", least=1, most=MAXIMUM_SIDE),
        )
        key = "CameraImageDivisionsPerSide"
        divisions = self.settings.whole("GENERAL", key, least=1, most=256, absent=1)
        if divisions & (divisions - 1):
            raise self.settings.wrong("GENERAL", key, "is no power of two")
        first = self.steps[0]
        photos = Photos(images, first.image, divisions, first.concat, first.overlap, None)
        for axis, letter in enumerate("XY"):
            if not 0 <= first.overlap[axis] < first.image[axis] * divisions:
                raise self.settings.wrong(self.sections[0], f"OVERLAP_{letter}", "is impossible")
            if not first.concat <= photos.side(axis) <= MAXIMUM_SIDE * first.concat:
                raise self.settings.wrong("GENERAL", f"IMAGENUMBER_{letter}", "is impossible")
            if images[axis] % divisions:
                raise self.settings.wrong("GENERAL", f"IMAGENUMBER_{letter}", "cuts a photo")
        across, down = (each // divisions for each in images)
        if across * down > MAXIMUM_PHOTOS:
            raise self.settings.wrong("GENERAL", "IMAGENUMBER_X", "makes too many photos")
        table = self._table(across * down)
        return Photos(images, first.image, divisions, first.concat, first.overlap, table)

    def _table(self, photos: int) -> NDArray[np.int64] | None:
        """Where the photos are, as the scanner noted it; None where it did not."""
        place = f"{self.candidate.place} positions"
        layers = dict(_layers(self.settings))
        raw, packed = (
            layers.get(name) for name in ("VIMSLIDE_POSITION_BUFFER", "StitchingIntensityLayer")
        )
        record = raw if raw is not None else packed
        blob = self.index.blob(record) if record is not None else None
        if blob is None:
            return None
        size = photos * RECORD_BYTES
        data = self._positions(blob, size, place) if raw is None else self.stored(blob, size)
        return read_positions(data, photos=photos, place=place)

    def stored(self, blob: Blob, most: int) -> bytes:
        """What the slide's files hold there, cut after `most` bytes and one more."""
        return self.files[blob.file].read(blob.offset, min(blob.length, most + 1))

    def _positions(self, blob: Blob, size: int, place: str) -> bytes:
        # One byte more than wanted tells a table that is too long, and no more is unpacked.
        packed = self.stored(blob, 2 * size + 1024)
        try:
            return zlib.decompressobj().decompress(packed, size + 1)
        except zlib.error as error:
            raise SlideError(
                "the table of positions cannot be unpacked.",
                place=place,
                remedy="The slide is damaged: copy it again from its origin.",
            ) from error

    @property
    def mpp(self) -> Mpp | None:
        section = self.sections[0]
        if self.settings.find(section, "MICROMETER_PER_PIXEL_X") is None:
            return None
        return credible(
            self.settings.real(section, "MICROMETER_PER_PIXEL_X"),
            self.settings.real(section, "MICROMETER_PER_PIXEL_Y"),
        )

    def levels(self) -> Iterator[SourceLevel]:
        """The levels, finest first."""
        placing = Placing(self.photos, place=f"{self.candidate.place} index")
        cache = ImageCache()
        for level, (section, step) in enumerate(zip(self.sections, self.steps, strict=True)):
            columns, rows = (self.photos.side(axis) // step.concat for axis in (0, 1))
            if not (columns and rows):
                raise self.settings.wrong(section, "IMAGE_CONCAT_FACTOR", "leaves no pixel")
            images = self._images(level, section, step)
            parts = placing.place(images.list[:, 0], step)
            reason = self._reason(images, parts, step)
            if reason:
                yield MosaicLevel(images.place, columns, rows, images, parts, reason, cache)
            else:
                shown = np.zeros(len(images.list), bool)
                shown[parts.image] = True
                across = self.photos.images[0]
                yield GridLevel(images.place, columns, rows, images, across, step.concat, shown)

    def _images(self, level: int, section: str, step: Step) -> Images:
        kind = self.settings.text(section, "IMAGE_FORMAT")
        if kind not in _KINDS:
            raise self.settings.wrong(
                section, "IMAGE_FORMAT", f"is none of {', '.join(sorted(_KINDS))}"
            )
        found = self.index.images(level)
        # Of entries for the same image the last one counts.
        numbers, last = np.unique(found[::-1, 0], return_index=True)
        listed = found[::-1][last] if len(numbers) else found
        place = f"{self.candidate.place} level {level}"
        return Images(self.files, listed, kind, *step.image, place)

    def _reason(self, images: Images, parts: Parts, step: Step) -> str:
        """Why a level's images cannot be copied; empty where they can."""
        if not images.encoding.is_copied:
            return images.encoding.reason
        if not parts.is_on_grid:
            return "its photos overlap or lie between its pixels, so they are put together"
        if not self._are_whole(images, parts, step):
            return "its images hold places that were not scanned, which are left blank"
        return ""

    def _are_whole(self, images: Images, parts: Parts, step: Step) -> bool:
        """Whether each image is shown in all its parts, or not at all."""
        divisions = self.photos.divisions
        if not (self.photos.is_cut and step.concat > divisions):
            return True
        shown = np.bincount(parts.image, minlength=len(images.list))
        numbers = images.list[:, 0]
        x, y = numbers % self.photos.images[0], numbers // self.photos.images[0]
        wide, high = (
            np.minimum(step.concat, count - at) // divisions
            for at, count in ((x, self.photos.images[0]), (y, self.photos.images[1]))
        )
        return bool(((shown == 0) | (shown == wide * high)).all())


def _layers(settings: Slidedat) -> Iterator[tuple[str, int]]:
    """The nonhierarchical layers: name and number of the first record."""
    count = settings.whole("HIERARCHICAL", "NONHIER_COUNT", least=0, most=MAXIMUM_LAYERS)
    record = 0
    for layer in range(count):
        yield settings.text("HIERARCHICAL", f"NONHIER_{layer}_NAME"), record
        key = f"NONHIER_{layer}_COUNT"
        record += settings.whole("HIERARCHICAL", key, least=0, most=MAXIMUM_LAYERS)


def _associated(opening: _Opening) -> Iterator[Associated]:
    """The label, macro and thumbnail that the slide's folder holds."""
    settings = opening.settings
    for entry in settings.entries:
        flavour = _FLAVOURS.get(entry.value)
        if entry.section != "HIERARCHICAL" or flavour is None:
            continue
        section = settings.find("HIERARCHICAL", f"{entry.key}_SECTION") or ""
        sides = {
            key: int(each.value)
            for each in settings.entries
            for key in ("WIDTH", "HEIGHT")
            if each.section == section and each.key.endswith(f"_IMAGE_{key}")
            if each.value.isdecimal() and len(each.value) < 7
        }
        place = f"{settings.place} {entry.key}"
        draw = partial(_draw_stored, opening, entry.key, place)
        yield Associated(flavour, place, sides.get("WIDTH", 0), sides.get("HEIGHT", 0), draw)


def _draw_stored(opening: _Opening, key: str, place: str) -> Pixels:
    """The picture that the value at `key` (NONHIER_a_VAL_b) stands for."""
    found = _VALUE.fullmatch(key)
    layers = [record for _, record in _layers(opening.settings)]
    if found is None or int(found[1]) >= len(layers):
        raise SlideError("this picture is not listed where it should be.", place=place)
    blob = opening.index.blob(layers[int(found[1])] + int(found[2]))
    return draw_jpeg(opening.stored(blob, MOST_PIXELS) if blob else b"", place=place)


def _draw_preview(source: FileSource, place: str) -> Pixels:
    return draw_jpeg(source.read(0, min(source.size, MOST_PIXELS)), place=place)


def _preview(candidate: Candidate, preview: Path | None) -> Iterator[Associated]:
    """The `.mrxs` itself: a picture of the whole glass, its label included."""
    if preview is None:
        return
    source = candidate.source or candidate.open(preview)
    columns = rows = 0
    start = source.read(0, min(source.size, 1 << 16))
    if start.startswith(_JPEG):
        try:
            head = read_head(start, place=candidate.place)
            columns, rows = head.columns, head.rows
        except SlideError:
            pass  # it is left behind as it is
    place = f"{candidate.place} preview"
    draw = partial(_draw_preview, source, place)
    yield Associated(Flavour.OVERVIEW, place, columns, rows, draw)


def _remarks(settings: Slidedat, levels: tuple[SourceLevel, ...]) -> Iterator[str]:
    for level in levels:
        if isinstance(level, GridLevel) and level.missing:
            yield (
                f"{level.place}: {level.missing} tiles are not stored in it; they are written as "
                "background."
            )
    planes = sum(each.key == "OFFSET_IN_MICROMETERS" for each in settings.entries)
    if planes > 1:
        yield (
            f"{settings.place}: it has {planes} focal planes; the first, which its viewer shows, "
            "is read, the others are left out."
        )


def _scanner(kept: Mapping[str, str]) -> Scanner:
    section = "Mirax.NONHIERLAYER_n_SECTION."
    power = kept.get("Mirax.GENERAL.OBJECTIVE_MAGNIFICATION", "")
    return Scanner(
        manufacturer="3DHISTECH",
        model=kept.get(f"{section}SCANNER_HARDWARE_VERSION") or "MIRAX",
        serial=kept.get(f"{section}SCANNER_HARDWARE_ID", ""),
        software=kept.get(f"{section}SCANNER_SOFTWARE_VERSION", ""),
        magnification=float(power) if power.replace(".", "", 1).isdecimal() else None,
    )


VENDOR = Vendor("mirax", recognises, open_mirax, (ENDING,), belongings)
