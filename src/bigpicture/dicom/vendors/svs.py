"""Aperio SVS: a TIFF whose descriptions begin with `Aperio` (Leica Biosystems).

The finest image comes first, then a thumbnail in strips, then the reduced images. Of a slide with
several focal planes the same sizes follow once more for each plane; `OffsetZ` tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.scale import Mpp, parse_mpp, resolution_mpp, scale_remarks
from bigpicture.dicom.slide import (
    Associated,
    Channel,
    ChannelsOf,
    OpenedSlide,
    Scanner,
    VendorSlide,
)
from bigpicture.dicom.tiff import Directory, TiffFile
from bigpicture.dicom.tiff_pyramid import (
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

GLASS_HEIGHT = 26.0
"""Millimetres (ISO 8037-1). `Top` is counted upwards from the lower edge of the glass, as the macro
image of OpenSlide's CMU-1 shows, which frames the scanned area; no file tells the height."""
_CROP = re.compile(r"\[(\d{1,7}),(\d{1,7}) \d+x\d+\]")
"""Where an image was cut out of the one before it, pixels from its upper left corner."""
_FOCUS = frozenset({"OffsetZ", "TotalDepth", "BestFocusLayer"})
"""Keys that only slides of several focal planes have."""
_FLUORESCENCE = frozenset({"Dye", "Excitation Wavelength", "Emission Wavelength"})


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
    planes = _planes(tiff, base)
    levels = build_stacks(
        planes.pyramids, planes=len(planes.pyramids), paths=1, is_channel=_is_channel(base)
    )
    mpp = _mpp(base)
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=levels,
        associated=tuple(_associated(tiff, planes.pyramids)),
        fields=tuple(_fields(tiff)),
        mpp=mpp,
        profile=("TIFF.InterColorProfile", base.raw(PROFILE)) if PROFILE in base.tags else None,
        remarks=(
            *missing_remarks(levels),
            *scale_remarks(mpp, candidate.place),
            *(f"{candidate.place}: {remark}" for remark in planes.remarks),
        ),
        describe=_scanner,
        describe_channels=_channels_of(base),
        plane_spacing=planes.spacing,
        placement=_placement(base, mpp),
    )


@dataclass(frozen=True, slots=True)
class _Planes:
    """The directories of each focal plane, lowest offset first, and their distance in µm."""

    pyramids: Sequence[Sequence[Directory]]
    spacing: float = 0.0
    remarks: tuple[str, ...] = ()


def _planes(tiff: TiffFile, base: Directory) -> _Planes:
    """Raise `SlideError` where several images of one size are not told to be focal planes."""
    bases = [each for each in tiff.directories if is_tiled(each) and size(each) == size(base)]
    pyramids = [[each] for each in bases]
    if len(bases) > 1 and not any(_FOCUS & _keys(each).keys() for each in bases):
        raise SlideError(
            "it holds several images of one size, and does not say that they are focal planes.",
            place=f"{bases[0].place}, {bases[1].place}",
            rule="OffsetZ, TotalDepth or BestFocusLayer in their descriptions",
            remedy="Export one focal plane of one channel, or the slide as DICOM.",
        )
    seen: dict[tuple[int, int], int] = {}
    for directory in tiff.directories:
        if is_tiled(directory) and is_reduction(directory, base):
            number = seen.get(size(directory), 0)
            seen[size(directory)] = number + 1
            if number >= len(bases):
                raise directory.damaged("two images of one focal plane have the same size")
            pyramids[number].append(directory)
    return _sorted_planes(pyramids) if len(bases) > 1 else _Planes(pyramids)


