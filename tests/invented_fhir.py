"""An invented pathology department as FHIR, made by hand from the specification."""

from __future__ import annotations

import json

SCT = "http://snomed.info/sct"


def concept(code, display, system=SCT):
    return {"coding": [{"system": system, "code": code, "display": display}]}


def patient(identity="p1", **more):
    return {
        "resourceType": "Patient",
        "id": identity,
        "text": {"status": "generated", "div": "<div>Quillfeather, Ottoline</div>"},
        "identifier": [{"system": "urn:hospital", "value": f"MRN-77{identity}"}],
        "name": [{"family": "Quillfeather", "given": ["Ottoline", "Maude"]}],
        "telecom": [{"system": "phone", "value": "+44 7700 900123"}],
        "address": [
            {"line": ["14 Marzipan Crescent"], "city": "Nowhereton", "postalCode": "ZZ99 3VZ"}
        ],
        "gender": "female",
        "birthDate": "1970-06-15",
        **more,
    }


def part(identity="part1", subject="Patient/p1", **more):
    return {
        "resourceType": "Specimen",
        "id": identity,
        "identifier": [{"value": f"S-{identity}"}],
        "accessionIdentifier": {"value": "ACC-9"},
        "type": concept("119376003", "Tissue specimen"),
        "subject": {"reference": subject, "display": "Ottoline Quillfeather"},
        "collection": {
            "collectedDateTime": "2024-06-14T09:30:00+02:00",
            "method": concept("86273004", "Biopsy"),
            "bodySite": concept("71854001", "Colon structure"),
        },
        "container": [
            {"additiveCodeableConcept": concept("434162003", "Neutral buffered formalin")}
        ],
        **more,
    }


def block(identity="block1", parent="Specimen/part1", **more):
    return {
        "resourceType": "Specimen",
        "id": identity,
        "identifier": [{"value": f"B-{identity}"}],
        "type": concept("1003707006", "Paraffin block"),
        "subject": {"reference": "Patient/p1"},
        "parent": [{"reference": parent}],
        **more,
    }


def glass(identity="slide1", parent="Specimen/block1", **more):
    return {
        "resourceType": "Specimen",
        "id": identity,
        "identifier": [{"value": f"G-{identity}"}],
        "type": concept("430685002", "Histopathology slide"),
        "subject": {"reference": "Patient/p1"},
        "parent": [{"reference": parent}],
        "processing": [{"procedure": concept("104210008", "Hematoxylin and eosin stain")}],
        **more,
    }


def report(identity="r1", specimen="Specimen/part1", **more):
    return {
        "resourceType": "DiagnosticReport",
        "id": identity,
        "status": "final",
        "code": concept("60567-5", "Pathology report", "http://loinc.org"),
        "subject": {"reference": "Patient/p1"},
        "specimen": [{"reference": specimen}],
        "conclusion": "Mrs Quillfeather has an adenocarcinoma.",
        "conclusionCode": [concept("408645001", "Adenocarcinoma of colon")],
        **more,
    }


def bundle(*resources):
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {
                "fullUrl": f"https://fhir.invalid/{each['resourceType']}/{each['id']}",
                "resource": each,
            }
            for each in resources
        ],
    }


def department():
    return [patient(), part(), block(), glass(), report()]


EXPECTED = {
    "file": "G-slide1",
    "slide": "G-slide1",
    "block": "B-block1",
    "specimen": "S-part1",
    "case": "ACC-9",
    "being": "p1",
    "sex": "Female",
    "age": "50-59",
    "anatomical_site": "SNOMED CT:71854001 Colon structure",
    "extraction_method": "SNOMED CT:86273004 Biopsy",
    "fixation": "SNOMED CT:434162003 Neutral buffered formalin",
    "specimen_type": "SNOMED CT:119376003 Tissue specimen",
    "stain": "SNOMED CT:104210008 Hematoxylin and eosin stain",
    "diagnosis": "SNOMED CT:408645001 Adenocarcinoma of colon",
}
"""Read off the resources by eye; on 14 June 2024 she is 53, on the day after 54."""


def write_json(path, value):
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def write_lines(folder, resources):
    """A bulk export: a file for each type, a resource a line."""
    folder.mkdir(exist_ok=True)
    for each in resources:
        with (folder / f"{each['resourceType']}.ndjson").open("a", encoding="utf-8") as file:
            file.write(json.dumps(each) + "\n")
    return folder
