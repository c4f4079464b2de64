"""The snapshot: what is known of every open image, as one Parquet file."""

from __future__ import annotations

from contextlib import suppress
from threading import Lock

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from bigpicture.api.asking import NodeAsked
from bigpicture.api.node import Node
from bigpicture.catalogue.snapshot import MEDIA_TYPE, open_datasets, tag_of, write_snapshot

router = APIRouter(prefix="/api/v1", tags=["images"])

_WRITING = Lock()
"""One writes, the others find it done."""


@router.get(
    "/snapshot.parquet",
    response_class=FileResponse,
    responses={
        200: {"content": {MEDIA_TYPE: {}}, "description": "the file; it may be read in ranges"},
        304: {"description": "nothing changed since the ETag that `If-None-Match` named"},
    },
)
def give_snapshot(request: Request, node: NodeAsked) -> Response:
    """Give one row an image of every dataset that is open to the world, whoever asks."""
    with node.stores.records.read() as connection:
        names = open_datasets(connection)
    decided = node.decisions.decide_each(None, node.decisions.listed(None, names))
    opened = [name for name, decision in decided.items() if decision.allowed]
    with node.stores.records.read() as connection:
        tag = tag_of(connection, opened)
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache"}
    if f'"{tag}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    file = node.settings.cache / "snapshot" / f"{tag}.parquet"
    with _WRITING:
        if not file.exists():
            write_snapshot(node.stores.records, opened, file, node=node.settings.node_name)
            _forget_others(node, tag)
    return FileResponse(file, media_type=MEDIA_TYPE, filename="snapshot.parquet", headers=headers)


def _forget_others(node: Node, tag: str) -> None:
    """Remove earlier ones; who reads one keeps it."""
    for other in (node.settings.cache / "snapshot").glob("*.parquet"):
        if other.stem != tag:
            with suppress(OSError):  # Windows removes nothing that is open
                other.unlink()
