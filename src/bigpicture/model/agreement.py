"""An agreement: a text in versions that people accept, or sign for their organisation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AgreementKind(StrEnum):
    CLICK = "click"
    """Each member accepts it for themself."""
    SIGNED = "signed"
    """The organisation's signatory signs it, once for an application."""
    CODE_OF_CONDUCT = "code-of-conduct"
    """Each member accepts it, as with a click."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """`for_datasets` are accessions, none for all; `requires_reaccept` undoes older versions."""

    id: str
    version: int
    kind: AgreementKind
    title: str
    text: str
    requires_reaccept: bool
    since: datetime
    for_datasets: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        return digest_of(self.text)

    @property
    def is_signed(self) -> bool:
        return self.kind is AgreementKind.SIGNED

    def concerns(self, dataset: str) -> bool:
        return not self.for_datasets or dataset in self.for_datasets


def digest_of(text: str) -> str:
    """SHA-256, in hexadecimal, of a text as UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
