"""Reads the table that describes the dataset as a whole: fields and values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache

from bigpicture.model.errors import MetadataError
from bigpicture.model.finding import Severity
from bigpicture.model.policy import DatasetType
from bigpicture.preparation.field import Field
from bigpicture.preparation.fields import FIELDS
from bigpicture.preparation.headings import bare
from bigpicture.preparation.meaning import is_not_available
from bigpicture.preparation.notes import Notes
from bigpicture.preparation.policy_table import check_policy
from bigpicture.preparation.table import Cell, Mark, Table
from bigpicture.standard.rule import Audience

_FIELD_WORDS = frozenset(["field", "feld", "champ", "campo", "falt"])
_VALUE_WORDS = frozenset(["value", "wert", "valeur", "valor", "valore", "varde"])
_SHEET_WORDS = frozenset(
    ("dataset", "datensatz", "jeu de donnees", "conjunto de datos", "datamangd")
)
_ALIKE = 0.8

Said = Mapping[str, tuple[str, ...]]


def is_dataset_table(table: Table) -> bool:
    """Whether a table is the one of the dataset: by its headings, else by the sheet's name."""
    if bare(table.sheet) in _SHEET_WORDS:
        return True
    for row in table.rows[:5]:
        first_two = [bare(text) for text in row.texts if text][:2]
        if len(first_two) == 2 and first_two[0] in _FIELD_WORDS and first_two[1] in _VALUE_WORDS:
            return True
    return False


def read_dataset(tables: list[Table], notes: Notes) -> Said:
    """Read every field that is said; values are read leniently, defaults are filled in later."""
    said: dict[str, tuple[str, ...]] = {}
    where: dict[str, Cell] = {}
    for table in tables:
        for row in table.rows:
            texts = [(index, text) for index, text in enumerate(row.texts) if text]
            if not texts or bare(texts[0][1]) in _FIELD_WORDS:
                continue
            index, name = texts[0]
            cell = table.cell(row.number, index + 1)
            field = _field(name)
            if field is None:
                _say_unknown(table.cell(row.number, index), name, notes)
                continue
            text = row.texts[index + 1] if index + 1 < len(row.texts) else ""
            mark = table.marks.get((row.number, index + 1))
            if mark in (Mark.ERROR, Mark.FORMULA):
                notes.say(cell, "it has no stored value.", expected=field.help, column=field.name)
            values = _values(field, text, cell, notes)
            if not values:
                continue
            if field.name in said and said[field.name] != values:
                notes.say(
                    (cell, where[field.name]),
                    "the field is said twice, in different ways.",
                    expected="one line for it",
                    remedy="Delete one of the two.",
                    column=field.name,
                )
                continue
            said[field.name], where[field.name] = values, cell
    return said


def audience_of(said: Said, unsaid: Audience = Audience.EVERYONE) -> Audience:
    """Whom the rules bind; those of `unsaid` where the type of dataset is not said."""
    told = next(iter(said.get("type_of_dataset", ())), "")
    if not told:
        return unsaid
    is_clinical = DatasetType.read(told).is_clinical
    return Audience.CLINICAL if is_clinical else Audience.NON_CLINICAL


def say_no_dataset(place: Cell, notes: Notes) -> None:
    """Say that the whole table of the dataset is missing; `place` is a table that is there."""
    needed = [each.name for each in FIELDS if each.is_required(Audience.EVERYONE)]
    notes.say(
        place,
        "no table says what the dataset as a whole is.",
        expected=f"a table dataset (field, value): {', '.join(needed)}",
        remedy="Make one to fill in: bigpicture prepare --template new.csv. It writes "
        "new-dataset.csv, which is given beside this table.",
        column="alias",
    )


def check_dataset(
    said: Said, place: Cell, notes: Notes, *, fields: Iterable[Field] = FIELDS
) -> None:
    """Say what is missing or contradicts itself; `place` is where the table is."""
    audience = audience_of(said)
    check_policy(said, place, notes)
    for field in fields:
        if field.is_required(audience) and field.name not in said:
            notes.say(
                place,
                f"{field.heading} of the dataset is missing.",
                expected=f"{field.name}: {field.help}",
                remedy="Write it into the table dataset (field, value).",
                column=field.name,
            )
    is_pseudonymised = said.get("type_of_dataset") == (DatasetType.CLINICAL_PSEUDONYMIZED.value,)
    if is_pseudonymised and "legal_basis" not in said:
        notes.say(
            place,
            "pseudonymised data are shared without a legal basis.",
            expected="legal_basis: for example Informed Consent Form",
            remedy="State it.",
            column="legal_basis",
            rule="9.5.2",
        )
    if "short_name" not in said and len(next(iter(said.get("title", ("",))))) > 25:
        notes.say(
            place,
            "Short name is missing, and the title is too long to serve.",
            expected="short_name: at most 25 characters",
            remedy="Write it into the table dataset.",
            column="short_name",
            rule="1.1.7",
        )


@cache
def _known() -> Mapping[str, Field]:
    found: dict[str, Field] = {}
    for field in FIELDS:
        for name in (field.name, field.heading, *field.other_names):
            found.setdefault(bare(name), field)
    return found


def _field(name: str) -> Field | None:
    return _known().get(bare(name))


def _say_unknown(cell: Cell, name: str, notes: Notes) -> None:
    close = get_close_matches(bare(name), _known(), n=1, cutoff=_ALIKE)
    meant = _known()[close[0]].name if close else ""
    notes.say(
        cell,
        f"the field {name[:40]!r} is not known: it is not used.",
        expected=f"{meant}, perhaps?" if meant else "",
        remedy=f"Write {meant}, if that is meant." if meant else "Nothing, if that is right.",
        severity=Severity.WARNING,
    )


def _values(field: Field, text: str, cell: Cell, notes: Notes) -> tuple[str, ...]:
    parts = [each.strip() for each in text.split(";")] if field.many else [text.strip()]
    found: list[str] = []
    for part in parts:
        if not part or is_not_available(part):
            continue
        value = _value(field, part)
        if value is None:
            notes.say(
                cell,
                f"{field.heading} is not as it must be.",
                expected="; ".join(field.values) if field.values else field.form.text,
                column=field.name,
            )
        else:
            found.append(value)
    return tuple(found)


def _value(field: Field, text: str) -> str | None:
    if field.name == "type_of_dataset":
        try:
            return DatasetType.read(text).value
        except MetadataError:
            return None
    if field.values:
        return next((each for each in field.values if bare(each) == bare(text)), None)
    return text if field.form.fits(text) else None
