"""Submissions: open, look at, complete, follow, withdraw."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import Connection

from bigpicture.api.asking import After, NodeAsked, SignedIn
from bigpicture.api.node import Node
from bigpicture.model.identifiers import Accession
from bigpicture.model.person import Person
from bigpicture.model.submission import SETTLED, SubmissionState
from bigpicture.submission.announced import Announced
from bigpicture.submission.read import files_of, owned, progress_of, submissions_of
from bigpicture.submission.receive import close_submission, open_submission
from bigpicture.submission.review import readers_needed, releases_of
from bigpicture.submission.withdraw import withdraw_submission

router = APIRouter(prefix="/api/v1/submissions", tags=["submissions"])

_PAGE, _LONGEST_PAGE = 50, 500
_POLL_SECONDS = 0.5
_HEARTBEAT_POLLS = 20

Limit = Annotated[int, Field(ge=1, le=_LONGEST_PAGE)]


class FileWanted(BaseModel):
    path: Annotated[str, Field(max_length=500, description="inside the folder DATASET_…, with /")]
    size: Annotated[int, Field(ge=0, description="bytes")]
    sha256: Annotated[str, Field(min_length=64, max_length=64)]


class SubmissionWanted(BaseModel):
    alias: Annotated[str, Field(min_length=1, max_length=200)]
    title: Annotated[str, Field(max_length=2000)] = ""
    files: list[FileWanted]
    embargo_until: AwareDatetime | None = Field(
        default=None, description="once published, others see nothing of it before this moment"
    )


class ProblemShown(BaseModel):
    what: str
    place: str = ""
    rule: str = ""
    remedy: str = ""


class FilesShown(BaseModel):
    total: int
    bytes: int
    received_bytes: int
    by_state: dict[str, int]
    images_by_state: dict[str, int]


class WaitingShown(BaseModel):
    """Of the people who must release it, how many have."""

    released: int
    needed: int


class SubmissionShown(BaseModel):
    accession: str
    alias: str
    title: str
    state: SubmissionState
    problem: ProblemShown | None
    findings: list[dict[str, Any]]
    created: datetime
    changed: datetime
    files: FilesShown
    embargo_until: datetime | None
    dataset: str | None = Field(description="address of the published dataset")
    review: WaitingShown | None = Field(description="while it waits for people to release it")


class SubmissionList(BaseModel):
    items: list[SubmissionShown]
    next: str | None


class FileShown(BaseModel):
    id: str
    path: str
    role: str
    size: int
    sha256: str
    received: int
    state: str
    problem: ProblemShown | None
    upload: str = Field(description="tus address")


class FileList(BaseModel):
    items: list[FileShown]
    next: str | None


@router.get("")
def submissions(
    node: NodeAsked,
    person: SignedIn,
    after: After = "",
    limit: Limit = _PAGE,
    state: SubmissionState | None = None,
) -> SubmissionList:
    """List your submissions (in a state), newest first; stewards see all."""
    with node.records.read() as connection:
        rows = submissions_of(connection, person, after=after or None, limit=limit + 1, state=state)
        shown = [_shown(node, connection, row) for row in rows[:limit]]
    return SubmissionList(items=shown, next=shown[-1].accession if len(rows) > limit else None)


@router.post("", status_code=201)
def submit(node: NodeAsked, person: SignedIn, wanted: SubmissionWanted) -> SubmissionShown:
    """Open a submission, or continue the one of the same alias."""
    files = [Announced(file.path, file.size, file.sha256) for file in wanted.files]
    accession = open_submission(
        node.stores,
        person,
        alias=wanted.alias,
        title=wanted.title,
        files=files,
        embargo_until=wanted.embargo_until,
    )
    return _read(node, person, accession)


@router.get("/{accession}")
def submission(node: NodeAsked, person: SignedIn, accession: str) -> SubmissionShown:
    """Look at a submission."""
    return _read(node, person, accession)


@router.get("/{accession}/files")
def submitted_files(
    node: NodeAsked, person: SignedIn, accession: str, after: After = "", limit: Limit = _PAGE
) -> FileList:
    """List a submission's files with their states, in the order of their paths."""
    with node.records.read() as connection:
        owned(connection, person, accession)
        rows = files_of(connection, accession, after=after or None, limit=limit + 1)
    shown = [_file(row) for row in rows[:limit]]
    return FileList(items=shown, next=shown[-1].path if len(rows) > limit else None)


