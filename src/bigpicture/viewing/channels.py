"""Channels: what the optical paths of a fluorescence slide are called, and their colours."""

from __future__ import annotations

from dataclasses import dataclass

from bigpicture.dicom.composite import ramps_of
from bigpicture.dicom.read import read_instance
from bigpicture.model.fluorophore import known_fluorophore
from bigpicture.model.source import ByteSource


@dataclass(frozen=True, slots=True)
class ShownChannel:
    """`name` is a fluorophore's, or nothing where the header names none; `colour` is #rrggbb."""

    name: str
    colour: str


def read_channels(source: ByteSource) -> tuple[ShownChannel, ...]:
    """The channels of a DICOM instance, in the order of its frames; none of a slide in colour."""
    instance = read_instance(source)
    if instance.samples != 1:
        return ()
    paths = list(instance.header.get("OpticalPathSequence", None) or [])
    ramps = ramps_of(instance.header, paths=instance.level.optical_paths, bits=instance.bits)
    names = [known_fluorophore(str(path.get("OpticalPathDescription", ""))) for path in paths]
    return tuple(
        ShownChannel(
            names[number] if number < len(names) else "", "#{:02x}{:02x}{:02x}".format(*ramp.colour)
        )
        for number, ramp in enumerate(ramps)
    )
