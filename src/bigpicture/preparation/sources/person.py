"""What is left of a record when what names a person is gone from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bigpicture.model.attribute import Json
from bigpicture.preparation.sources.person_fields import FieldKind, kind_of_fhir, kind_of_lis


def without(
    value: Json,
    kinds: frozenset[FieldKind],
    *,
    is_fhir: bool,
    but: frozenset[str] = frozenset(),
    under: str = "",
) -> Json:
    """Return the value without the fields of these kinds, at any depth.

    `but` names fields that stay, each with the field above it (`stain.name`); `under` is the one
    above the value itself.

    What is left of a FHIR patient without identifiers is the gender alone: of a person, what may
    stay is listed, not what must go. A reference's `display` is the name of whom it points to.
    """
    if isinstance(value, list):
        return [without(each, kinds, is_fhir=is_fhir, but=but, under=under) for each in value]
    if not isinstance(value, dict):
        return value
    kind_of = kind_of_fhir if is_fhir else kind_of_lis
    if is_fhir and value.get("resourceType") == "Patient" and FieldKind.IDENTIFIER in kinds:
        return {key: value[key] for key in ("resourceType", "gender") if key in value}
    return {
        key: without(each, kinds, is_fhir=is_fhir, but=but, under=key)
        for key, each in value.items()
        if (kind_of(key) not in kinds or f"{under}.{key}" in but)
        and not (is_fhir and (_is_narrative(key, each) or _names_someone(key, value)))
    }


def _is_narrative(key: str, value: Json) -> bool:
    return key == "text" and isinstance(value, dict)


def _names_someone(key: str, parent: dict[str, Json]) -> bool:
    return key == "display" and "code" not in parent and "system" not in parent


def personal_texts(
    value: Json, *, is_fhir: bool, but: frozenset[str] = frozenset(), under: str = ""
) -> Iterator[str]:
    """Every text of a record that stands under a field which names a person."""
    kind_of = kind_of_fhir if is_fhir else kind_of_lis
    if isinstance(value, list):
        for each in value:
            yield from personal_texts(each, is_fhir=is_fhir, but=but, under=under)
    elif isinstance(value, dict):
        for key, each in value.items():
            kind = None if f"{under}.{key}" in but else kind_of(key)
            if kind in (FieldKind.NEVER, FieldKind.BIRTH) or (
                kind is FieldKind.IDENTIFIER and (not is_fhir or key == "identifier")
            ):
                yield from texts_in(each)
            else:
                yield from personal_texts(each, is_fhir=is_fhir, but=but, under=key)


_NOT_OF_A_PERSON = frozenset(
    (
        "system",
        "use",
        "type",
        "rank",
        "period",
        "url",
        "country",
        "state",
        "district",
        "prefix",
        "suffix",
    )
)


def texts_in(value: Json) -> Iterator[str]:
    """Every text and number of a value, but for FHIR's own words (`use`, `system` …)."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in _NOT_OF_A_PERSON:
                yield from texts_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each)
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield str(value)


def first_of_kind(
    fields: Sequence[str],
    kinds: frozenset[FieldKind],
    *,
    is_fhir: bool,
    but: frozenset[str] = frozenset(),
) -> tuple[str, FieldKind] | None:
    """The first field of these kinds that an expression reads, with the field above it.

    `but` as in `without`.
    """
    kind_of = kind_of_fhir if is_fhir else kind_of_lis
    for above, field in zip(("", *fields), fields, strict=False):
        kind = kind_of(field)
        if kind is not None and kind in kinds and f"{above}.{field}" not in but:
            return f"{above}.{field}".lstrip("."), kind
    return None
