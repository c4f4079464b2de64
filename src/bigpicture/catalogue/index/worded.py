"""Worded: what the records keep as codes and texts, as terms of the index."""

from __future__ import annotations

import json
from functools import lru_cache

from sqlalchemy import RowMapping

from bigpicture.catalogue.terms import (
    Diagnosis,
    Term,
    read_diagnoses,
    read_severities,
    read_terms,
)
from bigpicture.dicom.fact import is_said
from bigpicture.model.inheritance import Qualifier
from bigpicture.model.policy import DatasetType

NOTHING: tuple[Term, ...] = ()
_COMPRESSIONS = {
    "image/jpeg": "JPEG",
    "image/jp2": "JPEG 2000",
    "image/jpx": "JPEG 2000",
    "image/jphc": "HTJ2K",
    "image/jls": "JPEG-LS",
    "image/jxl": "JPEG XL",
    "image/dicom-rle": "RLE",
    "application/octet-stream": "None",
}
_LOSSLESS = frozenset(f"1.2.840.10008.1.2.4.{last}" for last in (57, 70, 80, 90, 92, 110, 201, 202))
"""Transfer syntaxes that lose nothing (PS3.5 8.2, 10), of media types that others may share."""
_KEPT = 50_000
"""Different codes that are remembered as read."""


@lru_cache(maxsize=_KEPT)
def terms_of(codes: str | None) -> tuple[Term, ...]:
    """Of a JSON text of codes."""
    return read_terms(json.loads(codes)) if codes else ()


@lru_cache(maxsize=_KEPT)
def diagnoses_of(kind: str, codes: str, qualifier: Qualifier) -> tuple[Diagnosis, ...]:
    """Of an observation's kind and codes."""
    return read_diagnoses(kind, json.loads(codes), qualifier)


@lru_cache(maxsize=_KEPT)
def severities_of(kind: str, codes: str) -> tuple[Term, ...]:
    """Of an observation's kind and codes."""
    return read_severities(kind, json.loads(codes))


def sex_of(sex: str | None) -> tuple[Term, ...]:
    return (Term(sex, sex.capitalize()),) if sex else NOTHING


def control_of(control: str | None) -> tuple[Term, ...]:
    return (Term(control, control.capitalize()),) if control else NOTHING


def scanner_of(row: RowMapping) -> tuple[Term, ...]:
    """Maker and model, as far as they are said."""
    name = " ".join(filter(is_said, (row["manufacturer"], row["model"])))
    return (Term(name, name),) if name else NOTHING


def compression_of(media_type: str | None, transfer_syntax: str | None) -> tuple[Term, ...]:
    """Of the coding of the finest level."""
    name = _COMPRESSIONS.get(media_type, media_type) if media_type else None
    if name and transfer_syntax in _LOSSLESS:
        name = f"{name} lossless"
    return (Term(name, name),) if name else NOTHING


def type_of(dataset_type: str) -> Term:
    """Clinical or not."""
    if DatasetType.read(dataset_type).is_clinical:
        return Term("clinical", "Clinical")
    return Term("non-clinical", "Non-clinical")


def words_of(value: object) -> tuple[Term, ...]:
    """Each text of a list for itself."""
    listed = value if isinstance(value, list | tuple) else ()
    return tuple(Term(str(each), str(each)) for each in dict.fromkeys(listed) if each)
