"""Provenance of a run: a Workflow Run RO-Crate, with the same as W3C PROV beside."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from bigpicture.analysis.run_crate import METADATA, PROV, SLIDES, STAGES, crate
from bigpicture.analysis.run_prov import prov
from bigpicture.analysis.run_told import read_told, when
from bigpicture.model.run import Run

_COLUMNS: tuple[str, ...] = (
    "image",
    "dataset",
    "state",
    "reason",
    "key",
    "attempt",
    "started",
    "ended",
)


def crate_zip(connection: Connection, run: Run, *, address: str, by: str) -> bytes:
    """The crate as a zip: metadata, stages, the slides as CSV, and PROV-O as JSON-LD."""
    told = read_told(connection, run, address, by)
    files = {
        STAGES: _stages_json(run),
        SLIDES: _slides_csv(told.slides),
        PROV: _dump(prov(told)),
    }
    moment = run.created.timetuple()[:6]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in {METADATA: _dump(crate(told, files)), **files}.items():
            packed.writestr(zipfile.ZipInfo(name, moment), body)
    return out.getvalue()


def crate_json(connection: Connection, run: Run, *, address: str, by: str) -> bytes:
    """The crate's metadata alone: JSON-LD."""
    told = read_told(connection, run, address, by)
    files = {STAGES: _stages_json(run), SLIDES: _slides_csv(told.slides), PROV: b""}
    return _dump(crate(told, files))


def _stages_json(run: Run) -> bytes:
    return _dump([stage.as_json() for stage in run.stages])


def _slides_csv(slides: Iterable[Mapping[str, Any]]) -> bytes:
    out = io.StringIO()
    rows = csv.DictWriter(out, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    rows.writeheader()
    for slide in slides:
        times = {name: when(slide[name]) for name in ("started", "ended")}
        rows.writerow({**slide, **times})
    return out.getvalue().encode()


def _dump(value: Any) -> bytes:  # noqa: ANN401 - whatever is JSON
    return json.dumps(value, indent=1, ensure_ascii=False).encode()
