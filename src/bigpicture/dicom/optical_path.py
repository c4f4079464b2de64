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
from bigpicture.dicom.colour import srgb_profile
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
    """The optical path module (PS3.3 C.8.12.5): one item a path, in the order of frames.

    Intensities have a palette in every item. Each has a profile: of the colours it holds, or of
    those that its palette gives, which are ours.
    """
    named = dict(enumerate(optics.channels))
    is_lit_through = stack.samples > 1 and not named
    paths: list[Dataset] = []
    for number in range(stack.paths):
        path = _path(str(number), scanner)
        if is_lit_through:
            path.IlluminationTypeCodeSequence = code_sequence(BRIGHTFIELD)
            path.IlluminationColorCodeSequence = code_sequence(FULL_SPECTRUM)
        else:
            _fluorescence(path, named.get(number, Channel()))
        if stack.samples > 1:
            profile = optics.profile
        else:
            _palettes(path, number, named.get(number, Channel()), stack, optics)
            profile = srgb_profile()
        path.ICCProfile = profile + b"\0" * (len(profile) % 2)
        paths.append(path)
    dataset.OpticalPathSequence = Sequence(paths)
    dataset.NumberOfOpticalPaths = len(paths)


def _path(identifier: str, scanner: Scanner) -> Dataset:
    path = Dataset()
    path.OpticalPathIdentifier = identifier
    if scanner.magnification:
        path.ObjectiveLensPower = f"{scanner.magnification:g}"
    return path


def _fluorescence(path: Dataset, channel: Channel) -> None:
    path.IlluminationTypeCodeSequence = code_sequence(EPIFLUORESCENCE)
    wavelength = channel.excitation or channel.emission
    if wavelength:
        path.IlluminationWaveLength = float(wavelength)
    else:
        path.IlluminationColorCodeSequence = code_sequence(FULL_SPECTRUM)
    dye = known_fluorophore(channel.dye)
    if dye:
        path.OpticalPathDescription = dye


def _palettes(path: Dataset, number: int, channel: Channel, stack: Stack, optics: Optics) -> None:
    colour = channel.colour or COLOURS[number % len(COLOURS)]
    limit = (1 << stack.bits) - 1
    brightest = optics.brightest[number] if number < len(optics.brightest) else limit
    palette = _palette(colour, brightest=min(max(brightest, 1), limit), entries=limit + 1)
    path.PaletteColorLookupTableSequence = Sequence([palette])


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
