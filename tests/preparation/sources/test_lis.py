"""Exports of laboratory systems: lists beside lists, lists within lists, real ones of others."""

from __future__ import annotations

import json

import pytest

from bigpicture.model.errors import InputError
from bigpicture.preparation.sources.mapping_file import parse_mapping
from bigpicture.preparation.sources.rows import Reading
from places import SHARED

REAL = SHARED / "testdata" / "metadata"
BEGIN = 'format = 1\nsource = "lis"\n'


def read(export, text):
    reading = Reading(parse_mapping(BEGIN + text, "m.toml"))
    rows = [row.cells for row in reading.rows(export)]
    return rows, {each.problem.what: each for each in reading.tally}


def export(tmp_path, value, name="x.json"):
    path = tmp_path / name
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


NESTED = {
    "patients": [
        {
            "pid": 7,
            "sex": "F",
            "dob": "1970-06-15",
            "cases": [
                {
                    "no": "H24/1",
                    "taken": "2024-06-15",
                    "blocks": [
                        {
                            "id": "A",
                            "slides": [{"id": "A1", "dye": "HE"}, {"id": "A2", "dye": "PAS"}],
                        },
                        {"id": "B", "slides": []},
                    ],
                }
            ],
        },
        {
            "pid": 8,
            "sex": "X",
            "cases": [{"no": "H24/2", "blocks": [{"id": "A", "slides": [{"id": "C1"}]}]}],
        },
    ]
}
NESTED_MAP = """
[[rows]]
list = "patients"
name = "patient"
[[rows]]
list = "cases"
name = "case"
[[rows]]
list = "blocks"
name = "block"
[[rows]]
list = "slides"
name = "slide"
[columns.slide]
path = "join('-', [case.no, slide.id])"
[columns.being]
path = "patient.pid"
[columns.sex]
path = "patient.sex"
values = { M = "Male", F = "Female" }
default = "Not-known"
[columns.age]
birth = "patient.dob"
at = "case.taken"
band = 5
[columns.stain]
path = "slide.dye"
values = { HE = "H&E", PAS = "PAS" }
"""


def test_lists_within_lists(tmp_path):
    rows, told = read(export(tmp_path, NESTED), NESTED_MAP)
    assert rows == [
        {"slide": "H24/1-A1", "being": "7", "sex": "Female", "age": "50-54", "stain": "H&E"},
        {"slide": "H24/1-A2", "being": "7", "sex": "Female", "age": "50-54", "stain": "PAS"},
        {"slide": "H24/2-C1", "being": "8", "sex": "Not-known", "age": "", "stain": ""},
    ]
    (problem,) = told.values()
    assert problem.problem.column == "sex"
    assert problem.places == ("x.json patients[1] line 1",)
    assert "X" not in problem.problem.what


def test_the_same_as_lines(tmp_path):
    path = tmp_path / "x.ndjson"
    path.write_text("\n".join(json.dumps(each) for each in NESTED["patients"]))
    rows, _ = read(path, NESTED_MAP.replace('"patients"', '""'))
    assert [row["slide"] for row in rows] == ["H24/1-A1", "H24/1-A2", "H24/2-C1"]


def test_rows_are_chosen(tmp_path):
    chosen = NESTED_MAP.replace('name = "slide"\n', 'name = "slide"\nwhere = "slide.dye==\'HE\'"\n')
    rows, _ = read(export(tmp_path, NESTED), chosen)
    assert [row["slide"] for row in rows] == ["H24/1-A1"]


FLAT = """
[[rows]]
list = ""
name = "row"
[columns.slide]
path = "row.slide"
[columns.stain]
path = "row.stain"
"""


@pytest.mark.parametrize(
    ("stain", "cell", "told"),
    [
        ("HE", "HE", ""),
        ("  H & E \n", "H & E", ""),
        (12, "12", ""),
        (1.5, "1.5", ""),
        (True, "true", ""),
        (None, "", ""),
        ([], "", ""),
        (["HE", "HE"], "HE", ""),
        (["HE", "PAS"], "", "several values"),
        ({"x": 1}, "", "ends at an object"),
        ("x" * 300, "", "too long"),
        ("=cmd|' /C calc'!A0", "", "like a formula"),
        ("@SUM(1)", "", "like a formula"),
        ("-HYPERLINK(1)", "", "like a formula"),
        ("-1.5", "-1.5", ""),
        ("a\x00b", "", "control characters"),
        ("a\x1b[31mb", "", "control characters"),
        ("\ud800", "", "control characters"),
        ("1970-06-15", "", "is a date"),
        ("15.06.1970", "", "is a date"),
        ("19700615", "", "is a date"),
        ("15/6/70 08:30", "", "is a date"),
    ],
)
def test_cells(tmp_path, stain, cell, told):
    path = tmp_path / "x.json"
    path.write_text(json.dumps([{"slide": "1", "stain": stain}]))
    rows, problems = read(path, FLAT)
    assert rows == [{"slide": "1", "stain": cell}]
    assert [told in what for what in problems] == ([True] if told else [])


@pytest.mark.parametrize(
    ("more", "stain", "cell"),
    [
        ('several = "first"', ["HE", "PAS"], "HE"),
        ('several = "join"', ["HE", "PAS", "HE"], "HE; PAS"),
        ("match = '^([A-Z]+)-'", "HE-12", "HE"),
        ("match = '^([A-Z]+)-'", "12", ""),
        ('default = "H&E"', None, "H&E"),
        ('values = { "hämalaun eosin" = "H&E" }', "Hämalaun   EOSIN", "H&E"),
    ],
)
def test_what_a_column_may_say(tmp_path, more, stain, cell):
    rows, _ = read(export(tmp_path, [{"slide": "1", "stain": stain}]), FLAT + more)
    assert rows[0]["stain"] == cell


