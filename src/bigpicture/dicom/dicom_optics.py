"""The channels of a DICOM slide, out of what it says of its optical paths."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from pydicom.dataset import Dataset

from bigpicture.dicom.code import EPIFLUORESCENCE
from bigpicture.dicom.slide import Channel, ChannelsOf
from bigpicture.model.fluorophore import known_fluorophore

_COLOURS = ("Red", "Green", "Blue")
_LONGEST_WAVE = 10_000.0
"""Nanometres."""


def describe_paths(paths: Sequence[Dataset]) -> ChannelsOf:
    """Channels of grey optical paths, in their order; an attribute counts where a rule keeps it.

    A path's description is free text that a person types: of it only a known fluorophore goes on.
    """

    def describe(kept: Mapping[str, str]) -> Sequence[Channel]:
        return tuple(_channel(path, kept) for path in paths)

    return describe


def is_fluorescence(path: Dataset) -> bool:
    """Whether a path's illumination is that of fluorophores (PS3.16 CID 8123)."""
    told = path.get("IlluminationTypeCodeSequence", None) or []
    return any(item.get("CodeValue", "") == EPIFLUORESCENCE.code for item in told)


def _channel(path: Dataset, kept: Mapping[str, str]) -> Channel:
    is_described = "DICOM.OpticalPathDescription" in kept
    described = str(path.get("OpticalPathDescription", "")) if is_described else ""
    return Channel(
        dye=known_fluorophore(described),
        colour=_colour(path, kept),
        excitation=_wave(path, "IlluminationWaveLength", kept)
        or _wave(path, "LightPathFilterPassThroughWavelength", kept),
        emission=_wave(path, "ImagePathFilterPassThroughWavelength", kept),
    )


def _wave(path: Dataset, keyword: str, kept: Mapping[str, str]) -> float | None:
    if f"DICOM.{keyword}" not in kept:
        return None
    try:
        length = float(str(path.get(keyword, None)))
    except ValueError:
        return None
    return length if 0 < length < _LONGEST_WAVE else None


def _colour(path: Dataset, kept: Mapping[str, str]) -> tuple[int, int, int] | None:
    """What the brightest sample is shown as: the last entry of each lookup table (C.7.6.23)."""
    items = path.get("PaletteColorLookupTableSequence", None)
    if not items:
        return None
    ends = [_last_entry(items[0], f"{colour}PaletteColorLookupTable", kept) for colour in _COLOURS]
    red, green, blue = ends
    return None if red is None or green is None or blue is None else (red, green, blue)


def _last_entry(tables: Dataset, name: str, kept: Mapping[str, str]) -> int | None:
    """0 to 255; of a segmented table the value at which its last segment ends (C.7.9.2)."""
    descriptor = tables.get(f"{name}Descriptor", None)
    plain = tables.get(f"{name}Data", None)
    keyword = f"{name}Data" if plain is not None else f"Segmented{name}Data"
    data = tables.get(keyword, None)
    is_kept = f"DICOM.{keyword}" in kept
    if not is_kept or not isinstance(data, bytes) or descriptor is None or len(descriptor) != 3:
        return None
    bits = int(descriptor[2])
    if bits == 8 and plain is not None and len(data) == int(descriptor[0]):
        return data[-1]
    if len(data) < 2 or bits not in {8, 16}:
        return None
    (last,) = struct.unpack_from("<H", data, len(data) // 2 * 2 - 2)
    if plain is None and not _ends_in_value(data):
        return None
    return last >> 8 if bits == 16 else min(last, 255)


def _ends_in_value(data: bytes) -> bool:
    """Whether a segmented table ends in a discrete (0) or linear (1) segment, not a reference."""
    words = struct.unpack(f"<{len(data) // 2}H", data[: len(data) // 2 * 2])
    at, is_value = 0, False
    while at + 1 < len(words):
        kind, length = words[at], words[at + 1]
        is_value = kind in {0, 1}
        at += 2 + (length if kind == 0 else 1 if kind == 1 else 2)
    return is_value and at == len(words)
