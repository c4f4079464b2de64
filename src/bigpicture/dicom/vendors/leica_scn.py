"""Leica SCN: a BigTIFF whose first description is XML that places its images on the glass."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.layered_level import layered
from bigpicture.dicom.markup import Markup, read_markup, read_root
from bigpicture.dicom.mosaic_level import Area, mosaic
from bigpicture.dicom.scale import Mpp, credible, scale_remarks
from bigpicture.dicom.scn_collection import (
    Dimension,
    FilterCube,
    ScnCollection,
    ScnImage,
    View,
    read_collection,
)
from bigpicture.dicom.slide import (
    Associated,
    Channel,
    ChannelsOf,
    OpenedSlide,
    Scanner,
    ScannerOf,
    SourceLevel,
    VendorSlide,
)
from bigpicture.dicom.tiff import TiffFile
from bigpicture.dicom.tiff_pyramid import associated_image, is_tiled, missing_remarks, size
from bigpicture.dicom.tiff_tiles import TiledLevel
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

DESCRIPTION = 270
PROFILE = 34675
_START = 1 << 16
_NAMESPACE = "leica-microsystems.com/scn/"

MAXIMUM_REGIONS = 256
SIMILAR = 0.02
"""Of nanometres a pixel, by which regions of one level may differ: OpenSlide composes as much."""


def recognises(candidate: Candidate) -> bool:
    """A TIFF whose first description has the root `scn` in Leica's namespace."""
    if candidate.tiff is None or candidate.source is None:
        return False
    tag = candidate.tiff.directories[0].tags.get(DESCRIPTION)
    if tag is None:
        return False
    start = candidate.source.read(tag.offset, min(tag.size, _START)).decode("utf-8", "replace")
    name, attributes = read_root(start)
    return name == "scn" and _NAMESPACE in attributes


def open_leica_scn(candidate: Candidate) -> VendorSlide:
    """Open an SCN; several regions become one level, with glass between them.

    Raises `SlideError` where no region was scanned, where regions were scanned in different
    ways, and where the description does not fit the directories.
    """
    tiff = candidate.tiff
    assert tiff is not None
    place = f"{tiff.directories[0].place} ImageDescription"
    text = tiff.directories[0].text(DESCRIPTION).lstrip("\ufeff \t\r\n")
    markup = read_markup(text, place=place)
    collection = read_collection(markup, place=place)
    regions = _regions(collection, place)
    used: set[str] = set()
    pyramids = [_Pyramid(region, tiff, used) for region in regions]
    levels, remarks = _levels(pyramids)
    left = min(_view(region).left for region in regions)
    top = min(_view(region).top for region in regions)
    base = pyramids[0].parts[0].directory
    mpp = _mpp(pyramids)
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=levels,
        associated=tuple(_associated(tiff, used)),
        fields=tuple(_fields(tiff, markup, place)),
        mpp=mpp,
        profile=("TIFF.InterColorProfile", base.raw(PROFILE)) if PROFILE in base.tags else None,
        remarks=(*remarks, *scale_remarks(mpp, candidate.place)),
        describe=_scanner_of(regions[0]),
        describe_channels=_channels_of(pyramids[0]),
        plane_spacing=regions[0].spacing / 1000 if len(pyramids[0].planes) > 1 else 0.0,
        placement=(left / 1e6, top / 1e6),
    )


def _regions(collection: ScnCollection, place: str) -> list[ScnImage]:
    """The images that are no overview, which were scanned alike."""
    regions = [image for image in collection.images if not collection.is_overview(image)]
    if not regions or len(regions) > MAXIMUM_REGIONS:
        raise SlideError(
            f"the slide has {len(regions)} scanned regions.",
            place=place,
            rule=f"1 to {MAXIMUM_REGIONS}, beside the overview",
            remedy="Export the slide again from its scanner's software.",
        )
    for region in regions:
        if (region.illumination, region.objective) != (
            regions[0].illumination,
            regions[0].objective,
        ):
            raise SlideError(
                "its regions were scanned with different light or objectives.",
                place=f"{regions[0].place}, {region.place}",
                rule="one slide has one finest resolution and one kind of pixels",
                remedy="Export each region on its own.",
            )
    return regions


