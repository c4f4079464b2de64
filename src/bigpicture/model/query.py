"""A query: a question to the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bigpicture.model.question import EVERYTHING, Question

PAGE_LENGTH = 50
LONGEST_PAGE = 500


class Target(StrEnum):
    """What is counted and listed."""

    DATASETS = "datasets"
    IMAGES = "images"


class Facet(StrEnum):
    """An aspect by which things are found."""

    ORGAN = "organ"
    STAIN = "stain"
    SPECIES = "species"
    DIAGNOSIS = "diagnosis"
    TYPE = "type"
    TIER = "tier"
    COMPANION = "companion"
    """Which variables a dataset's companion tables hold; their values are told of images only."""


FACETS: Mapping[Target, tuple[Facet, ...]] = {
    Target.DATASETS: tuple(Facet),
    Target.IMAGES: (Facet.ORGAN, Facet.STAIN, Facet.SPECIES, Facet.DIAGNOSIS),
}


@dataclass(frozen=True, slots=True)
class Query:
    """Within a facet any of the values may hold; across facets and words all must.

    A value is a term's key (`SNOMED CT:108369006`) or its label, in any case. `text` is words,
    each of which must occur. `dataset` narrows images to one dataset. `after` is the key that the
    page before ended with. `companion` filters images by the values of variables, by their names;
    a number also by a range, `from..to`, whose end is not in it. `where` is what images must
    fulfil besides.
    """

    target: Target
    text: str = ""
    filters: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict[Facet, tuple[str, ...]])
    dataset: str = ""
    after: str = ""
    limit: int = PAGE_LENGTH
    companion: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    where: Question = EVERYTHING
