"""Origin: what an image has from its block, and what is stated of it from wherever it comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import RowMapping

from bigpicture.catalogue.companions import months
from bigpicture.catalogue.index.worded import diagnoses_of, severities_of
from bigpicture.catalogue.terms import Term, surest
from bigpicture.model.inheritance import Qualifier

OF_BLOCK = (
    "organ",
    "extraction",
    "fixation",
    "preparation",
    "species",
    "strain",
    "sex",
    "control",
)


@dataclass(frozen=True, slots=True)
class Origin:
    """What an image has of its block; images of one block share it."""

    entities: tuple[str, ...] = ()
    beings: tuple[Term, ...] = ()
    age: float | None = None
    terms: Mapping[str, tuple[Term, ...]] = field(default_factory=dict[str, tuple[Term, ...]])


@dataclass(frozen=True, slots=True)
class Reaching:
    """What is stated of an image, by itself or from above."""

    diagnosis: tuple[Term, ...] = ()
    confirmed: tuple[Term, ...] = ()
    severity: tuple[Term, ...] = ()


class Once:
    """Gives one tuple for all equal ones."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Term, ...], tuple[Term, ...]] = {}

    def __call__(self, terms: Iterable[Term]) -> tuple[Term, ...]:
        held = tuple(dict.fromkeys(terms))
        return self._kept.setdefault(held, held)


def origin_of(
    parts: Sequence[tuple[Mapping[str, tuple[Term, ...]], RowMapping]],
    preparation: tuple[Term, ...],
    same: Once,
) -> Origin:
    """Of a block with these specimens (terms, row) and that preparation."""
    rows = [row for _, row in parts]
    ages = [months(row["age_start"]) / 12 for row in rows if row["age_start"]]
    return Origin(
        entities=tuple(
            dict.fromkeys(
                row[name] for row in rows for name in ("accession", "being", "case") if row[name]
            )
        ),
        beings=same(Term(row["being"], "") for row in rows),
        age=round(ages[0], 1) if ages else None,
        terms={
            "preparation": same(preparation),
            **{
                name: same(term for terms, _ in parts for term in terms.get(name, ()))
                for name in OF_BLOCK
                if name != "preparation"
            },
        },
    )


def reaching_of(reached: Sequence[tuple[RowMapping, Qualifier]]) -> Reaching:
    """What observations say together that reach an image."""
    diagnoses = surest(
        diagnosis
        for row, qualifier in reached
        for diagnosis in diagnoses_of(row["kind"], row["codes"], qualifier)
    )
    severity = (term for row, _ in reached for term in severities_of(row["kind"], row["codes"]))
    return Reaching(
        tuple(each.term for each in diagnoses),
        tuple(each.term for each in diagnoses if each.qualifier is Qualifier.CONFIRMED),
        tuple(dict.fromkeys(severity)),
    )