class _Pyramid:
    """The resolutions of one region, finest first, each with all of its planes and channels."""

    def __init__(self, region: ScnImage, tiff: TiffFile, used: set[str]) -> None:
        """Places of directories go into `used`; one that stands there already is refused."""
        self.region = region
        self._tiff = tiff
        self._used = used
        if not region.dimensions:
            raise self._damaged("it names no image")
        self.planes = sorted({each.z for each in region.dimensions})
        self.paths = sorted({each.c for each in region.dimensions})
        by_size: dict[tuple[int, int], list[Dimension]] = {}
        for each in sorted(region.dimensions, key=lambda each: -each.columns):
            by_size.setdefault((each.columns, each.rows), []).append(each)
        self.sizes = list(by_size)
        if len({columns for columns, _ in self.sizes}) < len(self.sizes):
            raise self._damaged("two resolutions are of one width")
        self.parts: list[TiledLevel] = []
        self.levels = [self._level(found) for found in by_size.values()]

    def nanometres(self, number: int) -> float:
        """Width of a pixel of one level."""
        return _view(self.region).width / self.sizes[number][0]

    def _level(self, found: list[Dimension]) -> SourceLevel:
        by_layer = {(each.c, each.z): each for each in found}
        wanted = [(c, z) for c in self.paths for z in self.planes]
        if len(found) != len(wanted) or set(by_layer) != set(wanted):
            raise self._damaged("a resolution lacks a focal plane or a channel, or has one twice")
        layers = [self._layer(by_layer[each]) for each in wanted]
        if len(self.paths) > 1 and layers[0].stack.samples != 1:
            raise self._damaged("its channels are coloured images, not grey ones")
        return layered(layers, paths=len(self.paths))

    def _layer(self, dimension: Dimension) -> SourceLevel:
        if not 0 <= dimension.directory < len(self._tiff.directories):
            raise self._damaged("it names a directory that the file does not have")
        directory = self._tiff.directories[dimension.directory]
        if size(directory) != (dimension.columns, dimension.rows) or not is_tiled(directory):
            raise directory.damaged("it is not tiled, or of another size than its description says")
        if directory.place in self._used:
            raise directory.damaged("two parts of the slide name it as theirs")
        self._used.add(directory.place)
        is_grey = directory.number(277, 1) == 1 and self.region.illumination != "brightfield"
        level = TiledLevel(directory, is_channel=is_grey)
        level.check()
        self.parts.append(level)
        return level

    def _damaged(self, what: str) -> SlideError:
        return SlideError(
            f"the description of a scanned region does not fit: {what}.",
            place=self.region.place,
            remedy="Copy the file again from its origin, or export it again.",
        )


def _levels(pyramids: Sequence[_Pyramid]) -> tuple[tuple[SourceLevel, ...], list[str]]:
    """The levels with all regions in them, and what to say of them."""
    first = pyramids[0]
    remarks: list[str] = []
    for pyramid in pyramids:
        if len(pyramid.levels) != len(first.levels):
            raise _dissimilar(first.region, pyramid.region)
        remarks += missing_remarks(tuple(pyramid.parts))
    levels = tuple(_mosaic(pyramids, number) for number in range(len(first.levels)))
    if len(pyramids) > 1:
        remarks.append(
            f"{first.region.place}: {len(pyramids)} regions became one image, "
            "with background between them."
        )
    return levels, remarks


