"""What a cell means: a code, one of the standard's words, an age, a text, or nothing known."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from typing import TypeAlias

from bigpicture.model.code import Code
from bigpicture.model.scheme import canonical_scheme
from bigpicture.preparation.age import Age


class NotAvailable(Enum):
    """Somebody said that it is not known; an empty cell says nothing."""

    NA = "N/A"

    def __str__(self) -> str:
        return self.value


NA = NotAvailable.NA

Meaning: TypeAlias = Code | str | Age | NotAvailable

_NOT_AVAILABLE = frozenset(
    (
        *("-", "--", "–", "?", "n/a", "n.a.", "na", "#n/a", "nd", "n.d.", "k.a.", "null"),
        *("none", "not available", "unknown", "keine angabe", "unbekannt", "inconnu"),
        *("desconocido", "sconosciuto", "okand"),
    )
)
_WITH_SCHEME = re.compile(r"([^:|]{2,30}):\s*([^\s|]{1,40})(?:[\s|]+(.*?))?\s*\|?", re.DOTALL)
_SNOMED = re.compile(r"(\d{6,18})\s*\|\s*([^|]+?)\s*\|?", re.ASCII)
_SCHEMES = frozenset({"SNOMED CT", "SEND", "HGNC", "ICD-O", "ICD-O-3", "ICD-10", "DCM", "Other"})
TEXT = "text"
"""In place of a scheme: the meaning is a text, and no code is meant."""


def fold(text: str) -> str:
    """A word without case, accents and doubled blanks, to compare by."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(bare.split())


def is_not_available(text: str) -> bool:
    return fold(text) in _NOT_AVAILABLE


def read_code(text: str) -> Code | str | None:
    """Read a cell that carries a code itself; None where it does not.

    `SNOMED CT:86273004 Biopsy`, `86273004 | Biopsy |`, `HGNC:7107 MKI67`, `SEND:WISTAR`, or
    `text: AE1+AE3` where words are meant. A meaning that is left out is empty.
    """
    bare = text.strip()
    snomed = _SNOMED.fullmatch(bare)
    if snomed:
        return Code(snomed[1], "SNOMED CT", snomed[2])
    found = _WITH_SCHEME.fullmatch(bare)
    if found is None:
        return None
    if fold(found[1]) == TEXT:
        return bare.partition(":")[2].strip()
    scheme = "Other" if fold(found[1]) == "other" else canonical_scheme(found[1])
    if scheme not in _SCHEMES:
        return None
    # HGNC's identifiers bear the name of their scheme
    number = f"HGNC:{found[2]}" if scheme == "HGNC" else found[2]
    return Code(number, scheme, (found[3] or "").strip(" |"))


def write_code(meaning: Meaning) -> str:
    """Write a meaning so that `read_code` reads it back."""
    if isinstance(meaning, Code):
        number = meaning.code.removeprefix("HGNC:") if meaning.scheme == "HGNC" else meaning.code
        return f"{meaning.scheme}:{number} {meaning.meaning}".strip()
    return str(meaning)
