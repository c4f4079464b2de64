"""A survey tells paths and counts; a starter made of it can be read again, and holds no value."""

from __future__ import annotations

import json

from bigpicture.preparation.sources.mapping import Source
from bigpicture.preparation.sources.mapping_file import parse_mapping
from bigpicture.preparation.sources.starter import starter
from bigpicture.preparation.sources.survey import survey
from invented_fhir import department, glass, write_json, write_lines

SLIDES = {
    "slides": [
        {"identifier": "S-1", "stain": {"name": "HE"}, "note": ""},
        {"identifier": "S-2", "stain": None, "owner": {"surname": "Quillfeather"}},
    ],
    "patients": {"0101701234": {"sex": "F"}, "0202702345": {"sex": "M"}},
    "people": {"Quillfeather": {"sex": "F"}, "Ottoline": {"sex": "F"}},
    "by name": [{"Maude [\n# x": 1}],
}


def test_paths_and_how_often_they_are_filled(tmp_path):
    found = survey(write_json(tmp_path / "x.json", SLIDES), Source.LIS)
    assert found.lists == {"slides": 2, "patients": 1, "people": 1, "by name": 1}
    assert found.paths["slides"] == {"identifier": 2, "stain.name": 1, "owner.surname": 1}
    assert found.paths["patients"] == {"*.sex": 1}


def test_a_starter_for_a_laboratory_system(tmp_path):
    text = starter(Source.LIS, survey(write_json(tmp_path / "x.json", SLIDES), Source.LIS))
    mapping = parse_mapping(text, "m.toml")
    assert mapping.steps[0].path == "slides"
    assert [rule.name for rule in mapping.columns] == ["file", "slide"]
    assert "stain.name" in text
    assert "owner.surname" in text
    for value in ("S-1", "HE", "Quillfeather", "Ottoline", "Maude", "0101701234"):
        assert value not in text, value
    for line in text.splitlines():
        if "surname" in line:
            assert "cannot be read" in line


def test_a_starter_for_fhir(tmp_path):
    slides = [glass(f"s{number}") for number in range(5)]
    export = write_lines(tmp_path / "x", [*department(), *slides])
    text = starter(Source.FHIR, survey(export, Source.FHIR))
    assert parse_mapping(text, "m.toml").is_fhir
    assert "collection.bodySite.coding[].code" in text
    assert "http://snomed.info/sct|430685002" in text.partition("Codes of specimens")[2]
    for value in ("Quillfeather", "1970-06-15", "MRN-77", "Marzipan", "G-slide1"):
        assert value not in text.partition("What this export holds")[2]
    rare = starter(Source.FHIR, survey(write_lines(tmp_path / "y", department()), Source.FHIR))
    assert "Codes of specimens" not in rare, "a code that is rare may tell of someone"


def test_starters_without_a_sample():
    for source in Source:
        assert parse_mapping(starter(source, None), "m.toml").source is source


def test_a_starter_of_the_examples_is_json_safe(tmp_path):
    export = write_json(tmp_path / "x.json", {'a"\n[[x]]': [{"b": 1}]})
    assert parse_mapping(starter(Source.LIS, survey(export, Source.LIS)), "m.toml")
    assert json.loads(export.read_text())
