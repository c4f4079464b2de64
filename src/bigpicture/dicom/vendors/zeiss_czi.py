"""Zeiss CZI: one file of subblocks, their directory and metadata in XML (Axioscan, ZEN)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.markup import Markup, read_markup
from bigpicture.dicom.picture import MOST_PIXELS, draw_jpeg, draw_level
from bigpicture.dicom.scale import Mpp, credible, scale_remarks
from bigpicture.dicom.slide import Associated, Channel, OpenedSlide, Pixels, Scanner, VendorSlide
from bigpicture.dicom.zisraw import Attachment, Zisraw, is_zisraw, read_zisraw
from bigpicture.dicom.zisraw_pyramid import Pyramid, read_pyramid
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

_FLAVOURS = {
    "Label": Flavour.LABEL,
    "SlidePreview": Flavour.OVERVIEW,
    "Thumbnail": Flavour.THUMBNAIL,
}
_ROOT = ("ImageDocument", "Metadata")
_CHANNEL = "Information.Image.Dimensions.Channels.Channel"
_DISTANCE = "Scaling.Items.Distance"
_OBJECTIVE = "Information.Instrument.Objectives.Objective"
_OBJECTIVE_USED = "Information.Image.ObjectiveSettings.ObjectiveRef"
_ELECTRON_MICROSCOPE = "Appliances.Appliance.Data.SEMData"
_SETTINGS = ("HardwareSetting.", "Experiment.")
_TYPED = "Experiment.AutoSave."
_TELLING = re.compile(
    r"\b[A-Za-z]:[\\/][^|<>\"]+|\\\\[^|<>\"]+"  # a path
    r"|(?<![\w.+-])[\w.+-]+@[\w.-]+"  # an address
    r"|\d{4}-\d\d-\d\d[\w.:+-]*"  # a date
    r"|(?<![\w.:-])(?!\d+\.\d+)[\w.:-]*\d{7,}[\w.:-]*"  # a serial number, an identifier
)
"""Each alternative begins only where a word does: a long text takes no longer than it is."""
_DEEPEST = 256
"""Nested elements: ZEN writes conditions of its devices 65 deep."""
_NANOSECONDS_PER_MILLISECOND = 1e6
_MICROMETRES_PER_METRE = 1e6


@dataclass(frozen=True, slots=True)
class _Element:
    """An element of the metadata: its path below `Metadata`, joined by points."""

    path: str
    markup: Markup


def recognises(candidate: Candidate) -> bool:
    return is_zisraw(candidate.head)


def open_zeiss_czi(candidate: Candidate) -> VendorSlide:
    """Open a CZI; raises `SlideError` where it is no slide of light microscopy, or is damaged."""
    assert candidate.source is not None
    container = read_zisraw(candidate.source, place=candidate.place)
    elements = tuple(_elements(container))
    if any(element.path == _ELECTRON_MICROSCOPE for element in elements):
        raise _no_light(candidate.place)
    pyramid = read_pyramid(container)
    attachments = tuple(container.attached())
    mpp = _mpp(elements)
    described = tuple(_numbered(pyramid, tuple(_below(elements, _CHANNEL))))
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=pyramid.levels,
        associated=tuple(_associated(container, attachments)),
        fields=tuple(_fields(container, elements, attachments)),
        mpp=mpp,
        profile=None,
        remarks=(
            *pyramid.remarks,
            *_remarks(container, pyramid),
            *scale_remarks(mpp, candidate.place),
        ),
        describe=lambda kept: _scanner(kept, _magnification(elements)),
        describe_channels=_describe_channels(pyramid, described),
        plane_spacing=_plane_spacing(elements, pyramid),
        # OpenSlide 4.0 draws overlapping tiles in the order contrary to that of Zeiss's own reader.
        agrees_with_openslide=False,
    )


def _no_light(place: str) -> SlideError:
    return SlideError(
        "this image comes from an electron microscope.",
        place=place,
        rule="slides are seen in light: DICOM's optical paths have no place for electrons",
        remedy="Keep it beside the archive.",
    )


def _elements(container: Zisraw) -> Iterator[_Element]:
    text = container.xml()
    if not text:
        return
    parents: list[str] = []
    for markup in read_markup(text, place=f"{container.place} metadata", deepest=_DEEPEST):
        del parents[markup.depth :]
        parents.append(markup.name)
        below = parents[len(_ROOT) :] if tuple(parents[: len(_ROOT)]) == _ROOT else parents
        yield _Element(".".join(below or parents), markup)


def _below(elements: Sequence[_Element], path: str) -> Iterator[list[_Element]]:
    """Each element at `path` with all that is in it, the element first."""
    group: list[_Element] = []
    for element in elements:
        if element.path == path:
            if group:
                yield group
            group = [element]
        elif group and element.path.startswith(f"{path}."):
            group.append(element)
        elif group:
            yield group
            group = []
    if group:
        yield group


def _number(text: str) -> float | None:
    """A number as the metadata write it, None where it is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _distances(elements: Sequence[_Element]) -> Mapping[str, float]:
    """Micrometres from one pixel, or plane, to the next, by axis: X, Y, Z."""
    found: dict[str, float] = {}
    for group in _below(elements, _DISTANCE):
        axis = group[0].markup.attributes.get("Id", "")
        for element in group[1:]:
            value = _number(element.markup.text)
            if element.path == f"{_DISTANCE}.Value" and value is not None:
                found.setdefault(axis, value * _MICROMETRES_PER_METRE)
    return found


