"""Brings the ways in which FHIR points from one resource to another into one form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bigpicture.model.attribute import Json

_LAST_TWO = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/([^/?#]+)(?:/_history/[^/]+)?/?")
_SEARCH = re.compile(r"(?:.*/)?[A-Z][A-Za-z]+\?identifier=(.+)")


def key_of(reference: str, owner: str) -> str:
    """The key that a reference means: `Specimen/12`, `Specimen/12#part`, `?system|value`, or a URN.

    A server's address before it, and a version after it, are left out; `#part` is contained in
    the resource `owner`.
    """
    if reference.startswith("#"):
        return owner if reference == "#" else owner + reference
    found = _LAST_TWO.fullmatch(reference)
    if found is not None:
        return f"{found[1]}/{found[2]}"
    search = _SEARCH.fullmatch(reference)
    return f"?{search[1]}" if search else reference


def identifiers_of(resource: dict[str, Json]) -> Iterator[str]:
    """The names by which a reference without an address may call a resource."""
    listed = resource.get("identifier")
    for each in listed if isinstance(listed, list) else [listed]:
        name = _identifier(each)
        if name:
            yield name


def with_keys(value: Json, owner: str) -> Json:
    """Return the value with every `reference` rewritten; one by identifier alone gets one."""
    if isinstance(value, list):
        return [with_keys(each, owner) for each in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, Json] = {
        key: key_of(each, owner)
        if key == "reference" and isinstance(each, str)
        else with_keys(each, owner)
        for key, each in value.items()
    }
    logical = _identifier(value.get("identifier"))
    if logical and "reference" not in value and value.keys() <= _REFERENCE:
        result["reference"] = logical
    return result


_REFERENCE = {"identifier", "type", "display", "id", "extension"}


def _identifier(value: Json) -> str:
    if not isinstance(value, dict) or "value" not in value:
        return ""
    return f"?{value.get('system', '')}|{value['value']}"
