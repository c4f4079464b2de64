"""Uploads: the tus 1.0.0 protocol for one file of a submission."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from bigpicture.api.asking import NodeAsked, SignedIn
from bigpicture.api.node import Node
from bigpicture.model.errors import InputError
from bigpicture.model.person import Person
from bigpicture.submission.upload import append, find_upload

router = APIRouter(prefix="/api/v1/uploads", tags=["uploads"])

VERSION = "1.0.0"
_TYPE = "application/offset+octet-stream"


def _headers(**more: object) -> dict[str, str]:
    return {
        "Tus-Resumable": VERSION,
        "Cache-Control": "no-store",
        **{name.replace("_", "-").title(): str(value) for name, value in more.items()},
    }


@router.options("/{upload}", status_code=204)
def describe(node: NodeAsked, upload: str) -> Response:  # noqa: ARG001 - the same for all
    """Say what of tus this node speaks; uploads are opened by `POST /api/v1/submissions`."""
    return Response(
        status_code=204,
        headers=_headers(tus_version=VERSION, tus_max_size=node.settings.max_file_bytes),
    )


@router.head("/{upload}")
def offset(node: NodeAsked, person: SignedIn, upload: str) -> Response:
    """Tell how many bytes are durable."""
    return _standing(node, person, upload)


def _standing(node: Node, person: Person, upload: str) -> Response:
    with node.records.read() as connection:
        row = find_upload(connection, person, upload)
    return Response(headers=_headers(upload_offset=row.received, upload_length=row.size))


@router.patch("/{upload}", status_code=204)
async def send(
    request: Request,
    node: NodeAsked,
    person: SignedIn,
    upload: str,
    upload_offset: Annotated[int, Header(ge=0)],
    content_type: Annotated[str, Header()] = "",
) -> Response:
    """Append bytes at the durable offset; what arrived before a broken connection is kept."""
    if content_type.partition(";")[0].strip() != _TYPE:
        raise InputError(
            "the body of an upload has another media type.",
            place="Content-Type",
            rule=f"tus 1.0.0: {_TYPE}",
        )
    length = await append(node.stores, person, upload, offset=upload_offset, body=request.stream())
    return Response(status_code=204, headers=_headers(upload_offset=length))
