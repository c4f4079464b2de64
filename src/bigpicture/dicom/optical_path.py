"""Optical paths: what light went through the slide, and how a channel is shown in colour."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from bigpicture.dicom.code import (
    BRIGHTFIELD,
    EPIFLUORESCENCE,
    FULL_SPECTRUM,
    code_sequence,
)
from bigpicture.dicom.slide import Channel, Scanner, Stack
from bigpicture.model.fluorophore import known_fluorophore

COLOURS = ((0, 96, 255), (0, 255, 0), (255, 0, 0), (255, 255, 0), (255, 0, 255), (0, 255, 255))
"""For channels whose source names no colour, in turn: the first is, as a rule, a nuclear stain."""

_DISCRETE, _LINEAR = 0, 1
_FULL = 0xFFFF
_LARGEST = 1 << 16


@dataclass(frozen=True, slots=True)
class Optics:
    """What light went through, and where the tissue lies: the same for all levels of a slide.

    `channels` are the optical paths of a fluorescence slide, none of a brightfield one, with the
    `brightest` value of each that is worth showing. `plane_spacing` is micrometres between focal
    planes. `placement` is where level 0 begins: millimetres right of and below the glass's upper
    left corner, as the image shows it; None where it is not known.
    """

    profile: bytes
    channels: tuple[Channel, ...] = ()
    brightest: tuple[int, ...] = ()
    plane_spacing: float = 0.0
    placement: tuple[float, float] | None = None


def write_optical_paths(dataset: Dataset, scanner: Scanner, stack: Stack, optics: Optics) -> None:
    """The optical path module (PS3.3 C.8.12.5): one item a channel, in the order of frames."""
    if stack.samples > 1 and stack.paths == 1:
        path = _path("0", scanner)
        path.IlluminationTypeCodeSequence = code_sequence(BRIGHTFIELD)
        path.IlluminationColorCodeSequence = code_sequence(FULL_SPECTRUM)
        path.ICCProfile = _even(optics.profile)
        paths = [path]
    elif stack.samples > 1:
        channels = optics.channels or (Channel(),) * stack.paths
        paths = [_lit(number, channel, scanner) for number, channel in enumerate(channels)]
        for path in paths:
            path.ICCProfile = _even(optics.profile)
    else:
        channels = optics.channels or (Channel(),) * stack.paths
        paths = [
            _channel(number, channel, scanner, stack, optics)
            for number, channel in enumerate(channels)
        ]
    dataset.OpticalPathSequence = Sequence(paths)
    dataset.NumberOfOpticalPaths = len(paths)


def _path(identifier: str, scanner: Scanner) -> Dataset:
    path = Dataset()
    path.OpticalPathIdentifier = identifier
    if scanner.magnification:
        path.ObjectiveLensPower = f"{scanner.magnification:g}"
    return path


def _even(data: bytes) -> bytes:
    return data + b"\0" * (len(data) % 2)


def _lit(number: int, channel: Channel, scanner: Scanner) -> Dataset:
    """A channel's path without a palette: as some scanners store channels in colour, it has one."""
    path = _path(str(number), scanner)
    path.IlluminationTypeCodeSequence = code_sequence(EPIFLUORESCENCE)
    wavelength = channel.excitation or channel.emission
    if wavelength:
        path.IlluminationWaveLength = float(wavelength)
    else:
        path.IlluminationColorCodeSequence = code_sequence(FULL_SPECTRUM)
    dye = known_fluorophore(channel.dye)
    if dye:
        path.OpticalPathDescription = dye
    return path


def _channel(
    number: int, channel: Channel, scanner: Scanner, stack: Stack, optics: Optics
) -> Dataset:
    path = _lit(number, channel, scanner)
    colour = channel.colour or COLOURS[number % len(COLOURS)]
    limit = (1 << stack.bits) - 1
    brightest = optics.brightest[number] if number < len(optics.brightest) else limit
    palette = _palette(colour, brightest=min(max(brightest, 1), limit), entries=limit + 1)
    path.PaletteColorLookupTableSequence = Sequence([palette])
    return path


def _palette(colour: tuple[int, int, int], *, brightest: int, entries: int) -> Dataset:
    """A ramp from black at 0 to `colour` at `brightest`, then level (PS3.3 C.7.9.2)."""
    item = Dataset()
    for name, value in zip(("Red", "Green", "Blue"), colour, strict=True):
        top = value * _FULL // 255
        words = [_DISCRETE, 1, 0, _LINEAR, brightest, top]
        if brightest < entries - 1:
            words += [_LINEAR, entries - 1 - brightest, top]
        data = struct.pack(f"<{len(words)}H", *words)
        descriptor = [entries % _LARGEST, 0, 16]
        setattr(item, f"{name}PaletteColorLookupTableDescriptor", descriptor)
        setattr(item, f"Segmented{name}PaletteColorLookupTableData", data)
    return item


def read_palette(path: Dataset) -> tuple[tuple[int, int, int], int] | None:
    """Colour and brightest value of an item as written above; None where there is none such."""
    items = path.get("PaletteColorLookupTableSequence", None) or []
    if not items:
        return None
    colour: list[int] = []
    brightest = 0
    for name in ("Red", "Green", "Blue"):
        data = items[0].get(f"Segmented{name}PaletteColorLookupTableData", None) or b""
        words = struct.unpack(f"<{len(data) // 2}H", data[: len(data) // 2 * 2])
        if len(words) < 6 or words[:4] != (_DISCRETE, 1, 0, _LINEAR):
            return None
        brightest = words[4]
        colour.append(words[5] * 255 // _FULL)
    return (colour[0], colour[1], colour[2]), brightest
