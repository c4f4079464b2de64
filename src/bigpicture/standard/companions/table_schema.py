"""Table Schema: a dictionary in JSON as Frictionless Data wrote it down, with a few terms of ours.

Source: Data Package standard v2, Table Schema (2024): `fields`, `primaryKey`, `missingValues` and
`categories` with values and labels, `constraints`. Ours: `entity` of the schema; `unit`, `code`,
`established` and `quasiIdentifier` of a field.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import cast

from bigpicture.model.errors import MetadataError
from bigpicture.standard.companions.declared import EMPTY, Line


def lines_of_schema(data: bytes, *, name: str) -> list[Line]:
    """The lines that a dictionary in CSV would have; raises `MetadataError` for what is none."""
    try:
        held: object = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise _wrong(name, line, "this is not JSON.") from error
    schema = _mapping(held)
    fields = [_mapping(each) for each in _list(schema.get("fields"))]
    if not fields or not all(fields):
        raise _wrong(name, 1, "there are no fields.")
    key = schema.get("primaryKey")
    if isinstance(key, list) and len(cast("list[object]", key)) == 1:
        [key] = cast("list[object]", key)
    lines = [Line(0, cells) for each in fields for cells in _of_field(each, key, schema)]
    return lines + [Line(0, cells) for cells in _markers("*", schema.get("missingValues"))]


def _of_field(
    field: Mapping[str, object], key: object, schema: Mapping[str, object]
) -> Iterator[dict[str, str]]:
    name = _text(field.get("name"))
    bounds, code = _mapping(field.get("constraints")), _mapping(field.get("code"))
    quasi = field.get("quasiIdentifier")
    categories = _list(field.get("categories")) or _list(bounds.get("enum"))
    kind = _text(field.get("type"))
    yield {
        "variable": name,
        "label": _text(field.get("title")) or name,
        "description": _text(field.get("description")),
        "type": "key" if name and name == key else "category" if categories else kind,
        "entity": _text(schema.get("entity")) if name == key else "",
        "unit": _text(field.get("unit")),
        "code": _text(code.get("code")),
        "scheme": _text(code.get("scheme")),
        "meaning": _text(code.get("meaning")),
        "minimum": _text(bounds.get("minimum")),
        "maximum": _text(bounds.get("maximum")),
        "established": _text(field.get("established")),
        "quasi_identifier": {True: "yes", False: "no"}.get(cast("bool", quasi), ""),
    }
    for each in categories:
        given = _mapping(each)
        value = _text(given.get("value") if given else each)
        coded = _mapping(given.get("code"))
        yield {
            "variable": name,
            "value": value,
            "label": _text(given.get("label")) or value,
            "type": "",
            **{part: _text(coded.get(part)) for part in ("code", "scheme", "meaning")},
        }
    yield from _markers(name, field.get("missingValues"))


def _markers(variable: str, values: object) -> Iterator[dict[str, str]]:
    for each in _list(values):
        given = _mapping(each)
        value = _text(given.get("value") if given else each)
        yield {
            "variable": variable,
            "value": value or EMPTY,
            "label": _text(given.get("label")),
            "type": "missing",
        }


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()


def _wrong(name: str, line: int, what: str) -> MetadataError:
    return MetadataError(
        what,
        place=f"{name}:{line}",
        rule="BP-companion-dictionary",
        remedy="Write a Table Schema of Data Package v2, or the dictionary as CSV.",
    )
