"""The proof: every byte of the written instances searched, and each judged by the allow-list."""

from __future__ import annotations

import struct
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

_ICC_TABLE = 132
_ICC_TEXTS = frozenset({b"text", b"desc", b"mluc", b"ucmt", b"dict"})


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
    """Where the packed numbers of colour profiles lie; they are nested, so looked for by bytes."""
    header = source.read(0, instance.layout.end)
    for path in instance.header.get("OpticalPathSequence", None) or []:
        profile: Any = path.get("ICCProfile", None)
        start = header.find(bytes(profile)) if profile else -1
        if start >= 0:
            for first, last in packed_parts(bytes(profile)):
                yield start + first, start + last


def packed_parts(profile: bytes) -> list[tuple[int, int]]:
    """The tags of a colour profile that hold numbers; the others may name the device.

    ICC.1:2022 7.3: a table of (signature, offset, size) after 128 bytes; the type of a tag is its
    first four bytes. A profile that does not parse is text altogether.
    """
    if len(profile) < _ICC_TABLE:
        return []
    (count,) = struct.unpack_from(">I", profile, _ICC_TABLE - 4)
    parts: list[tuple[int, int]] = []
    for number in range(min(count, (len(profile) - _ICC_TABLE) // 12)):
        _, offset, size = struct.unpack_from(">4sII", profile, _ICC_TABLE + 12 * number)
        if offset + size <= len(profile) and profile[offset : offset + 4] not in _ICC_TEXTS:
            parts.append((offset, offset + size))
    return _joined(parts)


def _joined(parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Tags may share their bytes: the parts in order, without overlap."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(parts):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
