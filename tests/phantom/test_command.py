"""`bigpicture phantom` at the command line."""

import json

import openslide
import pytest
from typer.testing import CliRunner

from bigpicture.cli.phantom import app
from bigpicture.model.errors import InputError


def test_a_slide_with_its_truth(tmp_path):
    out = tmp_path / "slide.svs"
    words = ["slide", str(out), "--organ", "breast", "--finding", "carcinoma", "--size", "600x500"]
    words += ["--stain", "ihc", "--artefact", "pen", "--truth", str(tmp_path / "truth")]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0
    with openslide.OpenSlide(out) as slide:
        assert slide.dimensions == (600, 500)
    truth = json.loads((tmp_path / "truth/truth.json").read_text())
    assert truth["artefacts"] == ["pen"]
    assert (tmp_path / "truth/pen.png").exists()


def test_a_slide_as_dicom(tmp_path):
    words = ["slide", str(tmp_path / "slide"), "--format", "dicom", "--size", "600x500"]
    CliRunner().invoke(app, words, catch_exceptions=False)
    names = {path.name for path in (tmp_path / "slide").iterdir()}
    assert names == {"level-0.dcm", "level-1.dcm"}


def test_a_size_that_is_none_is_explained(tmp_path):
    with pytest.raises(InputError, match="WIDTHxHEIGHT"):
        CliRunner().invoke(
            app, ["slide", str(tmp_path / "a.svs"), "--size", "big"], catch_exceptions=False
        )


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["--organ", "heart"], "--organ"),
        (["--organ", "liver", "--finding", "adenoma"], "--finding"),
    ],
)
def test_what_no_organ_knows_is_explained(tmp_path, words, place):
    with pytest.raises(InputError) as caught:
        CliRunner().invoke(app, ["slide", str(tmp_path / "a.svs"), *words], catch_exceptions=False)
    assert caught.value.place == place
    assert "Use one of" in caught.value.remedy
