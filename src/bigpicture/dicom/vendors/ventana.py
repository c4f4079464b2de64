"""Ventana BIF (Roche iScan and VENTANA DP scanners): a TIFF whose XMP has an `iScan` element."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from math import ceil, isfinite

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.markup import MAXIMUM_BYTES, Markup, read_markup, read_root
from bigpicture.dicom.scale import Mpp, parse_mpp, scale_remarks
from bigpicture.dicom.slide import Associated, OpenedSlide, Scanner, SourceLevel, VendorSlide
from bigpicture.dicom.stitched_level import StitchedLevel
from bigpicture.dicom.stitching import Stitching, read_stitching
from bigpicture.dicom.tiff import Directory, TiffFile
from bigpicture.dicom.tiff_pyramid import associated_image, is_tiled, missing_remarks
from bigpicture.dicom.tiff_tiles import TiledLevel
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

DESCRIPTION = 270
XMP = 700
IMAGE_DEPTH = 32997
PROFILE = 34675

MAXIMUM_LEVELS = 32
_START = 1 << 16
"""Bytes of XMP that are looked at to tell what it is."""
_PAIR = re.compile(r"(\S+?)=(\S*)")
_MANY = frozenset({"TileJointInfo", "Frame"})
"""Elements of which there is one a tile: what they say is told together."""

_FLAVOURS = {
    "Label Image": Flavour.OVERVIEW,
    "Label_Image": Flavour.OVERVIEW,
    "Thumbnail": Flavour.THUMBNAIL,
    "Probability_Image": Flavour.THUMBNAIL,
}


def recognises(candidate: Candidate) -> bool:
    tiff = candidate.tiff
    return tiff is not None and any(_is_i_scan(each) for each in tiff.directories)


def _is_i_scan(directory: Directory) -> bool:
    """Whether its XMP has `iScan` as its root, or right below a root `Metadata`."""
    root, start = _root(directory)
    return root == "iScan" or (root == "Metadata" and "<iScan" in start)


def _root(directory: Directory) -> tuple[str, str]:
    """Name of the root element of the XMP, and how the XMP begins; empty where there is none."""
    tag = directory.tags.get(XMP)
    if tag is None:
        return "", ""
    start = directory.source.read(tag.offset, min(tag.size, _START)).decode("utf-8", "replace")
    return read_root(start)[0], start


def open_ventana(candidate: Candidate) -> VendorSlide:
    """Open a BIF, or Ventana's TIFF without areas; raises `SlideError` where it is damaged."""
    tiff = candidate.tiff
    assert tiff is not None
    packets = [(each, _markup(each)) for each in tiff.directories if XMP in each.tags]
    i_scan = _i_scan(packets, candidate.place)
    described = _levels(tiff)
    base = described[0][0]
    stitching = _stitching(base, packets)
    tiled = [_tiled(each, described[0][0]) for each, _ in described]
    levels: list[SourceLevel] = list(tiled)
    if stitching is not None:
        levels = [
            StitchedLevel(level, stitching, _reduction(level, described[0][1], power))
            for level, (_, power) in zip(tiled, described, strict=True)
        ]
    mpp = _mpp(i_scan)
    pyramid = {directory.place for directory, _ in described}
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=tuple(levels),
        associated=tuple(_associated(tiff, pyramid)),
        fields=tuple(_fields(tiff, packets, pyramid)),
        mpp=mpp,
        profile=("TIFF.InterColorProfile", base.raw(PROFILE)) if PROFILE in base.tags else None,
        remarks=(
            *missing_remarks(tuple(tiled)),
            *_glass_remarks(i_scan, candidate.place),
            *scale_remarks(mpp, candidate.place),
        ),
        describe=_scanner,
    )


def _markup(directory: Directory) -> list[Markup]:
    """The elements of a directory's XMP; none where it is empty."""
    place = f"{directory.place} XMP"
    if directory.tags[XMP].size > MAXIMUM_BYTES:
        raise SlideError(
            f"its XML is {directory.tags[XMP].size >> 20} MiB long.",
            place=place,
            remedy="It is damaged: copy it again from its origin, or export it again.",
        )
    text = directory.text(XMP).strip().lstrip("\ufeff")
    return read_markup(text, place=place) if text else []


Packets = Sequence[tuple[Directory, list[Markup]]]


def _i_scan(packets: Packets, place: str) -> Mapping[str, str]:
    """The attributes of the first `iScan`, which is the label image's."""
    for _, markup in packets:
        for element in markup:
            if element.name == "iScan" and element.parent in {"", "Metadata"}:
                return element.attributes
    raise SlideError(
        "its XMP has no iScan element.",
        place=place,
        remedy="Copy the file again from its origin, or rescan the slide.",
    )