def _mosaic(pyramids: Sequence[_Pyramid], number: int) -> SourceLevel:
    """One level; regions lie on whole pixels of the finest among them, as OpenSlide has them."""
    coarse = pyramids[0].nanometres(number)
    finest = min(pyramid.nanometres(number) for pyramid in pyramids)
    areas: list[Area] = []
    for pyramid in pyramids:
        if abs(pyramid.nanometres(number) - coarse) > SIMILAR * coarse:
            raise _dissimilar(pyramids[0].region, pyramid.region)
        view = _view(pyramid.region)
        areas.append(Area(int(view.left / finest), int(view.top / finest), pyramid.levels[number]))
    return mosaic(areas)


def _dissimilar(one: ScnImage, other: ScnImage) -> SlideError:
    return SlideError(
        "its regions were scanned at different resolutions.",
        place=f"{one.place}, {other.place}",
        rule="regions become one image only where no pixel must be resampled",
        remedy="Export each region on its own.",
    )


def _view(image: ScnImage) -> View:
    assert image.view is not None  # read_collection promises it
    return image.view


def _mpp(pyramids: Sequence[_Pyramid]) -> Mpp | None:
    """What a region covers on the glass by its pixels; of several regions the finest."""
    across = min(pyramid.nanometres(0) for pyramid in pyramids)
    down = min(_view(pyramid.region).height / pyramid.sizes[0][1] for pyramid in pyramids)
    return credible(across / 1000, down / 1000)


def _associated(tiff: TiffFile, used: set[str]) -> Iterator[Associated]:
    """Whatever is no region shows the glass with its label, or nobody knows what it shows."""
    for directory in tiff.all:
        if directory.place not in used and 256 in directory.tags:
            yield associated_image(directory, Flavour.OVERVIEW)


def _fields(tiff: TiffFile, markup: Sequence[Markup], place: str) -> Iterator[Field]:
    for directory in tiff.directories:
        for field in directory.fields():
            # What the description says is told part by part below.
            yield Field(place, field.name, "") if field.place == place else field
    for element in markup:
        where = f"{place} line {element.line}"
        for attribute, value in element.attributes.items():
            yield Field(where, f"Leica.{element.name}@{attribute}", value)
        text = " ".join(element.text.split())
        if text:
            yield Field(where, f"Leica.{element.name}", text)
        if element.name == "barcode" and text:
            yield Field(where, "Leica.barcode", _decoded(text))


def _decoded(text: str) -> str:
    """A barcode in plain letters: the 2010/10/01 namespace writes it in base 64."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


_SERIALS = ("Leica.device@serialNumber", "Leica.device@serial", "Leica.device@id")


def _scanner_of(region: ScnImage) -> ScannerOf:
    """What scanned this region: the overview, which comes first, has another objective."""

    def describe(kept: Mapping[str, str], /) -> Scanner:
        power = region.objective if "Leica.objective" in kept else ""
        model = region.model if "Leica.device@model" in kept else ""
        version = region.version if "Leica.device@version" in kept else ""
        return Scanner(
            manufacturer="Leica",
            model=model.partition(";")[0].strip(),
            serial=next((kept[name] for name in _SERIALS if name in kept), ""),
            software=version.partition(";")[0].partition(" ")[0],
            magnification=float(power) if power.replace(".", "", 1).isdecimal() else None,
        )

    return describe


def _channels_of(pyramid: _Pyramid) -> ChannelsOf:
    def describe(kept: Mapping[str, str], /) -> Sequence[Channel]:
        if pyramid.levels[0].stack.samples != 1:
            return ()
        cubes = {cube.index: cube for cube in pyramid.region.cubes}
        return [_channel(cubes.get(c, FilterCube(c)), kept) for c in pyramid.paths]

    return describe


def _channel(cube: FilterCube, kept: Mapping[str, str]) -> Channel:
    return Channel(
        dye=cube.name if "Leica.shortName" in kept else "",
        colour=cube.colour if "Leica.channel@rgb" in kept else None,
        excitation=cube.excitation if "Leica.excitationFilter" in kept else None,
        emission=cube.emission if "Leica.suppressionFilter" in kept else None,
    )


VENDOR = Vendor("leica-scn", recognises, open_leica_scn, (".scn",))
