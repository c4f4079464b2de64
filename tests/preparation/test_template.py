"""The template as openpyxl sees it, which is not what wrote it."""

from __future__ import annotations

import io

import openpyxl
import pytest

from bigpicture.preparation.columns import COLUMNS, SHEETS
from bigpicture.preparation.fields import FIELDS
from bigpicture.preparation.read import tables_of
from bigpicture.preparation.template import dataset_csv, template, template_csv
from bigpicture.preparation.understand import understand
from bigpicture.standard.rule import Audience


def opened(**more):
    return openpyxl.load_workbook(io.BytesIO(template(**more)))


@pytest.mark.parametrize("audience", [Audience.CLINICAL, Audience.NON_CLINICAL])
@pytest.mark.parametrize("by_entity", [False, True])
def test_an_empty_template_is_understood_and_asks_for_rows_only(audience, by_entity):
    data = template(audience=audience, by_entity=by_entity)
    understood = understand(tables_of(data, file="t.xlsx"))
    assert understood.plan.images == ()  # the examples are passed over
    assert understood.unmapped == ()
    assert not [each for each in understood.findings if "heading" in each.what]
    assert not [each for each in understood.findings if "hidden" in each.what]
    missing = {each.column for each in understood.findings if "missing" in each.what}
    assert missing <= {field.name for field in FIELDS}


def test_each_heading_has_help_and_needed_ones_stand_out():
    sheet = opened()["slides"]
    by_heading = {column.heading: column for column in COLUMNS}
    fills = {}
    for cell in sheet[1]:
        column = by_heading[cell.value]
        assert column.help in cell.comment.text
        fills.setdefault(column.is_required(Audience.CLINICAL), set()).add(cell.fill.fgColor.rgb)
    assert len(fills[True]) == len(fills[False]) == 1
    assert fills[True] != fills[False]


def test_lists_offer_the_standard_words_and_let_others_pass():
    book = opened()
    lists = {
        str(each.sqref).split(":")[0]: each
        for each in book["slides"].data_validations.dataValidation
    }
    heading = {cell.value: cell.column_letter for cell in book["slides"][1]}
    sex = lists[f"{heading['Sex']}2"]
    assert not sex.showErrorMessage
    sheet, _, area = sex.formula1.partition("!")
    offered = [cell.value for (cell,) in book[sheet][area.replace("$", "")]]
    assert offered == ["Male", "Female", "Not-known", "Other"]
    assert book[sheet].sheet_state == "hidden"


def test_cells_are_text_so_that_007_stays():
    sheet = opened()["slides"]
    assert sheet.column_dimensions["A"].number_format == "@"


def test_files_get_a_row_each_and_no_examples_stand_above():
    book = opened(files=["a.svs", "x/b.svs"])
    assert [cell.value for cell in book["slides"]["A"]] == ["File", "a.svs", "x/b.svs"]


def test_sheets_of_entities_are_there():
    assert set(SHEETS.values()) <= set(opened(by_entity=True).sheetnames)


def test_the_same_as_csv():
    tables = [
        *tables_of(template_csv(files=["ä.svs"]), file="t.csv"),
        *tables_of(dataset_csv(), file="t-dataset.csv"),
    ]
    understood = understand(tables)
    assert [each.file for each in understood.plan.images] == ["ä.svs"]
    assert not [each for each in understood.findings if "heading" in each.what]


def test_a_file_name_is_no_formula():
    book = opened(files=["=1+1.svs"])
    assert book["slides"]["A2"].data_type == "s"
