"""A dataset folder beside its slides: read in one process or in several, hostile files told."""

from __future__ import annotations

import shutil

import pytest

from bigpicture.cli.validate_slides import look_at_slides
from bigpicture.metaflex.submission import read_submission
from bigpicture.standard.folder import read_folder
from bigpicture.submission import folder_slides
from slide_making import convert_all, write_jpeg_tiff
from small_dataset import IMAGE, write_dataset


@pytest.fixture(scope="module")
def slide(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slide")
    write_jpeg_tiff(folder / "slide.tif", rows=900, columns=700)
    convert_all(folder / "slide.tif", folder / "out")
    return folder / "out"


@pytest.fixture
def dataset(slide, tmp_path):
    return write_dataset(tmp_path, slide=slide)


def looked(folder):
    contents = read_folder(folder)
    return look_at_slides(folder, read_submission(contents.documents), contents.files)


def test_a_slide_that_is_not_as_stated(dataset):
    found = {each.rule for each in looked(dataset).findings}
    # the invented image states 4096 pixels of 0.25 µm; the slide has 700 by 900 of 0.5
    assert {"6.2.7.1", "6.2.7.2", "6.2.9.1", "6.2.9.2", "6.2.6.1"} <= found


def test_a_file_that_is_no_slide_is_named(dataset):
    first = min((dataset / IMAGE).glob("*.dcm"))
    first.write_bytes(b"no DICOM")
    errors = [each for each in looked(dataset).findings if each.rule == "BP-header"]
    assert [each.place.file for each in errors] == [f"{IMAGE}/{first.name}"]
    assert all(each.is_error and each.remedy for each in errors)
    assert errors[0].entity == "image image-1"


def test_a_slide_of_which_nothing_can_be_read(dataset):
    for each in (dataset / IMAGE).glob("*.dcm"):
        each.write_bytes(b"")
    told = looked(dataset)
    assert {each.rule for each in told.findings} == {"BP-header"}
    assert told.filling == {}


def doubled(dataset, *names):
    """The same slide once more under other names."""
    place = dataset / "METADATA/image.xml"
    text = place.read_text()
    start, end = text.index("<IMAGE "), text.index("</IMAGE>") + len("</IMAGE>")
    more = "".join(text[start:end].replace("image-1", name) for name in names)
    place.write_text(text[:end] + more + text[end:])
    for name in names:
        shutil.copytree(dataset / IMAGE, dataset / f"IMAGES/IMAGE_{name}")


def test_the_same_pixels_under_two_aliases(dataset, slide, tmp_path):
    doubled(dataset, "image-2")
    # another name in the header, other reduced levels: still the same slide
    write_jpeg_tiff(tmp_path / "slide.tif", rows=900, columns=700)
    convert_all(tmp_path / "slide.tif", tmp_path / "other", image="image-2", patient="OTHER")
    for name in (each.name for each in (dataset / IMAGE).glob("*.dcm")):
        target = dataset / f"IMAGES/IMAGE_image-2/{name}"
        target.write_bytes((tmp_path / "other" / name).read_bytes())
        assert target.read_bytes() != (dataset / IMAGE / name).read_bytes()
    [finding] = [each for each in looked(dataset).findings if each.rule == "BP-duplicate"]
    assert finding.entity == "image image-2"
    assert "image image-1" in finding.what


def test_other_pixels_of_the_same_size_are_no_duplicate(dataset, tmp_path):
    doubled(dataset, "image-2")
    write_jpeg_tiff(tmp_path / "slide.tif", rows=900, columns=700, photometric="rgb")
    convert_all(tmp_path / "slide.tif", tmp_path / "other")
    for each in (tmp_path / "other").glob("*.dcm"):
        shutil.copy(each, dataset / "IMAGES/IMAGE_image-2" / each.name)
    assert not [each for each in looked(dataset).findings if each.rule == "BP-duplicate"]


def test_several_processes_tell_the_same(dataset, monkeypatch):
    doubled(dataset, "image-2", "image-3")
    alone = looked(dataset)
    monkeypatch.setattr(folder_slides, "_FEW", 2)
    assert looked(dataset) == alone
    assert alone.images == 3
