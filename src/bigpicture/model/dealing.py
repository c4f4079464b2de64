"""Split: a list of images into parts such as train, tune and test, with nobody on two sides.

Images that share a key (a being, a dataset, a center) stay together: keys are joined until no image
crosses (union-find). The groups are dealt out, the largest first, each to the part that is furthest
behind its share of the whole and of each stratum, and dealt again while that brings them nearer
(after iterative stratification: Sechidis, Tsoumakas and Vlahavas, On the Stratification of
Multi-label Data, ECML PKDD 2011). Groups of one size follow in the order of a hash of the seed and
their first image. Nothing but SHA-256 and whole numbers is used: the same list and seed give the
same sides on every machine.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bigpicture.model.split import PER_WHOLE, SplitPart

_ROUNDS, _FEW = 4, 50_000
"""Dealing again pays where groups are few; of many, each weighs little."""


@dataclass(frozen=True, slots=True)
class Side:
    """What came of a part: images and groups, and the share that it should have, and has."""

    name: str
    wanted: float
    share: float
    images: int
    groups: int


@dataclass(frozen=True, slots=True)
class Split:
    """`names` has the part of each image, in the order of the list.

    `strata` counts the images of each part by stratum; `notes` say which share is not met.
    """

    names: tuple[str, ...]
    sides: tuple[Side, ...]
    strata: Mapping[str, Mapping[str, int]]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Group:
    first: str
    members: list[int]
    strata: Counter[str]
    order: bytes = b""


def split(
    images: Sequence[str],
    keys: Sequence[Iterable[str]],
    parts: Sequence[SplitPart],
    *,
    seed: str = "",
    strata: Sequence[str] | None = None,
) -> Split:
    """Split `images` (accessions); those that share one of their `keys` come to one side.

    `strata` has the stratum of each image; without, only the shares of the whole are kept.
    """
    labels = strata if strata is not None else [""] * len(images)
    groups = _groups(images, keys, labels)
    for group in groups:
        group.order = hashlib.sha256(f"{seed}\0{group.first}".encode()).digest()
    groups.sort(key=lambda group: (-len(group.members), group.order))
    dealt = _deal(groups, parts)
    _fill_empty(groups, parts, dealt)
    return _tell(images, labels, parts, groups, dealt, has_strata=strata is not None)


def _groups(
    images: Sequence[str], keys: Sequence[Iterable[str]], labels: Sequence[str]
) -> list[_Group]:
    """Images joined by their keys, directly or by way of others."""
    above = list(range(len(images)))

    def top(node: int) -> int:
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    seen: dict[str, int] = {}
    for at, each in enumerate(keys):
        for key in each:
            one, other = top(at), top(seen.setdefault(key, at))
            above[max(one, other)] = min(one, other)
    found: dict[int, _Group] = {}
    for at, image in enumerate(images):
        group = found.setdefault(top(at), _Group(image, [], Counter()))
        group.first = min(group.first, image)
        group.members.append(at)
        group.strata[labels[at]] += 1
    return list(found.values())


class _Table:
    """What each part holds so far, and what it costs to give it more.

    The cost is by how much the squared distances to what is wanted grow, of the whole and of each
    stratum. Distances are in images times `PER_WHOLE`, so that they are whole numbers.
    """

    def __init__(self, groups: Sequence[_Group], parts: Sequence[SplitPart]) -> None:
        self._shares = [part.share for part in parts]
        self._total: Counter[str] = Counter()
        for group in groups:
            self._total.update(group.strata)
        self._whole = self._total.total()
        self._held: list[Counter[str]] = [Counter() for _ in parts]
        self._sums = [0] * len(parts)

    def add(self, group: _Group, part: int, sign: int = 1) -> None:
        self._sums[part] += sign * len(group.members)
        held = self._held[part]
        for name, count in group.strata.items():
            held[name] += sign * count

    def best(self, group: _Group) -> int:
        """The part that is furthest behind, of what the group holds."""
        return min(range(len(self._shares)), key=lambda part: (self._cost(part, group), part))

    def _cost(self, part: int, group: _Group) -> int:
        share, held, size = self._shares[part], self._held[part], len(group.members)
        cost = _grown(size, self._sums[part], share * self._whole)
        for name, count in group.strata.items():
            cost += _grown(count, held[name], share * self._total[name])
        return cost


def _grown(count: int, held: int, wanted: int) -> int:
    return count * (2 * (PER_WHOLE * held - wanted) + PER_WHOLE * count)


def _deal(groups: Sequence[_Group], parts: Sequence[SplitPart]) -> list[int]:
    """The part of each group: dealt once, then dealt again while that brings it nearer."""
    table = _Table(groups, parts)
    dealt: list[int] = []
    for group in groups:
        dealt.append(table.best(group))
        table.add(group, dealt[-1])
    for _ in range(_ROUNDS if len(groups) <= _FEW else 0):
        is_moved = False
        for at, group in enumerate(groups):
            table.add(group, dealt[at], -1)
            best = table.best(group)
            is_moved |= best != dealt[at]
            dealt[at] = best
            table.add(group, best)
        if not is_moved:
            break
    return dealt


def _fill_empty(groups: Sequence[_Group], parts: Sequence[SplitPart], dealt: list[int]) -> None:
    """No part stays empty while another holds several groups: it gets the smallest of these."""
    for at in range(len(parts)):
        if at in dealt:
            continue
        counted = Counter(dealt)
        spare = [number for number, part in enumerate(dealt) if counted[part] > 1]
        if spare:
            dealt[min(spare, key=lambda each: (len(groups[each].members), -each))] = at


def _tell(
    images: Sequence[str],
    labels: Sequence[str],
    parts: Sequence[SplitPart],
    groups: Sequence[_Group],
    dealt: Sequence[int],
    *,
    has_strata: bool,
) -> Split:
    names = [""] * len(images)
    sizes, counted = [0] * len(parts), Counter(dealt)
    for group, part in zip(groups, dealt, strict=True):
        sizes[part] += len(group.members)
        for at in group.members:
            names[at] = parts[part].name
    sides = tuple(
        Side(
            part.name,
            part.share / PER_WHOLE,
            sizes[at] / len(images) if images else 0.0,
            sizes[at],
            counted[at],
        )
        for at, part in enumerate(parts)
    )
    strata: dict[str, dict[str, int]] = {}
    if has_strata:
        for label, name in zip(labels, names, strict=True):
            row = strata.setdefault(label, {part.name: 0 for part in parts})
            row[name] += 1
    ordered = sorted(strata, key=lambda label: (-sum(strata[label].values()), label))
    return Split(
        tuple(names),
        sides,
        {label: strata[label] for label in ordered},
        tuple(_notes(sides, groups, has_strata=has_strata)),
    )


def _notes(sides: Sequence[Side], groups: Sequence[_Group], *, has_strata: bool) -> Iterable[str]:
    """Which shares are missed by more than one image and one in a hundred, and what hinders."""
    whole = sum(side.images for side in sides)
    largest = max((len(group.members) for group in groups), default=0)
    alike = ", and strata are kept alike" if has_strata else ""
    for side in sides:
        if not side.images:
            yield (
                f"{side.name} is empty: only {len(groups):,} of the images' groups can be parted, "
                f"for {len(sides)} parts."
            )
        elif abs(side.images - side.wanted * whole) > max(1, whole / 100):
            yield (
                f"{side.name} holds {side.share:.1%} and not {side.wanted:.1%}: groups stay whole, "
                f"the largest is {largest / whole:.1%} of all{alike}."
            )
