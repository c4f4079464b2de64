"""Describing a dataset over HTTP: the form, the template, reading and checking."""

from __future__ import annotations

import io
import json
import logging

import pytest
from openpyxl import Workbook, load_workbook

from bigpicture.preparation.columns import BY_NAME
from describing import HERE, NAME, asked, read, sheet

__all__ = ["asked"]


def workbook(rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_form_is_that_of_the_command(asked):
    client, tokens = asked
    told = client.get(f"{HERE}/form?audience=clinical", token=tokens["ada"]).json()
    columns = {each["name"]: each for each in told["columns"]}
    assert [each["name"] for each in told["columns"]][:2] == ["file", "slide"]
    assert "strain" not in columns
    assert columns["being"]["is_required"]
    assert not columns["species"]["is_required"]
    assert columns["being"]["help"] == BY_NAME["being"].help
    colon = next(
        each for each in columns["anatomical_site"]["choices"] if each["code"] == "71854001"
    )
    assert colon["text"] == "Colon structure"
    assert "kolon" in colon["words"]
    assert "alias" in {each["name"] for each in told["fields"]}
    animal = client.get(f"{HERE}/form?audience=non-clinical", token=tokens["ada"]).json()
    assert "strain" in {each["name"] for each in animal["columns"]}
    assert client.get(f"{HERE}/form?audience=x", token=tokens["ada"]).status_code == 422


def test_every_choice_of_the_form_is_understood_as_what_it_says(asked):
    client, tokens = asked
    for audience in ("clinical", "non-clinical"):
        form = client.get(f"{HERE}/form?audience={audience}", token=tokens["ada"]).json()
        columns = [each for each in form["columns"] if each["choices"]]
        rows = []
        for place, column in enumerate(columns):
            for choice in column["choices"]:
                row = [""] * len(columns)
                row[place] = choice["text"]
                rows.append(row)
        given = sheet(columns=[each["name"] for each in columns], rows=rows, audience=audience)
        answer = client.post(f"{HERE}/check", token=tokens["ada"], json=given).json()
        assert answer["undecided"] == []


@pytest.mark.parametrize(("kind", "start"), [("xlsx", b"PK"), ("csv", b"\xef\xbb\xbfFile,")])
def test_the_template_is_that_of_the_command(asked, kind, start):
    client, tokens = asked
    answer = client.get(f"{HERE}/template?format={kind}", token=tokens["ada"])
    assert answer.content.startswith(start)
    assert f'filename="table.{kind}"' in answer.headers["content-disposition"]
    if kind == "xlsx":
        assert "slides" in load_workbook(io.BytesIO(answer.content)).sheetnames


def test_a_table_is_read_by_its_own_headings(asked):
    client, tokens = asked
    data = workbook(
        [
            ["Befundliste"],
            ["Datei", "Patient", "Färbung", "Haltbarkeit"],
            *[["1.svs", NAME, "HE", 5]],
        ]
    )
    answer = read(client, tokens["ada"], data)
    told = answer.json()
    assert told["columns"] == ["file", "being", "stain"]
    assert told["rows"] == [["1.svs", NAME, "HE"]]
    assert any("heading" in each["what"] for each in told["findings"])


def test_dataset_fields_come_along(asked):
    client, tokens = asked
    answer = client.get(f"{HERE}/template", token=tokens["ada"])
    book = load_workbook(io.BytesIO(answer.content))
    for row in book["dataset"].iter_rows():
        if row[0].value == "title":
            row[1].value = "Colon"
    book["slides"]["A5"] = "9.svs"
    out = io.BytesIO()
    book.save(out)
    told = read(client, tokens["ada"], out.getvalue()).json()
    assert told["fields"]["title"] == "Colon"
    assert [row[0] for row in told["rows"]] == ["9.svs"]


def test_what_is_wrong_is_told_by_cell(asked):
    client, tokens = asked
    told = client.post(f"{HERE}/check", token=tokens["ada"], json=sheet()).json()
    sex = next(each for each in told["findings"] if each["column"] == "sex")
    assert sex["severity"] == "error"
    assert sex["cells"] == [{"row": 1, "column": "sex"}, {"row": 0, "column": "sex"}]
    [word] = told["undecided"]
    assert (word["column"], word["local"], word["cells"]) == (
        "anatomical_site",
        "Bauchdecke",
        [{"row": 1, "column": "anatomical_site"}],
    )
    assert told["planned"]["beings"] == 1
    assert not told["can_be_made"]
    filled = {each["name"]: (each["filled"], each["needed"]) for each in told["filled"]}
    assert filled["file"] == (2, 2)
    assert filled["title"] == (0, 1)
    assert NAME not in json.dumps(told["findings"])


def test_a_decided_word_is_asked_no_more(asked):
    client, tokens = asked
    decided = {"column": "anatomical_site", "local": "Bauchdecke"}
    code = {"code": "83908009", "scheme": "SNOMED CT", "meaning": "Abdominal wall structure"}
    told = client.post(
        f"{HERE}/check", token=tokens["ada"], json=sheet(mapping=[decided | code])
    ).json()
    assert told["undecided"] == []


def test_slides_without_a_row_are_named(asked):
    client, tokens = asked
    told = client.post(
        f"{HERE}/check", token=tokens["ada"], json=sheet(slides=["1.svs", "3.svs"])
    ).json()
    assert told["left_over"] == ["3.svs"]
    assert any(each["column"] == "file" for each in told["findings"])


@pytest.mark.parametrize(
    ("data", "status", "says"),
    [
        (workbook([["Datei", "Patient"], ["1.svs", NAME]])[:-300], 422, "damaged"),
        (b"", 422, "empty"),
        (b"\x00\x01\x02" * 99, 422, ""),
        (f"Farbe;Auto\nrot;{NAME}\n".encode(), 422, "headings"),
        (b"File,Being\n" + b"1.svs,P\n" * 10_001, 413, "rows"),
        (b"x" * (16 << 20 | 1), 413, "long"),
    ],
    ids=["truncated", "empty", "bytes", "headings", "10,001 rows", "too long"],
)
def test_a_file_that_is_none_is_refused_with_a_reason(asked, caplog, data, status, says):
    client, tokens = asked
    caplog.set_level(logging.DEBUG)
    answer = read(client, tokens["ada"], data)
    assert answer.status_code == status, answer.text
    assert says in answer.json()["detail"]
    assert NAME not in answer.text + caplog.text


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"rows": [["1.svs"]] * 10_001}, 413),
        ({"columns": ["file", "file"]}, 422),
        ({"columns": ["nothing"]}, 422),
        ({"rows": [[NAME, 5]]}, 422),
        ({"mapping": [{"column": NAME}]}, 422),
        ({"audience": NAME}, 422),
    ],
)
def test_a_sheet_that_is_none_is_refused_and_not_repeated(asked, caplog, wrong, status):
    client, tokens = asked
    caplog.set_level(logging.DEBUG)
    answer = client.post(f"{HERE}/check", token=tokens["ada"], json=sheet(**wrong))
    assert answer.status_code == status, answer.text
    assert NAME not in answer.text + caplog.text
