"""A coded term: code, scheme, meaning."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """MetaFleX CodeType; `scheme` as written (SNOMED CT, SEND, HGNC, DCM ...)."""

    code: str
    scheme: str
    meaning: str
    scheme_version: str = ""

    def __str__(self) -> str:
        return self.meaning
