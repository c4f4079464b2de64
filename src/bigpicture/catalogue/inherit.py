"""Inherit: which observations reach an image, and how surely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bigpicture.catalogue.terms import Qualifier


@dataclass(frozen=True, slots=True)
class Observed:
    """An observation, as far as inheriting needs it; `on` is the accession of what was observed."""

    id: str
    on: str
    on_kind: str
    status: str


def inherit(
    ancestors: Mapping[str, Iterable[str]], observations: Sequence[Observed]
) -> dict[str, list[tuple[str, Qualifier]]]:
    """For each image, the ids of the observations that reach it, with their qualifiers.

    `ancestors` gives for each image the accessions of itself, its slide, block, specimens, cases
    and beings. Status Distinct, or an observation on the image itself, is confirmed; a Summary
    that reaches several images is a candidate for each, one that reaches a single image is
    confirmed (the rule of Bigpicture's search index).
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
    is_certain = observation.on_kind == "image" or observation.status != "Summary" or images == 1
    return Qualifier.CONFIRMED if is_certain else Qualifier.CANDIDATE
