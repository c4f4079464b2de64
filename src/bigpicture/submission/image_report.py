"""The report of an image that this node converted: kept sealed, with its signature."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from bigpicture.storage.records.tables import image_reports, objects
from bigpicture.submission.signed import REPORT_NAME, SIGNATURE_NAME
from bigpicture.vault.kept import Kept
from bigpicture.vault.subject import Subject
from bigpicture.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report that is kept, but does not count yet."""

    body: Kept
    signature: str


@dataclass(frozen=True, slots=True)
class ImageReport:
    """`key` is of the sealed report.json, `sha256` of its plaintext."""

    image: str
    key: str
    sha256: str
    signature: str


def keep_report(
    vault: Vault, folder: Path, *, owner: str, subjects: Sequence[Subject]
) -> KeptReport:
    """Keep the report of a conversion, byte for byte, out of the folder it was written to."""
    body = vault.keep([(folder / REPORT_NAME).read_bytes()], owner=owner, subjects=subjects)
    return KeptReport(body, (folder / SIGNATURE_NAME).read_text(encoding="ascii"))


def put_report(
    connection: Connection, vault: Vault, submission: str, image: str, report: KeptReport
) -> list[str]:
    """Make a kept report the image's own; returns keys of earlier ones to erase after commit."""
    doomed = drop_report(connection, vault, submission, image)
    vault.settle(connection, report.body)
    connection.execute(
        insert(image_reports).values(
            submission=submission,
            image=image,
            object=report.body.key,
            signature=report.signature,
        )
    )
    return doomed


def drop_report(connection: Connection, vault: Vault, submission: str, image: str) -> list[str]:
    """Forget an image's report, if there is one; returns keys to erase after the commit."""
    table = image_reports
    here = (table.c.submission == submission, table.c.image == image)
    keys = list(connection.scalars(select(table.c.object).where(*here)))
    connection.execute(delete(table).where(*here))
    return vault.doom(connection, keys)


def reports_of(connection: Connection, submission: str) -> Sequence[ImageReport]:
    """The reports of a submission's images, in the order of their aliases."""
    rows = connection.execute(
        select(image_reports, objects.c.sha256)
        .join(objects, objects.c.key == image_reports.c.object)
        .where(image_reports.c.submission == submission)
    ).all()
    found = [ImageReport(row.image, row.object, row.sha256, row.signature) for row in rows]
    return sorted(found, key=lambda each: each.image)


def read_report(vault: Vault, report: ImageReport) -> dict[str, Any]:
    """What a report says. It is read as JSON: an earlier version's tells what it told then."""
    return json.loads(vault.read(report.key))
