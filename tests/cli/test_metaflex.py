"""`bigpicture metaflex`, as a data manager runs it."""

from __future__ import annotations

import json
import re
import sys

import pytest

from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.write import write_document
from bigpicture.standard import convert as convert_module
from bigpicture.standard.check import check, has_errors
from bigpicture.standard.convert import convert_folder
from bigpicture.standard.folder import read_folder
from invented_submission import CONTENTS, submission
from preloaded import ran

ON_ANNOTATION = b'<ANNOTATION_REF alias="drawn"/>'


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "DATASET_livers"
    contents = {name: write_document(each) for name, each in submission().items()} | CONTENTS
    for path, data in contents.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(data)
    return place


@pytest.fixture
def lossy(folder):
    """Its observation is of an annotation."""
    place = folder / "METADATA/observation.xml"
    changed, count = re.subn(rb"<(IMAGE|SLIDE|CASE)_REF [^>]*/>", ON_ANNOTATION, place.read_bytes())
    assert count
    place.write_bytes(changed)
    return folder


def metaflex(*arguments):
    variables = {"COLUMNS": "160", "PATH": "", "PYTHONPATH": ":".join(sys.path)}
    return ran("metaflex", *arguments, env=variables)


def contents(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_a_folder_is_written_anew_and_may_be_submitted(folder, tmp_path):
    before = contents(folder)
    out = tmp_path / "DATASET_new"
    done = metaflex(folder, "--to", "3.0", "--out", out, "--node", "Liver node")
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing was lost" in done.stdout
    assert contents(folder) == before
    written = read_folder(out)
    study = read_submission(written.documents)
    assert study.dataset.metadata_standard == "3.0.0"
    assert not has_errors(check(study, written.files))
    assert set(contents(out)) == set(before)
    assert all(contents(out)[path] == data for path, data in CONTENTS.items())


def test_what_would_be_lost_is_named_and_nothing_is_written(lossy, tmp_path):
    out = tmp_path / "new"
    done = metaflex(lossy, "--out", out, "--node", "Liver node")
    assert done.returncode == 1
    assert "METADATA/observation.xml:" in done.stdout
    assert "15.1.3" in done.stdout
    assert "Nothing was written" in done.stdout
    assert [each.name for each in tmp_path.iterdir()] == [lossy.name]


def test_dropped_things_are_listed(lossy, tmp_path):
    out = tmp_path / "new"
    done = metaflex(lossy, "--out", out, "--node", "Liver node", "--drop", "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert told["written"] == str(out)
    assert "15.1.3" in [each["rule"] for each in told["lost"]]
    assert {each["severity"] for each in told["lost"]} == {"warning"}


def test_the_node_has_to_be_named(folder, tmp_path):
    done = metaflex(folder, "--out", tmp_path / "new")
    assert done.returncode == 1
    assert "Cancer node" in done.stderr
    assert not (tmp_path / "new").exists()


def test_what_is_there_is_never_written_over(folder, tmp_path):
    (tmp_path / "new").mkdir()
    for out in (tmp_path / "new", folder / "new", tmp_path / "no" / "new"):
        done = metaflex(folder, "--out", out, "--node", "Liver node")
        assert done.returncode == 1
        assert str(out) in done.stderr.replace("\n", "")
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("broken", ["_link", "_room"])
def test_one_that_breaks_half_way_leaves_nothing(folder, tmp_path, monkeypatch, broken):
    """Whether it fails at once or after the documents were written."""
    before = sorted(tmp_path.iterdir())

    def stop(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(convert_module, broken, stop)
    with pytest.raises(Exception, match="No space left"):
        convert_folder(folder, tmp_path / "new", node="Liver node")
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_system_without_links_gets_copies(folder, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.hardlink_to", refuse)
    convert_folder(folder, tmp_path / "new", node="Liver node")
    assert set(contents(tmp_path / "new")) == set(contents(folder))
