"""Inherit: which recorded observations reach an image, and how surely.

The rule is `model.inheritance`'s; here it works on accessions, a whole dataset at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bigpicture.model.inheritance import Qualifier
from bigpicture.model.observation import StatementStatus


@dataclass(frozen=True, slots=True)
class Observed:
    """An observation, as far as inheriting needs it; `on` is the accession of what was observed."""

    id: str
    on: str
    status: str


def inherit(
    ancestors: Mapping[str, Iterable[str]], observations: Sequence[Observed]
) -> dict[str, list[tuple[str, Qualifier]]]:
    """For each image, the ids of the observations that reach it, with their qualifiers.

    `ancestors` gives for each image the accessions of itself, its annotations, slide, block,
    specimens, cases and beings. Distinct is confirmed; a Summary that reaches several images is a
    candidate for each, one that reaches a single image is confirmed.
    """
    below: dict[str, list[str]] = defaultdict(list)
    for image, entities in ancestors.items():
        for entity in set(entities):
            below[entity].append(image)
    reached: dict[str, list[tuple[str, Qualifier]]] = defaultdict(list)
    for observation in observations:
        images = below.get(observation.on, [])
        qualifier = _qualify(observation, len(images))
        for image in images:
            reached[image].append((observation.id, qualifier))
    return reached


def _qualify(observation: Observed, images: int) -> Qualifier:
    is_sure = observation.status == StatementStatus.DISTINCT or images == 1
    return Qualifier.CONFIRMED if is_sure else Qualifier.CANDIDATE
