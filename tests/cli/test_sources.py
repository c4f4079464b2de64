"""`bigpicture sources` at the command line: begin a map, try it, write the table."""

from __future__ import annotations

import csv
import json

from invented_fhir import EXPECTED, block, department, glass, patient, write_lines
from preloaded import ran


def sources(*words):
    return ran("sources", *words)


def test_from_an_export_to_a_table(tmp_path):
    export = write_lines(tmp_path / "export", department())
    made = sources("map", "--new", "fhir", "--sample", export, "--out", tmp_path / "map.toml")
    assert made.returncode == 0, made.stderr
    tried = sources("test", export, "--map", tmp_path / "map.toml")
    assert tried.returncode == 0, tried.stdout
    assert "passed" in tried.stdout
    assert "1 of 1" in tried.stdout
    out = tmp_path / "slides.csv"
    done = sources("read", export, "--map", tmp_path / "map.toml", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "1 rows of 5 records" in done.stderr.replace("\n", " ")
    with out.open(newline="", encoding="utf-8") as file:
        assert list(csv.DictReader(file)) == [EXPECTED]
    assert sources("read", export, "--out", out).returncode == 1, "what is there is left alone"


def test_nothing_is_told_of_a_person(tmp_path):
    export = write_lines(tmp_path / "export", department())
    told = [
        sources("test", export),
        sources("test", export, "--json"),
        sources("read", export, "--out", tmp_path / "slides.csv"),
    ]
    for done in told:
        for canary in ("Quillfeather", "1970", "Marzipan", "MRN-77", "G-slide1"):
            assert canary not in done.stdout + done.stderr


def test_counts_for_programs(tmp_path):
    export = write_lines(tmp_path / "export", [*department(), glass("slide2", parent="Specimen/x")])
    told = json.loads(sources("test", export, "--json").stdout)
    assert told["rows"] == 2
    assert told["columns"]["block"] == {
        "filled": 1,
        "first_rows_without": ["Specimen.ndjson line 4 Specimen"],
    }
    assert any("not in the export" in each["what"] for each in told["problems"])


def test_a_faulty_record_stops_the_table_and_can_be_left_out(tmp_path):
    given = [*department(), block("b2", parent="Specimen/s2"), glass("s2", parent="Specimen/b2")]
    export = write_lines(tmp_path / "export", given)
    out = tmp_path / "slides.csv"
    stopped = sources("read", export, "--out", out)
    assert stopped.returncode == 1
    assert "circle" in stopped.stderr
    assert list(tmp_path.iterdir()) == [export], "nothing half-done is left"
    assert sources("test", export).returncode == 1
    assert sources("read", export, "--out", out, "--leave-out-faulty").returncode == 0
    assert len(out.read_text().splitlines()) == 2


def test_a_file_that_was_cut_off_leaves_nothing(tmp_path):
    export = write_lines(tmp_path / "export", department())
    lines = (export / "Specimen.ndjson").read_text()
    (export / "Specimen.ndjson").write_text(lines[:-40])
    done = sources("read", export, "--out", tmp_path / "slides.csv")
    assert done.returncode == 1
    assert "Specimen.ndjson line 3" in done.stderr
    assert "ends in the middle" in done.stderr
    assert list(tmp_path.iterdir()) == [export]


def test_a_test_that_fails(tmp_path):
    (tmp_path / "m.toml").write_text(
        'format = 1\nsource = "fhir"\n[columns.sex]\npath = "patient.gender"\n'
        "[[test]]\ncontext = '{}'\nexpect = { sex = \"Male\" }\n"
    )
    done = sources("test", "--map", tmp_path / "m.toml")
    assert done.returncode == 1
    assert "expected 'Male', got ''" in done.stdout


def test_free_text_is_warned_of(tmp_path):
    (tmp_path / "m.toml").write_text(
        'format = 1\nsource = "fhir"\n[columns.description]\npath = "slide.note[].text"\n'
        "allow_free_text = true\n"
    )
    export = write_lines(tmp_path / "export", [patient(), glass(type={"coding": [{"code": "x"}]})])
    done = sources("read", export, "--map", tmp_path / "m.toml", "--out", tmp_path / "s.csv")
    assert "holds free text" in done.stderr
