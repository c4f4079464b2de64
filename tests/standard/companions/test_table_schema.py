"""A dictionary in JSON (Frictionless Table Schema) says the same as one in CSV."""

from __future__ import annotations

import json

from bigpicture.standard.companions.check import check_companions
from bigpicture.standard.companions.dictionary import read_dictionary
from companion_tables import DICTIONARY, TABLE, lay, study

SCHEMA = {
    "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
    "entity": "case",
    "primaryKey": ["case"],
    "missingValues": [{"value": "NA", "label": "unknown"}],
    "fields": [
        {"name": "case", "type": "string", "title": "Case"},
        {
            "name": "grade",
            "title": "Histological grade",
            "type": "string",
            "categories": [
                {"value": "1", "label": "Well differentiated"},
                {"value": "2", "label": "Moderately differentiated"},
                {"value": "3", "label": "Poorly differentiated"},
            ],
            "missingValues": [{"value": "ND", "label": "not done"}],
            "code": {
                "code": "371469007",
                "scheme": "SNOMED CT",
                "meaning": "Histologic grade of neoplasm",
            },
            "established": "consensus",
            "quasiIdentifier": False,
        },
        {
            "name": "ki67",
            "title": "Ki-67 index",
            "type": "number",
            "unit": "%",
            "constraints": {"minimum": 0, "maximum": 100},
            "established": "IHC",
            "quasiIdentifier": False,
        },
        {
            "name": "followed",
            "title": "Time of follow-up",
            "type": "duration",
            "established": "registry",
            "quasiIdentifier": False,
        },
        {
            "name": "alive",
            "title": "Alive at the last contact",
            "type": "boolean",
            "established": "registry",
            "quasiIdentifier": False,
        },
    ],
}
JSON_PATH = "COMPANIONS/pathology.dictionary.json"


def plain(place, name):
    """What a dictionary says, without its lines and file."""
    read = read_dictionary(place, name=name)
    assert read.findings == ()
    told = read.dictionary
    return told.entity, told.key, [
        (each.name, each.label, each.type, each.unit, each.code, each.categories, each.missing,
         each.minimum, each.maximum, each.established, each.is_quasi_identifier)
        for each in told.variables
    ]  # fmt: skip


def test_both_forms_say_the_same(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "a.csv").write_text(DICTIONARY)
    assert plain(tmp_path / "a.json", "a.json") == plain(tmp_path / "a.csv", "a.csv")


def test_a_table_keeps_to_it(tmp_path):
    more = {JSON_PATH: json.dumps(SCHEMA)}
    sound = lay(tmp_path / "sound", dictionary=None, more=more)
    assert check_companions(study(), sound) == []
    wrong = lay(
        tmp_path / "wrong", dictionary=None, more=more, table=TABLE.replace("case-2,2", "case-2,9")
    )
    assert [each.rule for each in check_companions(study(), wrong)] == ["BP-companion-category"]


def test_what_is_no_schema(tmp_path):
    for text in ("", "{", "[1]", '{"fields": 3}', '{"fields": ["x"]}', "[" * 100_000):
        places = lay(tmp_path, dictionary=None, more={JSON_PATH: text})
        [finding] = check_companions(study(), places)
        assert (finding.rule, finding.place.file) == ("BP-companion-dictionary", JSON_PATH)