def _levels(tiff: TiffFile) -> list[tuple[Directory, float]]:
    """The directories of the pyramid, finest first, each with its magnification.

    Their descriptions are `level=0 mag=40 quality=90`. Raises `SlideError` where they are not
    numbered from 0 on, with ever lower magnifications.
    """
    found: list[tuple[Directory, float]] = []
    for directory in tiff.directories:
        pairs = _description(directory)
        if "level" not in pairs:
            continue
        try:
            level, power = int(pairs["level"]), float(pairs.get("mag", ""))
        except ValueError:
            level, power = -1, 0.0
        is_next = level == len(found) and isfinite(power) and power > 0
        if not is_next or (found and power >= found[-1][1]) or level >= MAXIMUM_LEVELS:
            raise directory.damaged("its levels are not numbered from the finest on")
        found.append((directory, power))
    if not found:
        raise SlideError(
            "it has no level.", place=tiff.place, remedy="Copy the file again from its origin."
        )
    return found


def _description(directory: Directory) -> dict[str, str]:
    """The `key=value` pairs of a level's description; none of other images."""
    tag = directory.tags.get(DESCRIPTION)
    text = directory.text(DESCRIPTION) if tag and tag.size <= _START else ""
    return dict(_PAIR.findall(text)) if "level=" in text else {}


def _tiled(directory: Directory, base: Directory) -> TiledLevel:
    if not is_tiled(directory):
        raise directory.damaged("a level is not tiled")
    level = TiledLevel(directory)
    level.check()
    if any(directory.number(side, 0) != base.number(side, 0) for side in (322, 323)):
        raise directory.damaged("its tiles have another size than those of level 0")
    depth = directory.number(IMAGE_DEPTH, 1)
    if depth != 1:
        # Nominal focus, near planes, far planes: which is nearest to the glass is not told.
        raise SlideError(
            f"it has {depth} focal planes, whose order on the glass the format does not tell.",
            place=directory.place,
            rule="one focal plane",
            remedy="Export the slide with its extended focus, or with its best plane only.",
        )
    return level


def _stitching(base: Directory, packets: Packets) -> Stitching | None:
    """How the tiles of level 0 lie; None in Ventana's TIFF, where they lie in one grid."""
    for directory, markup in packets:
        if directory.place == base.place and markup and markup[0].name == "EncodeInfo":
            level = _tiled(base, base)
            tile = level.tile_columns, level.tile_rows
            grid = ceil(level.columns / tile[0]), ceil(level.rows / tile[1])
            return read_stitching(markup, tile=tile, grid=grid, place=f"{base.place} EncodeInfo")
    return None


def _reduction(level: TiledLevel, finest: float, power: float) -> int:
    reduction = finest / power
    if abs(reduction - round(reduction)) > 0.01 or reduction > level.tile_columns * 2:
        raise level.directory.damaged(f"a level is reduced by {reduction:.4g}")
    return round(reduction)


def _mpp(i_scan: Mapping[str, str]) -> Mpp | None:
    return parse_mpp(i_scan.get("ScanRes", ""))


def _glass_remarks(i_scan: Mapping[str, str], place: str) -> Iterator[str]:
    white = i_scan.get("ScanWhitePoint", "").strip()
    if white.isdecimal() and len(white) < 4 and int(white) < 255:
        yield (
            f"{place}: the scanner shows empty glass as grey level {int(white)}; where it left "
            "tiles out there is white."
        )


def _associated(tiff: TiffFile, pyramid: set[str]) -> Iterator[Associated]:
    for directory in tiff.directories:
        if directory.place not in pyramid:
            name = directory.text(DESCRIPTION).strip()
            yield associated_image(directory, _FLAVOURS.get(name, Flavour.OVERVIEW))


def _fields(tiff: TiffFile, packets: Packets, pyramid: set[str]) -> Iterator[Field]:
    for directory in tiff.directories:
        yield from directory.fields()
        if directory.place in pyramid:
            place = f"{directory.place} ImageDescription"
            for key, value in _description(directory).items():
                yield Field(place, f"Ventana.{key}", value)
    for directory, markup in packets:
        yield from _markup_fields(directory, markup)


def _markup_fields(directory: Directory, markup: Sequence[Markup]) -> Iterator[Field]:
    together: dict[str, dict[str, None]] = {}
    for element in markup:
        place = f"{directory.place} XMP line {element.line}"
        for attribute, value in element.attributes.items():
            name = f"Ventana.{element.name}@{attribute}"
            if element.name in _MANY:
                together.setdefault(name, {})[value] = None
            else:
                yield Field(place, name, value)
        text = " ".join(element.text.split())
        if text:
            yield Field(place, f"Ventana.{element.name}", text)
    for name, values in together.items():
        yield Field(f"{directory.place} XMP", name, " ".join(values))


def _scanner(kept: Mapping[str, str]) -> Scanner:
    power = kept.get("Ventana.iScan@Magnification", "")
    model = kept.get("Ventana.iScan@ScannerModel", "")
    return Scanner(
        manufacturer="Roche" if model.startswith("VENTANA DP") else "Ventana",
        model=model or "iScan",
        serial=kept.get("Ventana.iScan@UnitNumber", ""),
        software=kept.get("Ventana.iScan@BuildVersion", ""),
        magnification=float(power) if power.replace(".", "", 1).isdecimal() else None,
    )


VENDOR = Vendor("ventana-bif", recognises, open_ventana, (".bif", ".tif", ".tiff"))
