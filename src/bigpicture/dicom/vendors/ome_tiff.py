"""OME-TIFF: a TIFF whose description is OME-XML (Open Microscopy Environment)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.markup import Markup, read_markup
from bigpicture.dicom.ome_image import OmeImage, first_directory, place_planes, read_images
from bigpicture.dicom.scale import resolution_mpp, scale_remarks
from bigpicture.dicom.slide import (
    Associated,
    Channel,
    ChannelsOf,
    OpenedSlide,
    Scanner,
    ScannerOf,
    VendorSlide,
)
from bigpicture.dicom.tiff import Directory, TiffFile
from bigpicture.dicom.tiff_pyramid import (
    StackPyramid,
    associated_image,
    build_stacks,
    is_reduction,
    is_tiled,
    missing_remarks,
    size,
)
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.fluorophore import known_fluorophore
from bigpicture.model.image import Flavour

DESCRIPTION = 270
PROFILE = 34675
_REDUCED = 1
"""NewSubfileType of a reduced image and nothing else."""

_BESIDE = re.compile(
    r"(?:^|[^a-z0-9])(label|barcode|macro|overview|thumbnail|preview)( image)?\W*$"
)
_FLAVOURS = {
    "label": Flavour.LABEL,
    "barcode": Flavour.LABEL,
    "thumbnail": Flavour.THUMBNAIL,
    "preview": Flavour.THUMBNAIL,
}
_TYPES = {"uint8": 8, "uint16": 16}
_REFUSED_TYPES = frozenset({"bit", "int8", "int16", "int32", "uint32", "float", "double", "complex",
                            "double-complex"})  # fmt: skip
_SEEN = ("Color", "ExcitationWavelength", "EmissionWavelength")
"""Attributes of a Channel that go on, with their units."""


def recognises(candidate: Candidate) -> bool:
    tiff = candidate.tiff
    if tiff is None or DESCRIPTION not in tiff.directories[0].tags:
        return False
    text = tiff.directories[0].text(DESCRIPTION)
    return text.rstrip().endswith("OME>") and "<OME" in text


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The image that is the slide: its first directory, samples a pixel, and how it is stacked."""

    image: OmeImage
    base: Directory
    is_channel: bool
    planes: int
    paths: int


def open_ome_tiff(candidate: Candidate) -> VendorSlide:
    """Open an OME-TIFF; raises `SlideError` where no image in it can be archived as it is."""
    tiff = candidate.tiff
    assert tiff is not None
    described = tiff.directories[0]
    place = f"{described.place} ImageDescription"
    markup = read_markup(described.text(DESCRIPTION), place=place)
    images = read_images(markup)
    if not images:
        raise SlideError(
            "its OME-XML describes no image.",
            place=place,
            remedy="It is damaged: copy it again from its origin, or export it again.",
        )
    chosen = _check(_choose(images, tiff), images, tiff)
    _check_files(chosen.image, markup, candidate)
    pyramids = _pyramids(chosen, tiff, images)
    levels = build_stacks(
        pyramids,
        planes=chosen.planes,
        paths=chosen.paths,
        is_channel=chosen.is_channel,
        trusts_jfif=True,
    )
    base = chosen.base
    mpp = chosen.image.mpp or resolution_mpp(base)
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=levels,
        associated=tuple(_others(tiff, pyramids, images)),
        fields=tuple(_fields(tiff, markup, described)),
        mpp=mpp,
        profile=("TIFF.InterColorProfile", base.raw(PROFILE)) if PROFILE in base.tags else None,
        remarks=tuple(_remarks(levels, mpp, candidate.place, images, chosen.image)),
        describe=_scanner_of(chosen.image, markup),
        describe_channels=_channels_of(chosen),
        plane_spacing=chosen.image.plane_spacing if chosen.planes > 1 else 0.0,
    )


def _choose(images: Sequence[OmeImage], tiff: TiffFile) -> OmeImage:
    """The first image that is a pyramid, else the largest; none that is named as one beside it."""
    named = [image for image in images if _BESIDE.search(image.name.lower()) is None]
    candidates = named or images
    for image in candidates:
        base = _base(image, images, tiff)
        if base is not None and any(is_reduction(child, base) for child in base.children):
            return image
    return max(candidates, key=lambda image: image.size("X") * image.size("Y"))


