"""The formats that a frozen cohort leaves in."""

from __future__ import annotations

from enum import StrEnum


class Form(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"
    LIST = "list"
    """The manifest for `bigpicture download`."""
    RO_CRATE = "ro-crate"
    CROISSANT = "croissant"
