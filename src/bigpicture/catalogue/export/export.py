"""An export: the images of a frozen cohort as columns, and what is to be said about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bigpicture.catalogue.cohort_rows import Rows
from bigpicture.catalogue.cohort_sight import Hidden
from bigpicture.model.dealing import Split
from bigpicture.model.field import FieldKind, kind_of

JOINED = "; "
"""Between the terms of a cell, where a format has no lists."""

_FIELDS: Mapping[str, str] = {
    "organ": "Organ or anatomical site of the specimen",
    "species": "Species",
    "strain": "Strain",
    "sex": "Sex",
    "age": "Age at extraction, years",
    "extraction": "How the specimen was taken",
    "fixation": "Fixation",
    "preparation": "Preparation of the block",
    "stain": "Stain",
    "method": "Staining method",
    "target": "Target of the stain",
    "diagnosis": "Diagnoses and findings that reach the image, confirmed or candidate",
    "confirmed": "Diagnoses and findings that are true of this very image",
    "severity": "Severity",
    "compound": "Compound",
    "dose": "Dose",
    "control": "Control",
    "scanner": "Scanner",
    "compression": "Compression",
    "mpp": "Micrometres per pixel at the finest level",
    "magnification": "Magnification of the objective",
    "width": "Pixels across at the finest level",
    "height": "Pixels down at the finest level",
    "type": "Clinical or non-clinical",
    "tier": "Access tier of the dataset",
    "country": "Country",
    "year": "Year of publication",
}


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    TEXTS = "texts"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Column:
    """A value for each image: a text, a tuple of texts, or a number or None."""

    name: str
    kind: Kind
    about: str
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset that images come from, with its terms; `address` is its page."""

    accession: str
    title: str
    version: str
    images: int
    address: str
    policy: Mapping[str, object]
    contact: str


@dataclass(frozen=True, slots=True)
class About:
    """What was frozen, and how much of it is in this file.

    `images` is the size of the whole list as it may be told; `hidden` are its datasets that are
    not open to the one who exports, `gone` counts images that are not there any more.
    """

    name: str
    notes: str
    question: str
    version: int
    frozen: datetime
    digest: str
    accession: str | None
    address: str
    table: str
    """Address of the same rows as CSV."""
    node: str
    images: str
    hidden: tuple[Hidden, ...]
    gone: int
    sources: tuple[Source, ...]
    split: str = ""
    """How it was split, in words."""

    @property
    def is_whole(self) -> bool:
        return not self.hidden and not self.gone

    @property
    def missing(self) -> str:
        """What is not in this file, in a sentence; empty where nothing is missing."""
        told: list[str] = []
        if self.hidden:
            named = ", ".join(
                f"{each.dataset or each.title} ({each.images} images)" for each in self.hidden
            )
            told.append(f"Not in here, because their datasets are not open to you: {named}.")
        if self.gone:
            many = "image was" if self.gone == 1 else "images were"
            told.append(f"{self.gone:,} {many} erased since: not in here.")
        return " ".join(told)


@dataclass(frozen=True, slots=True)
class Export:
    about: About
    columns: tuple[Column, ...]

    @property
    def length(self) -> int:
        return len(self.columns[0].values)

    def column(self, name: str) -> Column:
        return next(each for each in self.columns if each.name == name)


def make_columns(rows: Rows, parts: Split | None) -> tuple[Column, ...]:
    """Every column that an export has; `being` numbers the beings within this file."""
    numbers: dict[str, str] = {}
    beings = [
        tuple(numbers.setdefault(key, str(len(numbers) + 1)) for key in keys)
        for keys in rows.beings
    ]
    made = [
        Column("accession", Kind.TEXT, "Accession of the image", rows.images),
        Column("dataset", Kind.TEXT, "Accession of its dataset", rows.datasets),
        Column("being", Kind.TEXTS, "Number, within this file, of who it is of", beings),
    ]
    if parts:
        made.append(Column("split", Kind.TEXT, "Part that it was dealt to", parts.names))
    for name, about in _FIELDS.items():
        kind = kind_of(name)
        if kind is FieldKind.NUMBER:
            made.append(Column(name, Kind.NUMBER, about, rows.numbers(name)))
        elif kind is FieldKind.TERM:
            made.append(Column(name, Kind.TEXTS, about, rows.terms(name)))
    return tuple(made)


def keep_part(columns: Sequence[Column], part: str) -> tuple[Column, ...]:
    """The rows of one part of a split."""
    names = next(each.values for each in columns if each.name == "split")
    at = [number for number, name in enumerate(names) if name == part]
    return tuple(
        Column(each.name, each.kind, each.about, [each.values[number] for number in at])
        for each in columns
    )
