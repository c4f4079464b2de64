"""The page on slides says of every variant what the tests of peers prove."""

from __future__ import annotations

import re

from places import REPOSITORY
from slides_of_every_format import CASES, EVERY_CASE, JPEG

PAGE = (REPOSITORY / "docs" / "slides.md").read_text(encoding="utf-8")
ROWS = {
    row[0]: row[1:]
    for row in re.findall(
        r"^\| ([a-z][^|`]*) \| (real|generated) \| (copied|again[^|]*) \| (yes|no) "
        r"\| (yes|header) \| (yes|header) \|$",
        PAGE,
        re.MULTILINE,
    )
}


def test_it_has_a_row_for_every_variant():
    assert list(ROWS) == [case.name for case in CASES]


@EVERY_CASE
def test_a_row_says_what_happens(case, converted):
    tested, pixels, openslide, dcmtk, pydicom = ROWS[case.name]
    instance = converted(case).conversion.instances[0]
    assert (tested == "real") is case.name.endswith("real")
    if instance.frames_encoded == 0:
        assert pixels == "copied"
    else:
        assert pixels.startswith("again as JPEG" if case.syntax == JPEG else "again, no loss")
    assert (openslide == "yes") is case.is_read_by_openslide
    assert (dcmtk == "yes") is case.is_decoded_by_dcmtk
    assert (pydicom == "yes") is case.is_decoded_by_pydicom