def _base(image: OmeImage, images: Sequence[OmeImage], tiff: TiffFile) -> Directory | None:
    """The directory of an image's first plane; None where it is not told, or not there."""
    number = first_directory(image)
    if number is None and image is images[0]:
        number = 0
    if number is None or not 0 <= number < len(tiff.directories):
        return None
    return tiff.directories[number]


def _check(image: OmeImage, images: Sequence[OmeImage], tiff: TiffFile) -> _Chosen:
    """Raise `SlideError` where the image holds more than focal planes, channels and one time."""
    base = _base(image, images, tiff)
    if base is None:
        raise _refused("its first plane lies in no directory of this file", tiff.directories[0])
    samples = base.number(277, 1)
    sizes = {axis: image.size(axis) for axis in "XYZCT"}
    bits = _TYPES.get(image.attributes.get("Type", "uint8"))
    wrong = ""
    if min(sizes.values()) < 1:
        wrong = "a size of it is no number"
    elif bits is None:
        told = image.attributes.get("Type", "")
        wrong = f"its pixels are {told if told in _REFUSED_TYPES else 'of an unknown type'}"
    elif sizes["T"] != 1:
        wrong = "it has several times"
    elif "SizeX" in image.attributes and (sizes["X"], sizes["Y"]) != size(base):
        wrong = "its OME-XML describes an image of another size"
    elif samples == 1:
        several = any(told.get("SamplesPerPixel", "1") != "1" for told in image.channels)
        wrong = "its colours lie in separate directories" if several else ""
    elif samples not in {3, 4} or sizes["C"] != samples or bits != 8:
        wrong = "its channels are neither one 8-bit RGB image nor one image each"
    if wrong:
        raise _refused(wrong, base)
    is_channel = samples == 1
    return _Chosen(image, base, is_channel, sizes["Z"], sizes["C"] if is_channel else 1)


def _refused(wrong: str, base: Directory) -> SlideError:
    return SlideError(
        f"this OME-TIFF cannot be archived as a slide: {wrong}.",
        place=f"{base.place} Pixels",
        rule="8-bit RGB, or channels of 8 or 16 bits unsigned; one time",
        remedy="Export one time of the slide, as 8-bit RGB or with 8 or 16 bits a channel.",
    )


def _check_files(image: OmeImage, markup: Sequence[Markup], candidate: Candidate) -> None:
    """Raise `SlideError` where pixels of the image lie in other files.

    A file names itself by its UUID, or by its name where it was not renamed.
    """
    roots = [element.attributes.get("UUID", "") for element in markup if element.name == "OME"]
    own = roots[0].strip().lower() if roots else ""
    is_whole = all(element.name != "BinaryOnly" for element in markup)
    for data in image.data:
        is_own = data.file.replace("\\", "/").rpartition("/")[2] == candidate.path.name
        if data.uuid or data.file:
            is_whole = is_whole and (is_own or (bool(own) and data.uuid.lower() == own))
    if not is_whole:
        raise SlideError(
            "this OME-TIFF is one of a set: pixels or metadata lie in other files.",
            place=candidate.place,
            rule="one file with all planes and their OME-XML",
            remedy="Export the slide as a single OME-TIFF.",
        )


def _pyramids(chosen: _Chosen, tiff: TiffFile, images: Sequence[OmeImage]) -> list[list[Directory]]:
    """The directories of each plane, its own first, in the order of TILED_FULL."""
    place = f"{chosen.base.place} ImageDescription"
    numbers = place_planes(chosen.image, planes=chosen.planes, paths=chosen.paths, place=place)
    if max(numbers) >= len(tiff.directories):
        raise SlideError(
            f"{len(numbers)} planes are described, but there are {len(tiff.directories)} images.",
            place=place,
            remedy="The file is truncated or one of a set: copy it again from its origin.",
        )
    bases = [tiff.directories[number] for number in numbers]
    found = [
        [base, *(child for child in base.children if is_reduction(child, base))] for base in bases
    ]
    if len(found) == 1 == len(found[0]) == len(images):
        found[0] += _followers(tiff, bases[0])
    return found


