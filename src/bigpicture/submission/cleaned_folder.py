"""Cleaned folder: what this site converted before is taken over as it is, byte for byte."""

from __future__ import annotations

import shutil
from pathlib import Path

from bigpicture.deidentify.derive import fingerprint_of
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.report import Report, rules_digest
from bigpicture.model.errors import IntegrityError
from bigpicture.submission.convert import Converted, verify
from bigpicture.submission.signed import REPORT_NAME, SIGNATURE_NAME, check_signature
from bigpicture.submission.staging import move, staging_beside, unwritable
from bigpicture.system.files import sync_file, sync_folder


def read_cleaned(folder: Path, pseudonyms: Pseudonyms) -> Report | None:
    """The report of a slide cleaned under this key and these rules; None for anything else.

    Its signature is checked; its instances are when they are copied (`copy_cleaned`).
    """
    if not (folder / SIGNATURE_NAME).is_file():
        return None
    try:
        check_signature(folder, site=fingerprint_of(pseudonyms.key))
        report = Report.from_bytes((folder / REPORT_NAME).read_bytes())
    except (IntegrityError, OSError):
        return None
    return report if report.rules == rules_digest() else None


def copy_cleaned(source: Path, folder: Path, report: Report) -> Converted:
    """Copy the instances with their report to `folder`, which appears whole or not at all.

    Where they lie there already they are only checked. Raises `IntegrityError` where an instance
    is not the one that was signed, `StorageFullError`.
    """
    verify(source, report)
    if folder.exists():
        verify(folder, report)
        return Converted(source, folder, report, was_there=True)
    names = [*(each.name for each in report.written), REPORT_NAME, SIGNATURE_NAME]
    with staging_beside(folder) as staging:
        try:
            for name in names:
                shutil.copyfile(source / name, staging / name)
                sync_file(staging / name)
            sync_folder(staging)
        except OSError as error:
            raise unwritable(error, folder.name) from error
        verify(staging, report)
        move(staging, folder)
    return Converted(source, folder, report, was_there=True)
