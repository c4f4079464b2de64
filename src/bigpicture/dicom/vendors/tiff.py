"""Generic TIFF: a tiled pyramid, or a plain image in strips, of no vendor we know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.scale import resolution_mpp, scale_remarks
from bigpicture.dicom.slide import (
    Associated,
    Channel,
    OpenedSlide,
    Scanner,
    VendorSlide,
)
from bigpicture.dicom.tiff import Directory, TiffFile
from bigpicture.dicom.tiff_pyramid import (
    associated_image,
    build_pyramid,
    is_reduction,
    missing_remarks,
    size,
)
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

PROFILE = 34675
_BLACK_IS_ZERO = 1


def recognises(candidate: Candidate) -> bool:
    return candidate.tiff is not None


def open_tiff(candidate: Candidate) -> VendorSlide:
    """Open a TIFF; its first image is the base, smaller ones of the same shape its levels."""
    tiff = candidate.tiff
    assert tiff is not None
    base = tiff.directories[0]
    pyramid = [base, *_reductions(tiff, base)]
    is_channel = _is_channel(base)
    levels = build_pyramid(pyramid, is_channel=is_channel)
    remarks = (_CHANNEL.format(base.place),) if is_channel else ()
    mpp = resolution_mpp(base)
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=levels,
        associated=tuple(_others(tiff, pyramid)),
        fields=tuple(_fields(tiff)),
        mpp=mpp,
        profile=("TIFF.InterColorProfile", base.raw(PROFILE)) if PROFILE in base.tags else None,
        remarks=(*remarks, *missing_remarks(levels), *scale_remarks(mpp, candidate.place)),
        describe=_scanner,
        describe_channels=_channel if is_channel else _brightfield,
    )


_CHANNEL = (
    "{}: it is grey with 16 bits and says no more: it was taken for the intensities of one channel."
)


def _is_channel(base: Directory) -> bool:
    """Whether it can only be one channel's intensities: grey of 8 bits may be brightfield."""
    is_grey = base.number(277, 1) == 1 and base.number(262, -1) == _BLACK_IS_ZERO
    return is_grey and base.number(258, 1) == 16


def _channel(_: Mapping[str, str], /) -> Sequence[Channel]:
    return (Channel(),)


def _brightfield(_: Mapping[str, str], /) -> Sequence[Channel]:
    return ()


def _reductions(tiff: TiffFile, base: Directory) -> Iterator[Directory]:
    """Reduced images after the base or in its SubIFDs, each width once."""
    widths = {base.number(256, 0)}
    for directory in (*tiff.directories[1:], *base.children):
        width = directory.number(256, 0)
        if size(directory) == size(base):
            raise SlideError(
                "it holds several images of the same size.",
                place=f"{base.place}, {directory.place}",
                rule="one 8-bit brightfield image and its reductions",
                remedy="Export one focal plane of a brightfield slide.",
            )
        if width not in widths and is_reduction(directory, base):
            widths.add(width)
            yield directory


def _others(tiff: TiffFile, pyramid: list[Directory]) -> Iterator[Associated]:
    """What is no level may show the label: it counts as an overview and is dropped."""
    levels = {directory.place for directory in pyramid}
    for directory in tiff.all:
        if directory.place not in levels and 256 in directory.tags:
            yield associated_image(directory, Flavour.OVERVIEW)


def _fields(tiff: TiffFile) -> Iterator[Field]:
    for directory in tiff.directories:
        yield from directory.fields()


def _scanner(kept: Mapping[str, str]) -> Scanner:
    return Scanner(
        manufacturer=kept.get("TIFF.Make", ""),
        model=kept.get("TIFF.Model", ""),
        software=kept.get("TIFF.Software", ""),
    )


VENDOR = Vendor("generic-tiff", recognises, open_tiff, (".tif", ".tiff"))
