"""FHIR in every wrapping gives the same row; what is wrong with it is told by place."""

from __future__ import annotations

import json

import pytest

from bigpicture.model.errors import InputError
from bigpicture.preparation.sources.mapping_file import default_fhir, parse_mapping
from bigpicture.preparation.sources.rows import Reading
from invented_fhir import (
    EXPECTED,
    block,
    bundle,
    concept,
    department,
    glass,
    part,
    patient,
    report,
    write_json,
    write_lines,
)


def read(export, text=None):
    reading = Reading(parse_mapping(text or default_fhir(), "fhir.toml"))
    return list(reading.rows(export)), {each.problem.what: each for each in reading.tally}


def cells(export):
    rows, _ = read(export)
    return [row.cells for row in rows]


def test_a_bundle(tmp_path):
    assert cells(write_json(tmp_path / "bundle.json", bundle(*department()))) == [EXPECTED]


def test_a_bulk_export(tmp_path):
    assert cells(write_lines(tmp_path / "export", department())) == [EXPECTED]


def test_a_folder_of_single_resources(tmp_path):
    for index, each in enumerate(department()):
        write_json(tmp_path / f"{index}.json", each)
    assert cells(tmp_path) == [EXPECTED]


def test_a_list_of_resources(tmp_path):
    assert cells(write_json(tmp_path / "list.json", department())) == [EXPECTED]


def test_a_bundle_whose_entries_come_before_its_type(tmp_path):
    given = bundle(*department())
    turned = {"entry": given["entry"], "resourceType": "Bundle"}
    assert cells(write_json(tmp_path / "bundle.json", turned)) == [EXPECTED]


def test_bundles_within_lines(tmp_path):
    (tmp_path / "pages.ndjson").write_text(
        "\n".join(json.dumps(bundle(each)) for each in department())
    )
    assert cells(tmp_path / "pages.ndjson") == [EXPECTED]


def test_absolute_and_versioned_references(tmp_path):
    given = department()
    given[2]["parent"][0]["reference"] = "https://fhir.invalid/r4/Specimen/part1/_history/3"
    given[3]["parent"][0]["reference"] = "https://fhir.invalid/r4/Specimen/block1"
    assert cells(write_lines(tmp_path / "x", given)) == [EXPECTED]


def test_urns_of_a_transaction(tmp_path):
    given = department()
    wrapped = bundle(*given)
    for index, entry in enumerate(wrapped["entry"]):
        entry["fullUrl"] = f"urn:uuid:00000000-0000-4000-8000-00000000000{index}"
    given[1]["subject"] = {"reference": wrapped["entry"][0]["fullUrl"]}
    given[2]["subject"] = given[3]["subject"] = given[1]["subject"]
    given[2]["parent"] = [{"reference": wrapped["entry"][1]["fullUrl"]}]
    given[3]["parent"] = [{"reference": wrapped["entry"][2]["fullUrl"]}]
    given[4]["specimen"] = [{"reference": wrapped["entry"][1]["fullUrl"]}]
    assert cells(write_json(tmp_path / "t.json", wrapped)) == [EXPECTED]


def test_logical_references(tmp_path):
    given = department()
    given[3]["parent"] = [{"type": "Specimen", "identifier": {"value": "B-block1"}}]
    given[2]["parent"] = [{"reference": "Specimen?identifier=|S-part1"}]
    assert cells(write_lines(tmp_path / "x", given)) == [EXPECTED]


def test_contained_resources(tmp_path):
    holder = glass(
        parent="#b",
        contained=[
            {**block("b", parent="#s"), "identifier": [{"value": "B-block1"}]},
            {**part("s"), "identifier": [{"value": "S-part1"}]},
        ],
    )
    given = [patient(), holder, report(specimen="Specimen/slide1")]
    assert cells(write_lines(tmp_path / "x", given)) == [EXPECTED]


def test_r5(tmp_path):
    """R5: containers are devices, processing has a method, bodySite and code are references."""
    site = {"concept": concept("71854001", "Colon structure")}
    device = {
        "resourceType": "Device",
        "id": "d1",
        "type": [concept("433466003", "Microscope slide")],
    }
    tissue = part()
    tissue["collection"]["bodySite"] = site
    del tissue["container"]
    tissue["processing"] = [{"additive": [{"reference": "Substance/f"}]}]
    substance = {
        "resourceType": "Substance",
        "id": "f",
        "code": {"concept": concept("434162003", "Neutral buffered formalin")},
    }
    slide = glass(
        type=concept("119376003", "Tissue specimen"),
        container=[{"device": {"reference": "Device/d1"}}],
        processing=[{"method": concept("104210008", "Hematoxylin and eosin stain")}],
    )
    given = [patient(), tissue, substance, block(), slide, device, report()]
    assert cells(write_lines(tmp_path / "x", given)) == [EXPECTED]


