"""Describing a dataset: the form, its template, reading a table, checking a sheet.

Nothing that arrives here is kept or logged; tables are read in a child process with limits.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response

from bigpicture.api.asking import NodeAsked, SignedIn, require
from bigpicture.api.identified import take_identified
from bigpicture.api.preparation_shapes import (
    Context,
    FileFinding,
    FormShown,
    JudgedShown,
    ReadShown,
    SheetWanted,
)
from bigpicture.model.person import Permission
from bigpicture.preparation.form import form
from bigpicture.preparation.grid import Read, read_grid
from bigpicture.preparation.judge import Judged, judge
from bigpicture.preparation.sheet import Sheet
from bigpicture.preparation.template import dataset_csv, template, template_csv
from bigpicture.sandbox.limits import Limits, Reach
from bigpicture.sandbox.run import run
from bigpicture.standard.rule import Audience

router = APIRouter(prefix="/api/v1/preparations", tags=["preparations"])

_LIMITS = Limits(memory_bytes=1 << 30, seconds=60, file_bytes=0, threads=8)
_REACH = Reach(readable=())
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TemplateKind(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"
    DATASET_CSV = "dataset.csv"


AudienceAsked = Annotated[Context, Query(description="people, or animal studies")]


@router.get("/form")
def describe_form(person: SignedIn, audience: AudienceAsked = Context.CLINICAL) -> FormShown:
    """Tell the columns of the sheet and the fields of the dataset, with their words and help."""
    require(person, Permission.SUBMISSION_CREATE)
    return FormShown.model_validate(form(audience.audience))


@router.get(
    "/template",
    response_class=Response,
    responses={200: {"content": {_XLSX: {}, "text/csv": {}}}},
)
def give_template(
    person: SignedIn,
    audience: AudienceAsked = Context.CLINICAL,
    kind: Annotated[TemplateKind, Query(alias="format")] = TemplateKind.XLSX,
) -> Response:
    """Give the table to fill in, as `bigpicture prepare --template` writes it."""
    require(person, Permission.SUBMISSION_CREATE)
    made = {
        TemplateKind.XLSX: template,
        TemplateKind.CSV: template_csv,
        TemplateKind.DATASET_CSV: dataset_csv,
    }[kind](audience=audience.audience)
    name = {TemplateKind.DATASET_CSV: "table-dataset.csv"}.get(kind, f"table.{kind}")
    return Response(
        made,
        media_type=_XLSX if kind is TemplateKind.XLSX else "text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.post(
    "/read",
    openapi_extra={
        "requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}
    },
)
async def read_file(
    request: Request,
    node: NodeAsked,
    person: SignedIn,
    name: Annotated[str, Query(max_length=300)] = "table",
) -> ReadShown:
    """Read a spreadsheet or a CSV (the body) into rows and fields; nothing of it is kept.

    Only on a node that takes identified data: tables of a laboratory name people.
    """
    require(person, Permission.SUBMISSION_CREATE)
    take_identified(node.settings.intake)
    data = await request.body()
    return await anyio.to_thread.run_sync(_read, data, name)


@router.post("/check")
def check_sheet(person: SignedIn, wanted: SheetWanted) -> JudgedShown:
    """Say what is wrong in a sheet, by cell, what is undecided, and how complete it is."""
    require(person, Permission.SUBMISSION_CREATE)
    sheet, audience = wanted.sheet(), wanted.audience.audience
    judged = run(_judge, sheet, wanted.slides, audience, limits=_LIMITS, reach=_REACH)
    return JudgedShown.model_validate(judged)


def _judge(sheet: Sheet, slides: list[str] | None, audience: Audience) -> Judged:
    return judge(sheet, slides, audience=audience)


def _read(data: bytes, name: str) -> ReadShown:
    read: Read = run(read_grid, data, name, limits=_LIMITS, reach=_REACH)
    return ReadShown(
        columns=list(read.sheet.columns),
        rows=[list(row) for row in read.sheet.rows],
        fields=dict(read.sheet.fields),
        findings=[
            FileFinding(
                severity=each.severity.value,
                what=each.what,
                expected=each.expected,
                remedy=each.remedy,
                cells=[cell.address for cell in each.cells],
            )
            for each in read.findings
        ],
    )
