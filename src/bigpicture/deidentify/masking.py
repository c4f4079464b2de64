"""The kind of an identifying value, which a report names beside its mask."""

from __future__ import annotations

import re
from enum import StrEnum

_DATE = re.compile(
    r"(?:\d{4}([-/.:])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d{2}))(?:[T ].*)?"
    r"|(?:19|20)\d{6}(?:\d{2,6})?(?:\.\d+)?"
)


class Kind(StrEnum):
    """What sort of value identifies."""

    NAME = "name"
    DATE = "date"
    BARCODE = "barcode"
    FILE_NAME = "file name"
    UID = "unique identifier"
    DEVICE = "device"
    IDENTIFIER = "identifier"
    NUMBER = "number"
    TEXT = "text"


_BY_FIELD: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.FILE_NAME, ("filename", "file name", "name of the file", "name of a folder", "path",
                      "name of the folder", "title")),
    (Kind.BARCODE, ("barcode",)),
    (Kind.UID, ("uid", "uuid", "guid")),
    (Kind.DATE, ("date", "time", "birth")),
    (Kind.DEVICE, ("serial", "device", "station", "scanner", "scanscope", "instrument")),
    (Kind.NAME, ("patientname", "physician", "operator", "user", "author", "artist", "person",
                 "familyname", "givenname", "lastname", "firstname", "institution", "hospital",
                 "name")),
    (Kind.IDENTIFIER, ("id", "accession", "case", "specimen", "identifier", "number")),
)  # fmt: skip


def kind_of(source: str, text: str) -> Kind:
    """The kind of a value by the name of the field it stood in, else by its form."""
    field = source.rpartition(".")[2].casefold()
    if _DATE.fullmatch(text.strip()):
        return Kind.DATE
    for kind, words in _BY_FIELD:
        if any(_names(field, word) for word in words) and (
            kind is not Kind.DATE or _has_digit(text)
        ):
            return kind
    return Kind.NUMBER if text.strip().isdecimal() else Kind.TEXT


def _names(field: str, word: str) -> bool:
    """`id` is a word of its own or the end of one, not the middle of `width` or `grid`."""
    if word != "id":
        return word in field
    return re.search(r"(?<![a-z])id(?![a-z])|[a-z]{3}id$", field) is not None


def _has_digit(text: str) -> bool:
    return any(letter.isdecimal() for letter in text)
