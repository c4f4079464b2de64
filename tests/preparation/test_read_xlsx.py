"""Workbooks as people hand them over, written by XlsxWriter and openpyxl."""

from __future__ import annotations

import contextlib
import datetime
import io
import zipfile

import openpyxl
import pytest
import xlsxwriter

from bigpicture.model.errors import InputError, LimitError
from bigpicture.preparation import workbook_file
from bigpicture.preparation.read import tables_of
from bigpicture.preparation.table import Mark


def workbook(write) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        write(book)
    return out.getvalue()


def one_sheet(write) -> bytes:
    return workbook(lambda book: write(book.add_worksheet("slides"), book))


def read(data: bytes):
    (table,) = tables_of(data, file="t.xlsx")
    return table


def texts(table):
    return {row.number: row.texts for row in table.rows}


def test_numbers_that_are_identifiers_lose_their_fraction():
    table = read(one_sheet(lambda sheet, _: sheet.write_row(0, 0, [12.0, 0.25, "007", True])))
    assert texts(table) == {1: ("12", "0.25", "007", "True")}


def test_rows_and_columns_keep_their_places_where_the_table_begins_further_down():
    table = read(one_sheet(lambda sheet, _: sheet.write_row(4, 2, ["a", "b"])))
    assert texts(table) == {5: ("", "", "a", "b")}
    assert table.cell(5, 3).address == "slides!D5"


def test_a_date_is_marked():
    def write(sheet, book):
        day = book.add_format({"num_format": "dd.mm.yy"})
        sheet.write_datetime(1, 1, datetime.date(2020, 5, 6), day)

    table = read(one_sheet(write))
    assert texts(table) == {2: ("", "2020-05-06")}
    assert table.marks == {(2, 1): Mark.DATE}


def test_merged_cells_of_one_column_share_the_text_and_others_do_not():
    def write(sheet, book):
        sheet.write_column(0, 0, ["f", "1", "2", "3"])
        sheet.merge_range(1, 1, 3, 1, "P-1")
        sheet.merge_range(4, 0, 4, 2, "a title")

    table = read(one_sheet(write))
    assert [table.rows[n].texts[1] for n in (1, 2, 3)] == ["P-1"] * 3
    assert {table.marks[n, 1] for n in (2, 3, 4)} == {Mark.MERGED}
    assert {table.marks[5, n] for n in (0, 1)} == {Mark.MERGED_ACROSS}


def test_a_formula_without_a_stored_result_is_marked_and_one_with_it_is_read():
    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    book.active["B1"] = "=A1"  # openpyxl stores no results
    out = io.BytesIO()
    book.save(out)
    table = read(out.getvalue())
    assert table.marks == {(1, 1): Mark.FORMULA}

    stored = read(one_sheet(lambda sheet, _: sheet.write_formula(0, 0, "=1+1", None, 2)))
    assert texts(stored) == {1: ("2",)}
    assert stored.marks == {}


def test_errors_are_marked():
    def write(sheet, _):
        sheet.write(0, 0, "x")
        sheet.write_formula(0, 1, "=NA()", None, "#N/A")

    assert read(one_sheet(write)).marks == {(1, 1): Mark.ERROR}


def test_a_number_that_the_spreadsheet_rounded_is_marked():
    table = read(one_sheet(lambda sheet, _: sheet.write(0, 0, 12345678901234567)))
    assert table.marks == {(1, 0): Mark.LONG_NUMBER}


def test_hidden_sheets_rows_and_columns_are_told_and_not_read():
    def write(book):
        sheet = book.add_worksheet("slides")
        for row in range(4):
            sheet.write_row(row, 0, [f"a{row}", f"secret{row}", f"c{row}"])
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column(1, 1, None, None, {"hidden": True})
        old = book.add_worksheet("old")
        old.write(0, 0, "secret")
        old.hide()
        older = book.add_worksheet("older")
        older.very_hidden()

    tables = tables_of(workbook(write), file="t.xlsx")
    first, *hidden = tables
    assert first.hidden_rows == (3,)
    assert first.hidden_columns == (1,)
    assert "secret" not in str([table.rows for table in tables])
    assert [(each.sheet, each.is_hidden) for each in hidden] == [("old", True), ("older", True)]


def test_a_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(workbook_file, "MOST_BYTES", 1 << 20)
    data = workbook(lambda book: book.add_worksheet().write(0, 0, "x" * 30_000))
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b"\0" * (4 << 20))
    with pytest.raises(LimitError, match="unpacks"):
        tables_of(out.getvalue(), file="t.xlsx")


def test_a_bomb_that_lies_about_its_size_is_refused(monkeypatch):
    monkeypatch.setattr(workbook_file, "MOST_BYTES", 1 << 20)
    out = io.BytesIO(workbook(lambda book: book.add_worksheet()))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b"\0" * (4 << 20))
    told = (4 << 20).to_bytes(4, "little")
    with pytest.raises(LimitError, match="unpacks"):
        tables_of(out.getvalue().replace(told, (9).to_bytes(4, "little")), file="t.xlsx")


def test_a_cell_at_the_end_of_the_world_is_refused():
    data = one_sheet(lambda sheet, _: (sheet.write(0, 0, "a"), sheet.write(1_048_575, 16_383, "b")))
    with pytest.raises(LimitError, match="reaches too far"):
        tables_of(data, file="t.xlsx")


@pytest.mark.parametrize("part", [0.1, 0.4, 0.7, 0.95, 0.999])
def test_a_workbook_that_is_cut_off_is_refused(part):
    data = one_sheet(lambda sheet, _: sheet.write_column(0, 0, [f"row {n}" for n in range(500)]))
    with pytest.raises(InputError, match="cut off or damaged"):
        tables_of(data[: int(len(data) * part)], file="t.xlsx")


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_wrong_inside_ends_in_a_clear_error_or_a_table(seed):
    import random

    chance = random.Random(seed)
    data = bytearray(one_sheet(lambda sheet, _: sheet.write_row(0, 0, ["a", 1.5, "c"])))
    for _ in range(6):
        data[chance.randrange(4, len(data))] = chance.randrange(256)
    with contextlib.suppress(InputError, LimitError):  # anything else is a defect
        tables_of(bytes(data), file="t.xlsx")


def test_entities_are_not_expanded():
    out = io.BytesIO()
    source = io.BytesIO(one_sheet(lambda sheet, _: sheet.write(0, 0, "x")))
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/workbook.xml":
                bomb = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
                head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{bomb}]>'
                body = data.split(b"?>", 1)[1].replace(b'name="slides"', b'name="&e9;"')
                data = head.encode() + body
            new.writestr(name, data)
    with pytest.raises(InputError):
        tables_of(out.getvalue(), file="t.xlsx")
