"""Instances that make one level together: parts of a concatenation, single planes, single paths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from bigpicture.dicom.frame_order import FrameOrder, empty_slots, order_frames
from bigpicture.dicom.read import Instance
from bigpicture.model.errors import SlideError


@dataclass(frozen=True)
class Parts:
    """The instances of one level in the order in which `order` counts their frames."""

    instances: tuple[Instance, ...]
    order: FrameOrder

    @property
    def first(self) -> Instance:
        return self.instances[0]

    @property
    def paths(self) -> dict[str, Dataset]:
        """What is said of each optical path, by its identifier."""
        found: dict[str, Dataset] = {}
        for instance in self.instances:
            for item in instance.header.get("OpticalPathSequence", None) or ():
                found.setdefault(str(item.get("OpticalPathIdentifier", "")), item)
        return found


def join_levels(volume: Iterable[Instance], *, place: str) -> list[Parts]:
    """Join the volume instances of one slide to levels, finest first.

    Raises `SlideError` where a part is missing or there twice, where two instances show the same,
    and where a level has other optical paths than the finest.
    """
    by_size: dict[tuple[int, int], list[Parts]] = {}
    for whole in _concatenated(volume):
        level = whole.first.level
        by_size.setdefault((level.columns, level.rows), []).append(whole)
    levels = [_joined(by_size[size]) for size in sorted(by_size, reverse=True)]
    for level in levels[1:]:
        count, wanted = len(level.order.paths), len(levels[0].order.paths)
        if count != wanted:
            size = f"{level.first.level.columns} × {level.first.level.rows}"
            raise SlideError(
                f"its finest level has {wanted} optical paths, that of {size} pixels {count}.",
                place=f"{place} (0048,0302)",
                rule="all levels of a slide show the same channels",
                remedy="Hand over all instances of the slide.",
            )
    return [levels[0], *(_aligned(level, levels[0]) for level in levels[1:])] if levels else []


def _aligned(level: Parts, finest: Parts) -> Parts:
    """The level with its optical paths in the order of the finest one."""
    own, wanted = level.order.paths, finest.order.paths
    if own == wanted or set(own) != set(wanted):
        return level
    slots = level.order.array()[[own.index(name) for name in wanted]]
    order = FrameOrder(wanted, level.order.heights, level.order.tiles, slots)
    return Parts(level.instances, order)


def _concatenated(volume: Iterable[Instance]) -> list[Parts]:
    """Instances, those of one concatenation joined (PS3.3 C.7.6.16.2.2.4)."""
    alone: list[Parts] = []
    groups: dict[tuple[str, int, int], list[Instance]] = {}
    for each in volume:
        uid = str(each.header.get("ConcatenationUID", None) or "")
        if uid and "InConcatenationNumber" in each.header:
            groups.setdefault((uid, each.level.columns, each.level.rows), []).append(each)
        else:
            alone.append(Parts((each,), order_frames((each,))))
    return [*alone, *(_parts(group) for group in groups.values())]


def _parts(group: list[Instance]) -> Parts:
    """The parts in their order; raises `SlideError` naming the part that is missing or double."""
    numbered = sorted((_whole(part, "InConcatenationNumber"), part.place, part) for part in group)
    numbers = [number for number, _, _ in numbered]
    parts = tuple(part for _, _, part in numbered)
    total = max(_whole(part, "InConcatenationTotalNumber") for part in parts)
    for number in range(1, max(total, *numbers) + 1):
        if numbers.count(number) == 1:
            continue
        what = "missing" if number not in numbers else "there more than once"
        of = f" of {total}" if total else ""
        raise SlideError(
            f"part {number}{of} of a concatenation is {what}.",
            place=f"{parts[0].place} (0020,9162)",
            rule="PS3.3 C.7.6.16.2.2.4",
            remedy="Hand over every instance of the slide, each once.",
        )
    _check_alike(parts)
    at = 0
    for number, part in enumerate(parts, 1):
        stated = part.header.get("ConcatenationFrameOffsetNumber", None)
        if stated is not None and int(str(stated)) != at:
            raise SlideError(
                f"part {number} of a concatenation begins at frame {stated}, not at {at}.",
                place=f"{part.place} (0020,9228)",
                rule="PS3.3 C.7.6.16.2.2.4",
                remedy="A part is missing or damaged: export the slide again.",
            )
        at += part.frame_count
    return Parts(parts, order_frames(parts))


def _whole(part: Instance, keyword: str) -> int:
    """A count in the header, 0 where it is absent; `_parse` has seen that it is a number."""
    value = part.header.get(keyword, None)
    number = int(str(value)) if value not in (None, "") else 0
    if not 0 <= number <= 4096 or (number == 0 and keyword == "InConcatenationNumber"):
        raise SlideError(
            f"{keyword} is not between 1 and 4096.",
            place=part.place,
            rule="PS3.3 C.7.6.16.2.2.4",
            remedy="It is damaged: export it again.",
        )
    return number


def _check_alike(parts: Sequence[Instance]) -> None:
    first = parts[0]
    for part in parts[1:]:
        if part.form != first.form or part.is_tiled_full != first.is_tiled_full:
            raise SlideError(
                "instances of one level differ in how their frames are stored.",
                place=f"{first.place}, {part.place}",
                rule="one size of tile, transfer syntax and kind of pixel a level",
                remedy="Export the slide again, each level in one instance.",
            )


def _joined(group: list[Parts]) -> Parts:
    """One level of instances that hold single focal planes or optical paths each."""
    if len(group) == 1:
        return group[0]
    group.sort(key=lambda each: (_number_of(each.first), each.first.place))
    _check_alike([each.first for each in group])
    names = list(dict.fromkeys(name for each in group for name in each.order.paths))
    told = [name for each in group for name in each.paths]
    names.sort(key=lambda name: told.index(name) if name in told else len(told))
    heights = sorted({height for each in group for height in each.order.heights})
    slots = empty_slots(group[0].first, len(names), len(heights))
    at = 0
    for each in group:
        own = each.order.array()
        for row, name in enumerate(each.order.paths):
            for layer, height in enumerate(each.order.heights):
                taken = slots[names.index(name), heights.index(height)]
                given = own[row, layer]
                if bool(((taken >= 0) & (given >= 0)).any()):
                    raise _same(group)
                np.copyto(taken, given + at, where=given >= 0)
        at += sum(instance.frame_count for instance in each.instances)
    instances = tuple(instance for each in group for instance in each.instances)
    return Parts(instances, FrameOrder(tuple(names), tuple(heights), group[0].order.tiles, slots))


def _number_of(instance: Instance) -> int:
    value = instance.header.get("InstanceNumber", None)
    return int(str(value)) if value not in (None, "") else 0


def _same(group: list[Parts]) -> SlideError:
    return SlideError(
        "two instances have the same total pixel matrix, and do not differ in their focal plane "
        "or optical path.",
        place=", ".join(each.first.place for each in group[:2]),
        rule="one instance a level, or one for each focal plane and optical path",
        remedy="Hand over the instances of one slide, each once.",
    )