def test_a_function_that_cannot_take_the_value_does_not_repeat_it(tmp_path):
    text = FLAT + '[columns.finding]\npath = "abs(row.x)"\n'
    rows, told = read(export(tmp_path, [{"slide": "1", "x": "Quillfeather"}]), text)
    assert rows[0]["finding"] == ""
    assert "Quillfeather" not in str([each.problem for each in told.values()])
    assert any("cannot be worked out" in what for what in told)


def test_a_join_without_a_partner_and_with_several(tmp_path):
    text = FLAT.replace('""', '"slides"', 1) + (
        '[[join]]\nname = "block"\nlist = "blocks"\nkey = "id"\nfrom = "row.block"\n'
        '[columns.block]\npath = "block.label"\n'
    )
    given = {
        "slides": [{"slide": "1", "block": "b"}, {"slide": "2", "block": "none"}],
        "blocks": [{"id": "b", "label": "B1"}, {"id": "b", "label": "B2"}],
    }
    rows, told = read(export(tmp_path, given), text)
    assert [row["block"] for row in rows] == ["B1", ""]
    assert any("several records" in what for what in told)


def test_a_join_that_joins_all_with_all(tmp_path):
    text = FLAT.replace('""', '"slides"', 1) + (
        '[[join]]\nname = "x"\nlist = "blocks"\nkey = "id"\nfrom = "row.block"\nall = true\n'
    )
    given = {
        "slides": [{"slide": "1", "block": ["a", "b"]}],
        "blocks": [{"id": each} for each in "ab" for _ in range(600)],
    }
    _, told = read(export(tmp_path, given), text)
    assert any("very many records" in what for what in told)


@pytest.mark.skipif(not REAL.is_dir(), reason="needs the shared folder of real metadata")
def test_slidetap(tmp_path):
    text = """
[[rows]]
list = "slides"
name = "slide"
[[join]]
name = "block"
list = "blocks"
key = "identifier"
from = "slide.block_identifier"
[[join]]
name = "specimens"
list = "specimens"
key = "identifier"
from = "block.specimen_identifiers"
all = true
[[join]]
name = "case"
list = "cases"
key = "identifier"
from = "specimens[0].case_identifier"
[[join]]
name = "patient"
list = "patients"
key = "identifier"
from = "case.patient_identifier"
[[join]]
name = "observation"
list = "observations"
key = "case_identifier"
from = "case.identifier"
[columns.slide]
path = "slide.identifier"
[columns.block]
path = "block.identifier"
[columns.specimen]
path = "specimens[].identifier"
several = "join"
[columns.being]
path = "patient.identifier"
[columns.sex]
path = "patient.sex"
values = { M = "Male", F = "Female" }
[columns.stain]
path = "[slide.primary_stain, slide.secondary_stain]"
several = "join"
[columns.fixation]
path = "specimens[].fixation"
[columns.extraction_method]
path = "specimens[].collection"
[columns.block_preparation]
path = "block.embedding"
[columns.diagnosis]
path = "observation.diagnose"
"""
    rows, told = read(REAL / "slidetap" / "input.json", text)
    assert [row["slide"] for row in rows] == ["ABC-1+2-A-1", "ABC-1+2-A-2"]
    assert rows[0] == {
        "slide": "ABC-1+2-A-1",
        "block": "ABC-1+2-A",
        "specimen": "ABC-1; ABC-2",
        "being": "JD-12345",
        "sex": "Male",
        "stain": "hematoxylin; water soluble eosin",
        "fixation": "Neutral Buffered Formalin",
        "extraction_method": "Excision",
        "block_preparation": "Paraffin wax",
        "diagnosis": "benign",
    }
    assert told == {}
    folder, _ = read(REAL / "slidetap", text)
    assert len(folder) == 4, "the batches beside it are read as well"


@pytest.mark.skipif(not REAL.is_dir(), reason="needs the shared folder of real metadata")
def test_gdc():
    text = """
[[rows]]
list = "data"
name = "case"
[[rows]]
list = "slide_ids"
name = "slide"
[columns.slide]
path = "slide"
[columns.case]
path = "case.submitter_id"
[columns.being]
path = "case.submitter_id"
[columns.age]
number = "case.diagnoses[0].age_at_diagnosis"
unit = "days"
band = 10
[columns.anatomical_site]
path = "case.diagnoses[].site_of_resection_or_biopsy"
values = { "c50.9" = "ICD-O-3:C50.9 Breast, NOS" }
[columns.diagnosis]
path = "case.diagnoses[].morphology"
match = '^([0-9]{4}/[0-9])$'
"""
    rows, told = read(REAL / "gdc" / "gdc_api_example_1.json", text)
    shared = {
        "case": "TCGA-BH-A0EA",
        "being": "TCGA-BH-A0EA",
        "age": "70-79",  # 26,548 days
        "anatomical_site": "ICD-O-3:C50.9 Breast, NOS",
        "diagnosis": "8500/3",
    }
    assert rows == [
        {"slide": "90154ea1-6b76-4445-870e-d531d6fa1239", **shared},
        {"slide": "a0826f0d-986a-491b-8c6f-b34f8929f3ee", **shared},
    ]
    assert told == {}


def test_a_fhir_map_on_something_else(tmp_path):
    fhir = parse_mapping('format = 1\nsource = "fhir"\n[columns.sex]\nconstant = "x"', "m")
    with pytest.raises(InputError, match="no resourceType"):
        list(Reading(fhir).rows(export(tmp_path, [{"slide": "1"}])))
