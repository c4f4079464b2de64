"""The page on slides says what becomes of every real slide, and every one is converted to see."""

from __future__ import annotations

import re

import pytest

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.model.errors import SlideError
from bigpicture.sandbox.run import Sandbox
from bigpicture.submission.convert import convert_slide
from places import REPOSITORY, SHARED, shared

PSEUDONYMS = Pseudonyms(bytes(range(32)))
PAGE = REPOSITORY / "docs" / "slides.md"
_ROW = re.compile(
    r"^\| `((?:wsi_|dicom_wsi)[^`]*)` \| (stated|given|-) \| "
    r"(copied|encoded again|refused) \| (equal|close|`[^`]*`) \|$",
    re.MULTILINE,
)
ROWS = _ROW.findall(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(preload=("bigpicture.submission.convert",)) as made:
        yield made


@pytest.mark.parametrize(("name", "scale", "pixels", "outcome"), ROWS, ids=[r[0] for r in ROWS])
def test_a_real_slide_becomes_what_the_page_says(name, scale, pixels, outcome, sandbox, tmp_path):
    source = shared(f"testdata/{name}")

    def convert(mpp=None):
        return convert_slide(
            source, tmp_path / "out", pseudonyms=PSEUDONYMS, sandbox=sandbox, mpp=mpp
        )

    if pixels == "refused":
        with pytest.raises(SlideError) as caught:
            convert()
        assert caught.value.what == outcome.strip("`")
        assert not (tmp_path / "out").exists()
        return
    if scale == "given":
        with pytest.raises(SlideError, match="how large its pixels are"):
            convert()
    report = convert(mpp=0.5 if scale == "given" else None).report
    assert (report.frames_copied > 0) is (pixels == "copied")
    assert (report.gate.tolerance == 0) is (outcome == "equal")
    assert report.gate.regions > 0


def test_the_page_names_every_real_slide():
    shared("testdata")
    names = {row[0] for row in ROWS}
    folders = [*(SHARED / "testdata").glob("wsi_*"), SHARED / "testdata" / "dicom_wsi"]
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        told = path.relative_to(SHARED / "testdata")
        assert {str(told), *map(str, told.parents)} & names, told