def _sorted_planes(pyramids: Sequence[Sequence[Directory]]) -> _Planes:
    """By their offsets, where every plane but the first one tells its own."""
    told = [_keys(pyramid[0]) for pyramid in pyramids]
    texts = [keys.get("OffsetZ", "" if number else "0") for number, keys in enumerate(told)]
    offsets = [_number(text) for text in texts]
    known = [offset for offset in offsets if offset is not None]
    remarks = tuple(
        f"its best focus is in layer {keys['BestFocusLayer']}, as its scanner counts them."
        for keys in told[:1]
        if re.fullmatch("[0-9]{1,3}", keys.get("BestFocusLayer", ""))
    )
    if len(set(known)) != len(pyramids):
        remark = "its focal planes do not tell their offsets; they lie in the order of the file."
        return _Planes(pyramids, 0.0, (*remarks, remark))
    order = sorted(range(len(pyramids)), key=lambda number: known[number])
    steps = [b - a for a, b in pairwise(sorted(known))]
    if max(steps) - min(steps) > 0.01 * max(steps):
        remark = "its focal planes are not equally far from each other: no distance is told."
        return _Planes([pyramids[number] for number in order], 0.0, (*remarks, remark))
    spacing = sum(steps) / len(steps)
    return _Planes([pyramids[number] for number in order], spacing, remarks)


def _keys(directory: Directory) -> Mapping[str, str]:
    return dict(describe(directory.text(DESCRIPTION)))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) and abs(value) < 1e6 else None


def _is_channel(base: Directory) -> bool:
    """Whether the slide is one fluorescence channel: grey, of 16 bits or with a wavelength."""
    is_grey = base.number(277, 1) == 1
    return is_grey and (base.number(258, 1) == 16 or bool(_FLUORESCENCE & _keys(base).keys()))


def _placement(base: Directory, mpp: Mpp | None) -> tuple[float, float] | None:
    """From `Left` and `Top`, which are those of the whole scan, and where it was cut out of it."""
    keys = _keys(base)
    left, top = _number(keys.get("Left", "")), _number(keys.get("Top", ""))
    if left is None or top is None or mpp is None:
        return None
    crops = _CROP.findall(keys.get("Header", ""))
    across = left + sum(int(x) for x, _ in crops) * mpp[0] / 1000
    down = GLASS_HEIGHT - top + sum(int(y) for _, y in crops) * mpp[1] / 1000
    return (across, down) if 0 <= across < 3 * GLASS_HEIGHT and 0 <= down < GLASS_HEIGHT else None


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
                is_known = key == "Dye" and known_fluorophore(value)
                name = "Fluorophore" if is_known else key
                yield Field(f"{directory.place} ImageDescription", f"Aperio.{name}", value)


def _mpp(base: Directory) -> Mpp | None:
    stated = dict(describe(base.text(DESCRIPTION))).get("MPP")
    return (parse_mpp(stated) if stated else None) or resolution_mpp(base)


def _associated(tiff: TiffFile, pyramids: Sequence[Sequence[Directory]]) -> Iterator[Associated]:
    levels = {directory.place for pyramid in pyramids for directory in pyramid}
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


_SERIALS = ("Aperio.ScanScope ID", "Aperio.ScanScopeID", "Aperio.Scanner ID")
"""One field in the spellings of different scanners."""


def _scanner(kept: Mapping[str, str]) -> Scanner:
    power = kept.get("Aperio.AppMag", "")
    return Scanner(
        manufacturer="Leica Biosystems",
        model=kept.get("Aperio.ScannerType") or "Aperio",
        serial=next((kept[name] for name in _SERIALS if name in kept), ""),
        software=kept.get("Aperio.Header", "").split("\n")[0].strip(),
        magnification=float(power) if power.replace(".", "", 1).isdecimal() else None,
    )


def _channels_of(base: Directory) -> ChannelsOf:
    """The one channel of a fluorescence slide; each channel is a file of its own."""
    keys = _keys(base)

    def number(kept: Mapping[str, str], key: str) -> float | None:
        value = _number(keys.get(key, "")) if f"Aperio.{key}" in kept else None
        return value if value and value > 0 else None

    def describe_channels(kept: Mapping[str, str], /) -> Sequence[Channel]:
        if not _is_channel(base):
            return ()
        time, scale = number(kept, "Exposure Time"), number(kept, "Exposure Scale")
        dye = known_fluorophore(keys.get("Dye", ""))
        channel = Channel(
            dye=dye if "Aperio.Fluorophore" in kept else "",
            excitation=number(kept, "Excitation Wavelength"),
            emission=number(kept, "Emission Wavelength"),
            # Seconds, as Bio-Formats multiplies them.
            exposure=1000 * time * scale if time and scale else None,
        )
        return (channel,)

    return describe_channels


VENDOR = Vendor("aperio-svs", recognises, open_svs, (".svs",))