def _followers(tiff: TiffFile, base: Directory) -> Iterator[Directory]:
    """Reduced images behind the only plane, where libvips and older writers keep them."""
    widths: set[int] = set()
    for directory in tiff.directories:
        is_level = directory.number(254, 0) == _REDUCED and is_tiled(directory)
        if is_level and is_reduction(directory, base) and size(directory)[0] not in widths:
            widths.add(size(directory)[0])
            yield directory


def _others(
    tiff: TiffFile, pyramids: Sequence[Sequence[Directory]], images: Sequence[OmeImage]
) -> Iterator[Associated]:
    """What is neither plane nor level; it may show the label."""
    used = {directory.place for pyramid in pyramids for directory in pyramid}
    flavours: dict[str, Flavour] = {}
    for image in images:
        base, named = _base(image, images, tiff), _BESIDE.search(image.name.lower())
        if base is not None and named is not None:
            flavours[base.place] = _FLAVOURS.get(named[1], Flavour.OVERVIEW)
    for directory in tiff.all:
        if directory.place not in used and 256 in directory.tags:
            yield associated_image(directory, flavours.get(directory.place, Flavour.OVERVIEW))


def _remarks(
    levels: StackPyramid,
    mpp: tuple[float, float] | None,
    place: str,
    images: Sequence[OmeImage],
    chosen: OmeImage,
) -> Iterator[str]:
    yield from missing_remarks(levels)
    yield from scale_remarks(mpp, place)
    left = [
        image
        for image in images
        if image is not chosen and _BESIDE.search(image.name.lower()) is None
    ]
    if left:
        yield (
            f"{place}: {len(left)} further images that it describes were left out; "
            "the first pyramid or the largest image is the slide."
        )


def _fields(tiff: TiffFile, markup: Sequence[Markup], described: Directory) -> Iterator[Field]:
    for directory in tiff.directories:
        yield from directory.fields()
    for element in markup:
        place = f"{described.place} ImageDescription line {element.line}"
        for attribute, value in element.attributes.items():
            name = f"{element.name}@{attribute}"
            if name in {"Channel@Name", "Channel@Fluor"} and known_fluorophore(value):
                name = "Channel@Fluorophore"
            yield Field(place, f"OME.{name}", value)
        text = " ".join(element.text.split())
        if text:
            yield Field(place, f"OME.{element.name}", text)


def _scanner_of(image: OmeImage, markup: Sequence[Markup]) -> ScannerOf:
    """What scanned this image, with the objective that it refers to, else the first."""
    objectives = [each.attributes for each in markup if each.name == "Objective"]
    own = [each for each in objectives if image.objective and each.get("ID") == image.objective]
    power = (own or objectives or [{}])[0].get("NominalMagnification", "")

    def describe(kept: Mapping[str, str], /) -> Scanner:
        is_told = "OME.Objective@NominalMagnification" in kept
        return Scanner(
            manufacturer=kept.get("OME.Microscope@Manufacturer", ""),
            model=kept.get("OME.Microscope@Model", ""),
            serial=kept.get("OME.Microscope@SerialNumber", ""),
            software=kept.get("OME.OME@Creator", ""),
            magnification=float(power) if is_told and _is_decimal(power) else None,
        )

    return describe


def _is_decimal(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).isdigit()


def _channels_of(chosen: _Chosen) -> ChannelsOf:
    def describe(kept: Mapping[str, str], /) -> Sequence[Channel]:
        if not chosen.is_channel:
            return ()
        keeps = [name for name in _SEEN if f"OME.Channel@{name}" in kept]
        keeps += [f"{name}Unit" for name in keeps]
        keeps += ["Fluor", "Name"] if "OME.Channel@Fluorophore" in kept else []
        keeps += ["ExposureTime"] if "OME.Plane@ExposureTime" in kept else []
        return [chosen.image.channel(number, keeps=keeps) for number in range(chosen.paths)]

    return describe


VENDOR = Vendor("ome-tiff", recognises, open_ome_tiff, (".tif", ".tiff", ".btf"))
