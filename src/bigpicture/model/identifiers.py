"""Aliases and accessions: the submitter's names and ours."""

from __future__ import annotations

import re
import secrets
from enum import StrEnum
from typing import Self

from bigpicture.model.errors import InputError

ACCESSION_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""`a-z0-9` without `i l o 0 1`: 31 symbols, as in Bigpicture's accessions."""

ALIAS_LENGTH = 200


class AccessionKind(StrEnum):
    """What an accession names; the second part of `{center}-{kind}-{6}-{6}`."""

    DATASET = "dataset"
    SAMPLE = "sample"
    STAINING = "staining"
    IMAGE = "image"
    ANNOTATION = "annotation"
    OBSERVATION = "observation"
    OBSERVER = "observer"
    POLICY = "policy"
    LANDING_PAGE = "landing_page"
    REMS = "rems"
    ORGANISATION = "organisation"
    FILE = "file"
    SUBMISSION = "submission"
    COHORT = "cohort"
    """Not of the standard: an exact list of images, docs/decisions/0107."""


_ACCESSION = re.compile(
    rf"([a-z]{{2,8}})-({'|'.join(AccessionKind)})-([{ACCESSION_LETTERS}]{{6}})-([{ACCESSION_LETTERS}]{{6}})"
)


class Accession(str):
    """A permanent identifier, `{center}-{kind}-{6}-{6}`, lower case.

    Older accessions carry capitals (`aa-Dataset-...`), so parsing ignores case.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an accession; raises `InputError` when `text` is none."""
        lowered = text.strip().lower()
        if not _ACCESSION.fullmatch(lowered):
            raise InputError(
                "this is not an accession.",
                rule="{center}-{kind}-{6}-{6}, for example aa-dataset-6dn9zp-yxcfb4",
            )
        return cls(lowered)

    @classmethod
    def mint(cls, center: str, kind: AccessionKind) -> Self:
        """Make a new random accession."""
        first, second = (
            "".join(secrets.choice(ACCESSION_LETTERS) for _ in range(6)) for _ in range(2)
        )
        return cls.parse(f"{center}-{kind}-{first}-{second}")

    @property
    def kind(self) -> AccessionKind:
        return AccessionKind(self.split("-")[1])


class Alias(str):
    """A submitter's name for an object, unique within its dataset and kind."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an alias; raises `InputError` when empty, too long or with control characters."""
        if not text or len(text) > ALIAS_LENGTH or not text.isprintable():
            raise InputError(
                "this is not an alias.", rule=f"1 to {ALIAS_LENGTH} printable characters"
            )
        return cls(text)
