"""The columns of the sheet with one row per slide, and what may stand in them."""

from __future__ import annotations

from enum import StrEnum


class ColumnKind(StrEnum):
    """What a cell holds; it decides what of an export may become one."""

    IDENTIFIER = "identifier"
    """A name that the site gave; it becomes a pseudonym before anything leaves the site."""
    TERM = "term"
    """A word or a code of a vocabulary."""
    AGE = "age"
    TEXT = "text"
    """Sentences that a person wrote."""


_IDENTIFIERS = ("file", "slide", "block", "specimen", "case", "being")
_TERMS_OF_THE_BEING = ("sex", "species", "strain", "control", "termination_status")
_TERMS_OF_THE_TISSUE = (
    "anatomical_site",
    "extraction_method",
    "fixation",
    "specimen_type",
    "block_preparation",
)
_TERMS_OF_THE_STAIN = (
    "stain",
    "stain_method",
    "stain_target",
    "stain_reporter",
    "stain_reporter_color",
    "antibody",
    "antibody_vendor",
)
_TERMS_STATED = (
    "diagnosis",
    "finding",
    "finding_category",
    "severity",
    "chronicity",
    "distribution",
)

COLUMNS: dict[str, ColumnKind] = {
    **dict.fromkeys(_IDENTIFIERS, ColumnKind.IDENTIFIER),
    **dict.fromkeys(_TERMS_OF_THE_BEING, ColumnKind.TERM),
    "age": ColumnKind.AGE,
    **dict.fromkeys(_TERMS_OF_THE_TISSUE, ColumnKind.TERM),
    **dict.fromkeys(_TERMS_OF_THE_STAIN, ColumnKind.TERM),
    **dict.fromkeys(_TERMS_STATED, ColumnKind.TERM),
    "finding_text": ColumnKind.TEXT,
    "statement_status": ColumnKind.TERM,
    "description": ColumnKind.TEXT,
    "observer": ColumnKind.IDENTIFIER,
    "observer_type": ColumnKind.TERM,
}
"""Each column of the sheet by name, in the order of the sheet."""
