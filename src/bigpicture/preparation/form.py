"""The form of a dataset as data: its columns and fields, for whoever draws them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from bigpicture.model.code import Code
from bigpicture.preparation.column import Column, ColumnKind
from bigpicture.preparation.columns import COLUMNS
from bigpicture.preparation.field import Field
from bigpicture.preparation.fields import FIELDS
from bigpicture.preparation.headings import bare
from bigpicture.preparation.meaning import Meaning, fold, write_code
from bigpicture.preparation.words import known, terms_of
from bigpicture.standard.form import DAY
from bigpicture.standard.rule import Audience


@dataclass(frozen=True, slots=True)
class Choice:
    """A word to choose: `text` goes into the cell; `words` are what else people type for it."""

    text: str
    code: str
    scheme: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormColumn:
    """`names` are all headings that mean the column, without case, accents and marks."""

    name: str
    heading: str
    help: str
    example: str
    entity: str
    kind: str
    is_required: bool
    is_identifying: bool
    choices: tuple[Choice, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormField:
    """`values` is a closed list, where there is one; `many` stand apart by semicolons.

    `step` is the one of the terms of use; empty for what is no term.
    """

    name: str
    heading: str
    help: str
    example: str
    is_required: bool
    values: tuple[str, ...]
    default: str
    expected: str
    many: bool
    is_long: bool
    is_day: bool
    step: str


@dataclass(frozen=True, slots=True)
class Form:
    columns: tuple[FormColumn, ...]
    fields: tuple[FormField, ...]


_LONG = frozenset(
    (
        *("description", "consent_restrictions", "use_restrictions", "acknowledgement"),
        *("required_citation", "citation", "references", "changes"),
    )
)


@cache
def form(audience: Audience) -> Form:
    """The form of a clinical or a non-clinical dataset."""
    return Form(
        tuple(_column(each, audience) for each in used_columns(audience)),
        tuple(_field(each, audience) for each in used_fields(audience)),
    )


def used_columns(audience: Audience) -> Iterable[Column]:
    """The columns that say anything in datasets of that context, in the order of the sheet."""
    is_animal = audience is Audience.NON_CLINICAL
    for each in COLUMNS:
        if each.is_used(audience) and not (is_animal and each.name in ("case", "diagnosis")):
            yield each


def used_fields(audience: Audience) -> Iterable[Field]:
    """The fields that are asked for in that context."""
    is_animal = audience is Audience.NON_CLINICAL
    for each in FIELDS:
        is_asked_for = each.audience in (None, Audience.EVERYONE, audience)
        if is_asked_for and not (is_animal and each.name == "legal_basis"):
            yield each


def is_asked(column: Column, audience: Audience) -> bool:
    """Whether a person must fill the column: people are meant where no species is said."""
    is_defaulted = column.name == "species" and audience is not Audience.NON_CLINICAL
    return column.is_required(audience) and not is_defaulted


def _column(column: Column, audience: Audience) -> FormColumn:
    is_animal = audience is Audience.NON_CLINICAL
    return FormColumn(
        name=column.name,
        heading=column.heading,
        help=column.help,
        example=column.animal_example if is_animal else column.example,
        entity=column.entity.value,
        kind=column.kind.value,
        is_required=is_asked(column, audience),
        is_identifying=column.is_identifying,
        choices=_choices(column) if column.kind is ColumnKind.TERM else (),
        names=tuple({bare(each) for each in (column.name, column.heading, *column.other_names)}),
    )


def _choices(column: Column) -> tuple[Choice, ...]:
    understood = known(column.name)
    return tuple(_choice(meaning, words, understood) for meaning, words in terms_of(column.name))


def _choice(meaning: Meaning, words: tuple[str, ...], understood: Mapping[str, Meaning]) -> Choice:
    is_code = isinstance(meaning, Code)
    text = meaning.meaning if is_code else str(meaning)
    if understood.get(fold(text)) != meaning:
        text = write_code(meaning)
    return Choice(
        text,
        meaning.code if is_code else "",
        meaning.scheme if is_code else "",
        tuple(word for word in words if word != text),
    )


def _field(field: Field, audience: Audience) -> FormField:
    return FormField(
        name=field.name,
        heading=field.heading,
        help=field.help,
        example=field.example,
        is_required=field.is_required(audience),
        values=tuple(map(str, field.values)),
        default=field.default,
        expected="" if field.values else field.form.text,
        many=field.many,
        is_long=field.name in _LONG,
        is_day=field.form is DAY,
        step=field.step or "",
    )
