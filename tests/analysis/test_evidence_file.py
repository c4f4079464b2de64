"""Evidence as a file: what was written is read again, and what is no evidence says where."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bigpicture.analysis.card import make_card
from bigpicture.analysis.card_shown import card_markdown
from bigpicture.analysis.card_text import card_text
from bigpicture.analysis.evidence_file import read_evidence, write_evidence
from bigpicture.analysis.folder import open_folder
from bigpicture.analysis.shipped import shipped
from bigpicture.cli import build
from bigpicture.model.algorithm import Algorithm, Output, OutputKind
from bigpicture.model.errors import InputError
from bigpicture.model.evidence import Evidence, Measured
from made_algorithm import make_algorithm

FIGURE = {
    "metric": "AUROC",
    "output": "grey",
    "value": 0.875,
    "low": 0.5,
    "high": 1.0,
    "method": "95 %",
    "on": "suite 1",
    "is_generated": True,
    "images": 12,
    "beings": 12,
}
MEASURED = Measured(
    (Evidence(**FIGURE), Evidence(**{**FIGURE, "is_generated": False, "results": ("k",)})),
    (("Learned from", "12 slides"),),
    "c" * 64,
)


def written(folder, told):
    place = folder / "evidence.json"
    place.write_text(told if isinstance(told, str) else json.dumps(told), encoding="utf-8")
    return place


def test_what_was_written_is_read(tmp_path):
    assert read_evidence(written(tmp_path, write_evidence(MEASURED))) == MEASURED


@pytest.mark.parametrize(
    "told",
    [
        "no JSON",
        {"evidence": []},
        {"format": "bigpicture-evidence-1"},
        {"format": "bigpicture-evidence-1", "evidence": [3]},
        {"format": "bigpicture-evidence-1", "evidence": [], "facts": [["a"]]},
        *(
            {"format": "bigpicture-evidence-1", "evidence": [{**FIGURE, **changed}]}
            for changed in (
                {"value": "high"},
                {"value": True},
                {"value": float("nan")},
                {"low": None},
                {"beings": 13},
                {"is_generated": "no"},
                {"images": 1.5},
                {"more": 1},
                {"results": "all"},
            )
        ),
        {"format": "bigpicture-evidence-1", "evidence": [{"metric": "AUROC"}]},
    ],
)
def test_what_is_no_evidence(tmp_path, told):
    with pytest.raises(InputError) as caught:
        read_evidence(written(tmp_path, told))
    assert caught.value.place == "evidence.json"
    assert caught.value.rule
    assert caught.value.remedy


def test_a_folder_whose_evidence_is_missing(tmp_path):
    folder = make_algorithm(tmp_path / "grey")
    manifest = folder / "algorithm.toml"
    manifest.write_text(manifest.read_text().replace("file =", "evidence ="))
    with pytest.raises(InputError, match="is no JSON"):
        open_folder(folder)
    manifest.write_text(manifest.read_text().replace("CARD.md", "none.json"))
    with pytest.raises(InputError, match="no such file of evidence"):
        open_folder(folder)


def test_a_card_is_made_of_the_evidence_and_its_author_speaks_below(tmp_path):
    folder = make_algorithm(tmp_path / "grey")
    written(folder, write_evidence(MEASURED))
    manifest = folder / "algorithm.toml"
    manifest.write_text(manifest.read_text() + 'evidence = "evidence.json"\n')
    made, _, own = card_text(open_folder(folder)).partition("\n## In its author's words\n\n")
    assert "0.875 (0.500 to 1.000; 95 %), generated" in made
    assert own == (folder / "CARD.md").read_text()


ALGORITHM = Algorithm(
    id="org.example.grey",
    version="1.0.0",
    title="Grey",
    licence="MIT",
    entry="m:f",
    outputs=(Output("grey", OutputKind.FACET),),
    code="c" * 64,
)


def test_a_card_says_whether_its_code_was_measured():
    of_this = card_markdown(make_card(ALGORITHM, MEASURED))
    assert "- Measured with: this code\n" in of_this
    other = Measured(MEASURED.evidence, (), "d" * 64)
    assert "earlier code" in card_markdown(make_card(ALGORITHM, other))


def test_what_is_shipped_has_a_card_of_its_evidence():
    cards = {each.algorithm.id: card_text(each) for each in shipped()}
    for name, card in cards.items():
        figures = [line for line in card.splitlines() if line.startswith("| ")][1:]
        assert figures, name
        for line in figures:
            figure = line.split(" | ")[1].strip()
            assert figure == "not evaluated" or figure.endswith(", generated"), line
            assert "of" not in figure or " on real slides" not in line, line


def test_the_command_prints_the_card(tmp_path):
    """Of what is shipped, of a folder; what is neither says so."""
    run = CliRunner()
    told = run.invoke(build("algorithm"), ["algorithm", "card", "core.tissue"])
    assert told.exit_code == 0
    assert "Dice of tissue on generated slides" in told.output
    folder = make_algorithm(tmp_path / "grey")
    told = run.invoke(build("algorithm"), ["algorithm", "card", str(folder)])
    assert told.output == card_text(open_folder(folder))
    told = run.invoke(build("algorithm"), ["algorithm", "card", "org.example.none"])
    assert isinstance(told.exception, InputError)
    assert told.exception.remedy
