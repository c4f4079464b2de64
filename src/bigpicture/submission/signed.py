"""Signed: the report of a converted slide with the signature of its site, written and checked."""

from __future__ import annotations

from pathlib import Path

from bigpicture.deidentify.report import Report
from bigpicture.deidentify.signature import sign, verify_report
from bigpicture.model.errors import IntegrityError
from bigpicture.submission.staging import unwritable
from bigpicture.system.files import sync_folder, write_through

REPORT_NAME = "report.json"
SIGNATURE_NAME = "report.json.sig"


def write_signed(folder: Path, report: Report, secret: bytes) -> None:
    """Write both files durably; raises `StorageFullError` where there is no room for them."""
    data = report.to_bytes()
    try:
        for name, each in ((REPORT_NAME, data), (SIGNATURE_NAME, sign(data, secret))):
            with (folder / name).open("wb") as file:
                file.write(each)
                write_through(file)
        sync_folder(folder)
    except OSError as error:
        raise unwritable(error, REPORT_NAME) from error


def check_signature(folder: Path, *, site: str) -> None:
    """Raises `IntegrityError` where the report is not signed by the site with this fingerprint."""
    try:
        signer = verify_report(
            (folder / REPORT_NAME).read_bytes(), (folder / SIGNATURE_NAME).read_bytes()
        )
    except FileNotFoundError as error:
        raise IntegrityError(
            "the report is not signed.",
            place=SIGNATURE_NAME,
            remedy="Ask its site for the whole folder, or convert the slide again.",
        ) from error
    except OSError as error:
        raise IntegrityError("the signature cannot be read.", place=SIGNATURE_NAME) from error
    if signer != site:
        raise IntegrityError(
            f"it is signed by the site {signer}, not by {site}.", place=SIGNATURE_NAME
        )
