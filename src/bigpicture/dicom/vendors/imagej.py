"""ImageJ's TIFF: a description that begins with `ImageJ=` counts channels, slices and frames.

Written from ImageJ's public documentation of its TIFF format: `key=value` lines, planes in the
order channels, slices, frames, and resolution tags that count pixels of the described unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.scale import Mpp, credible, resolution_mpp, scale_remarks
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
    missing_remarks,
)
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

DESCRIPTION = 270
PROFILE = 34675

_START = b"ImageJ="
_MICROMETRES = {
    "nm": 1e-3, "um": 1.0, "µm": 1.0, "μm": 1.0, "\\u00B5m": 1.0, "micron": 1.0, "microns": 1.0,
    "mm": 1e3, "cm": 1e4, "inch": 25_400.0,
}  # fmt: skip


def recognises(candidate: Candidate) -> bool:
    tiff = candidate.tiff
    return tiff is not None and tiff.directories[0].raw(DESCRIPTION).startswith(_START)


@dataclass(frozen=True, slots=True)
class _Hyperstack:
    """How many planes there are, channels running fastest."""

    channels: int
    slices: int
    frames: int

    @property
    def images(self) -> int:
        return self.channels * self.slices * self.frames


def open_imagej(candidate: Candidate) -> VendorSlide:
    """Open an ImageJ TIFF; raises `SlideError` where it has several times or hidden planes."""
    tiff = candidate.tiff
    assert tiff is not None
    base = tiff.directories[0]
    told = dict(describe(base.text(DESCRIPTION)))
    counts = _counts(told, base)
    is_single = counts.images == 1
    # One grey plane of 8 bits may be brightfield, as in any TIFF.
    is_channel = base.number(277, 1) == 1 and not (is_single and base.number(258, 1) == 8)
    if not is_channel and counts.channels > 1:
        raise base.damaged("its channels are coloured images")
    images = _images(tiff, counts)
    levels = build_stacks(
        images, planes=counts.slices, paths=counts.channels, is_channel=is_channel
    )
    mpp = _mpp(told, base)
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=levels,
        associated=tuple(_others(tiff, images)),
        fields=tuple(_fields(tiff)),
        mpp=mpp,
        profile=("TIFF.InterColorProfile", base.raw(PROFILE)) if PROFILE in base.tags else None,
        remarks=(*missing_remarks(levels), *scale_remarks(mpp, candidate.place)),
        describe=lambda _: Scanner(),
        describe_channels=_channels_of(counts.channels if is_channel else 0),
        plane_spacing=_spacing(told) if counts.slices > 1 else 0.0,
    )


def describe(text: str) -> Iterator[tuple[str, str]]:
    """The `key=value` lines; other lines are a `Text`."""
    for line in text.splitlines():
        key, is_pair, value = line.partition("=")
        if line.strip():
            yield (key.strip(), value.strip()) if is_pair else ("Text", line.strip())


def _counts(told: Mapping[str, str], base: Directory) -> _Hyperstack:
    """A stack that is no hyperstack counts its `images` as slices."""
    numbers = {
        key: _count(told.get(key, "1")) for key in ("images", "channels", "slices", "frames")
    }
    if "slices" not in told and numbers["channels"] == numbers["frames"] == 1:
        numbers["slices"] = numbers["images"]
    found = _Hyperstack(numbers["channels"], numbers["slices"], numbers["frames"])
    if min(numbers.values()) < 1 or ("images" in told and found.images != numbers["images"]):
        raise base.damaged("its description counts its planes in two ways")
    if found.frames > 1:
        raise SlideError(
            f"this ImageJ stack has {found.frames} times.",
            place=base.place,
            rule="one time",
            remedy="Export one time of it.",
        )
    return found


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _images(tiff: TiffFile, counts: _Hyperstack) -> list[list[Directory]]:
    """The directory of each plane with its reductions, in the order of TILED_FULL."""
    if counts.images > len(tiff.directories):
        raise SlideError(
            f"{counts.images} planes are described, but there are {len(tiff.directories)} images.",
            place=tiff.directories[0].place,
            rule="a directory for each plane; ImageJ leaves them out beyond 4 GiB",
            remedy="Save it as OME-TIFF with Bio-Formats.",
        )
    numbers = [
        z * counts.channels + c for c in range(counts.channels) for z in range(counts.slices)
    ]
    planes = [tiff.directories[number] for number in numbers]
    return [
        [plane, *(child for child in plane.children if is_reduction(child, plane))]
        for plane in planes
    ]


def _others(tiff: TiffFile, images: Sequence[Sequence[Directory]]) -> Iterator[Associated]:
    used = {directory.place for image in images for directory in image}
    for directory in tiff.all:
        if directory.place not in used and 256 in directory.tags:
            yield associated_image(directory, Flavour.OVERVIEW)


def _mpp(told: Mapping[str, str], base: Directory) -> Mpp | None:
    """The resolution tags in the described unit; without one, in their own."""
    unit = _MICROMETRES.get(told.get("unit", ""))
    if unit is None:
        return resolution_mpp(base) if "unit" not in told else None
    across, down = base.ratio(282), base.ratio(283)
    return credible(unit / across, unit / down) if across and down else None


def _spacing(told: Mapping[str, str]) -> float:
    unit = _MICROMETRES.get(told.get("unit", ""), 0.0)
    try:
        spacing = float(told.get("spacing", "0")) * unit
    except ValueError:
        return 0.0
    return spacing if 0 < spacing < 1000 else 0.0


def _fields(tiff: TiffFile) -> Iterator[Field]:
    for directory in tiff.directories:
        yield from directory.fields()
    for directory in tiff.all:
        if directory.raw(DESCRIPTION).startswith(_START):
            for key, value in describe(directory.text(DESCRIPTION)):
                yield Field(f"{directory.place} ImageDescription", f"ImageJ.{key}", value)


def _channels_of(count: int) -> ChannelsOf:
    def describe_channels(_: Mapping[str, str], /) -> Sequence[Channel]:
        return (Channel(),) * count

    return describe_channels


VENDOR = Vendor("imagej-tiff", recognises, open_imagej, (".tif", ".tiff"))
