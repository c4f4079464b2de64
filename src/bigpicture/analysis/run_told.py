"""What the records tell of a run, as its provenance names it: slides, results, addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bigpicture.model.run import Run
from bigpicture.storage.records.run_tables import results, run_slides


@dataclass(frozen=True, slots=True)
class RunTold:
    """What the records say of a run: its slides, and the results of each image."""

    run: Run
    address: str
    by: str
    slides: Sequence[Mapping[str, Any]]
    outputs: Mapping[str, Sequence[Mapping[str, Any]]]

    def image(self, image: str) -> str:
        return f"{self.address}/api/v1/images/{image}"

    def result(self, row: Mapping[str, Any]) -> str:
        return f"{self.address}/api/v1/results/{row['key']}/{row['output']}?image={row['image']}"

    @property
    def url(self) -> str:
        return f"{self.address}/api/v1/runs/{self.run.id}"


def read_told(connection: Connection, run: Run, address: str, by: str) -> RunTold:
    asked = select(run_slides).where(run_slides.c.run == run.id).order_by(run_slides.c.ordinal)
    slides = [dict(row) for row in connection.execute(asked).mappings()]
    rows = connection.execute(
        select(results)
        .join(
            run_slides,
            (run_slides.c.image == results.c.image) & (run_slides.c.key == results.c.key),
        )
        .where(run_slides.c.run == run.id)
        .order_by(results.c.image, results.c.output)
    ).mappings()
    outputs: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        outputs.setdefault(row["image"], []).append(dict(row))
    return RunTold(run, address.rstrip("/"), by, slides, outputs)


def slide_id(told: RunTold, slide: Mapping[str, Any]) -> str:
    return f"{told.url}/slides#{slide['ordinal']}"


def when(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def ref(to: str) -> dict[str, str]:
    return {"@id": to}
