"""Reviews: what a submission holds, for the people who must release it, and their word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from bigpicture.access.people import name_people
from bigpicture.api.asking import DEFAULT_LIMIT, After, Limit, NodeAsked, SignedIn
from bigpicture.api.node import Node
from bigpicture.model.identifiers import Accession
from bigpicture.model.person import Person
from bigpicture.model.review import Decision, Reason
from bigpicture.model.submission import SubmissionState
from bigpicture.submission.read import owned
from bigpicture.submission.review import readers_needed, refuse_reviewed, release, releases_of
from bigpicture.submission.reviewed import (
    ReviewedImage,
    check_may_read,
    images_to_review,
    look_at,
)
from bigpicture.submission.sheet import digest_of

router = APIRouter(prefix="/api/v1/submissions", tags=["submissions"])

_LEFT_OUT = {
    "label": "a label shows what was written on the glass",
    "overview": "an overview may show the label",
}


class ReleaseShown(BaseModel):
    person: str
    name: str
    time: datetime


class FieldShown(BaseModel):
    name: str
    action: str
    reason: str
    count: int


class LeftOutShown(BaseModel):
    flavour: str
    columns: int
    rows: int
    why: str


class ScanShown(BaseModel):
    strings: int = 0
    patterns: int = 0
    bytes: int = 0
    encodings: list[str] = []
    findings: int = 0


class ReportShown(BaseModel):
    """What the node did with a scanner's file; never a value of it."""

    sha256: str
    fields: list[FieldShown]
    by_action: dict[str, int] = Field(description="action to the number of fields")
    left_out: list[LeftOutShown]
    scan: ScanShown
    marks: list[dict[str, Any]] | None = Field(
        description="what the detector found; empty: nothing; null: the report names no detector"
    )
    remarks: list[str]
    protections: list[str]
    software: str


class TwinShown(BaseModel):
    """A published image, whoever published it."""

    dataset: str
    image: str


class ImageReviewed(BaseModel):
    alias: str
    format: str
    instances: int
    bytes: int
    columns: int
    rows: int
    preview: str | None
    twins: list[TwinShown] = Field(description="published images whose finest level is the same")
    report: ReportShown | None = Field(description="null: it arrived as DICOM")


class ReviewShown(BaseModel):
    submission: str
    state: SubmissionState
    needed: int = Field(description="people who must release it")
    releases: list[ReleaseShown]
    digest: str = Field(description="SHA-256 of the list of every file and report")
    findings: list[dict[str, Any]] = Field(
        description="where metadata and slides differ, and slides that are here already"
    )
    may_decide: bool = Field(description="whether you may release or refuse it now")
    items: list[ImageReviewed]
    next: str | None


class DecisionGiven(BaseModel):
    decision: Decision
    reason: Reason | None = Field(default=None, description="of a refusal")
    digest: Annotated[str, Field(min_length=64, max_length=64, description="of what you read")]


class ReviewStanding(BaseModel):
    state: SubmissionState
    released: int
    needed: int


@router.get("/{accession}/review")
def review(
    node: NodeAsked,
    person: SignedIn,
    accession: str,
    after: After = "",
    limit: Limit = DEFAULT_LIMIT,
) -> ReviewShown:
    """Read what waits for release, image by image, and who has released it so far."""
    with node.records.read() as connection:
        check_may_read(connection, person, accession)
        row = owned(connection, person, accession)
        given = releases_of(connection, accession)
        names = name_people(connection, [one.person for one in given])
        found = images_to_review(connection, node.stores, accession, after=after, limit=limit + 1)
        digest = digest_of(connection, accession)
        needed = readers_needed(connection, node.settings, accession)
    waits = row["state"] == SubmissionState.REVIEWING
    shown = [_image(accession, image) for image in found[:limit]]
    return ReviewShown(
        submission=accession,
        state=SubmissionState(row["state"]),
        needed=needed,
        releases=[
            ReleaseShown(person=one.person, name=names.get(one.person, ""), time=one.time)
            for one in given
        ],
        digest=digest,
        findings=row["findings"] or [],
        may_decide=waits
        and row["person"] != person.id
        and person.id not in {one.person for one in given},
        items=shown,
        next=shown[-1].alias if len(found) > limit else None,
    )


@router.post("/{accession}/review")
def decide(
    node: NodeAsked, person: SignedIn, accession: str, given: DecisionGiven
) -> ReviewStanding:
    """Release what you read, or refuse it; the last release needed lets the node go on."""
    named = Accession.parse(accession)
    if given.decision is Decision.REFUSE:
        refuse_reviewed(node.stores, person, named, digest=given.digest, reason=given.reason)
    elif release(node.stores, person, named, digest=given.digest):
        node.start_work(accession)
    return _standing(node, person, accession)


@router.get(
    "/{accession}/review/{image}/preview",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
def preview(node: NodeAsked, person: SignedIn, accession: str, image: str) -> Response:
    """Give a small picture of an image that waits; each look is recorded."""
    picture = look_at(node.stores, person, accession, image)
    return Response(
        picture, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"}
    )


def _standing(node: Node, person: Person, accession: str) -> ReviewStanding:
    with node.records.read() as connection:
        row = owned(connection, person, accession)
        return ReviewStanding(
            state=SubmissionState(row["state"]),
            released=len(releases_of(connection, accession)),
            needed=readers_needed(connection, node.settings, accession),
        )


def _image(accession: str, image: ReviewedImage) -> ImageReviewed:
    levels = [file.report["level"] for file in image.files if file.report]
    finest = max(levels, key=lambda level: level["columns"], default={"columns": 0, "rows": 0})
    address = f"/api/v1/submissions/{accession}/review/{quote(image.alias, safe='')}/preview"
    return ImageReviewed(
        alias=image.alias,
        format=str(image.report.get("format", "")) if image.report else "DICOM",
        instances=len(image.files),
        bytes=sum(file.size for file in image.files),
        columns=finest["columns"],
        rows=finest["rows"],
        preview=address if image.preview else None,
        twins=[TwinShown(dataset=one.dataset, image=one.image) for one in image.twins],
        report=_report(image.report, image.sha256) if image.report is not None else None,
    )


def _report(report: Mapping[str, Any], sha256: str) -> ReportShown:
    """What it says, whichever version wrote it."""
    fields = [FieldShown.model_validate(each) for each in report.get("fields", [])]
    by_action: dict[str, int] = {}
    for field in fields:
        by_action[field.action] = by_action.get(field.action, 0) + field.count
    return ReportShown(
        sha256=sha256,
        fields=fields,
        by_action=by_action,
        left_out=[_left_out(each) for each in report.get("left_out", [])],
        scan=ScanShown.model_validate(report.get("scan", {})),
        marks=list(report["looked"]["marks"]) if report.get("looked") else None,
        remarks=list(report.get("remarks", [])),
        protections=list(report.get("protections", [])),
        software=str(report.get("software", "")),
    )


def _left_out(told: Mapping[str, Any]) -> LeftOutShown:
    flavour = str(told.get("flavour", "")).lower()
    return LeftOutShown(
        flavour=flavour,
        columns=int(told.get("columns", 0)),
        rows=int(told.get("rows", 0)),
        why=str(told.get("reason") or _LEFT_OUT.get(flavour, "only the tissue is carried over")),
    )
