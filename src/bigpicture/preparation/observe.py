"""What rows state about a case or a slide becomes observations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bigpicture.model.code import Code
from bigpicture.model.entity import EntityKind
from bigpicture.model.observation import StatementStatus, StatementType
from bigpicture.preparation.columns import OBSERVED_CODES
from bigpicture.preparation.meaning import NA, Meaning
from bigpicture.preparation.plan import PlannedObservation
from bigpicture.preparation.rows import Stated, most_specific
from bigpicture.preparation.table import Cell

_FINDING = ("finding", "finding_category", "severity", "chronicity", "distribution")


def observations_of(
    row: Stated, values: Mapping[str, Meaning], *, case: str
) -> Iterator[PlannedObservation]:
    """Yield what one row states.

    In a row of a slide a diagnosis is the case's, and true of it as a whole (Summary), unless its
    status is Distinct: then it is the slide's. A finding and a description are the slide's. In a
    row of observations all are of the most specific entity that it names.
    """
    status = _status(values)
    nearest = most_specific(row.ids)
    if nearest is None:
        return
    here = (nearest, row.ids[nearest])
    observer = row.ids.get(EntityKind.OBSERVER, "")
    codes = _codes(values, ("diagnosis",))
    described = _text(values, "description")
    told = ""
    if codes:
        is_of_case = row.is_slide and case and status is not StatementStatus.DISTINCT
        on = (EntityKind.CASE, case) if is_of_case else here
        told = described if on == here else ""
        yield PlannedObservation(
            on,
            StatementType.DIAGNOSIS,
            status or (StatementStatus.SUMMARY if on != here else _usual(here)),
            codes,
            text=told,
            observer=observer,
            cell=row.cell("diagnosis"),
        )
    codes = _codes(values, _FINDING)
    original = _text(values, "finding_text")
    if codes or original:
        yield PlannedObservation(
            here,
            StatementType.FINDING,
            status or _usual(here),
            codes,
            original=original,
            text="" if told else described,
            observer=observer,
            cell=row.cell("finding"),
        )
        told = told or described
    if described and not told:
        yield PlannedObservation(
            here,
            StatementType.MICROSCOPIC,
            _usual(here),
            text=described,
            observer=observer,
            cell=row.cell("description"),
        )


def _usual(on: tuple[EntityKind, str]) -> StatementStatus:
    """Of a slide a statement is true as it stands; of what is above it of the set as a whole."""
    is_slide = on[0] is EntityKind.SLIDE
    return StatementStatus.DISTINCT if is_slide else StatementStatus.SUMMARY


def _status(values: Mapping[str, Meaning]) -> StatementStatus | None:
    told = values.get("statement_status")
    return StatementStatus(told) if isinstance(told, str) else None


def _codes(values: Mapping[str, Meaning], columns: tuple[str, ...]) -> tuple[tuple[str, Code], ...]:
    found = ((OBSERVED_CODES[name], values.get(name)) for name in columns)
    return tuple((tag, code) for tag, code in found if isinstance(code, Code))


def _text(values: Mapping[str, Meaning], column: str) -> str:
    told = values.get(column)
    return "" if told is None or told is NA else str(told)


def cell_of(row: Stated) -> Cell:
    return row.cell(row.kind.value)
