"""A sheet in a grid is judged as the command judges the same table."""

from __future__ import annotations

import pytest

from bigpicture.preparation.form import form
from bigpicture.preparation.judge import judge
from bigpicture.preparation.sheet import Decision, Sheet
from bigpicture.standard.rule import Audience
from filled_table import DATASET

COLUMNS = ("file", "being", "sex", "anatomical_site", "stain", "diagnosis")
DIAGNOSIS = "SNOMED CT:408645001 Adenocarcinoma of colon"


def sheet(*rows, mapping=(), fields=DATASET):
    return Sheet(COLUMNS, rows, fields, mapping)


def share(judged):
    return {each.name: (each.filled, each.needed) for each in judged.filled}


def test_a_whole_sheet_can_be_made():
    judged = judge(sheet(("1.svs", "P-1", "w", "Kolon", "HE", DIAGNOSIS)))
    assert judged.can_be_made, judged.findings
    assert judged.planned["slides"] == 1
    assert all(filled == needed for filled, needed in share(judged).values())


def test_rows_keep_their_place_beside_empty_ones():
    good = ("1.svs", "P-1", "w", "Kolon", "HE", DIAGNOSIS)
    judged = judge(sheet((), good, (), ("2.svs", "P-1", "m", "Kolon", "HE", DIAGNOSIS)))
    [sex] = [each for each in judged.findings if each.column == "sex"]
    assert [(each.row, each.column) for each in sex.cells] == [(3, "sex"), (1, "sex")]
    assert share(judged)["file"] == (2, 2)


def test_every_cell_of_an_unknown_word_is_told_to_be_coloured():
    rows = [(f"{n}.svs", "P-1", "w", "Bauchdecke", "HE", DIAGNOSIS) for n in range(50)]
    [word] = judge(sheet(*rows)).undecided
    assert word.count == 50
    assert [each.row for each in word.cells] == list(range(50))


def test_an_undecided_stain_fills_nothing_until_it_is_decided():
    row = ("1.svs", "P-1", "w", "Kolon", "Hausfarbe", DIAGNOSIS)
    assert share(judge(sheet(row)))["stain"] == (0, 1)
    decided = Decision("stain", "hausfarbe", meaning="H&E")
    judged = judge(sheet(row, mapping=[decided]))
    assert share(judged)["stain"] == (1, 1)
    assert judged.undecided == ()


@pytest.mark.parametrize("audience", [Audience.CLINICAL, Audience.NON_CLINICAL])
def test_until_the_type_is_said_the_form_tells_whose_rules_bind(audience):
    judged = judge(Sheet(("file", "being"), [("1.svs", "P-1")]), audience=audience)
    asked = {each.name for each in judged.filled}
    needed = {each.name for each in form(audience).columns if each.is_required}
    assert needed <= asked
    assert ("strain" in asked) == (audience is Audience.NON_CLINICAL)


def test_an_empty_sheet_is_judged_too():
    judged = judge(Sheet())
    assert not judged.can_be_made
    assert share(judged)["file"] == (0, 1)
