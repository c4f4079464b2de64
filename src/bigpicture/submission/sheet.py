"""The sheet a reader signs off: every file of a submission and every report, each with its digest.

It is written as `sha256sum` writes, so that anyone can make it again from the files.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, select

from bigpicture.storage.records.tables import submission_files
from bigpicture.submission.files import as_file
from bigpicture.submission.image_report import reports_of
from bigpicture.submission.signed import REPORT_NAME


def sheet_of(connection: Connection, accession: str) -> bytes:
    """One line a file, in the order of the paths; a scanner's own file, which is gone, has none."""
    rows = connection.execute(
        select(submission_files).where(submission_files.c.submission == accession)
    ).all()
    files = [as_file(row) for row in rows]
    digests = {file.path: file.sha256 for file in files if not file.is_identified}
    for report in reports_of(connection, accession):
        digests[f"IMAGES/IMAGE_{report.image}/{REPORT_NAME}"] = report.sha256
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests)).encode()


def digest_of(connection: Connection, accession: str) -> str:
    """SHA-256 of the sheet: what a reader's release stands for."""
    return hashlib.sha256(sheet_of(connection, accession)).hexdigest()
