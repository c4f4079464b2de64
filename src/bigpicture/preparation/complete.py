"""How complete a sheet is: of what is required, how much is there, column by column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bigpicture.model.entity import EntityKind
from bigpicture.preparation.columns import BY_NAME
from bigpicture.preparation.fields import BY_NAME as FIELDS
from bigpicture.preparation.form import is_asked, used_columns
from bigpicture.preparation.plan import Plan, Understood, Values
from bigpicture.preparation.sheet import Sheet
from bigpicture.standard.rule import Audience

STATED = "diagnosis"
_OF_DATASET = "dataset"


@dataclass(frozen=True, slots=True)
class Filled:
    """Of one column, or of a field of the dataset: how many need it, and have it."""

    name: str
    entity: str
    needed: int
    filled: int


def filled(sheet: Sheet, understood: Understood) -> tuple[Filled, ...]:
    """What is required, in the order of the sheet; an undecided word fills nothing."""
    plan = understood.plan
    return (*_columns(sheet, plan, plan.audience), *_fields(plan, plan.audience))


def _columns(sheet: Sheet, plan: Plan, audience: Audience) -> Iterator[Filled]:
    for column in used_columns(audience):
        if not is_asked(column, audience):
            continue
        kind = column.entity.value
        if column.name in ("file", "being"):
            yield Filled(column.name, kind, *_in_rows(sheet, column.name))
            continue
        held = _values(plan, column.entity)
        names = ("stain", "stain_target") if column.name == "stain" else (column.name,)
        there = sum(any(name in values for name in names) for values in held)
        yield Filled(column.name, kind, max(len(held), 1), there)
    name = "finding" if audience is Audience.NON_CLINICAL else STATED
    yield Filled(name, BY_NAME[name].entity.value, 1, int(bool(plan.observations)))


def _in_rows(sheet: Sheet, name: str) -> tuple[int, int]:
    """Rows in which something stands, and those in which the column is filled."""
    place = sheet.columns.index(name) if name in sheet.columns else -1
    used = [row for row in sheet.rows if any(text.strip() for text in row)]
    there = sum(1 for row in used if 0 <= place < len(row) and row[place].strip())
    return max(len(used), 1), there


def _values(plan: Plan, kind: EntityKind) -> list[Values]:
    if kind is EntityKind.STAINING:
        return [plan.stainings[each.staining] if each.staining >= 0 else {} for each in plan.slides]
    held = {
        EntityKind.BEING: plan.beings,
        EntityKind.SPECIMEN: plan.specimens,
        EntityKind.BLOCK: plan.blocks,
    }
    return [each.values for each in held.get(kind, ())]


def _fields(plan: Plan, audience: Audience) -> Iterator[Filled]:
    for field in FIELDS.values():
        if field.is_required(audience):
            yield Filled(field.name, _OF_DATASET, 1, int(field.name in plan.dataset))
