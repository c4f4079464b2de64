"""OME-TIFF: a TIFF whose description is OME-XML (Open Microscopy Environment, 8-bit RGB only)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.markup import Markup, read_markup
from bigpicture.dicom.scale import Mpp, credible, resolution_mpp, scale_remarks
from bigpicture.dicom.slide import Associated, OpenedSlide, Scanner, VendorSlide
from bigpicture.dicom.tiff import Directory, TiffFile
from bigpicture.dicom.tiff_pyramid import (
    associated_image,
    build_pyramid,
    is_reduction,
    missing_remarks,
)
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

DESCRIPTION = 270
PROFILE = 34675

_MICROMETRES = {
    "pm": 1e-6,
    "nm": 1e-3,
    "µm": 1.0,
    "μm": 1.0,
    "um": 1.0,
    "mm": 1e3,
    "cm": 1e4,
    "m": 1e6,
}


def recognises(candidate: Candidate) -> bool:
    tiff = candidate.tiff
    if tiff is None or DESCRIPTION not in tiff.directories[0].tags:
        return False
    text = tiff.directories[0].text(DESCRIPTION)
    return text.rstrip().endswith("OME>") and "<OME" in text


def open_ome_tiff(candidate: Candidate) -> VendorSlide:
    """Open an OME-TIFF; raises `SlideError` where its pixels are not one 8-bit RGB plane."""
    tiff = candidate.tiff
    assert tiff is not None
    base = tiff.directories[0]
    markup = read_markup(base.text(DESCRIPTION), place=f"{base.place} ImageDescription")
    pixels = _first_pixels(markup, base)
    _check(pixels, markup, base)
    pyramid = [base, *_reductions(base)]
    levels = build_pyramid(pyramid, trusts_jfif=True)
    mpp = _mpp(pixels) or resolution_mpp(base)
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=levels,
        associated=tuple(_others(tiff, pyramid)),
        fields=tuple(_fields(tiff, markup, base)),
        mpp=mpp,
        profile=("TIFF.InterColorProfile", base.raw(PROFILE)) if PROFILE in base.tags else None,
        remarks=(*missing_remarks(levels), *scale_remarks(mpp, candidate.place)),
        describe=_scanner,
    )


def _first_pixels(markup: Sequence[Markup], base: Directory) -> Mapping[str, str]:
    """The attributes of the first image's pixels."""
    for element in markup:
        if element.name == "Pixels":
            return element.attributes
    raise SlideError("its OME-XML describes no image.", place=f"{base.place} ImageDescription")


def _check(pixels: Mapping[str, str], markup: Sequence[Markup], base: Directory) -> None:
    """One plane of interleaved 8-bit RGB: three samples, one focus, one time, one image."""
    images = [element for element in markup if element.name == "Pixels"]
    planes = {side: pixels.get(side, "1") for side in ("SizeZ", "SizeT")}
    wrong = ""
    if pixels.get("Type", "uint8") != "uint8":
        wrong = f"its pixels are {pixels.get('Type')}"
    elif any(size != "1" for size in planes.values()):
        wrong = "it has several focal planes or times"
    elif pixels.get("SizeC", "3") != "3" or base.number(277, 1) != 3:
        wrong = "its channels are not one RGB image"
    elif len(images) > 1:
        wrong = "it holds several images"
    if wrong:
        raise SlideError(
            f"this OME-TIFF is no brightfield slide: {wrong}.",
            place=f"{base.place} Pixels",
            rule="8-bit RGB, one focal plane, one time",
            remedy="Export the slide as 8-bit RGB brightfield.",
        )


def _mpp(pixels: Mapping[str, str]) -> Mpp | None:
    """PhysicalSizeX and Y with their units, micrometres where none is written."""
    sides: list[float] = []
    for side in ("X", "Y"):
        unit = _MICROMETRES.get(pixels.get(f"PhysicalSize{side}Unit", "µm"))
        try:
            sides.append(float(pixels.get(f"PhysicalSize{side}", "")) * (unit or 0))
        except ValueError:
            return None
    return credible(sides[0], sides[1])


def _reductions(base: Directory) -> Iterator[Directory]:
    """OME-TIFF 6 keeps reduced levels in SubIFDs of the plane."""
    return (child for child in base.children if is_reduction(child, base))


def _others(tiff: TiffFile, pyramid: list[Directory]) -> Iterator[Associated]:
    levels = {directory.place for directory in pyramid}
    for directory in tiff.all:
        if directory.place not in levels and 256 in directory.tags:
            yield associated_image(directory, Flavour.OVERVIEW)


def _fields(tiff: TiffFile, markup: Sequence[Markup], base: Directory) -> Iterator[Field]:
    for directory in tiff.directories:
        yield from directory.fields()
    for element in markup:
        place = f"{base.place} ImageDescription line {element.line}"
        for attribute, value in element.attributes.items():
            yield Field(place, f"OME.{element.name}@{attribute}", value)
        text = " ".join(element.text.split())
        if text:
            yield Field(place, f"OME.{element.name}", text)


def _scanner(kept: Mapping[str, str]) -> Scanner:
    power = kept.get("OME.Objective@NominalMagnification", "")
    return Scanner(
        manufacturer=kept.get("OME.Microscope@Manufacturer", ""),
        model=kept.get("OME.Microscope@Model", ""),
        serial=kept.get("OME.Microscope@SerialNumber", ""),
        software=kept.get("OME.OME@Creator", ""),
        magnification=float(power) if power.replace(".", "", 1).isdigit() else None,
    )


VENDOR = Vendor("ome-tiff", recognises, open_ome_tiff, (".tif", ".tiff", ".btf"))
