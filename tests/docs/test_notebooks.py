"""The notebooks run, from the first cell to the last."""

from __future__ import annotations

import json

import pytest

from places import REPOSITORY

FOLDER = REPOSITORY / "docs/notebooks"


def run(name, **known):
    """What the cells of a notebook have made, in one namespace."""
    book = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))
    made = {"__name__": "notebook", **known}
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), name, "exec"), made)
    return made


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_they_are_short_and_kept_without_outputs(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
    lines = [line for cell in code for line in cell["source"] if line.strip()]
    assert len(lines) <= 50
    assert "research use only" in "".join(cells[0]["source"])


def test_features_and_a_classifier(tmp_path, monkeypatch, capsys):
    pytest.importorskip("torch", reason="needs the extra `ai`")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = run("features-and-mil")
    assert len(made["features"]) == 8
    assert {len(part) for part in made["sides"].values()} == {4, 2}
    assert "AUROC of carcinoma: " in (told := capsys.readouterr().out)
    assert "generated" in told
    [found] = made["evidence"]
    assert found.value > 0.5
