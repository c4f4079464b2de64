"""The report that is signed: what it adds up, what it notices, and that it repeats no value."""

from __future__ import annotations

import json
import re

import pytest

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.report import Looked, Marked
from bigpicture.model.errors import InputError
from bigpicture.submission.convert import convert_slide
from bigpicture.submission.folder_review import Review, Reviewed, review_folder
from bigpicture.submission.folder_review_page import answers, draw_review
from places import shared

SVS = "testdata/wsi_svs/libvips__CMU-1-Small-Region.svs"
SMALL = "testdata/wsi_svs/openslide__small.svs"
SECRETS = ("CPAPERIOCS", "b414003d", "1004486", "12/29/09")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("converted")
    for source in (shared(SVS), shared(SMALL)):
        convert_slide(source, out / source.stem[-5:], pseudonyms=Pseudonyms(bytes(32)))
    return out


def test_it_adds_up_what_the_reports_say(folder):
    review = review_folder(folder)
    told = [json.loads(path.read_text())["fields"] for path in sorted(folder.rglob("report.json"))]
    wanted = sum(each["count"] for fields in told for each in fields)
    (total,) = review.formats
    assert (total.format, total.slides) == ("aperio-svs", 2)
    assert sum(each.count for each in total.fields) == wanted
    assert review.is_sound
    assert json.loads(review.to_bytes())["sound"]
    assert review_folder(folder).digest == review.digest


def test_the_page_answers_ten_questions_and_repeats_no_value(folder):
    review = review_folder(folder)
    page = draw_review(review, {})
    questions = [question for question, _ in answers(review)]
    assert len(questions) == 10
    assert all(answer.endswith(".") for _, answer in answers(review))
    assert page.count("<li><b>") == 10
    assert review.digest in page
    for secret in SECRETS:
        assert secret.casefold() not in page.casefold()
    assert not re.search(r"<script|http-equiv=.refresh|src=.http", page)


def test_a_file_that_changed_and_one_that_no_report_names_are_told(folder, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    home = copy / "slide"
    home.mkdir()
    for path in min(folder.iterdir()).iterdir():
        (home / path.name).write_bytes(path.read_bytes())
    data = bytearray((home / "level-0.dcm").read_bytes())
    (home / "stranger.dcm").write_bytes(data)
    data[-20] ^= 1
    (home / "level-0.dcm").write_bytes(data)
    review = review_folder(copy)
    assert not review.is_sound
    assert review.strangers == ("slide/stranger.dcm",)
    assert "changed" in review.slides[0].problem
    assert "Do not sign" in draw_review(review, {})


def test_what_the_detector_saw_is_shown_covered(folder):
    slide = review_folder(folder).slides[0]
    looked = Looked("level-0.dcm", (Marked("text", 1, 2, 30, 10, 0.9),))
    object.__setattr__(slide.report, "looked", looked)
    page = draw_review(Review((Reviewed("a", slide.report),)), {"a": b"\xff\xd8picture"})
    assert "1 text in level-0.dcm" in page
    assert "look first" in page
    assert "data:image/jpeg;base64,/9hwaWN0dXJl" in page


def test_a_folder_without_slides_is_refused(tmp_path):
    with pytest.raises(InputError, match="no converted slide"):
        review_folder(tmp_path)
