"""Sight: what somebody may see of a frozen list now, and how large the rest is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bigpicture.catalogue.disclose import SMALLEST, disclosed, disclosed_images
from bigpicture.model.cohort import FrozenList, Part


@dataclass(frozen=True, slots=True)
class Hidden:
    """A dataset of the list that is not open: sizes as they may be told."""

    dataset: str
    title: str
    images: str
    beings: str
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """`open_images` of `images` (as it may be told) may be seen; `hidden_images` may not."""

    open: tuple[Part, ...]
    hidden: tuple[Hidden, ...]
    open_images: int
    hidden_images: str
    images: str

    @property
    def is_whole(self) -> bool:
        return not self.hidden


def see(frozen: FrozenList, *, opened: Collection[str], published: Collection[str]) -> Sight:
    """What one sees of a list to whom the datasets `opened` are open, of those `published`."""
    seen = tuple(part for part in frozen.parts if part.dataset in opened)
    others = [part for part in frozen.parts if part.dataset not in opened]
    open_images = sum(part.images for part in seen)
    return Sight(
        open=seen,
        hidden=tuple(hide(part, is_withdrawn=part.dataset not in published) for part in others),
        open_images=open_images,
        hidden_images=told_images(others),
        images=told_images(others, besides=open_images),
    )


def hide(part: Part, *, is_withdrawn: bool) -> Hidden:
    """A part as somebody may hear of it who may not open it."""
    return Hidden(
        dataset=part.dataset,
        title=part.title,
        images=disclosed_images(part.images, part.beings),
        beings=disclosed(part.beings),
        is_withdrawn=is_withdrawn,
    )


def told_images(parts: Iterable[Part], *, besides: int = 0) -> str:
    """Images of hidden parts in sum, with those that are open `besides`.

    Parts of few beings are left out of the sum, so that none follows from it.
    """
    each: Sequence[Part] = [part for part in parts if part.images]
    known = sum(part.images for part in each if part.beings >= SMALLEST) + besides
    if all(part.beings >= SMALLEST for part in each):
        return f"{known:,}"
    return f"over {known:,}" if known else "few"
