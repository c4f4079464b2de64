import pytest

from bigpicture.preparation.match import match_files
from bigpicture.preparation.plan import PlannedImage
from bigpicture.preparation.table import Cell


def images(*names):
    return [
        PlannedImage(name, name, Cell("t", "slides", number, "A"))
        for number, name in enumerate(names, start=2)
    ]


@pytest.mark.parametrize(
    "name", ["x/a.svs", "a.svs", "a", "A.SVS", "D:/scans/a.svs", "/export/x/a.svs"]
)
def test_a_slide_is_found_by_path_or_name(name):
    matched = match_files(images(name), ["x/a.svs", "b.svs"])
    assert matched.places == {name: "x/a.svs"}
    assert matched.left_over == ("b.svs",)
    assert matched.findings == ()


def test_a_row_without_its_slide_and_a_slide_without_its_row_are_told():
    matched = match_files(images("a.svs", "c.svs"), ["a.svs", "b.svs"])
    (finding,) = matched.findings
    assert finding.cells[0].address == "slides!A3"
    assert matched.left_over == ("b.svs",)


@pytest.mark.parametrize("name", ["", ".", "/", "..", "x/"])
def test_a_slide_without_a_name_is_left_over(name):
    assert match_files(images("a.svs"), ["a.svs", name]).left_over == (name,)


def test_a_name_that_two_slides_share_needs_its_folder():
    slides = ["x/a.svs", "y/a.svs"]
    assert match_files(images("a.svs"), slides).findings[0].is_error
    assert match_files(images("x/a.svs", "y/a.svs"), slides).findings == ()


def test_one_slide_under_two_names_is_told():
    assert match_files(images("a.svs", "A"), ["a.svs"]).findings[0].is_error
