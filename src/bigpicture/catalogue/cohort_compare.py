"""Compare: what entered a cohort between two moments, what left, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bigpicture.catalogue.cohort_freeze import Images
from bigpicture.catalogue.cohort_sight import told_images
from bigpicture.model.cohort import Part
from bigpicture.model.question import Question


class Why(StrEnum):
    """Why images entered or left."""

    PUBLISHED = "published"
    """Their dataset, or this version of it, was published since."""
    GRANTED = "granted"
    """Their dataset was not open to who froze the earlier version."""
    ANSWERS = "answers"
    """They answer the question now, and did not before."""
    QUESTION = "question"
    """The question was changed."""
    WITHDRAWN = "withdrawn"
    """Their dataset is not published any more."""
    GRANT = "grant"
    """A grant has ended, or is missing for the one who asks or who froze."""
    ERASED = "erased"
    """The image was erased, or its dataset's new version has it no more."""
    NO_ANSWER = "no-answer"
    """They do not answer the question any more."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two lists: its images, the datasets that it was taken of, its question."""

    images: Images
    parts: Mapping[str, Part]
    asked: frozenset[str]
    question: Question


@dataclass(frozen=True, slots=True)
class World:
    """What is so now: publications by dataset, what is open to the one who asks, what is there.

    `present` are the images of each dataset in `opened`.
    """

    published: Mapping[str, datetime]
    opened: frozenset[str]
    present: Mapping[str, frozenset[str]]
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Moved:
    """Images of one dataset for one reason; `images` is empty where one may not know them."""

    why: Why
    dataset: str
    title: str
    count: str
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """`kept` are in both lists; datasets `unseen` hold images of both that one may not compare."""

    entered: tuple[Moved, ...]
    left: tuple[Moved, ...]
    kept: int
    unseen: tuple[Part, ...]


def compare(before: Side, after: Side, world: World, *, frozen: datetime) -> Comparison:
    """Compare two lists of a cohort, the earlier of which was `frozen` then."""
    reasons = _Reasons(before, after, world, frozen)
    kept = 0
    unseen: list[Part] = []
    for dataset in before.parts.keys() & after.parts.keys():
        if dataset in world.opened:
            kept += len(set(before.images[dataset]) & set(after.images[dataset]))
        else:
            unseen.append(before.parts[dataset])
    return Comparison(
        entered=_moved(after, before, world, reasons.why_entered),
        left=_moved(before, after, world, reasons.why_left),
        kept=kept,
        unseen=tuple(sorted(unseen, key=lambda part: part.dataset)),
    )


@dataclass(frozen=True, slots=True)
class _Reasons:
    before: Side
    after: Side
    world: World
    frozen: datetime

    @property
    def is_changed(self) -> bool:
        return self.before.question != self.after.question

    def why_entered(self, dataset: str, image: str) -> Why:
        del image
        published = self.world.published.get(dataset)
        if published is not None and published > self.frozen:
            return Why.PUBLISHED
        if dataset not in self.before.asked:
            return Why.GRANTED
        return Why.QUESTION if self.is_changed else Why.ANSWERS

    def why_left(self, dataset: str, image: str) -> Why:
        if dataset not in self.world.published:
            return Why.WITHDRAWN
        if dataset not in self.world.opened or dataset not in self.after.asked:
            return Why.GRANT
        if image not in self.world.present.get(dataset, ()):
            return Why.ERASED
        return Why.QUESTION if self.is_changed else Why.NO_ANSWER


def _moved(
    here: Side, other: Side, world: World, why: Callable[[str, str], Why]
) -> tuple[Moved, ...]:
    """What is in one list and not in the other, by dataset and reason."""
    found: list[Moved] = []
    for dataset, part in sorted(here.parts.items()):
        title = world.titles.get(dataset, part.title)
        if dataset in world.opened:
            gone = set(here.images[dataset]) - set(other.images.get(dataset, ()))
            groups: dict[Why, list[str]] = {}
            for image in sorted(gone):
                groups.setdefault(why(dataset, image), []).append(image)
            found += (
                Moved(reason, dataset, title, f"{len(images):,}", tuple(images))
                for reason, images in groups.items()
            )
        elif dataset not in other.parts:
            found.append(Moved(why(dataset, ""), dataset, title, told_images([part])))
    return tuple(found)
