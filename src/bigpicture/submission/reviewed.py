"""Reviewed: what a reader is shown of each image that waits for release, out of its report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, ForbiddenError, UnknownError
from bigpicture.model.person import Permission, Person
from bigpicture.model.submission import FileRole, SubmissionState
from bigpicture.storage.records.tables import submission_files
from bigpicture.submission.files import SubmittedFile, as_file
from bigpicture.submission.image_report import ImageReport, read_report, reports_of
from bigpicture.submission.layout import image_alias
from bigpicture.submission.pyramid import Pyramid, pyramids_of
from bigpicture.submission.read import owned
from bigpicture.submission.state import state_of
from bigpicture.submission.stores import Stores
from bigpicture.submission.twins import Twin, twins_of

READABLE = frozenset(
    {
        SubmissionState.REVIEWING,
        SubmissionState.ACCEPTING,
        SubmissionState.PUBLISHING,
        SubmissionState.PUBLISHED,
    }
)
"""States in which there is something to read: converted, and not refused."""


@dataclass(frozen=True, slots=True)
class ReviewedImage:
    """`files` are its DICOM instances; `report` is None where this node did not convert it."""

    alias: str
    files: tuple[SubmittedFile, ...]
    report: dict[str, Any] | None
    sha256: str
    preview: str | None
    twins: tuple[Twin, ...] = ()
    """Published images that show the same."""


def check_may_read(connection: Connection, person: Person, accession: str) -> None:
    """Raises `UnknownError` where the person may not know of it, `ForbiddenError` where not read,
    `ConflictError` where there is nothing to read yet, or no longer.
    """
    owned(connection, person, accession)
    if not person.may(Permission.SUBMISSION_REVIEW):
        raise ForbiddenError(
            "reports are read by the stewards of this node.",
            rule=str(Permission.SUBMISSION_REVIEW),
            remedy="Ask a steward of this node.",
        )
    if state_of(connection, accession) not in READABLE:
        raise ConflictError(
            "there is nothing to review.",
            place=accession,
            remedy="Wait until it is converted; what was refused is sent again first.",
        )


def images_to_review(
    connection: Connection, stores: Stores, accession: str, *, after: str, limit: int
) -> list[ReviewedImage]:
    """A page of a submission's images in the order of their aliases, after the alias `after`."""
    table = submission_files
    rows = connection.execute(
        select(table.c.id, table.c.path).where(
            table.c.submission == accession, table.c.role == FileRole.IMAGE
        )
    ).all()
    by_alias: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_alias[image_alias(row.path)].append(row.id)
    reports = {one.image: one for one in reports_of(connection, accession)}
    page = sorted(alias for alias in by_alias if alias > after)[:limit]
    return [
        _image(connection, stores, alias, by_alias[alias], reports.get(alias)) for alias in page
    ]


def _image(
    connection: Connection,
    stores: Stores,
    alias: str,
    ids: Sequence[str],
    report: ImageReport | None,
) -> ReviewedImage:
    files = _files(connection, ids)
    pyramid = pyramids_of(files).get(alias)
    return ReviewedImage(
        alias=alias,
        files=tuple(files),
        report=read_report(stores.vault, report) if report else None,
        sha256=report.sha256 if report else "",
        preview=pyramid.thumbnail if pyramid else None,
        twins=_twins(connection, alias, pyramid),
    )


def _twins(connection: Connection, alias: str, pyramid: Pyramid | None) -> tuple[Twin, ...]:
    if pyramid is None:
        return ()
    [(file, base), *_] = pyramid.levels
    return tuple(twins_of(connection, {alias: base.frames_root}, besides=file.submission))


def _files(connection: Connection, ids: Sequence[str]) -> list[SubmittedFile]:
    table = submission_files
    rows = connection.execute(
        select(table).where(table.c.id.in_(list(ids))).order_by(table.c.path)
    ).all()
    return [file for file in map(as_file, rows) if not file.is_identified]


def look_at(stores: Stores, person: Person, accession: str, alias: str) -> bytes:
    """A small picture (JPEG) of an image that waits; the look is recorded before it is given."""
    with stores.records.write() as connection:
        check_may_read(connection, person, accession)
        table = submission_files
        found = connection.scalars(
            select(table.c.id).where(
                table.c.submission == accession,
                table.c.role == FileRole.IMAGE,
                table.c.path.startswith(f"IMAGES/IMAGE_{alias}/", autoescape=True),
            )
        ).all()
        pyramid = pyramids_of(_files(connection, found)).get(alias)
        if pyramid is None or pyramid.thumbnail is None:
            raise UnknownError("there is no such picture.", place=accession)
        record(
            connection,
            actor=person.id,
            action="review:look",
            subject=accession,
            details={"image": alias},
        )
    return stores.vault.read(pyramid.thumbnail)
