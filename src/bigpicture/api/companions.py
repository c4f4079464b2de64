"""Companion variables as the doors show them: on a landing page, as facets, as labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from bigpicture.api.asked import FacetShown
from bigpicture.catalogue.companions import VariableFacts
from bigpicture.catalogue.labels import Label
from bigpicture.catalogue.page import FacetCount
from bigpicture.model.errors import InputError


class VariableCode(BaseModel):
    code: str
    scheme: str
    meaning: str


class VariableShown(BaseModel):
    """One column of a companion table; `entity` is what its rows are about."""

    name: str
    companion: str
    entity: str
    label: str
    description: str
    type: str
    unit: str
    code: VariableCode | None
    established: str
    categories: list[str]

    @classmethod
    def of(cls, variable: VariableFacts) -> VariableShown:
        same = ("name", "companion", "entity", "label", "description", "type", "unit")
        return cls(
            **{name: getattr(variable, name) for name in same},
            code=_code(variable),
            established=variable.established,
            categories=list(variable.categories.values()),
        )


class CompanionFacet(BaseModel):
    """Images counted by the values of one variable; numbers by ranges `from..to`."""

    name: str
    label: str
    unit: str
    entity: str
    established: str
    values: list[FacetShown]


class LabelShown(BaseModel):
    """What a companion table tells of an image; where `value` is null, `missing` says why."""

    name: str
    label: str
    value: str | None
    meaning: str | None
    missing: str
    unit: str
    code: VariableCode | None
    established: str
    on: str

    @classmethod
    def of(cls, label: Label, names: Mapping[str, str]) -> LabelShown:
        variable = label.variable
        return cls(
            name=variable.name,
            label=variable.label,
            value=label.term.key if label.term else None,
            meaning=label.term.label if label.term else None,
            missing=label.missing,
            unit=variable.unit,
            code=_code(variable),
            established=variable.established,
            on=names.get(label.on) or variable.entity,
        )


def companion_filters(given: Sequence[str] | None) -> dict[str, tuple[str, ...]]:
    """Filters from `name:value`; raises `InputError` for what is none."""
    found: dict[str, tuple[str, ...]] = {}
    for each in filter(None, given or ()):
        name, colon, value = each.partition(":")
        if not colon or not value:
            raise InputError(
                "this filters by no value of a companion variable.",
                place="companion",
                rule="name:value, for a number also name:from..to",
            )
        found[name] = (*found.get(name, ()), value)
    return found


def show_companion(
    variables: Sequence[VariableFacts], counts: Mapping[str, tuple[FacetCount, ...]]
) -> list[CompanionFacet]:
    """The facets of variables of which something is known, in the order of their tables."""
    return [
        CompanionFacet(
            name=each.name,
            label=each.label,
            unit=each.counted_unit,
            entity=each.entity,
            established=each.established,
            values=[
                FacetShown(value=one.term.key, label=one.term.label, count=one.count)
                for one in counts[each.name]
            ],
        )
        for each in variables
        if counts.get(each.name)
    ]


def _code(variable: VariableFacts) -> VariableCode | None:
    if variable.code is None:
        return None
    return VariableCode(**{name: variable.code[name] for name in VariableCode.model_fields})
