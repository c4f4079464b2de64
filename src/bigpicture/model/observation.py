"""An observation: what somebody stated about one entity."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from bigpicture.model.attribute import Attribute, Json, as_json, code_as_json
from bigpicture.model.code import Code
from bigpicture.model.entity import Entity, EntityKind, Reference


class StatementType(StrEnum):
    DIAGNOSIS = "Diagnosis"
    MACROSCOPIC = "Macroscopic Description"
    MICROSCOPIC = "Microscopic Description"
    FINDING = "Finding"


class StatementStatus(StrEnum):
    SUMMARY = "Summary"
    """True for the set below the entity, not for each member."""
    DISTINCT = "Distinct"
    """True for the entity and everything below it."""


@dataclass(frozen=True, slots=True)
class StatedCode:
    """A code and the tag it was stated under (`diagnosis`, `MISTRESC` ...)."""

    tag: str
    code: Code

    def as_json(self) -> dict[str, Json]:
        return {"tag": self.tag, **code_as_json(self.code)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation(Entity):
    """MSMdad 15. `statement` and `status` are as written: a finding tells when no enum has them."""

    kind: ClassVar[EntityKind] = EntityKind.OBSERVATION

    on: Reference | None
    statement: str
    status: str
    coded: tuple[Attribute, ...] = ()
    custom: tuple[Attribute, ...] = ()
    remarks: tuple[Attribute, ...] = ()
    text: str | None = None
    """None where it is nil, which is not the same as empty."""
    observers: tuple[Reference, ...] = ()

    @property
    def codes(self) -> tuple[StatedCode, ...]:
        return tuple(StatedCode(each.tag, each.code) for each in self.coded if each.code)

    @property
    def is_distinct(self) -> bool:
        return self.status == StatementStatus.DISTINCT

    @property
    def attributes(self) -> dict[str, Json]:
        own: dict[str, Json] = as_json(self.stated)
        if self.custom:
            own["CUSTOM_ATTRIBUTES"] = as_json(self.custom)
        if self.remarks:
            own["STATEMENT_ATTRIBUTES"] = as_json(self.remarks)
        return own
