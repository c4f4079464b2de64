"""The stored frames of an instance: each in one piece, or joined from its fragments."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.elements import ITEM, SEQUENCE_END
from bigpicture.dicom.read import Instance
from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

_ITEM = struct.Struct("<HHI")
_SWEEP = 1 << 14
"""Frames that are checked at once."""
MAXIMUM_FRAGMENTS = 1 << 26


@dataclass(frozen=True)
class StoredFrames:
    """Offsets (from `base` on) and lengths of all fragments, in the order of the file.

    Both are the file's own tables where it has them: a million frames are found without a copy.
    `starts` is the first fragment of each frame with one more at the end, or None where each
    frame is one fragment. `is_encapsulated`: an item's head stands before each fragment.
    """

    source: ByteSource
    base: int
    offsets: NDArray[np.uint64]
    lengths: NDArray[np.uint64]
    starts: NDArray[np.int64] | None
    is_encapsulated: bool
    place: str

    def __len__(self) -> int:
        return len(self.offsets) if self.starts is None else len(self.starts) - 1

    @property
    def stored(self) -> int:
        """Bytes of all frames."""
        return int(self.lengths.sum())

    def frame(self, number: int) -> bytes:
        """The bytes of frame `number`, counted from 0; raises `SlideError` where there is none."""
        if self.starts is None:
            return self._fragment(number)
        first, last = int(self.starts[number]), int(self.starts[number + 1])
        return b"".join(self._fragment(each) for each in range(first, last))

    def _fragment(self, number: int) -> bytes:
        offset, length = self.base + int(self.offsets[number]), int(self.lengths[number])
        if not self.is_encapsulated:
            return self.source.read(offset, length)
        data = self.source.read(offset - _ITEM.size, length + _ITEM.size)
        group, element, held = _ITEM.unpack_from(data)
        # An extended table may leave out the zero that makes a fragment even.
        if group << 16 | element != ITEM or not length <= held <= length + 1:
            raise SlideError(
                "the offset table points at something that is no frame.",
                place=f"{self.place} frame {number}",
                rule="PS3.5 A.4",
                remedy="It is damaged: export it again.",
            )
        return data[_ITEM.size :]


def find_frames(source: ByteSource, instance: Instance) -> StoredFrames:
    """Find every frame: by the extended offset table, else item by item and the basic table.

    Each must lie inside the file, after the one before it; raises `SlideError` where not.
    """
    if not instance.is_encapsulated:
        found = _native(source, instance)
    else:
        found = _extended(source, instance) or _by_items(source, instance)
    _check(found, instance)
    return found


def _native(source: ByteSource, instance: Instance) -> StoredFrames:
    level = instance.level
    length = level.tile_columns * level.tile_rows * instance.samples * (instance.bits // 8)
    start, held = instance.pixel_element.value, instance.pixel_element.length
    if length == 0 or length * instance.frame_count > held:
        raise SlideError(
            f"{instance.frame_count} frames of {length} bytes need more than the {held} present.",
            place=instance.place,
            remedy="It is truncated or damaged: copy it again from its origin.",
        )
    offsets = np.arange(instance.frame_count, dtype=np.uint64) * np.uint64(length)
    lengths = np.full(instance.frame_count, length, np.uint64)
    return StoredFrames(source, start, offsets, lengths, None, False, instance.place)


def _extended(source: ByteSource, instance: Instance) -> StoredFrames | None:
    """PS3.3 C.7.6.3.1.8: offsets count from the first byte of the first frame's item tag."""
    tables = instance.offset_elements
    if tables is None:
        return None
    wanted = instance.frame_count * 8
    if any(table.length != wanted for table in tables):
        raise SlideError(
            "the extended offset tables do not have one entry a frame.",
            place=f"{instance.place} (7fe0,0001)",
            rule="PS3.3 C.7.6.3.1.8",
            remedy="It is damaged: export it again.",
        )
    offsets, lengths = (
        np.frombuffer(source.read(table.value, table.length), "<u8") for table in tables
    )
    base = _first_item(source, instance)[0] + _ITEM.size
    return StoredFrames(source, base, offsets, lengths, None, True, instance.place)


def _first_item(source: ByteSource, instance: Instance) -> tuple[int, bytes]:
    """Offset of the first frame's item, the one after the basic offset table, and that table."""
    start = instance.pixel_element.value
    tag, length = _item(source, start, instance)
    if tag != ITEM or start + 8 + length > source.size:
        raise SlideError(
            "the pixel data begins with no item.",
            place=instance.place,
            remedy="It is damaged: copy it again from its origin, or export it again.",
        )
    return start + 8 + length, source.read(start + 8, length)


