"""A query: a question to the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bigpicture.model.field import DEFAULT_FACETS
from bigpicture.model.question import EVERYTHING, Question

PAGE_LENGTH = 50
LONGEST_PAGE = 500


class Sort(StrEnum):
    """In which order images come; equal ones by dataset and their order in it."""

    DATASET = "dataset"
    NEWEST = "newest"
    """By publication, the latest first."""
    LARGEST = "largest"
    """By pixels of the finest level."""
    FINEST = "finest"
    """By µm per pixel, the smallest first."""


class Facet(StrEnum):
    """An aspect by which datasets are found."""

    ORGAN = "organ"
    STAIN = "stain"
    SPECIES = "species"
    DIAGNOSIS = "diagnosis"
    TYPE = "type"
    TIER = "tier"
    COMPANION = "companion"
    """Which variables a dataset's companion tables hold; their values are told of images only."""


@dataclass(frozen=True, slots=True)
class Query:
    """Asks for datasets. Within a facet any of the values may hold; across facets all must.

    A value is a term's key (`SNOMED CT:108369006`) or its label, in any case. `text` is words,
    each of which must occur. `after` is the key that the page before ended with.
    """

    text: str = ""
    filters: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict[Facet, tuple[str, ...]])
    after: str = ""
    limit: int = PAGE_LENGTH


@dataclass(frozen=True, slots=True)
class Asked:
    """Asks for images.

    `facets` are names of fields to count, with `with_ancestors` also what lies above a term; with
    `with_companion` the variables of companion tables are counted too. Words that
    nothing is known by are taken for the nearest, unless `is_mended` says not to. `after` is the
    key that the page before ended with.
    """

    question: Question = EVERYTHING
    is_mended: bool = True
    sort: Sort = Sort.DATASET
    facets: tuple[str, ...] = DEFAULT_FACETS
    with_companion: bool = False
    with_ancestors: bool = True
    after: str = ""
    limit: int = PAGE_LENGTH
