"""Results: what algorithms computed of an image, for whom its dataset is open to now."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from bigpicture.access.decide import Decision, Purpose
from bigpicture.analysis.result_reads import record_result_read
from bigpicture.analysis.result_store import (
    ResultRow,
    facet_json,
    find_output,
    image_results,
)
from bigpicture.api.asking import Anyone, NodeAsked
from bigpicture.api.node import Node
from bigpicture.api.opening import open_dataset, open_image, record_read
from bigpicture.api.run_shapes import ResultList, ResultShown
from bigpicture.model.algorithm import RESEARCH_ONLY
from bigpicture.model.errors import BigpictureError, UnknownError
from bigpicture.model.person import Person

router = APIRouter(prefix="/api/v1", tags=["results"])

Key = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
OutputName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
_ENDINGS = {"application/dicom": ".dcm", "application/json": ".json"}


@router.get("/images/{image}/results")
def results_of(node: NodeAsked, person: Anyone, image: str) -> ResultList:
    """List what was computed of an image, the newest first."""
    facts = node.catalogue.image(image)
    decision = open_image(node, person, facts)
    record_read(node, person, image, facts.dataset, decision)
    with node.records.read() as connection:
        found = image_results(connection, image)
    return ResultList(items=[ResultShown.of(row) for row in found])


@router.get("/results/{key}/{output}", response_class=Response)
def result(
    node: NodeAsked,
    person: Anyone,
    key: Key,
    output: OutputName,
    image: Annotated[str, Query(max_length=80, description="where several have the key")] = "",
) -> Response:
    """Give one output: a DICOM object, a Parquet file of features, or a facet as JSON."""
    with node.records.read() as connection:
        rows = find_output(connection, key, output)
    rows = [row for row in rows if image in ("", row.image)]
    row, decision = first_open(node, person, rows, place=f"{key}/{output}")
    # Before the first byte goes out it is on record who took it.
    if person is not None:
        with node.records.write() as connection:
            record_result_read(
                connection, person.id, row, grant=decision.grant, now=datetime.now(UTC)
            )
    body = facet_json(row.facet) if row.facet else node.vault.read(str(row.object))
    digest = base64.b64encode(bytes.fromhex(row.sha256)).decode()
    ending = _ENDINGS.get(row.media_type, ".parquet")
    headers = {
        "Repr-Digest": f"sha-256=:{digest}:",
        "Content-Disposition": f'attachment; filename="{row.image}-{output}{ending}"',
        "Bigpicture-Notice": RESEARCH_ONLY,
    }
    return Response(body, media_type=row.media_type, headers=headers)


def first_open(
    node: Node,
    person: Person | None,
    rows: Sequence[ResultRow],
    *,
    place: str,
    purpose: Purpose = Purpose.READ,
) -> tuple[ResultRow, Decision]:
    """The first of the images whose dataset is open; raises why the first of them is not."""
    refused: BigpictureError | None = None
    for row in rows:
        try:
            return row, open_dataset(node, person, row.dataset, purpose)
        except UnknownError:
            continue  # a hidden dataset's results are as if they were not
        except BigpictureError as error:
            refused = refused or error
    raise refused or UnknownError("there is no such result.", place=place)