def _item(source: ByteSource, position: int, instance: Instance) -> tuple[int, int]:
    if position + 8 > source.size:
        raise SlideError(
            f"the pixel data ends inside the file's last item, at byte {position}.",
            place=instance.place,
            remedy="It is truncated: copy it again from its origin.",
        )
    group, number, length = _ITEM.unpack(source.read(position, 8))
    return group << 16 | number, length


def _by_items(source: ByteSource, instance: Instance) -> StoredFrames:
    """Walk the items (PS3.5 A.4), and join fragments where there are more than frames."""
    found: list[tuple[int, int]] = []
    first, table = _first_item(source, instance)
    position = first
    while len(found) < MAXIMUM_FRAGMENTS:
        tag, length = _item(source, position, instance)
        if tag == SEQUENCE_END:
            break
        if tag != ITEM:
            raise SlideError(
                f"no item begins at byte {position}.",
                place=instance.place,
                rule="PS3.5 A.4",
                remedy="It is damaged: export it again.",
            )
        found.append((position - first, length))
        position += _ITEM.size + length
    pairs = np.array(found, dtype=np.uint64).reshape(-1, 2)
    heads, lengths = pairs[:, 0], pairs[:, 1]
    is_plain = len(heads) == instance.frame_count
    starts = None if is_plain else _starts(heads, table, instance)
    base = first + _ITEM.size
    return StoredFrames(source, base, heads, lengths, starts, True, instance.place)


def _starts(heads: NDArray[np.uint64], table: bytes, instance: Instance) -> NDArray[np.int64]:
    """Where frames of several fragments begin: by the basic offset table (PS3.5 A.4).

    One frame needs no table; of several without one, nothing certain tells their borders.
    """
    if instance.frame_count == 1 and len(heads):
        return np.array([0, len(heads)], np.int64)
    offsets = np.frombuffer(table[: len(table) // 4 * 4], "<u4").astype(np.uint64)
    starts = np.searchsorted(heads, offsets)
    is_table = len(offsets) == instance.frame_count and len(heads) > len(offsets)
    if not is_table or offsets[0] != 0 or not np.all(starts < len(heads)):
        raise _unlike(instance, len(heads))
    is_rising = bool(np.all(starts[1:] > starts[:-1]))
    if not is_rising or not np.array_equal(heads[starts], offsets):
        raise _unlike(instance, len(heads))
    return np.append(starts, len(heads)).astype(np.int64)


def _unlike(instance: Instance, fragments: int) -> SlideError:
    return SlideError(
        f"{instance.frame_count} frames are declared and {fragments} fragments are there, "
        "without an offset table that joins them.",
        place=instance.place,
        rule="PS3.5 A.4",
        remedy="Write each frame in one fragment, or export the slide again.",
    )


def _check(found: StoredFrames, instance: Instance) -> None:
    """Whether all frames lie in the file, one after the other."""
    if not len(found.offsets):
        return
    held = np.uint64(found.source.size - min(found.base, found.source.size))
    if found.offsets.max() > held or found.lengths.max() > held:
        _refuse_outside(found, held)
    between = np.uint64(_ITEM.size if found.is_encapsulated else 0)
    # By parts that stay in the processor's cache: a fifth of the time of one sweep.
    for start in range(0, len(found.offsets), _SWEEP):
        offsets = found.offsets[start : start + _SWEEP + 1]
        ends = offsets + found.lengths[start : start + _SWEEP + 1]
        if ends.max() > held:
            _refuse_outside(found, held)
        if bool((offsets[1:] < ends[:-1] + between).any()):
            raise SlideError(
                "its frames lie over each other.",
                place=instance.place,
                rule="PS3.5 A.4: frames follow each other",
                remedy="It is damaged: export it again.",
            )


def _refuse_outside(found: StoredFrames, held: np.uint64) -> NoReturn:
    offsets, lengths = found.offsets, found.lengths
    outside = (offsets > held) | (lengths > held) | (offsets + lengths > held)
    raise SlideError(
        f"frame {int(np.argmax(outside))} lies outside the file.",
        place=found.place,
        remedy="It is truncated or damaged: copy it again from its origin.",
    )