def test_a_slide_that_only_an_imaging_study_tells(tmp_path):
    study = {
        "resourceType": "ImagingStudy",
        "id": "i1",
        "status": "available",
        "subject": {"reference": "Patient/p1"},
        "series": [{"uid": "1.2.3", "specimen": [{"reference": "Specimen/slide1"}]}],
    }
    slide = glass(type=concept("X", "Something", "urn:local"))
    assert cells(write_lines(tmp_path / "x", [*department()[:3], slide, report(), study])) == [
        EXPECTED
    ]


def test_a_local_code_of_slides(tmp_path):
    text = default_fhir().replace(
        '"http://snomed.info/sct|433466003",', '"urn:lab|OT", "http://snomed.info/sct|433466003",'
    )
    slide = glass(type=concept("OT", "Objekttraeger", "urn:lab"))
    export = write_lines(tmp_path / "x", [*department()[:3], slide, report()])
    rows, told = read(export)
    assert rows == []
    assert any("neither a slide nor a block" in what for what in told)
    rows, _ = read(export, text)
    assert [row.cells for row in rows] == [EXPECTED]


def test_a_block_without_its_code_is_told_by_position(tmp_path):
    given = department()
    given[2]["type"] = concept("119376003", "Tissue specimen")
    rows, told = read(write_lines(tmp_path / "x", given))
    assert [row.cells for row in rows] == [EXPECTED]
    assert any("what stands between is taken" in what for what in told)


def test_pooled_tissue(tmp_path):
    given = department()
    given[2]["parent"].append({"reference": "Specimen/part2"})
    text = default_fhir().replace(
        'path = ["specimen.identifier[0].value", "specimen.id"]',
        'path = "specimens[].identifier[0].value"\nseveral = "join"',
    )
    rows, _ = read(write_lines(tmp_path / "x", [*given, part("part2")]), text)
    assert rows[0].cells["specimen"] == "S-part1; S-part2"


def test_parents_in_a_circle(tmp_path):
    given = [patient(), block(parent="Specimen/slide1"), glass()]
    rows, told = read(write_lines(tmp_path / "x", given))
    assert rows == []
    (circle,) = [each for what, each in told.items() if "circle" in what]
    assert circle.problem.severity == "error"
    assert circle.places == ("Specimen.ndjson line 2 Specimen",)


def test_a_parent_that_is_missing(tmp_path):
    rows, told = read(write_lines(tmp_path / "x", [patient(), glass()]))
    assert rows[0].cells["block"] == ""
    assert any("not in the export" in what for what in told)


def test_a_patient_that_is_missing(tmp_path):
    rows, told = read(write_lines(tmp_path / "x", department()[1:]))
    assert (rows[0].cells["being"], rows[0].cells["age"]) == ("", "")
    assert any("leads to no Patient" in what for what in told)


def test_one_id_twice(tmp_path):
    same = [*department(), part()]
    assert cells(write_lines(tmp_path / "same", same)) == [EXPECTED]
    other = [*department(), part(collection={})]
    _, told = read(write_lines(tmp_path / "other", other))
    assert told["two resources of one id differ: which of them is right cannot be told."].count == 1


def test_a_slide_twice_is_one_row(tmp_path):
    assert cells(write_lines(tmp_path / "x", [*department(), glass()])) == [EXPECTED]


def test_an_older_release_is_told(tmp_path):
    given = department()
    given[4]["codedDiagnosis"] = given[4].pop("conclusionCode")
    rows, told = read(write_lines(tmp_path / "x", given))
    assert rows[0].cells["diagnosis"] == ""
    assert any("DSTU2 or STU3" in what for what in told)


def test_numbers_for_identifiers(tmp_path):
    given = department()
    given[3]["identifier"][0]["value"] = 12345678901234567890
    given[2]["identifier"][0]["value"] = 12.5
    rows, told = read(write_lines(tmp_path / "x", given))
    assert rows[0].cells["slide"] == "12345678901234567890"
    assert rows[0].cells["block"] == ""
    assert any("number with a fraction" in what for what in told)


def test_what_is_no_resource(tmp_path):
    with pytest.raises(InputError, match="no resourceType") as raised:
        read(write_json(tmp_path / "x.json", {"slides": []}))
    assert "x.json" in raised.value.place
    assert "source = 'lis'" in raised.value.remedy
