"""The table of fields in docs/questions.md is that of the code."""

from __future__ import annotations

from bigpicture.model.field import FIELDS
from places import REPOSITORY


def table():
    lines = ["| field | holds |", "|---|---|"]
    for each in FIELDS.values():
        unit = f", in {each.unit}" if each.unit else ""
        kind = " (a number)" if each.kind == "number" else ""
        lines.append(f"| `{each.name}` | {each.label}: {each.about}{unit}{kind} |")
    lines.append("| `companion.NAME` | a variable of [companion tables](companions.md) |")
    return "\n".join(lines)


def test_every_field_is_told():
    assert table() in (REPOSITORY / "docs" / "questions.md").read_text(encoding="utf-8")
