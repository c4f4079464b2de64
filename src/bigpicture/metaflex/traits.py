"""What a noun repeats of its attributes, so that it is found without going through them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bigpicture.model.attribute import Attribute, find, find_all
from bigpicture.model.code import Code
from bigpicture.model.entity import EntityKind


def traits_of(kind: EntityKind, stated: Sequence[Attribute]) -> dict[str, Any]:
    """Return the fields of a noun that follow from its attributes alone."""
    read = _TRAITS.get(kind)
    return read(stated) if read else {}


def _being(stated: Sequence[Attribute]) -> dict[str, Any]:
    return {
        "sex": _text(stated, "sex"),
        "species": _code(stated, "animal_species"),
        "strain": _code(stated, "animal_strain"),
        "control": _text(stated, "control_terminology"),
        "termination": _code(stated, "termination_status"),
    }


def _specimen(stated: Sequence[Attribute]) -> dict[str, Any]:
    sites = [
        *find_all(stated, "anatomical_site"),
        *find_all(stated, "anatomical_site_list", "anatomical_site"),
    ]
    return {
        "sites": tuple(site.code for site in sites if site.code),
        "extraction": _code(stated, "extraction_method"),
        "fixation": _code(stated, "fixation_type"),
        "specimen_type": _code(stated, "specimen_type"),
        "age_start": _text(stated, "age_at_extraction", "interval_start"),
        "age_length": _text(stated, "age_at_extraction", "interval_length"),
    }


def _block(stated: Sequence[Attribute]) -> dict[str, Any]:
    return {"preparation": _code(stated, "block_preparation")}


_TRAITS: Mapping[EntityKind, Callable[[Sequence[Attribute]], dict[str, Any]]] = {
    EntityKind.BEING: _being,
    EntityKind.SPECIMEN: _specimen,
    EntityKind.BLOCK: _block,
}


def _text(stated: Sequence[Attribute], *path: str) -> str | None:
    attribute = find(stated, *path)
    return attribute.text or None if attribute else None


def _code(stated: Sequence[Attribute], *path: str) -> Code | None:
    attribute = find(stated, *path)
    return attribute.code if attribute else None
