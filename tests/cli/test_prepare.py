"""`bigpicture prepare` without slides to convert: templates, checks, the mapping file."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bigpicture.cli import build
from bigpicture.model.errors import ConflictError, InputError
from filled_table import fill


@pytest.fixture
def prepare():
    def run(*words):
        result = CliRunner().invoke(build("prepare"), ["prepare", *map(str, words)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def slides(tmp_path):
    folder = tmp_path / "slides"
    folder.mkdir()
    for name in ("a.svs", "b.svs"):
        (folder / name).write_bytes(b"not opened by --check")
    return folder


@pytest.fixture
def table(prepare, slides, tmp_path):
    place = tmp_path / "t.xlsx"
    prepare("--template", place, "--slides", slides)
    return place


def test_a_template_that_is_there_already_is_not_overwritten(prepare, table):
    before = table.read_bytes()
    with pytest.raises(ConflictError, match="already"):
        prepare("--template", table)
    assert table.read_bytes() == before


def test_a_csv_template_has_the_dataset_beside_it(prepare, tmp_path):
    prepare("--template", tmp_path / "t.csv")
    assert (tmp_path / "t-dataset.csv").exists()
    with pytest.raises(InputError, match="workbook or a CSV"):
        prepare("--template", tmp_path / "t.doc")


def test_a_complete_table_passes_the_check(prepare, slides, table):
    fill(table, [{"File": "a.svs"}, {"File": "b.svs"}])
    result = prepare(slides, table, "--check")
    assert result.exit_code == 0
    assert "tables are complete" in result.output


def test_unknown_words_go_to_the_mapping_file_and_decided_ones_stay(prepare, slides, table):
    fill(table, [{"File": "a.svs", "Anatomical site": "Bauchdecke"}, {"File": "b.svs"}])
    result = prepare(slides, table, "--check")
    assert result.exit_code == 1
    mapping = table.parent / "mapping.csv"
    lines = mapping.read_text("utf-8-sig").splitlines()
    assert lines[1].startswith("anatomical_site,Bauchdecke,,,")
    decided = "anatomical_site,Bauchdecke,83908009,SNOMED CT,Abdominal wall structure"
    mapping.write_text(f"{lines[0]}\n{decided}\n")
    fill(table, [{"File": "a.svs", "Anatomical site": "Bauchdecke"}, {"File": "b.svs"}])
    # two sites of one being's only specimen would contradict: each slide has its own here
    assert prepare(slides, table, "--check").exit_code == 0
    fill(table, [{"File": "b.svs", "Anatomical site": "Kutis"}])
    prepare(slides, table, "--check")
    lines = mapping.read_text("utf-8-sig").splitlines()
    assert lines[1].startswith(decided)
    assert lines[2].startswith("anatomical_site,Kutis,,,")


def test_what_has_no_row_and_what_has_no_file_is_named(prepare, slides, table):
    fill(table, [{"File": "a.svs"}, {"File": "c.svs"}, {"File": "b.svs"}])
    (slides / "d.svs").write_bytes(b"")
    told = json.loads(prepare(slides, table, "--check", "--json").stdout)
    assert told["slides_without_a_row"] == ["d.svs"]
    (finding,) = [each for each in told["findings"] if each["severity"] == "error"]
    assert finding["cells"] == [{"file": "t.xlsx", "sheet": "slides", "row": 4, "column": "A"}]
    assert not told["can_be_made"]
    assert told["planned"]["images"] == 3


def test_what_is_not_said_is_asked_for(prepare, slides, table):
    with pytest.raises(InputError, match="template"):
        prepare()
    with pytest.raises(InputError, match="--out"):
        prepare(slides, table)
    with pytest.raises(InputError, match="no such folder"):
        prepare(slides / "nowhere", table, "--check")


def test_the_key_file_is_refused_inside_the_dataset(prepare, slides, table, tmp_path):
    fill(table, [{"File": "a.svs"}, {"File": "b.svs"}])
    out = tmp_path / "DATASET_x"
    with pytest.raises(InputError, match="leave the site"):
        prepare(
            slides, table, "--out", out, "--key", tmp_path / "k", "--keys-out", out / "keys.csv"
        )
    assert not out.exists()
    assert not (tmp_path / "k").exists()
