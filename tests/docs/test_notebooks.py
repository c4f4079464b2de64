"""The notebooks run, from the first cell to the last."""

from __future__ import annotations

import ast
import json
from io import BytesIO

import pytest
from PIL import Image

from places import REPOSITORY
from published import OPEN, image_name
from sections import BLURRED, PENNED, sections

FOLDER = REPOSITORY / "docs/notebooks"


def run(name, *, node=""):
    """What the cells of a notebook have made, in one namespace, and what each of them shows."""
    book = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))
    made, shown = {"__name__": "notebook"}, []
    for cell in book["cells"]:
        if cell["cell_type"] != "code":
            continue
        parsed = ast.parse("".join(cell["source"]).replace("https://node.example", node))
        last = parsed.body.pop() if isinstance(parsed.body[-1], ast.Expr) else None
        exec(compile(parsed, name, "exec"), made)
        if last:
            shown.append(eval(compile(ast.Expression(last.value), name, "eval"), made))
    return made, [each for each in shown if each is not None]


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
    made, _ = run("features-and-mil")
    assert len(made["features"]) == 8
    assert {len(part) for part in made["sides"].values()} == {4, 2}
    assert "AUROC of carcinoma: " in (told := capsys.readouterr().out)
    assert "generated" in told
    [found] = made["evidence"]
    assert found.value > 0.5


@pytest.fixture(scope="module")
def sectioned(tmp_path_factory):
    with sections(tmp_path_factory.mktemp("sections")) as made:
        yield made


@pytest.fixture
def signed_in(sectioned, monkeypatch):
    """The address of a node, where the token is as the notebooks say."""
    monkeypatch.setenv("BIGPICTURE_TOKEN", sectioned[2])
    return sectioned[1]


def size_of(png):
    with Image.open(BytesIO(png)) as picture:
        return picture.size


def test_a_cohort_is_explored(signed_in, capsys):
    made, shown = run("explore-a-cohort", node=signed_in)
    counts, grouped, slide, shapes = shown[0], shown[1], shown[2], shown[3]
    assert {"Liver": 2, "Lung": 1}.items() <= dict(counts.facets["organ"]).items()
    drawn = counts._repr_html_()
    assert "3 images of 2 beings" in drawn
    assert drawn.count("<svg") == 3
    assert ">Liver</text>" in drawn
    all_three = {image_name(OPEN, 0), PENNED, BLURRED}
    assert set(made["table"]["accession"]) == all_three
    assert grouped.sum() == 3
    listed = [name for side in made["sides"].values() for name in side]
    assert sorted(listed) == sorted(all_three)
    assert size_of(slide._repr_png_()) == (512, 512)
    assert shapes == ((256, 256, 3), (64, 64, 3), (200, 200, 3))
    told = capsys.readouterr().out
    assert "Tumour (0.0, 0.0, 64.0, 64.0)" in told
    assert "Adenoma confirmed" in told


def test_quality_is_controlled(signed_in, capsys):
    made, shown = run("quality-control", node=signed_in)
    flaws, usable, picture, report = shown
    assert set(flaws["state"]) == {"done"}
    by_name = flaws.set_index("image")
    assert by_name["pen_part"].idxmax() == PENNED
    assert by_name["blur_part"].idxmax() == made["worst"]["image"] == BLURRED
    assert {each.accession for each in usable} == set(by_name.index[by_name["quality"] > 0.8])
    assert len(usable) == 2
    assert size_of(picture._repr_png_()) == (768, 768)
    assert "research use only" in repr(picture)
    below = made["node"].slide(BLURRED).thumbnail(768)
    marked = (picture.pixels != below).any(-1)
    assert 0.02 < marked.mean() < 0.98
    assert "3 images of 2 beings" in report._repr_html_()
    assert "quality" in report._repr_html_()
    assert "<Job" in capsys.readouterr().out