@router.post("/{accession}/complete", status_code=202)
def complete(node: NodeAsked, person: SignedIn, accession: str) -> SubmissionShown:
    """Hand the submission to the node: all its files have arrived. Also takes up a failed one."""
    close_submission(node.stores, person, Accession.parse(accession))
    node.start_work(accession)
    return _read(node, person, accession)


@router.delete("/{accession}", status_code=204)
def withdraw(node: NodeAsked, person: SignedIn, accession: str) -> Response:
    """Withdraw a submission that is not published; its bytes are erased."""
    withdraw_submission(node.stores, person, Accession.parse(accession))
    return Response(status_code=204)


@router.get(
    "/{accession}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def follow(node: NodeAsked, person: SignedIn, accession: str) -> StreamingResponse:
    """Follow a submission: a server-sent event for each change, until it is settled."""
    first = await anyio.to_thread.run_sync(_read, node, person, accession)
    return StreamingResponse(
        _changes(node, person, first),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _changes(node: Node, person: Person, first: SubmissionShown) -> AsyncIterator[str]:
    present, last, quiet = first, "", 0
    while True:
        told = json.dumps(_event(present))
        quiet += 1
        if told != last:
            yield f"data: {told}\n\n"
            last, quiet = told, 0
        elif quiet >= _HEARTBEAT_POLLS:
            yield ": still here\n\n"  # proxies close silent connections
            quiet = 0
        if present.state in SETTLED:
            return
        await anyio.sleep(_POLL_SECONDS)
        present = await anyio.to_thread.run_sync(_read, node, person, first.accession)


_BEHIND: dict[SubmissionState, tuple[str, ...]] = {
    SubmissionState.CHECKING: ("expected", "receiving", "received"),
    SubmissionState.CLEANING: ("received", "checked"),
    SubmissionState.CONVERTING: ("received", "checked"),
    SubmissionState.ACCEPTING: ("received", "checked", "cleaned", "converted"),
    SubmissionState.PUBLISHING: ("accepted",),
}
"""States of files that still wait for the step under way."""
_IMAGES_ONLY = frozenset({SubmissionState.CLEANING, SubmissionState.CONVERTING})


def _event(shown: SubmissionShown) -> dict[str, Any]:
    """What a change looks like on the stream; `progress` counts files through the present step."""
    files = shown.files
    counted = files.images_by_state if shown.state in _IMAGES_ONLY else files.by_state
    total = sum(counted.values())
    waiting = sum(counted.get(state, 0) for state in _BEHIND.get(shown.state, ()))
    return {
        "state": shown.state,
        "problem": shown.problem.model_dump() if shown.problem else None,
        "findings": shown.findings,
        "files": files.by_state,
        "received_bytes": files.received_bytes,
        "bytes": files.bytes,
        "progress": {"done": total - waiting, "total": total},
        "dataset": shown.dataset,
        "review": shown.review.model_dump() if shown.review else None,
    }


def _read(node: Node, person: Person, accession: str) -> SubmissionShown:
    with node.records.read() as connection:
        row = owned(connection, person, accession)
        return _shown(node, connection, row)


def _shown(node: Node, connection: Connection, row: Mapping[str, Any]) -> SubmissionShown:
    accession: str = row["accession"]
    published = row["state"] == SubmissionState.PUBLISHED
    waiting = None
    if row["state"] == SubmissionState.REVIEWING:
        waiting = WaitingShown(
            released=len(releases_of(connection, accession)),
            needed=readers_needed(connection, node.settings, accession),
        )
    return SubmissionShown(
        accession=accession,
        alias=row["alias"],
        title=row["title"],
        state=SubmissionState(row["state"]),
        problem=ProblemShown(**row["problem"]) if row["problem"] else None,
        findings=row["findings"] or [],
        created=row["created"],
        changed=row["changed"],
        files=FilesShown(**progress_of(connection, accession)),
        embargo_until=row["embargo_until"],
        dataset=f"/datasets/{accession}" if published else None,
        review=waiting,
    )


def _file(row: Mapping[str, Any]) -> FileShown:
    return FileShown(
        id=row["id"],
        path=row["path"],
        role=row["role"],
        size=row["size"],
        sha256=row["sha256"],
        received=row["received"],
        state=row["state"],
        problem=ProblemShown(**row["problem"]) if row["problem"] else None,
        upload=f"/api/v1/uploads/{row['id']}",
    )
