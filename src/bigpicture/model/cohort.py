"""A cohort: a saved question, and the exact images that it was frozen to when it was used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bigpicture.model.errors import InputError
from bigpicture.model.question import Question

LONGEST_NAME = 200
LONGEST_NOTES = 20_000


class Sharing(StrEnum):
    """Who may read a cohort; only its owner changes it."""

    PRIVATE = "private"
    LINK = "link"
    """Everyone signed in who knows its id, which cannot be guessed."""
    NODE = "node"
    """Everyone signed in at the node; it is listed."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """`owner` is a person's id; `etag` changes with every change."""

    id: str
    owner: str
    owner_name: str
    name: str
    notes: str
    question: Question
    sharing: Sharing
    created: datetime
    changed: datetime
    etag: str

    def may_read(self, person: str) -> bool:
        """Whether the person of that id, who knows the cohort's id, may read it."""
        return person == self.owner or self.sharing is not Sharing.PRIVATE


@dataclass(frozen=True, slots=True)
class Part:
    """What a frozen list holds of one dataset; `title` as it was when the list was frozen."""

    dataset: str
    title: str
    images: int
    beings: int


@dataclass(frozen=True, slots=True)
class FrozenList:
    """An exact list of images, by dataset; equal lists have one digest and one accession."""

    digest: str
    count: int
    parts: tuple[Part, ...]
    accession: str | None = None


@dataclass(frozen=True, slots=True)
class CohortVersion:
    """A cohort frozen: `question` as it was then, `asked` the datasets that were open to `by`."""

    cohort: str
    number: int
    frozen: datetime
    by: str
    question: Question
    asked: frozenset[str]
    images: FrozenList


def digest_of(images: Iterable[str]) -> str:
    """SHA-256, in hex, of the sorted accessions, each with a line feed: `sort | sha256sum`."""
    told = hashlib.sha256()
    for image in sorted(images):
        told.update(f"{image}\n".encode())
    return told.hexdigest()


def count_parts(
    datasets: Iterable[str], beings: Iterable[str], titles: Mapping[str, str]
) -> tuple[Part, ...]:
    """What a list holds of each dataset, from a dataset and a key of beings for each image."""
    images: dict[str, int] = {}
    each_beings: dict[str, set[str]] = {}
    for dataset, keys in zip(datasets, beings, strict=True):
        images[dataset] = images.get(dataset, 0) + 1
        each_beings.setdefault(dataset, set()).update(keys.split(";"))
    return tuple(
        Part(dataset, titles.get(dataset, ""), images[dataset], len(each_beings[dataset]))
        for dataset in sorted(images)
    )


def check_texts(name: str, notes: str) -> None:
    """Raise `InputError` unless the name is one line and neither text is too long."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError(
            "this is no name.", place="name", rule=f"one line of 1 to {LONGEST_NAME} letters"
        )
    if len(notes) > LONGEST_NOTES:
        raise InputError(
            "the notes are too long.", place="notes", rule=f"at most {LONGEST_NOTES:,} letters"
        )
