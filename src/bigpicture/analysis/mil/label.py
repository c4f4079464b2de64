"""Weak labels: what was stated of a slide becomes the class of its bag, confirmed words only.

A candidate is true of at least one of several slides: as the label of each it would be wrong for
most. It is used where asked for, as one bag of all of them (`bag.joined`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bigpicture.analysis.mil.bag import Bag, joined
from bigpicture.model.errors import InputError
from bigpicture.model.inheritance import Qualifier


@dataclass(frozen=True, slots=True)
class Stated:
    """That a word was stated of an entity (`of`), and so of an image, and how surely of that."""

    image: str
    word: str
    qualifier: Qualifier
    of: str


def labelled(
    bags: Iterable[Bag],
    stated: Iterable[Stated],
    classes: Sequence[str],
    *,
    with_candidates: bool = False,
) -> list[Bag]:
    """Bags of slides with the class (its place in `classes`) that was stated of them.

    A slide without a word of `classes` is left out. `with_candidates`: slides of which a candidate
    tells, and no confirmed word, make one bag for each entity that it was stated of. Raises
    `InputError` where one slide or entity was stated to be of two classes.
    """
    known = {bag.images[0]: bag for bag in bags if len(bag.images) == 1}
    told = [each for each in stated if each.word in classes and each.image in known]
    sure = _classes(told, classes, Qualifier.CONFIRMED)
    labels = {image: label for (image, _), label in sure.items()}
    _one_each(sure)
    made = [_with(known[image], label) for image, label in labels.items()]
    if with_candidates:
        unsure = _classes(told, classes, Qualifier.CANDIDATE)
        made += _of_entities(known, labels, unsure)
    return made


def _classes(
    told: Iterable[Stated], classes: Sequence[str], qualifier: Qualifier
) -> dict[tuple[str, str], int]:
    """By image and entity, in the order in which they were stated."""
    found: dict[tuple[str, str], int] = {}
    for each in told:
        if each.qualifier is qualifier:
            label = classes.index(each.word)
            if found.setdefault((each.image, each.of), label) != label:
                _two_classes(each.image)
    return found


def _one_each(sure: Mapping[tuple[str, str], int]) -> None:
    seen: dict[str, int] = {}
    for (image, _), label in sure.items():
        if seen.setdefault(image, label) != label:
            _two_classes(image)


def _of_entities(
    known: Mapping[str, Bag], labels: Mapping[str, int], unsure: Mapping[tuple[str, str], int]
) -> list[Bag]:
    members: dict[str, list[Bag]] = {}
    classes: dict[str, int] = {}
    for (image, entity), label in unsure.items():
        if image in labels:
            continue
        if classes.setdefault(entity, label) != label:
            _two_classes(entity)
        members.setdefault(entity, []).append(known[image])
    return [joined(bags, label=classes[entity]) for entity, bags in members.items()]


def _with(bag: Bag, label: int) -> Bag:
    return Bag(bag.being, bag.images, bag.counts, bag.vectors, bag.coordinates, bag.encoder, label)


def _two_classes(place: str) -> None:
    raise InputError(
        "two classes were stated of it.",
        place=place,
        rule="a bag has one class",
        remedy="Leave it out, or choose classes that exclude each other.",
    )
