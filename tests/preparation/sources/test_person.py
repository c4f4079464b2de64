"""Nothing that names a person reaches a cell, a message or the disk, whatever the mapping says."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigpicture.model.errors import InputError
from bigpicture.preparation.sources import shelf as shelf_module
from bigpicture.preparation.sources.columns import COLUMNS, ColumnKind
from bigpicture.preparation.sources.mapping_file import default_fhir, parse_mapping
from bigpicture.preparation.sources.person_fields import FieldKind, kind_of_lis
from bigpicture.preparation.sources.person_texts import PersonText
from bigpicture.preparation.sources.person_words import PersonWords
from bigpicture.preparation.sources.rows import Reading
from invented_fhir import block, concept, department, glass, part, patient, report, write_lines

CANARIES = (
    "Quillfeather", "Ottoline", "Maude", "Marzipan", "Nowhereton", "ZZ99", "7700 900123",
    "1970-06-15", "15.06.1970", "19700615", "MRN-77p1", "77p1",
)  # fmt: skip
IDENTIFIERS = {name for name, kind in COLUMNS.items() if kind is ColumnKind.IDENTIFIER}
TERMS = sorted(name for name, kind in COLUMNS.items() if kind is ColumnKind.TERM)


def mapping(column, path, **more):
    extra = "\n".join(f"{key} = {json.dumps(value)}" for key, value in more.items())
    return default_fhir().partition("# ── Identifiers")[0] + (
        f"[columns.{column}]\npath = {json.dumps(path)}\n{extra}\n"
    )


def everything_told(reading, rows):
    problems = json.dumps(
        [[str(each.problem), list(each.places)] for each in reading.tally], ensure_ascii=False
    )
    return problems + json.dumps([[row.cells, row.place] for row in rows], ensure_ascii=False)


def outcome(tmp_path, text, resources):
    """What a reading tells to anyone: cells, places and problems, or the message of its error."""
    try:
        reading = Reading(parse_mapping(text, "m.toml"))
        rows = list(reading.rows(write_lines(tmp_path, resources)))
    except InputError as error:
        return str(error)
    return everything_told(reading, rows)


def words(text):
    return text.split()


FIELDS = st.sampled_from(
    words(
        "patient slide block specimen chain reports name family given text telecom value address "
        "line city birthDate identifier id subject display reference collection method "
        "coding code extension valueString note conclusion gender * [] [0] @ keys(@) values(@) "
        "to_string(@) type(@)"
    )
)


@st.composite
def paths(draw):
    """Paths such as a careless or a curious person writes, wildcards and functions among them."""
    steps = draw(st.lists(FIELDS, min_size=1, max_size=6))
    text = steps[0] if steps[0][0] not in "[*@" else "patient"
    for step in steps[1:]:
        if step.startswith("["):
            text += step
        elif "(" in step:
            text += f" | {step}"
        elif step == "@":
            text += " | @"
        else:
            text += f".{step}"
    return text


@given(path=paths(), column=st.sampled_from(TERMS), free=st.booleans(), join=st.booleans())
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_path_brings_a_person_out(tmp_path_factory, path, column, free, join):
    more = {"allow_free_text": free, "several": "join" if join else "problem"}
    text = mapping(column, path, **more)
    told = outcome(tmp_path_factory.mktemp("x"), text, hostile())
    for canary in CANARIES:
        assert canary.casefold() not in told.casefold(), path


def hostile():
    """A person's name in every place where departments have been seen to write one."""
    told = (
        "Biopsy of Quillfeather, Ottoline, * 15.06.1970 (MRN-77p1), 14 Marzipan Crescent Nowhereton"
    )
    return [
        patient(
            extension=[{"url": "urn:x", "valueString": told}],
            contact=[{"name": {"text": "Maude Quillfeather"}}],
        ),
        part(
            type={"text": told},
            note=[{"text": told}],
            collection={
                "collectedDateTime": "2024-06-14",
                "collector": {"display": "Maude Quillfeather"},
                "method": {"coding": [{"system": "urn:lab", "code": "B", "display": told}]},
                "bodySite": concept("71854001", f"Colon of {told}"),
            },
        ),
        block(processing=[{"description": told, "procedure": {"text": "Maude"}}]),
        glass(processing=[{"procedure": {"text": "H&E for Quillfeather"}}]),
        report(conclusion=told, code={"text": told}, performer=[{"display": "Ottoline Maude"}]),
    ]


def test_the_mapping_that_comes_with_the_package_keeps_people_in(tmp_path):
    told = outcome(tmp_path / "x", default_fhir(), hostile())
    assert '"sex": "Female"' in told
    assert '"age": "50-59"' in told
    for canary in CANARIES:
        assert canary.casefold() not in told.casefold()


@pytest.mark.parametrize(
    "path",
    [
        "specimen.collection.*.display",
        "specimen.collection.*[]",
        "specimen.*.* | []",
        "values(specimen.collection)[].display",
        "to_string(specimen.collection)",
        "to_string(patient)",
        "patient.*",
        "keys(patient)",
    ],
)
@pytest.mark.parametrize("free", [False, True])
def test_a_wildcard_sees_what_is_left(tmp_path, path, free):
    """Of people who are not the row's own no word is known: only what is gone keeps them in."""
    tissue = part(note=[{"authorString": "Dr Xylophone", "text": "Xylophone"}])
    tissue["collection"]["collector"] = {"display": "Xylophone", "reference": "Practitioner/1"}
    tissue["subject"]["display"] = "Xylophone"
    person = patient(
        extension=[{"url": "urn:maiden", "valueString": "Xylophone"}],
        generalPractitioner=[{"display": "Xylophone"}],
    )
    given = [person, tissue, block(), glass()]
    text = mapping("diagnosis", path, several="join", allow_free_text=free)
    told = outcome(tmp_path / "x", text, given)
    assert "Xylophone" not in told
    assert "birthDate" not in told
    assert "Practitioner/1" not in told


