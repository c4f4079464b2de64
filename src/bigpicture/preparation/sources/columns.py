"""What may stand under each column of the sheet, as far as an export can tell."""

from __future__ import annotations

from enum import StrEnum

from bigpicture.preparation import column, columns


class ColumnKind(StrEnum):
    """What a cell holds; it decides what of an export may become one."""

    IDENTIFIER = "identifier"
    """A name that the site gave; it becomes a pseudonym before anything leaves the site."""
    TERM = "term"
    """A word, a code, or a short name such as that of an antibody."""
    AGE = "age"
    TEXT = "text"
    """Sentences that a person wrote."""


_SENTENCES = ("finding_text", "description")
_OTHERS = {"age": ColumnKind.AGE, **dict.fromkeys(_SENTENCES, ColumnKind.TEXT)}


def _kind(each: column.Column) -> ColumnKind:
    if each.kind is column.ColumnKind.IDENTIFIER:
        return ColumnKind.IDENTIFIER
    return _OTHERS.get(each.name, ColumnKind.TERM)


COLUMNS: dict[str, ColumnKind] = {each.name: _kind(each) for each in columns.COLUMNS}
"""Each column of the sheet by name, in the order of the sheet."""
