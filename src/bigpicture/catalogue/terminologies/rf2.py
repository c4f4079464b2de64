"""Read SNOMED CT from the Snapshot files of a release (RF2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute, csv

from bigpicture.catalogue.terminologies.terminology import (
    LONGEST_LABEL,
    MOST_TERMS,
    Terminology,
)
from bigpicture.model.errors import InputError
from bigpicture.model.scheme import canonical_scheme

RELATIONS = re.compile(r"x?sct2_Relationship_\w*Snapshot\w*(?:-\w+)?_?\w*\.txt")
DESCRIPTIONS = re.compile(r"x?sct2_Description_\w*Snapshot(?:-[\w-]+)?_\w+\.txt")
ANY = re.compile(r"x?sct2_(?:Relationship|Description)_\w*(?:Full|Delta)[\w-]*\.txt")

pc: Any = compute  # its functions are made when it is loaded, and have no types
_SCHEME = canonical_scheme("SNOMED CT")
_IS_A = 116680003
_FULL_NAME = 900000000000003001
_RULE = "SNOMED CT Release File Specification, 5.2"
_BLOCK = 4 << 20
_TYPES = {
    "active": pa.int8(),
    "sourceId": pa.int64(),
    "destinationId": pa.int64(),
    "typeId": pa.int64(),
    "conceptId": pa.int64(),
    "languageCode": pa.string(),
    "term": pa.string(),
}
_RELATION = ("active", "sourceId", "destinationId", "typeId")
_DESCRIPTION = ("active", "conceptId", "languageCode", "typeId", "term")

_Numbers = NDArray[np.int64]


class Opened(Protocol):
    """A file that can be opened; `name` is for errors."""

    @property
    def name(self) -> str: ...

    def open(self) -> AbstractContextManager[BinaryIO]: ...


@dataclass(frozen=True, slots=True)
class _Names:
    concepts: _Numbers
    terms: Any


def read_rf2(relations: Sequence[Opened], descriptions: Sequence[Opened]) -> Terminology:
    """Read active is-a relations, and the fully specified names in English without their tags.

    Several files are an edition and its extensions. Raises `InputError` that names the file.
    """
    name = relations[0].name if relations else descriptions[0].name
    for kind, files in (("relations", relations), ("descriptions", descriptions)):
        if not files:
            raise InputError(
                f"SNOMED CT comes without its {kind}.",
                place=name,
                rule=_RULE,
                remedy="Put sct2_Relationship_Snapshot… and sct2_Description_Snapshot-en… there.",
            )
    below, above = _relations(relations)
    if not len(below):
        raise InputError(
            "there is no active is-a relation in it.", place=name, rule=_RULE, remedy="Get it anew."
        )
    concepts = np.unique(np.concatenate([below, above]))
    if len(concepts) > MOST_TERMS:
        raise InputError(f"there are more than {MOST_TERMS} concepts.", place=name, rule=_RULE)
    return Terminology(
        name,
        [f"{_SCHEME}:{each}" for each in concepts.tolist()],
        _labels(descriptions, concepts),
        np.searchsorted(concepts, below).astype(np.int32),
        np.searchsorted(concepts, above).astype(np.int32),
        np.zeros(len(below), dtype=np.bool_),
    )


def _relations(files: Sequence[Opened]) -> tuple[_Numbers, _Numbers]:
    below: list[_Numbers] = []
    above: list[_Numbers] = []
    for file in files:
        for batch in _batches(file, _RELATION):
            kept = batch.filter(
                pc.and_(pc.equal(batch["active"], 1), pc.equal(batch["typeId"], _IS_A))
            )
            below.append(kept["sourceId"].to_numpy())
            above.append(kept["destinationId"].to_numpy())
    nothing = np.array([], dtype=np.int64)
    pairs = np.stack([np.concatenate([nothing, *below]), np.concatenate([nothing, *above])])
    return tuple(np.unique(pairs, axis=1))


def _labels(files: Sequence[Opened], concepts: _Numbers) -> list[str]:
    """One a concept; its number where no file names it."""
    labels = concepts.astype(np.str_).tolist()
    for file in files:
        for names in _full_names(file):
            rows = np.searchsorted(concepts, names.concepts).clip(max=len(concepts) - 1)
            known = concepts[rows] == names.concepts
            for row, label in zip(
                rows[known].tolist(), names.terms.filter(pa.array(known)).to_pylist(), strict=True
            ):
                labels[row] = label[:LONGEST_LABEL]
    return labels


def _full_names(file: Opened) -> Iterator[_Names]:
    for batch in _batches(file, _DESCRIPTION):
        kept = batch.filter(
            pc.and_(
                pc.and_(pc.equal(batch["active"], 1), pc.equal(batch["typeId"], _FULL_NAME)),
                pc.starts_with(batch["languageCode"], "en"),
            )
        )
        bare = pc.replace_substring_regex(kept["term"], r"\s+\([^()]*\)$", "")
        yield _Names(kept["conceptId"].to_numpy(), bare)


def _batches(file: Opened, columns: Sequence[str]) -> Iterator[Any]:
    try:
        with file.open() as stream:
            reader = csv.open_csv(
                stream,
                csv.ReadOptions(block_size=_BLOCK),
                csv.ParseOptions(delimiter="\t", quote_char=False),
                csv.ConvertOptions(
                    include_columns=list(columns),
                    column_types={name: _TYPES[name] for name in columns},
                    null_values=[],
                ),
            )
            yield from reader
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        told = re.sub(r"\s+", " ", str(error))[:160]
        raise InputError(
            f"it is no whole table of a release ({told}).",
            place=file.name,
            rule=_RULE,
            remedy="Get the file anew: it may be cut short.",
        ) from error
