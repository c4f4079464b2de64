"""Documents of applications: ethics approvals, assessments, agreements."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote

import anyio.to_thread
from fastapi import APIRouter, Header, Path, Request, Response

from bigpicture.access.application_documents import Given, attach, detach, find_document
from bigpicture.access.applications import see_application
from bigpicture.api.application_shapes import ApplicationShown
from bigpicture.api.applications import around_of, shown
from bigpicture.api.asking import NodeAsked, SignedIn
from bigpicture.model.application import DocumentKind

router = APIRouter(prefix="/api/v1/applications/{application}/documents", tags=["applications"])

DocumentName = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$")]


@router.put(
    "/{name}",
    openapi_extra={
        "requestBody": {
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            }
        }
    },
)
async def put(
    request: Request,
    node: NodeAsked,
    person: SignedIn,
    application: str,
    name: DocumentName,
    response: Response,
    x_document_title: Annotated[str, Header(max_length=600)] = "",
    x_document_kind: Annotated[DocumentKind, Header()] = DocumentKind.OTHER,
) -> ApplicationShown:
    """Attach a document (the body): PDF, PNG, JPEG or text. The title may be percent-encoded."""
    title = unquote(x_document_title).strip()[:200] or name
    given = Given(name, title, x_document_kind, await request.body())

    def act() -> ApplicationShown:
        around = around_of(node)
        done = attach(node.records, node.vault, person, application, given, around=around)
        with node.records.read() as connection:
            return shown(connection, done, person, response)

    return await anyio.to_thread.run_sync(act)


@router.get(
    "/{name}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
def give(node: NodeAsked, person: SignedIn, application: str, name: DocumentName) -> Response:
    """Give a document to whoever may see the application."""
    with node.records.read() as connection:
        found = see_application(connection, person, application)
        key, media_type = find_document(connection, found, name)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(node.vault.read(key), media_type=media_type, headers=headers)


@router.delete("/{name}")
def remove(
    node: NodeAsked, person: SignedIn, application: str, name: DocumentName, response: Response
) -> ApplicationShown:
    """Take a document out of a draft, or of what was returned."""
    around = around_of(node)
    done = detach(node.records, node.vault, person, application, name, around=around)
    with node.records.read() as connection:
        return shown(connection, done, person, response)
