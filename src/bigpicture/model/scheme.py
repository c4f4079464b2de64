"""A coding scheme's name: one spelling for the many that real data use."""

from __future__ import annotations

import re

_CANONICAL = {
    "SNOMED CT": ("snomedct", "sct", "snomed", "snomedclinicalterms"),
    "SEND": ("send", "cdiscsend", "sendct"),
    "HGNC": ("hgnc", "hgncid"),
    "ICD-O": ("icdo",),
    "ICD-O-3": ("icdo3",),
    "ICD-10": ("icd10",),
    "DCM": ("dcm", "dicom"),
    "NCIT": ("ncit", "ncithesaurus"),
}
_BY_FOLDED = {folded: name for name, variants in _CANONICAL.items() for folded in variants}


def canonical_scheme(text: str) -> str:
    """Return the scheme's usual spelling; a scheme nobody listed stays as written."""
    folded = re.sub(r"[^a-z0-9]", "", text.lower())
    return _BY_FOLDED.get(folded, text.strip())
