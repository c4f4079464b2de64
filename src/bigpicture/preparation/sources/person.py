"""What is left of a record when what names a person is gone from it."""

from __future__ import annotations

from collections.abc import Sequence

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
        if (kind_of(key) not in kinds or f"{under}.{key}" in but or _holds_more(key, each, is_fhir))
        and not (is_fhir and (_is_narrative(key, each) or _names_someone(key, value)))
    }


def _holds_more(key: str, value: Json, is_fhir: bool) -> bool:
    """A laboratory's `report` is free text where it is a text, and a record where it is one."""
    return (
        not is_fhir
        and kind_of_lis(key) is FieldKind.FREE_TEXT
        and any(isinstance(each, dict) for each in (value if isinstance(value, list) else [value]))
    )


def _is_narrative(key: str, value: Json) -> bool:
    return key == "text" and isinstance(value, dict)


def _names_someone(key: str, parent: dict[str, Json]) -> bool:
    return key == "display" and "code" not in parent and "system" not in parent


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
        if kind is FieldKind.FREE_TEXT and not is_fhir and field != fields[-1]:
            continue
        if kind is not None and kind in kinds and f"{above}.{field}" not in but:
            return f"{above}.{field}".lstrip("."), kind
    return None