def test_free_text_without_a_name_passes_where_it_is_allowed(tmp_path):
    given = [*department()[:4], report(conclusion="An adenocarcinoma, well differentiated.")]
    text = mapping("description", "reports[0].conclusion", allow_free_text=True)
    assert "well differentiated" in outcome(tmp_path / "x", text, given)


@pytest.mark.parametrize(
    ("column", "path", "told"),
    [
        ("diagnosis", "patient.name[0].family", "names a person"),
        ("being", "patient.name[0].family", "names a person"),
        ("being", "patient.telecom[0].value", "names a person"),
        ("diagnosis", "patient.identifier[0].value", "is an identifier"),
        ("age", "patient.birthDate", "is a date of birth"),
        ("being", "patient.birthDate", "is a date of birth"),
        ("slide", "patient.*", "names a person"),
        ("description", "reports[0].conclusion", "is free text"),
        ("diagnosis", "reports[0].conclusion", "is free text"),
        ("specimen_type", "specimen.note[0].text", "is free text"),
        ("description", "reports[0].code", "is free text"),
    ],
)
def test_what_a_mapping_may_not_say(column, path, told):
    with pytest.raises(InputError, match=told) as raised:
        parse_mapping(mapping(column, path), "m.toml")
    assert "m.toml:" in raised.value.place
    assert f"columns.{column}" in raised.value.place
    assert raised.value.remedy


def test_identifiers_pass_where_they_are_declared(tmp_path):
    told = outcome(tmp_path / "x", mapping("being", "patient.identifier[0].value"), department())
    assert "MRN-77p1" in told


def test_no_name_is_set_aside_on_disk(tmp_path, monkeypatch):
    """What the temporary database is given holds digests in place of names."""
    put = []
    real = shelf_module.Shelf.put
    monkeypatch.setattr(
        shelf_module.Shelf,
        "put",
        lambda self, **kept: put.append(json.dumps(kept["body"])) or real(self, **kept),
    )
    outcome(tmp_path / "x", default_fhir(), department())
    assert len(put) == 5
    for canary in ("Quillfeather", "Ottoline", "Marzipan", "900123"):
        assert not any(canary in each for each in put)


LIS = """
format = 1
source = "lis"
[[rows]]
list = ""
name = "row"
[columns.slide]
path = "row.slide"
"""


def lis(tmp_path, extra, record):
    path = tmp_path / "x.json"
    path.write_text(json.dumps([record]), encoding="utf-8")
    reading = Reading(parse_mapping(LIS + extra, "m.toml"))
    rows = list(reading.rows(path))
    return rows[0].cells, everything_told(reading, rows)


@pytest.mark.parametrize(
    "field",
    words(
        "name patient_name patientName lastName Nachname VORNAME date_of_birth birthDate DOB "
        "Geburtsdatum dateNaissance mrn patient_id socialSecurityNumber phone e-mail email address "
        "home_address street henkilötunnus personnummer etunimi sukunimi codice_fiscale"
    ),
)
def test_fields_of_laboratories_that_name_a_person(field):
    assert kind_of_lis(field) not in (None, FieldKind.FREE_TEXT)


@pytest.mark.parametrize(
    "field",
    words(
        "stain_name block_name identifier primary_stain diagnosis organ test_name file_name sex "
        "age city_code embedding nominal streetwise specimen"
    ),
)
def test_fields_of_laboratories_that_do_not(field):
    assert kind_of_lis(field) is None


def test_a_field_that_only_sounds_like_a_person(tmp_path):
    record = {"slide": "1", "stain": {"name": "PAS"}, "patient": {"name": "Quillfeather"}}
    with pytest.raises(InputError, match=r"allow_fields = \['stain.name'\]"):
        lis(tmp_path, '[columns.stain]\npath = "row.stain.name"\n', record)
    allowed = '[columns.stain]\npath = "row.stain.name"\nallow_fields = ["stain.name"]\n'
    cells, _ = lis(tmp_path, allowed, record)
    assert cells["stain"] == "PAS"


def test_the_rows_own_person_is_found_in_any_field(tmp_path):
    record = {
        "slide": "1",
        "patient": {"surname": "Quillfeather", "dob": "15.06.1970", "mrn": 7712345},
        "a": "PAS (quillFEATHER)",
        "b": "7712345",
        "c": "PAS",
    }
    column = '[columns.{}]\npath = "row.{}"\n'
    cells, told = lis(
        tmp_path,
        column.format("stain", "a")
        + column.format("finding", "b")
        + column.format("diagnosis", "c"),
        record,
    )
    assert (cells["stain"], cells["finding"], cells["diagnosis"]) == ("", "", "PAS")
    assert "a word that names the row's own person" in told


def test_words_are_told_from_chance():
    person = PersonWords()
    known = frozenset(
        person.of(
            [
                PersonText("Quillfeather", by_word=True),
                PersonText("COLON-2020-1", by_word=True),
                PersonText("12 Main Street", by_word=False),
                PersonText("1970-06-15", by_word=True),
            ]
        )
    )
    for cell in ("Colon", "Main bronchus", "2020", "1970", "12", "Li"):
        assert not person.are_in(cell, known), cell
    for cell in ("colon 2020 1", "at 12, Main Street", "15/06/1970", "19700615", "QUILLFEATHER's"):
        assert person.are_in(cell, known), cell


def test_digests_of_two_readings_differ():
    text = [PersonText("Quillfeather", by_word=True)]
    assert PersonWords().of(text) != PersonWords().of(text)
