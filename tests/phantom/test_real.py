"""A dataset around slides of one's own: what opens goes in, what does not is left out."""

from __future__ import annotations

import pytest

from bigpicture.metaflex.submission import read_submission
from bigpicture.model.errors import InputError
from bigpicture.model.policy import AccessTier
from bigpicture.phantom.demo import real_folder
from bigpicture.phantom.real import write_around
from bigpicture.phantom.slides import write_svs, write_tiff
from bigpicture.phantom.tissue import Tissue
from bigpicture.standard.check import check
from bigpicture.standard.folder import read_folder


@pytest.fixture
def slides(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    tissue = Tissue(seed=3, width=400, height=300)
    write_svs(folder / "one.svs", tissue)
    write_tiff(folder / "two.tiff", tissue)
    (folder / "broken.svs").write_bytes((folder / "one.svs").read_bytes()[:5000])
    (folder / "notes.txt").write_text("not a slide")
    return folder


def test_the_folder_keeps_the_standard_and_stays_controlled(slides, tmp_path):
    told = {}
    made = write_around(slides, tmp_path / "DATASET_mine", alias="mine", left_out=told.setdefault)
    assert set(told) == {"broken.svs", "notes.txt"}
    contents = read_folder(made)
    study = read_submission(contents.documents)
    assert check(study, contents.files) == []
    assert len(study.images) == 2
    assert study.policy.tier is AccessTier.CONTROLLED
    assert {(image.columns, image.rows) for image in study.images} == {(400, 300)}


def test_a_folder_without_slides_is_told(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as told:
        write_around(tmp_path / "empty", tmp_path / "DATASET_none", alias="none")
    assert told.value.remedy


def test_the_same_slides_are_the_same_dataset(slides, tmp_path):
    first = real_folder(slides, tmp_path)
    assert first.alias == real_folder(slides, tmp_path / "elsewhere").alias
    (slides / "three.tiff").write_bytes((slides / "two.tiff").read_bytes())
    assert first.alias != real_folder(slides, tmp_path).alias
