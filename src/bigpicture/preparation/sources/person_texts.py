"""Collects from a record the texts that name its person, to search the cells for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bigpicture.model.attribute import Json
from bigpicture.preparation.sources.person_fields import (
    FieldKind,
    is_of_address,
    kind_of_fhir,
    kind_of_lis,
)

_PERSON_OF_FHIR = frozenset(("name", "telecom", "address", "contact", "birthDate", "identifier"))
_NOT_OF_A_PERSON = frozenset(
    (
        *("system", "use", "type", "rank", "period", "url", "country", "state", "district"),
        *("prefix", "suffix", "relationship", "organization", "gender", "extension"),
    )
)


@dataclass(frozen=True, slots=True)
class PersonText:
    """`by_word` where each word names the person, as of a name; an address does as a whole."""

    text: str
    by_word: bool


def personal_texts(
    value: Json, *, is_fhir: bool, but: frozenset[str] = frozenset(), under: str = ""
) -> Iterator[PersonText]:
    """Every text of a record under a field that names a person; `but` as in `without`."""
    if isinstance(value, list):
        for each in value:
            yield from personal_texts(each, is_fhir=is_fhir, but=but, under=under)
    elif isinstance(value, dict):
        for key, each in value.items():
            if f"{under}.{key}" not in but and _names_a_person(key, is_fhir=is_fhir):
                yield from _texts(each, by_word=not is_of_address(key))
            else:
                yield from personal_texts(each, is_fhir=is_fhir, but=but, under=key)


def _names_a_person(key: str, *, is_fhir: bool) -> bool:
    if is_fhir:
        return key in _PERSON_OF_FHIR and kind_of_fhir(key) is not None
    return kind_of_lis(key) in (FieldKind.NEVER, FieldKind.BIRTH, FieldKind.IDENTIFIER)


def _texts(value: Json, *, by_word: bool) -> Iterator[PersonText]:
    """Every text and number of a value, but for FHIR's own words (`use`, `system` …)."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in _NOT_OF_A_PERSON:
                yield from _texts(each, by_word=by_word and not is_of_address(key))
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, by_word=by_word)
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield PersonText(str(value), by_word)
