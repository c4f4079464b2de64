"""Companion tables: a sound one passes, and each damage is named with its line and column."""

from __future__ import annotations

import pytest

from bigpicture.model.finding import Severity
from bigpicture.standard.companions.check import check_companions
from companion_tables import DICTIONARY, TABLE, lay, study

TABLE_PATH = "COMPANIONS/pathology.csv"
WORDS_PATH = "COMPANIONS/pathology.dictionary.csv"


def found(folder, *, beings=3, **laid):
    return check_companions(study(beings), lay(folder, **laid))


def told(findings):
    return [(each.rule, str(each.place), each.entity) for each in findings]


def test_a_sound_table_has_nothing_to_tell(tmp_path):
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("was", "now", "rule", "line", "column"),
    [
        ("case-2,2,", "case-9,2,", "alias", 3, "case"),
        ("case-2,2,", "case-1,2,", "key", 3, "case"),
        ("case-2,2,", ",2,", "key", 3, "case"),
        ("case-2,2,", "case-2,4,", "category", 3, "grade"),
        ("case-2,2,", "case-2,,", "missing", 3, "grade"),
        ("case-3,ND,0", "case-3,ND,ND", "missing", 4, "ki67"),
        ("case-3,ND,0", "case-3,ND,100.1", "range", 4, "ki67"),
        ("case-3,ND,0", "case-3,ND,-1", "range", 4, "ki67"),
        ("case-3,ND,0", "case-3,ND,high", "type", 4, "ki67"),
        ("case-3,ND,0", 'case-3,ND,"1,5"', "type", 4, "ki67"),
        ("P2Y", "2 years", "type", 3, "followed"),
        ("P2Y", "2019-03-14", "date", 3, "followed"),
        ("P2Y", "14.03.2019", "date", 3, "followed"),
        ("P2Y,false", "P2Y,perhaps", "type", 3, "alive"),
        ("case-2,2,", "case-2,2,2,", "form", 3, ""),
    ],
)
def test_a_wrong_cell_is_named_with_its_row_and_column(tmp_path, was, now, rule, line, column):
    [finding] = found(tmp_path, table=TABLE.replace(was, now))
    assert finding.rule == f"BP-companion-{rule}"
    assert finding.is_error
    assert str(finding.place) == f"{TABLE_PATH}:{line}"
    assert finding.entity == (f"column {column}" if column else "")
    assert finding.what
    assert finding.expected
    assert finding.remedy


def test_what_stands_in_a_cell_is_never_repeated(tmp_path):
    table = TABLE.replace("case-2,2,", "Hansen,Berit,").replace("P2Y", "03121965")
    for finding in found(tmp_path, table=table):
        shown = str(finding.as_json())
        assert "Hansen" not in shown
        assert "Berit" not in shown
        assert "03121965" not in shown


@pytest.mark.parametrize(
    ("headings", "columns"),
    [
        ("case,grade,ki67,followed,alive,notes", ["", ""]),
        ("case,grade,ki67,followed", ["column alive"]),
        ("case,grade,grade,ki67,followed,alive", ["column grade"]),
        ("grade,ki67,followed,alive", ["column case"]),
    ],
)
def test_columns_are_those_of_the_dictionary(tmp_path, headings, columns):
    table = f"{headings}\n"
    if "notes" in headings:
        headings, columns = headings, [""]
    findings = found(tmp_path, table=table)
    assert [(each.rule, each.entity) for each in findings] == [
        ("BP-companion-column", column) for column in columns
    ]


@pytest.mark.parametrize(
    ("was", "now", "rule"),
    [
        (",,consensus,no", ",,,no", "dictionary"),
        (",,consensus,no", ",,guessed,no", "dictionary"),
        (",category,,", ",categories,,", "dictionary"),
        (",0,100,", ",100,0,", "dictionary"),
        (",0,100,", ",none,100,", "dictionary"),
        ("number,,%,", "number,,,", "unit"),
        ("boolean,,,", "boolean,,mm,", "unit"),
        ("key,case,", "key,hospital,", "dictionary"),
        ("ND,not done", "ND,no idea", "dictionary"),
        ("grade,2,", "grade,1,", "dictionary"),
        ("alive,,", "grade,,", "dictionary"),
        ("consensus,no", "consensus,maybe", "dictionary"),
        ("371469007,SNOMED CT", "371469007,", "dictionary"),
        ("variable,value,label", "variable,value,name", "dictionary"),
        ("\ngrade,,", "\n9grade,,", "dictionary"),
    ],
)
def test_a_wrong_dictionary_is_named_with_its_line(tmp_path, was, now, rule):
    assert was in DICTIONARY
    findings = found(tmp_path, dictionary=DICTIONARY.replace(was, now, 1))
    assert f"BP-companion-{rule}" in {each.rule for each in findings}
    assert {each.place.file for each in findings} == {WORDS_PATH}
    assert all(each.is_error for each in findings)


