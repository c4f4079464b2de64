"""The plan of a dataset: what the tables say, entity by entity, before anything is converted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bigpicture.model.code import Code
from bigpicture.model.entity import EntityKind
from bigpicture.model.observation import StatementStatus, StatementType
from bigpicture.preparation.cell_finding import CellFinding
from bigpicture.preparation.mapping import Unmapped
from bigpicture.preparation.meaning import Meaning
from bigpicture.preparation.table import Cell
from bigpicture.standard.rule import Audience

Values = Mapping[str, Meaning]
"""Column name to what its cell means."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A being, case, specimen, block or slide by its local identifier.

    `up` holds the local identifiers of what it comes from; a slide's staining is one of
    `Plan.stainings`, by number.
    """

    kind: EntityKind
    local: str
    cell: Cell
    values: Values = field(default_factory=dict[str, Meaning])
    up: Mapping[EntityKind, tuple[str, ...]] = field(
        default_factory=dict[EntityKind, tuple[str, ...]]
    )
    staining: int = -1


@dataclass(frozen=True, slots=True)
class PlannedImage:
    """`file` is as written in the table; `local` names the image, in the key file only."""

    file: str
    slide: str
    cell: Cell

    @property
    def local(self) -> str:
        return self.file


@dataclass(frozen=True, slots=True)
class PlannedObservation:
    """What was stated: about `on` (kind, local identifier), as codes by their tags, and words."""

    on: tuple[EntityKind, str]
    statement: StatementType
    status: StatementStatus
    codes: tuple[tuple[str, Code], ...] = ()
    original: str = ""
    text: str = ""
    observer: str = ""
    cell: Cell = field(default=Cell(""), compare=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that tables say. `dataset` maps each field to its values; several where many."""

    audience: Audience = Audience.EVERYONE
    dataset: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    beings: tuple[Planned, ...] = ()
    cases: tuple[Planned, ...] = ()
    specimens: tuple[Planned, ...] = ()
    blocks: tuple[Planned, ...] = ()
    slides: tuple[Planned, ...] = ()
    stainings: tuple[Values, ...] = ()
    images: tuple[PlannedImage, ...] = ()
    observations: tuple[PlannedObservation, ...] = ()
    observers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Local name of each observer to Human or Machine."""

    def told(self, field_name: str) -> str:
        """The value of a field of the dataset; empty where there is none."""
        return next(iter(self.dataset.get(field_name, ())), "")


@dataclass(frozen=True, slots=True)
class Understood:
    """The plan, what is wrong with the tables, and the words that need a decision."""

    plan: Plan
    findings: tuple[CellFinding, ...] = ()
    unmapped: tuple[Unmapped, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether the dataset cannot be made yet; undecided words are among the findings."""
        return any(finding.is_error for finding in self.findings)