def _mpp(elements: Sequence[_Element]) -> Mpp | None:
    distances = _distances(elements)
    return credible(distances.get("X", 0.0), distances.get("Y", 0.0))


def _plane_spacing(elements: Sequence[_Element], pyramid: Pyramid) -> float:
    spacing = _distances(elements).get("Z", 0.0)
    return spacing if pyramid.stack.planes > 1 and spacing > 0 else 0.0


def _fields(
    container: Zisraw, elements: Sequence[_Element], attachments: Sequence[Attachment]
) -> Iterator[Field]:
    for name, guid in zip(("PrimaryFileGuid", "FileGuid"), container.guids, strict=True):
        yield Field(f"{container.place} header", f"Zeiss.File.{name}", guid)
    for element in elements:
        place = f"{container.place} metadata line {element.markup.line}"
        for attribute, value in element.markup.attributes.items():
            yield _field(place, f"{element.path}@{attribute}", value)
        text = " ".join(element.markup.text.split())
        if text:
            yield _field(place, element.path, text)
    for attachment in attachments:
        place = f"{container.place} attachment {attachment.number}"
        yield Field(place, "Zeiss.Attachment@Name", attachment.name)
        yield Field(place, "Zeiss.Attachment@Type", attachment.kind)


def _field(place: str, path: str, value: str) -> Field:
    """A field of the metadata; of a setting of the device only those parts that may tell of it.

    ZEN writes thousands of settings in a program's own words (`Open`, `Monochrome`, `Name`) and in
    small numbers. Searching the output for these finds DICOM's words, and nothing that identifies.
    """
    if path.startswith(_SETTINGS) and not path.startswith(_TYPED):
        value = "|".join(dict.fromkeys(_TELLING.findall(value)))
    return Field(place, f"Zeiss.{path}", value)


def _associated(container: Zisraw, attachments: Sequence[Attachment]) -> Iterator[Associated]:
    for attachment in attachments:
        flavour = _FLAVOURS.get(attachment.name)
        if flavour is not None:
            columns, rows = container.image_size(attachment)
            place = f"{container.place} attachment {attachment.number}"
            draw = partial(_draw, container, attachment, place)
            yield Associated(flavour, place, columns, rows, draw)


def _draw(container: Zisraw, attachment: Attachment, place: str) -> Pixels:
    inside = container.inside(attachment)
    if attachment.kind == "CZI":
        return draw_level(read_pyramid(read_zisraw(inside, place=place)).levels[0])
    return draw_jpeg(inside.read(0, min(inside.size, MOST_PIXELS)), place=place)


