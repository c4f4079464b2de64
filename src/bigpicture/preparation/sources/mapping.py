"""A mapping: where the value of each column comes from, as a data manager wrote it down."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from dataclasses import dataclass
from enum import StrEnum

from bigpicture.preparation.sources.age import AgeUnit
from bigpicture.preparation.sources.columns import ColumnKind
from bigpicture.preparation.sources.expression import Expression


class Source(StrEnum):
    """What the export is."""

    FHIR = "fhir"
    LIS = "lis"


class Several(StrEnum):
    """What to do where a path matches several values."""

    PROBLEM = "problem"
    FIRST = "first"
    JOIN = "join"


class Show(StrEnum):
    """What of a coded value goes into the cell."""

    CODE = "code"
    """`SNOMED CT:86273004 Biopsy` in a scheme that the standard knows, else as `words`."""
    WORDS = "words"
    """What it is called; its code where it has no name."""
    BARE = "bare"
    """The code alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeRule:
    """The date of birth and of the taking, or a number; and how coarse the band is."""

    birth: tuple[Expression, ...] = ()
    at: tuple[Expression, ...] = ()
    number: tuple[Expression, ...] = ()
    unit: AgeUnit = AgeUnit.YEARS
    band: int = 10
    top: int = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRule:
    """One column: the first path that gives a value counts, then the default."""

    name: str
    kind: ColumnKind
    place: str
    paths: tuple[Expression, ...] = ()
    constant: str = ""
    default: str = ""
    values: Map[str, str] | None = None
    several: Several = Several.PROBLEM
    show: Show = Show.CODE
    match: re.Pattern[str] | None = None
    age: AgeRule | None = None
    allow_free_text: bool = False
    allow_fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Records of `kind` whose `key` is one of the values at `source`, under `name`."""

    name: str
    kind: str
    key: tuple[Expression, ...] = ()
    """Empty: the record's own reference, `Patient/12`."""
    source: tuple[Expression, ...]
    all: bool = False
    """Whether the name holds a list of all, or the first."""

    @property
    def index(self) -> str:
        return f"join {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One level of lists within lists: the members of `path` within the step before."""

    name: str
    path: str
    inner: Expression | None = None
    where: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The codes (`system|code`, or a code alone) by which slides and blocks are told."""

    slide: frozenset[str] = frozenset()
    block: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingTest:
    """A test that stands in the mapping file: an input, and the cells that it must give."""

    name: str
    place: str
    context: str = ""
    export: str = ""
    expect: Map[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A whole mapping file."""

    file: str
    source: Source
    columns: tuple[ColumnRule, ...]
    joins: tuple[Join, ...] = ()
    steps: tuple[Step, ...] = ()
    levels: Levels = Levels()
    tests: tuple[MappingTest, ...] = ()

    @property
    def is_fhir(self) -> bool:
        return self.source is Source.FHIR
