"""A companion table: what is known of the entities of a dataset beside their images."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bigpicture.model.code import Code
from bigpicture.model.entity import EntityKind

COMPANION_FOLDER = "COMPANIONS"

KEYED = (
    EntityKind.BEING,
    EntityKind.CASE,
    EntityKind.SPECIMEN,
    EntityKind.BLOCK,
    EntityKind.SLIDE,
    EntityKind.IMAGE,
)
"""What a row of a table may be about, from the top down."""


class VariableType(StrEnum):
    """The names of Frictionless Table Schema where it has one."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    STRING = "string"
    YEAR = "year"
    DURATION = "duration"
    """ISO 8601, such as P36M: time since something, never a date."""
    INTERVAL = "interval"
    """Two durations, start/length, such as P50Y/P10Y: how the standard states an age."""

    @property
    def is_number(self) -> bool:
        return self in (VariableType.INTEGER, VariableType.NUMBER, VariableType.YEAR)

    @property
    def is_measured(self) -> bool:
        """Whether a unit says what one of it is."""
        return self in (VariableType.INTEGER, VariableType.NUMBER)


class MissingMeaning(StrEnum):
    """Why there is no value; HL7's null flavours in words."""

    NOT_DONE = "not done"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"
    WITHHELD = "withheld"


class Established(StrEnum):
    """How a value came to be known; a site adds its own as `other: …`."""

    CONSENSUS = "consensus"
    PATHOLOGIST = "pathologist"
    IHC = "IHC"
    IN_SITU_HYBRIDISATION = "ISH"
    SEQUENCING = "sequencing"
    LABORATORY = "laboratory"
    IMAGING = "imaging"
    REPORT = "report"
    REGISTRY = "registry"
    RECORD = "clinical record"
    QUESTIONNAIRE = "questionnaire"
    ALGORITHM = "algorithm"


OTHER = "other:"


@dataclass(frozen=True, slots=True)
class Category:
    """One value that a category may have."""

    value: str
    label: str
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A marker that stands in a cell instead of a value; the empty cell may be one."""

    value: str
    meaning: MissingMeaning
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One column. `line` is where its dictionary declares it.

    `is_quasi_identifier` is None where the dictionary leaves it to us.
    """

    name: str
    label: str
    type: VariableType
    established: str
    description: str = ""
    unit: str = ""
    """UCUM; `1` counts, or has no dimension."""
    code: Code | None = None
    categories: tuple[Category, ...] = ()
    missing: tuple[Missing, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    is_quasi_identifier: bool | None = None
    line: int = 0

    def category(self, value: str) -> Category | None:
        return next((each for each in self.categories if each.value == value), None)

    def marker(self, cell: str) -> Missing | None:
        return next((each for each in self.missing if each.value == cell), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictionary:
    """What the columns of one table mean; `key` is the column of aliases of `entity`."""

    file: str
    entity: EntityKind
    key: str
    variables: tuple[Variable, ...]

    def variable(self, name: str) -> Variable | None:
        return next((each for each in self.variables if each.name == name), None)


@dataclass(frozen=True, slots=True)
class CompanionFiles:
    """The files of one table by their paths in the dataset folder; empty where one lacks."""

    name: str
    table: str = ""
    dictionary: str = ""

    @property
    def is_whole(self) -> bool:
        return bool(self.table and self.dictionary)


Value = str | int | float | bool
"""A cell that was read: a category's value, a number, a truth, or words."""
