"""The terms of use in a form: codes read and written, what contradicts itself, what comes of it."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bigpicture.metaflex.compose import documents_of
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.use_policy import read_use_policy
from bigpicture.model.countries import EEA
from bigpicture.model.data_use import CODES, DataUseTerm, Parameter
from bigpicture.model.policy import AccessTier
from bigpicture.model.use_policy import AccessRoute
from bigpicture.preparation.data_use_text import problem_of, read_data_use, write_data_use
from bigpicture.preparation.grid import read_grid
from bigpicture.preparation.policy_preview import POLICY_NAMES, preview_policy
from bigpicture.preparation.study import study_of
from bigpicture.preparation.table import table_of
from bigpicture.preparation.template import dataset_csv, template
from bigpicture.preparation.understand import understand
from filled_table import DATASET, fill

DAY = date(2026, 3, 1)
COMPLETE = {
    "type_of_dataset": "Clinical/Pseudonymized",
    "allowed_uses": "Research Use",
    "geography": "Worldwide",
    "duration_of_use": "Unlimited time",
    "legal_basis": "Informed Consent Form",
}
ALL = {
    "data_use": "HMB; NPUNCU; GS: EEA | CH; TS: 24; IS: University of A, Dept. B; MOR: 2030-02-01",
    "access_route": "ehds-permit",
    "permit_number": "HDAB-7",
    "controllers": "Hospital A; Hospital B",
    "processors": "Repository",
    "retention_until": "2046-12-31",
}
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = st.text(st.characters(codec="ascii", categories=("L", "N"), include_characters=" ,.-"))
VALUES = {
    Parameter.DISEASES: st.from_regex(r"MONDO:\d{7}", fullmatch=True),
    Parameter.COUNTRIES: st.sampled_from(sorted(EEA)),
    Parameter.MONTHS: st.integers(1, 1200).map(str),
    Parameter.DAY: st.dates(date(2000, 1, 1)).map(date.isoformat),
}


@st.composite
def terms(draw):
    code = draw(st.sampled_from(CODES))
    if code.parameter is Parameter.NONE:
        return DataUseTerm.of(code)
    most = 1 if code.parameter in (Parameter.MONTHS, Parameter.DAY, Parameter.TEXT) else 3
    values = draw(st.lists(VALUES.get(code.parameter, NAMES), min_size=1, max_size=most))
    return DataUseTerm.of(code, *(" ".join(each.split()) for each in values))


@pytest.mark.parametrize(
    ("text", "code", "values"),
    [
        ("HMB", "DUO:0000006", ()),
        ("DUO:0000025: 24", "DUO:0000025", ("24",)),
        ("duo_0000042", "DUO:0000042", ()),
        ("GS: de, EEA", "DUO:0000022", ("DE", "EEA")),
        ("gs = de | fr", "DUO:0000022", ("DE", "FR")),
        ("DS MONDO_0008903", "DUO:0000007", ("MONDO:0008903",)),
        ("IS: Institute of A, B | C", "DUO:0000028", ("C", "Institute of A, B")),
        ("RS: paediatrics, only in winter", "DUO:0000012", ("paediatrics, only in winter",)),
        ("no commerce, please", "no commerce, please", ()),
    ],
)
def test_a_term_is_read_as_people_write_it(text, code, values):
    assert read_data_use(text) == DataUseTerm(code, values)


@given(terms())
@PATIENT
@example(DataUseTerm("DUO:0000026", ("Invented, A",)))
def test_what_is_written_is_read_again(term):
    if all("|" not in each and ";" not in each for each in term.values):
        assert read_data_use(write_data_use(term)) == term


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("HMB", ""),
        ("GS: DE | EU", ""),
        ("GS", "does not say which"),
        ("GS: Germany", "not what it asks for"),
        ("TS: two years", "not what it asks for"),
        ("TS: 12 | 24", "not what it asks for"),
        ("MOR: 31.1.2030", "not what it asks for"),
        ("DS: lung cancer", "not what it asks for"),
        ("DS: MONDO:0008903", ""),
        ("NCU: really", "asks for nothing"),
        ("XYZ", "no code of DUO"),
    ],
)
def test_what_a_term_lacks_is_said(text, what):
    told = problem_of(read_data_use(text))
    assert (what in told) if what else not told


def problems(**fields):
    found = preview_policy(COMPLETE | fields, today=DAY)
    return {(each.column, each.severity.value) for each in found.problems}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, set()),
        ({"access_tier": "open"}, {("access_tier", "error")}),
        ({"access_tier": "open", "type_of_dataset": "Clinical/Anonymized"}, set()),
        (
            {"access_tier": "open", "type_of_dataset": "Clinical/Anonymized", "data_use": "NCU"},
            {("access_tier", "warning")},
        ),
        ({"access_route": "ehds-permit"}, {("permit_number", "error")}),
        ({"permit_number": "7"}, {("permit_number", "error")}),
        ({"access_route": "ehds-permit", "permit_number": "7"}, set()),
        (
            {"access_route": "ehds-permit", "permit_number": "7", "access_tier": "controlled"},
            {("access_tier", "warning")},
        ),
        (
            {"type_of_access": "Indirect Access", "access_tier": "open"},
            {("access_tier", "warning")},
        ),
        ({"data_use": "GS"}, {("data_use", "error")}),
        ({"data_use": "HMB; whatever"}, {("data_use", "warning")}),
        ({"legal_basis": ""}, {("legal_basis", "error")}),
        ({"retention_until": "for ever"}, {("retention_until", "error")}),
    ],
)
def test_what_contradicts_itself_is_said_with_its_field(fields, expected):
    assert problems(**fields) == expected


def test_the_check_of_the_table_says_the_same():
    about = table_of(
        ["field", "value"], list({**DATASET, "access_tier": "open"}.items()), sheet="dataset"
    )
    found = {each.column for each in understand([about]).findings if "open" in each.what}
    assert found == {"access_tier"}


@pytest.mark.parametrize("route", ["contract", "consent", "public"])
def test_a_route_without_a_permit_leaves_the_tier(route):
    policy = preview_policy(COMPLETE | {"access_route": route}, today=DAY).policy
    assert (policy.route, policy.tier) == (AccessRoute(route), AccessTier.CONTROLLED)


@pytest.mark.parametrize(
    "fields", [{"type_of_access": "Indirect Access"}, {k: ALL[k] for k in ALL if "data" not in k}]
)
def test_indirect_access_and_a_permit_are_written_as_compute_only(fields):
    assert preview_policy(COMPLETE | fields, today=DAY).policy.tier is AccessTier.COMPUTE_ONLY


def test_what_is_no_policy_yet_is_told_without_one():
    found = preview_policy({"data_use": "HMB"}, today=DAY)
    assert found.policy is None
    assert found.terms == (DataUseTerm("DUO:0000006"),)
    assert ("type_of_dataset", "error") in {(e.column, e.severity.value) for e in found.problems}


@given(st.dictionaries(st.sampled_from(sorted(POLICY_NAMES)), st.text(max_size=60)))
@PATIENT
def test_whatever_is_typed_is_answered(fields):
    found = preview_policy(fields, today=DAY)
    assert found.policy is None or len(found.policy.hash) == 64


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_terms_survive_a_table(kind, tmp_path):
    given_fields = {**COMPLETE, **ALL}
    if kind == "csv":
        lines = list(csv.reader(dataset_csv().decode("utf-8-sig").splitlines()))
        out = io.StringIO()
        csv.writer(out).writerows(
            [name, given_fields.get(name, value), *rest] for name, value, *rest in lines
        )
        data = out.getvalue().encode()
    else:
        place = tmp_path / "t.xlsx"
        place.write_bytes(template())
        fill(place, [], given_fields)
        data = place.read_bytes()
    read = read_grid(data, f"t-dataset.{kind}").sheet.fields
    assert {name: read[name] for name in given_fields} == given_fields


def plan_of(**more):
    about = table_of(["field", "value"], list({**DATASET, **more}.items()), sheet="dataset")
    return understand([about]).plan


def test_what_is_chosen_stands_in_the_policy_document():
    study = study_of(plan_of(**ALL), {}, alias_of=lambda kind, local: f"{kind}-{local}", today=DAY)
    documents = documents_of(study)
    [terms_read] = read_submission(documents).terms
    policy = read_use_policy(terms_read.stated)
    assert policy.terms == tuple(
        sorted(
            DataUseTerm.of(*each)
            for each in (
                ("HMB",),
                ("NPUNCU",),
                ("GS", "CH", "EEA"),
                ("TS", "24"),
                ("IS", "University of A, Dept. B"),
                ("MOR", "2030-02-01"),
            )
        )
    )
    assert (policy.route, policy.permit_number) == (AccessRoute.EHDS_PERMIT, "HDAB-7")
    assert policy.controllers == ("Hospital A", "Hospital B")
    assert policy.processors == ("Repository",)
    assert (policy.retention_until, policy.tier) == ("2046-12-31", AccessTier.COMPUTE_ONLY)
    assert policy == preview_policy({**DATASET, **ALL}, today=DAY).policy


def test_what_is_not_chosen_has_no_tag():
    study = study_of(plan_of(), {}, alias_of=lambda kind, local: f"{kind}-{local}", today=DAY)
    [terms_read] = study.terms
    tags = {each.tag for each in terms_read.stated}
    assert not tags & {"data_use", "access_route", "permit_number", "data_controller"}
