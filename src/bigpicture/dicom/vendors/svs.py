"""Aperio SVS: a TIFF whose descriptions begin with `Aperio` (Leica Biosystems)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.scale import Mpp, parse_mpp, resolution_mpp, scale_remarks
from bigpicture.dicom.slide import Associated, OpenedSlide, Scanner, VendorSlide
from bigpicture.dicom.tiff import Directory, TiffFile
from bigpicture.dicom.tiff_pyramid import (
    associated_image,
    build_pyramid,
    is_reduction,
    is_tiled,
    missing_remarks,
)
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

DESCRIPTION = 270
PROFILE = 34675


def recognises(candidate: Candidate) -> bool:
    tiff = candidate.tiff
    return tiff is not None and tiff.directories[0].text(DESCRIPTION).startswith("Aperio")


def open_svs(candidate: Candidate) -> VendorSlide:
    """Open an SVS; raises `SlideError` where its first image is not tiled or is damaged."""
    tiff = candidate.tiff
    assert tiff is not None
    base = tiff.directories[0]
    if not is_tiled(base):
        raise SlideError(
            "the first image of this SVS is not tiled.",
            place=base.place,
            remedy="Export the slide again from its scanner's software.",
        )
    pyramid = [base, *(each for each in tiff.directories[1:] if _is_level(each, base))]
    levels = build_pyramid(pyramid)
    mpp = _mpp(base)
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=levels,
        associated=tuple(_associated(tiff, pyramid)),
        fields=tuple(_fields(tiff)),
        mpp=mpp,
        profile=("TIFF.InterColorProfile", base.raw(PROFILE)) if PROFILE in base.tags else None,
        remarks=(*missing_remarks(levels), *scale_remarks(mpp, candidate.place)),
        describe=_scanner,
    )


def _is_level(directory: Directory, base: Directory) -> bool:
    return is_tiled(directory) and is_reduction(directory, base)


def describe(text: str) -> Iterator[tuple[str, str]]:
    """The key and value pairs of an ImageDescription; what comes before the first is `Header`.

    `Aperio Image Library v11 (line break) 46000x32914 ... Q=30|AppMag = 20|MPP = 0.4990`
    """
    header, *pairs = text.split("|")
    yield "Header", header.strip()
    for pair in pairs:
        key, _, value = pair.partition("=")
        if key.strip() or value.strip():
            yield key.strip(), value.strip()


def _fields(tiff: TiffFile) -> Iterator[Field]:
    for directory in tiff.directories:
        yield from directory.fields()
    for directory in tiff.all:
        text = directory.text(DESCRIPTION)
        if text.startswith("Aperio"):
            for key, value in describe(text):
                yield Field(f"{directory.place} ImageDescription", f"Aperio.{key}", value)


def _mpp(base: Directory) -> Mpp | None:
    stated = dict(describe(base.text(DESCRIPTION))).get("MPP")
    return (parse_mpp(stated) if stated else None) or resolution_mpp(base)


def _associated(tiff: TiffFile, pyramid: list[Directory]) -> Iterator[Associated]:
    levels = {directory.place for directory in pyramid}
    for number, directory in enumerate(tiff.directories):
        if directory.place not in levels:
            yield associated_image(directory, _flavour(directory, number))


def _flavour(directory: Directory, number: int) -> Flavour:
    """By NewSubfileType (GT 450 writes no description) or by the second line's first word."""
    lines = directory.text(DESCRIPTION).splitlines()
    word = lines[1].split(" ")[0] if len(lines) > 1 and lines[1] else ""
    kind = directory.number(254, 0)
    if kind == 9 or word == "macro":
        return Flavour.OVERVIEW
    if kind == 1 or word == "label":
        return Flavour.LABEL
    return Flavour.THUMBNAIL if number == 1 else Flavour.OVERVIEW


def _scanner(kept: Mapping[str, str]) -> Scanner:
    power = kept.get("Aperio.AppMag", "")
    return Scanner(
        manufacturer="Leica Biosystems",
        model=kept.get("Aperio.ScannerType") or "Aperio",
        serial=kept.get("Aperio.ScanScope ID", ""),
        software=kept.get("Aperio.Header", "").split("\n")[0].strip(),
        magnification=float(power) if power.replace(".", "", 1).isdigit() else None,
    )


VENDOR = Vendor("aperio-svs", recognises, open_svs, (".svs",))
