"""Model cards: what was not measured says so, and generated figures say what they are."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from bigpicture.analysis.card import GROUPS, make_card
from bigpicture.analysis.card_shown import card_html, card_markdown
from bigpicture.model.algorithm import RESEARCH_ONLY, Algorithm, Output, OutputKind
from bigpicture.model.errors import InputError
from bigpicture.model.evidence import Evidence, Measured

ALGORITHM = Algorithm(
    id="org.example.tissue",
    version="1.2.0",
    title="Tissue <b>",
    licence="Apache-2.0",
    entry="tissue:run",
    outputs=(
        Output("tissue", OutputKind.MASK, classes=("tissue",)),
        Output("share", OutputKind.FACET, unit="1"),
    ),
    description="Finds | tissue.",
)


def evidence(**changed):
    told = {
        "metric": "Dice",
        "output": "tissue",
        "value": 0.9714,
        "low": 0.95,
        "high": 0.98,
        "method": "95 %, patients drawn anew",
        "on": "suite 1",
        "is_generated": True,
        "images": 24,
        "beings": 12,
        "results": ("abc123",),
    }
    return Evidence(**{**told, **changed})


def card_of(given, *facts):
    return make_card(ALGORITHM, Measured(tuple(given), facts))


def rows(card):
    """Cells of the Markdown table by their question."""
    lines = [line for line in card_markdown(card).splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[1:]]
    assert {len(each) for each in cells} == {4}
    return {each[0]: each[1:] for each in cells}


def test_without_evidence_every_question_says_so():
    found = rows(card_of([]))
    assert set(found) == {
        "Dice of tissue on real slides",
        "Dice of tissue on generated slides",
        "agreement with a reference of share on real slides",
        "agreement with a reference of share on generated slides",
        *(f"By {group}" for group in GROUPS),
    }
    assert {cells[0] for cells in found.values()} == {"not evaluated"}


def test_generated_figures_say_so_and_do_not_stand_for_real_ones():
    found = rows(card_of([evidence()]))
    assert found["Dice of tissue on real slides"][0] == "not evaluated"
    assert found["Dice of tissue on generated slides"] == [
        "0.971 (0.950 to 0.980; 95 %, patients drawn anew), generated",
        "generated slides: suite 1 (24 images of 12 beings)",
        "abc123",
    ]


def test_wherever_a_generated_figure_stands_the_word_stands_beside_it():
    given = [
        evidence(),
        evidence(subgroup="scanner: A", value=0.111, low=None, high=None, method=""),
        evidence(subgroup="organ: colon", value=0.222, low=None, high=None, method=""),
        evidence(output="gone", value=0.333, low=None, high=None, method=""),
    ]
    card = card_of(given)
    for text in (card_markdown(card), card_html(card)):
        for number in ("0.971", "0.111", "0.222", "0.333"):
            cells = re.findall(rf"[|>][^|<>]*{number}[^|<>]*[|<]", text)
            assert cells, number
            assert all("generated" in cell for cell in cells)


def test_real_figures_do_not():
    found = rows(card_of([evidence(is_generated=False, on="hospital 1")]))
    assert "generated" not in " ".join(found["Dice of tissue on real slides"])
    assert found["Dice of tissue on generated slides"][0] == "not evaluated"


def test_research_use_only_stands_above_all():
    card = card_of([evidence()])
    assert card_markdown(card).splitlines()[2] == f"**{RESEARCH_ONLY}**"
    html = card_html(card)
    assert html.index(RESEARCH_ONLY) < html.index("<dl>")


def test_html_is_well_formed_and_nothing_in_it_is_markup():
    html = card_html(card_of([evidence(on="<script>alert(1)</script>")]))
    opened, seen = [], set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            opened.append(tag)
            seen.add(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

    Reader().feed(html)
    assert not opened
    assert not seen & {"script", "b"}


@pytest.mark.parametrize(
    "changed",
    [
        {"value": float("nan")},
        {"low": None},
        {"low": 0.99},
        {"method": ""},
        {"on": " "},
        {"beings": 0},
        {"beings": 25},
    ],
)
def test_figures_that_are_no_evidence(changed):
    with pytest.raises(InputError):
        evidence(**changed)
