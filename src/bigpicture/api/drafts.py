"""Drafts: sheets under way, kept for the person who fills them in and for nobody else."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path, Response
from pydantic import BaseModel, Field

from bigpicture.api.asking import NodeAsked, SignedIn, require
from bigpicture.api.identified import take_identified
from bigpicture.api.preparation_shapes import SheetShape
from bigpicture.model.person import Permission
from bigpicture.preparation.drafts import Draft, delete_draft, find_draft, list_drafts, save_draft

router = APIRouter(prefix="/api/v1/preparations/drafts", tags=["preparations"])

DraftName = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{8,40}$")]


class DraftWanted(SheetShape):
    title: Annotated[str, Field(max_length=200)] = ""


class DraftShown(BaseModel):
    id: str
    title: str
    changed: datetime
    etag: str


class DraftList(BaseModel):
    items: list[DraftShown]
    next: None = None


@router.get("")
def mine(node: NodeAsked, person: SignedIn) -> DraftList:
    """List your drafts, the last changed first."""
    _admit(node, person)
    with node.records.read() as connection:
        return DraftList(items=[_shown(each) for each in list_drafts(connection, person)])


@router.get("/{draft}")
def open_draft(node: NodeAsked, person: SignedIn, draft: DraftName) -> Response:
    """Give a draft of yours as it was saved, with its ETag."""
    _admit(node, person)
    with node.records.read() as connection:
        found = find_draft(connection, person, draft)
    return Response(found.body, media_type="application/json", headers={"ETag": f'"{found.etag}"'})


@router.put("/{draft}")
def save(
    node: NodeAsked,
    person: SignedIn,
    draft: DraftName,
    wanted: DraftWanted,
    response: Response,
    if_match: Annotated[str, Header(max_length=40)] = "",
) -> DraftShown:
    """Keep a draft: `If-Match` names the version it was changed from, and is left out at first."""
    _admit(node, person)
    wanted.sheet()
    with node.records.write() as connection:
        saved = save_draft(
            connection,
            person,
            draft,
            wanted.model_dump_json().encode(),
            title=wanted.title,
            known=if_match.removeprefix("W/").strip('"'),
        )
    response.headers["ETag"] = f'"{saved.etag}"'
    return _shown(saved)


@router.delete("/{draft}", status_code=204)
def forget(node: NodeAsked, person: SignedIn, draft: DraftName) -> None:
    """Delete a draft of yours."""
    require(person, Permission.SUBMISSION_CREATE)
    with node.records.write() as connection:
        delete_draft(connection, person, draft)


def _admit(node: NodeAsked, person: SignedIn) -> None:
    require(person, Permission.SUBMISSION_CREATE)
    take_identified(node.settings.intake)


def _shown(draft: Draft) -> DraftShown:
    return DraftShown(id=draft.id, title=draft.title, changed=draft.changed, etag=draft.etag)
