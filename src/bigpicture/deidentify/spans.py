"""Spans: which parts of an instance are text, and which are packed numbers."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bigpicture.deidentify.check import end_of_pixels
from bigpicture.deidentify.segments import Segments
from bigpicture.dicom.fragments import find_frames
from bigpicture.dicom.read import Instance
from bigpicture.model.source import ByteSource

_ICC_TABLE = 132
_ICC_TEXTS = frozenset({b"text", b"desc", b"mluc", b"ucmt", b"dict"})
_ITEM_HEAD = 8


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a file in bytes. `is_text` where every needle counts: all but packed numbers.

    `segments` finds the texts among them, where they are frames.
    """

    start: int
    end: int
    is_text: bool
    segments: Segments | None = None


def spans_of(source: ByteSource, instance: Instance) -> list[Span]:
    """The parts of an instance: text, and packed numbers (offset tables, colours, pixels).

    Short strings turn up by chance in packed numbers, so only long ones are searched there. Bytes
    between the frames that belong to none are text.
    """
    end = end_of_pixels(source, instance)
    frames, gaps = _frames(source, instance, end)
    packed = sorted(
        [
            *((each.value, each.value + each.length) for each in instance.offset_elements or ()),
            *_profiles(source, instance),
        ]
    )
    spans: list[Span] = []
    position = 0
    for start, stop in packed:
        spans += [Span(position, start, True), Span(start, stop, False)]
        position = max(position, stop)
    first = instance.pixel_element.value
    spans += [Span(position, first, True), Span(first, end, False, frames)]
    spans += [Span(start, stop, True) for start, stop in gaps]
    spans.append(Span(end, source.size, True))
    return [span for span in spans if span.end > span.start]


def _frames(
    source: ByteSource, instance: Instance, end: int
) -> tuple[Segments, list[tuple[int, int]]]:
    """Where the frames lie, and what lies between them beyond heads of items and even bytes."""
    found = find_frames(source, instance)
    starts = np.asarray(found.offsets).astype(np.int64) + found.base
    order = np.argsort(starts, kind="stable")
    starts = starts[order]
    ends = starts + np.asarray(found.lengths).astype(np.int64)[order]
    segments = Segments(source, starts, ends, instance.transfer_syntax)
    if not len(starts):
        return segments, []
    head = _ITEM_HEAD if found.is_encapsulated else 0
    after = np.append(starts[1:] - head, end - head)
    loose = np.flatnonzero(after - ends > 1)
    return segments, [(int(ends[each]), int(after[each])) for each in loose]


def _profiles(source: ByteSource, instance: Instance) -> Iterator[tuple[int, int]]:
    """Where the packed numbers of colour profiles lie; they are nested, so looked for by bytes."""
    header = source.read(0, instance.layout.end)
    after = 0
    for path in instance.header.get("OpticalPathSequence", None) or []:
        profile: Any = path.get("ICCProfile", None)
        start = header.find(bytes(profile), after) if profile else -1
        if start >= 0:
            after = start + len(profile)
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
