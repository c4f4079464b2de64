"""Quality as it is told: exact to who may open the dataset, else so that no small group shows.

A share of images counts people as soon as the number of images is known, which a landing page
tells. So every group that is told, and what remains beside it, shows at least `SMALLEST` beings, or
nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from bigpicture.catalogue.disclose import SMALLEST, disclosed_images, disclosed_percent
from bigpicture.catalogue.quality import DIAGNOSED, UNSTATED, YES, Group, Partition, Quality

OTHERS = "Others"
MOST = 6
"""Groups of a spread that are told; the smallest are told together."""


@dataclass(frozen=True, slots=True)
class Share:
    """`percent` of the images; None where it is withheld."""

    name: str
    percent: int | None


@dataclass(frozen=True, slots=True)
class Spread:
    """Groups with their percent of the images; none where all are withheld.

    The largest come first, but what is confirmed before its candidates, and last what is no value.
    """

    name: str
    groups: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class QualityTold:
    images: str
    shares: tuple[Share, ...]
    spreads: tuple[Spread, ...]

    @property
    def is_withheld(self) -> bool:
        """Whether something is not told."""
        return any(each.percent is None for each in self.shares) or any(
            not each.groups for each in self.spreads
        )


def tell_quality(quality: Quality, *, is_open: bool) -> QualityTold:
    """What may be told; `is_open` says that who asks may open the images."""
    images, beings = quality.images, quality.everybody
    return QualityTold(
        images=f"{images:,}" if is_open else disclosed_images(images, beings),
        shares=tuple(_share(quality, each, is_open=is_open) for each in quality.filled),
        spreads=tuple(_spread(quality, each, is_open=is_open) for each in quality.spreads),
    )


def _share(quality: Quality, partition: Partition, *, is_open: bool) -> Share:
    if not is_open and any(_is_small(quality, each) for each in partition.groups):
        return Share(partition.name, None)
    filled = sum(each.images for each in partition.groups if each.label == YES)
    return Share(partition.name, disclosed_percent(filled, quality.images))


def _spread(quality: Quality, partition: Partition, *, is_open: bool) -> Spread:
    groups = sorted(partition.groups, key=lambda each: each.images, reverse=True)
    if not is_open:
        groups = _without_small(quality, groups)
    if len(groups) > MOST:
        groups = [*groups[: MOST - 1], reduce(_others, groups[MOST - 1 :])]
    order = {label: at for at, label in enumerate((*DIAGNOSED, UNSTATED, OTHERS), start=1)}
    groups.sort(key=lambda each: order.get(each.label, 0))
    return Spread(
        partition.name,
        tuple((each.label, disclosed_percent(each.images, quality.images)) for each in groups),
    )


def _without_small(quality: Quality, groups: Sequence[Group]) -> list[Group]:
    """Small groups joined with one another, and with the smallest beside them while few are left.

    Nothing where what is left is everything: that there is one group would itself be told.
    """
    small = [each for each in groups if _is_small(quality, each)]
    large = [each for each in groups if not _is_small(quality, each)]
    if not small:
        return large
    others = reduce(_others, small)
    while large and _is_small(quality, others):
        others = _others(others, large.pop())
    return [*large, Group(OTHERS, others.images, others.who)] if large else []


def _others(one: Group, other: Group) -> Group:
    return one.joined(other, OTHERS)


def _is_small(quality: Quality, group: Group) -> bool:
    return not quality.shows(group.who, SMALLEST)