def test_a_dictionary_without_a_key(tmp_path):
    words = DICTIONARY.replace("case,,Case,key,case,,,,,,,report,\n", "")
    assert "BP-companion-dictionary" in {each.rule for each in found(tmp_path, dictionary=words)}


def test_a_unit_that_nobody_knows_is_a_warning(tmp_path):
    [finding] = found(tmp_path, dictionary=DICTIONARY.replace("number,,%,", "number,,furlong,"))
    assert (finding.rule, finding.severity) == ("BP-companion-unit", Severity.WARNING)


@pytest.mark.parametrize(
    "laid",
    [
        {"dictionary": None},
        {"table": None},
        {"more": {"COMPANIONS/notes.txt": "hello"}},
        {"more": {"COMPANIONS/deep/pathology.csv": TABLE}},
        {"more": {"COMPANIONS/pathology.parquet": b"PAR1"}},
        {"more": {"COMPANIONS/pathology.dictionary.json": "{}"}},
    ],
)
def test_files_that_make_no_table(tmp_path, laid):
    assert [each.rule for each in found(tmp_path, **laid)] == ["BP-companion-file"]


@pytest.mark.parametrize(
    ("table", "rule", "line"),
    [
        (TABLE.replace("true", "wäre").encode("cp1252"), "encoding", 1),
        (TABLE.encode("utf-16"), "encoding", 1),
        (b"", "form", 1),
        (b"PK\x03\x04\x00\x00", "form", 1),
        (TABLE.replace("case-2,2", 'case-2,"2').encode(), "form", 4),
        (b"case," + b"x" * (2 << 20), "form", 1),
        (",".join(f"c{number}" for number in range(600)).encode(), "form", 1),
    ],
)
def test_a_file_that_is_no_table(tmp_path, table, rule, line):
    [finding] = found(tmp_path, table=table)
    assert (finding.rule, finding.place.line) == (f"BP-companion-{rule}", line)
    assert finding.is_error


def test_semicolons_and_a_byte_order_mark_as_spreadsheets_write_them(tmp_path):
    table = "\ufeff" + TABLE.replace(",", ";").replace("\n", "\r\n")
    assert found(tmp_path, table=table) == []


def test_many_wrong_rows_are_counted(tmp_path):
    rows = "".join(f"case-{number},7,1,P1M,true\n" for number in range(1, 1001))
    table = "case,grade,ki67,followed,alive\n" + rows
    findings = found(tmp_path, beings=1000, table=table)
    assert len(findings) == 11
    assert "990 more" in findings[-1].what


def test_a_name_has_one_meaning_in_a_dataset(tmp_path):
    more = {"COMPANIONS/second.csv": TABLE, "COMPANIONS/second.dictionary.csv": DICTIONARY}
    findings = found(tmp_path, more=more)
    assert {each.rule for each in findings} == {"BP-companion-dictionary"}
    assert {each.entity for each in findings} == {
        "column grade", "column ki67", "column followed", "column alive"
    }  # fmt: skip


def test_free_text_is_warned_of(tmp_path):
    words = DICTIONARY + "remark,,Remark,string,,,,,,,,report,no\n"
    table = "".join(
        f"{line},{'remark' if line.startswith('case,') else 'fine'}\n"
        for line in TABLE.splitlines()
    )
    [finding] = found(tmp_path, table=table, dictionary=words)
    assert (finding.rule, finding.severity) == ("BP-companion-text", Severity.WARNING)


RARE = """\
variable,value,label,type,entity,unit,minimum,maximum,established,quasi_identifier
being,,Being,key,being,,,,report,
age,,Age at diagnosis,interval,,,,,registry,
stage,,Stage,category,,,,,report,yes
stage,I,Stage I,,,,,,,
stage,II,Stage II,,,,,,,
"""


def test_beings_that_stand_out_are_counted_and_not_named(tmp_path):
    """Nine of P50Y/P10Y stage I, two of P50Y/P10Y stage II, one of P90Y/P10Y stage I: 3 of 12."""
    of = ["P50Y/P10Y,I"] * 9 + ["P50Y/P10Y,II"] * 2 + ["P90Y/P10Y,I"]
    rows = "".join(f"being-{number},{each}\n" for number, each in enumerate(of, start=1))
    [finding] = found(tmp_path, beings=12, dictionary=RARE, table="being,age,stage\n" + rows)
    assert (finding.rule, finding.severity) == ("BP-companion-rare", Severity.WARNING)
    assert finding.what.startswith("3 of 12 biological beings")
    assert "age, stage" in finding.what
    assert "holds 1." in finding.what
    assert "P90Y" not in str(finding.as_json())


def test_what_the_dictionary_excepts_does_not_count(tmp_path):
    words = RARE.replace("registry,", "registry,no").replace("report,yes", "report,no")
    assert (
        found(tmp_path, beings=1, dictionary=words, table="being,age,stage\nbeing-1,P9Y/P1Y,I\n")
        == []
    )
