"""The formats that a frozen cohort is exported in: one line each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bigpicture.catalogue.export.crate import write_crate
from bigpicture.catalogue.export.croissant import write_croissant
from bigpicture.catalogue.export.csv_table import write_csv
from bigpicture.catalogue.export.export import Export
from bigpicture.catalogue.export.json_table import write_json
from bigpicture.catalogue.export.manifest import write_manifest
from bigpicture.catalogue.export.parquet import write_parquet
from bigpicture.model.export_form import Form


@dataclass(frozen=True, slots=True)
class Format:
    """How an export is written, and what it is called."""

    write: Callable[[Export], Iterator[bytes]]
    media_type: str
    ending: str


FORMATS: dict[Form, Format] = {
    Form.CSV: Format(write_csv, "text/csv; charset=utf-8; header=present", ".csv"),
    Form.PARQUET: Format(write_parquet, "application/vnd.apache.parquet", ".parquet"),
    Form.JSON: Format(write_json, "application/json", ".json"),
    Form.LIST: Format(write_manifest, "text/plain; charset=utf-8", ".txt"),
    Form.RO_CRATE: Format(write_crate, "application/zip", ".crate.zip"),
    Form.CROISSANT: Format(write_croissant, "application/ld+json", ".croissant.json"),
}
