"""The proof: every byte of the written instances searched, and each judged by the allow-list."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bigpicture.deidentify.check import check_instance
from bigpicture.deidentify.finding import Finding
from bigpicture.deidentify.needles import Needle
from bigpicture.deidentify.report import Scanned
from bigpicture.deidentify.scan import ENCODINGS, Scan
from bigpicture.deidentify.spans import spans_of
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.read import read_instance


def prove(
    folder: Path, names: Sequence[str], needles: Sequence[Needle]
) -> tuple[list[Finding], Scanned]:
    """Check and search the instances `names` in `folder`; returns what was found, and how.

    Raises `SlideError` where one of them cannot be read again.
    """
    scan = Scan(needles)
    findings: list[Finding] = []
    length = 0
    for name in names:
        with FileSource(folder / name) as source:
            findings += check_instance(source, name)
            instance = read_instance(source, place=name)
            findings += scan.search(source, name=name, spans=spans_of(source, instance))
            length += source.size
    return findings, Scanned(
        scan.needle_count, length, ENCODINGS, len(findings), scan.pattern_count
    )
