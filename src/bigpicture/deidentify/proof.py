"""The proof: every byte of the written instances searched, and each judged by the allow-list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bigpicture.deidentify.check import check_instance, end_of_pixels
from bigpicture.deidentify.finding import Finding
from bigpicture.deidentify.needles import Needle
from bigpicture.deidentify.report import Scanned
from bigpicture.deidentify.scan import ENCODINGS, Scan, Span
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.read import Instance, read_instance
from bigpicture.model.source import ByteSource


def prove(
    folder: Path, names: Sequence[str], needles: Sequence[Needle]
) -> tuple[list[Finding], Scanned]:
    """Check and search the instances `names` in `folder`; returns what was found, and how.

    Raises `SlideError` where one of them cannot be read again.
    """
    scan = Scan(needles)
    findings: list[Finding] = []
    length = 0
    for name in names:
        with FileSource(folder / name) as source:
            findings += check_instance(source, name)
            instance = read_instance(source, place=name)
            findings += scan.search(source, name=name, spans=spans_of(source, instance))
            length += source.size
    return findings, Scanned(scan.needle_count, length, ENCODINGS, len(findings))


def spans_of(source: ByteSource, instance: Instance) -> list[Span]:
    """The parts of an instance: text, and packed numbers (offset tables, colours, pixels).

    Short strings turn up by chance in packed numbers, so only long ones are searched there.
    """
    end = end_of_pixels(source, instance)
    packed = sorted(
        [
            *((each.value, each.value + each.length) for each in instance.offset_elements or ()),
            *_profiles(source, instance),
            (instance.pixel_element.value, end),
        ]
    )
    spans: list[Span] = []
    position = 0
    for start, stop in packed:
        spans += [Span(position, start, True), Span(start, stop, False)]
        position = stop
    spans.append(Span(position, source.size, True))
    return [span for span in spans if span.end > span.start]


def _profiles(source: ByteSource, instance: Instance) -> Iterator[tuple[int, int]]:
    """Where the colour profiles lie; they are nested, so they are looked for by their bytes."""
    header = source.read(0, instance.layout.end)
    for path in instance.header.get("OpticalPathSequence", None) or []:
        profile: Any = path.get("ICCProfile", None)
        if profile:
            start = header.find(bytes(profile))
            if start >= 0:
                yield start, start + len(profile)