def _remarks(container: Zisraw, pyramid: Pyramid) -> Iterator[str]:
    place = container.place
    if pyramid.scenes > 1:
        yield f"{place}: {pyramid.scenes} scenes lie on one canvas, with background between them."
    if container.is_pending:
        yield f"{place}: it says that its writer had not finished; what it lists was read."


def _magnification(elements: Sequence[_Element]) -> str:
    """The power of the objective that the image refers to, or of the only one."""
    used = [
        element.markup.attributes.get("Id") for element in elements
        if element.path == _OBJECTIVE_USED
    ]  # fmt: skip
    powers: dict[str | None, str] = {}
    for group in _below(elements, _OBJECTIVE):
        for element in group:
            if element.path == f"{_OBJECTIVE}.NominalMagnification":
                powers[group[0].markup.attributes.get("Id")] = element.markup.text.strip()
    if used and used[0] in powers:
        return powers[used[0]]
    return next(iter(powers.values())) if len(powers) == 1 else ""


def _scanner(kept: Mapping[str, str], magnification: str) -> Scanner:
    instrument = "Zeiss.Information.Instrument.Microscopes.Microscope"
    power = _number(magnification)
    is_kept = f"Zeiss.{_OBJECTIVE}.NominalMagnification" in kept
    software = ("Name", "Version")
    return Scanner(
        manufacturer="Zeiss",
        model=kept.get(f"{instrument}@Name") or kept.get(f"{instrument}.System", ""),
        serial=kept.get(f"{instrument}.Manufacturer.SerialNumber")
        or kept.get(f"{instrument}.SerialNumber", ""),
        software=" ".join(
            kept[name]
            for name in (f"Zeiss.Information.Application.{part}" for part in software)
            if name in kept
        ),
        magnification=power if is_kept and power is not None and power > 0 else None,
    )


def _numbered(pyramid: Pyramid, groups: Sequence[list[_Element]]) -> Iterator[Mapping[str, str]]:
    """What is told of each optical path, by the element's name below `Channel`.

    The image's channels are listed in the order of their numbers in the directory.
    """
    for number in pyramid.channels:
        group = groups[number] if number < len(groups) else []
        told: dict[str, str] = {}
        for element in group[1:]:
            told.setdefault(element.path[len(_CHANNEL) + 1 :], element.markup.text.strip())
        yield told


def _describe_channels(
    pyramid: Pyramid, described: Sequence[Mapping[str, str]]
) -> Callable[[Mapping[str, str]], Sequence[Channel]]:
    """What is told of the optical paths, so far as the fields' names are kept."""

    def describe(kept: Mapping[str, str]) -> Sequence[Channel]:
        if pyramid.stack.samples == 3:
            return ()
        return tuple(
            _channel({key: text for key, text in told.items() if f"Zeiss.{_CHANNEL}.{key}" in kept})
            for told in described
        )

    return describe


def _channel(told: Mapping[str, str]) -> Channel:
    exposure = _positive(told.get("ExposureTime", ""))
    return Channel(
        dye=told.get("Fluor", ""),
        colour=_colour(told.get("Color", "")),
        excitation=_positive(told.get("ExcitationWavelength", "")),
        emission=_positive(told.get("EmissionWavelength", "")),
        exposure=exposure / _NANOSECONDS_PER_MILLISECOND if exposure else None,
    )


def _positive(text: str) -> float | None:
    value = _number(text)
    return value if value is not None and value > 0 else None


def _colour(text: str) -> tuple[int, int, int] | None:
    """`#AARRGGBB` or `#RRGGBB`."""
    digits = text.removeprefix("#")
    if not text.startswith("#") or len(digits) not in {6, 8} or not digits.isascii():
        return None
    try:
        red, green, blue = bytes.fromhex(digits)[-3:]
    except ValueError:
        return None
    return red, green, blue


VENDOR = Vendor("zeiss-czi", recognises, open_zeiss_czi, (".czi",))
