"""`bigpicture convert` of what it made: clean slides are taken over as they are."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bigpicture.cli import build
from places import shared

SMALL = "testdata/wsi_svs/openslide__small.svs"


@pytest.fixture
def run(tmp_path):
    def convert(*words, out="out", key="site.key"):
        told = [*words, "--out", tmp_path / out, "--key", tmp_path / key, "--json"]
        return CliRunner().invoke(build("convert"), ["convert", *map(str, told)])

    return convert


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*.*"))}


def test_a_clean_slide_is_taken_over_byte_for_byte(run, tmp_path):
    run(shared(SMALL))
    (made,) = (tmp_path / "out").iterdir()
    for out in ("second", "second", "third"):
        result = run(made, out=out)
        assert result.exit_code == 0, result.output
        assert [each["state"] for each in json.loads(result.stdout)] == ["unchanged"]
        assert files(tmp_path / out) == files(tmp_path / "out")


def test_a_folder_of_clean_slides_stands_for_them(run, tmp_path):
    run(shared(SMALL))
    result = run(tmp_path / "out", "--recursive", out="second")
    assert [each["state"] for each in json.loads(result.stdout)] == ["unchanged"]


def test_a_changed_instance_is_no_clean_slide(run, tmp_path):
    run(shared(SMALL))
    (made,) = (tmp_path / "out").iterdir()
    with (made / "level-0.dcm").open("r+b") as file:
        file.seek(-9, 2)
        file.write(b"x")
    result = run(made, out="second")
    assert result.exit_code == 1
    assert "has changed since it was written" in result.stdout
    assert not list((tmp_path / "second").glob("*"))


def test_another_site_cleans_it_under_its_own_key(run, tmp_path):
    run(shared(SMALL))
    (made,) = (tmp_path / "out").iterdir()
    result = run(made, out="second", key="other.key")
    assert [each["state"] for each in json.loads(result.stdout)] == ["converted"]
    assert not (tmp_path / "second" / made.name).exists()


def test_what_cannot_be_changed_any_more_is_said(run, tmp_path):
    run(shared(SMALL), "--dates", "shifted")
    (made,) = (tmp_path / "out").iterdir()
    for words in (["--mpp", "0.5"], ["--dates", "removed"]):
        result = run(made, *words, out="second")
        assert result.exit_code == 1
        assert "a clean slide stays as it is" in result.stdout
    assert run(made, "--dates", "shifted", out="second").exit_code == 0
