"""SARIF as OASIS specifies it: what a reader of it needs is there."""

from __future__ import annotations

import json

from bigpicture.model.finding import Finding, Severity
from bigpicture.model.place import Place
from bigpicture.standard.sarif import as_sarif

FINDINGS = [
    Finding("2.3.1", Severity.WARNING, Place("METADATA/sample.xml", 7), "sex is 'x'.", "one of A"),
    Finding("constraint 1", Severity.ERROR, Place("METADATA/a b#é.xml"), "there is no dataset."),
    Finding("2.3.1", Severity.REPAIRED, Place("x.xml", 1), "so.", "thus", "", "being b-1"),
]


def test_a_run_holds_its_rules_and_results():
    log = json.loads(as_sarif(FINDINGS))
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [each["id"] for each in rules] == ["2.3.1", "constraint 1"]
    assert all(each["shortDescription"]["text"] for each in rules)
    results = run["results"]
    assert [each["level"] for each in results] == ["warning", "error", "note"]
    for each in results:
        assert rules[each["ruleIndex"]]["id"] == each["ruleId"]
        assert each["message"]["text"]


def test_places_are_uris_under_the_folder_and_lines_begin_at_one():
    results = json.loads(as_sarif(FINDINGS))["runs"][0]["results"]
    places = [each["locations"][0]["physicalLocation"] for each in results]
    assert {each["artifactLocation"]["uriBaseId"] for each in places} == {"DATASET"}
    assert places[0]["artifactLocation"]["uri"] == "METADATA/sample.xml"
    assert places[0]["region"] == {"startLine": 7}
    assert places[1]["artifactLocation"]["uri"] == "METADATA/a%20b%23%C3%A9.xml"  # RFC 3986
    assert "region" not in places[1]
    assert results[2]["locations"][0]["logicalLocations"][0]["name"] == "being b-1"


def test_nothing_found_is_an_empty_run():
    [run] = json.loads(as_sarif([]))["runs"]
    assert run["results"] == []
