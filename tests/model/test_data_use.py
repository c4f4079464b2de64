"""Our table of codes against the release of DUO, and how codes and terms are spelled."""

from __future__ import annotations

import csv
import re

import pytest

from bigpicture.model.data_use import (
    BY_CODE,
    CODES,
    RELEASE,
    DataUseTerm,
    Kind,
    read_code,
    read_term,
)
from bigpicture.model.purpose import SENSITIVE, USES
from places import shared

PARENTS = {"DUO:0000001": Kind.PERMISSION, "DUO:0000017": Kind.MODIFIER}


def test_every_code_of_the_release_is_in_the_table_with_its_shorthand():
    rows = csv.DictReader(shared("specs/duo/duo.csv").read_text("utf-8").splitlines())
    released = {row["id"]: row["shorthand"] for row in rows if row["shorthand"]}
    assert {each.code: each.shorthand for each in CODES} == released


def test_the_kind_and_the_release_are_those_of_the_ontology():
    text = shared("specs/duo/duo.owl").read_text("utf-8")
    assert f"releases/{RELEASE}/duo.owl" in text
    above = {}
    for name, body in re.findall(
        r'<owl:Class rdf:about="[^"]*/(DUO_\d+)">(.*?)</owl:Class>', text, re.DOTALL
    ):
        found = re.search(r'subClassOf rdf:resource="[^"]*/(DUO_\d+)"', body)
        above[read_code(name)] = read_code(found[1]) if found else None
    for code, row in BY_CODE.items():
        top = code
        while top not in PARENTS:
            top = above[top]
        assert PARENTS[top] is row.kind, row.shorthand


def test_the_classes_of_purposes_exist_in_the_ontology():
    text = shared("specs/duo/duo.owl").read_text("utf-8")
    ours = {each.duo for each in (*USES.values(), *SENSITIVE.values()) if each.duo}
    assert ours == {f"DUO:{number:07d}" for number in range(31, 41)}
    assert all(f'/{code.replace(":", "_")}"' in text for code in ours)


@pytest.mark.parametrize(
    "said",
    [
        "NPOA",
        "npoa ",
        "DUO:0000044",
        "DUO_0000044",
        "DUO_00000044",  # duo.owl has eight digits
        "duo:00000044",
        "http://purl.obolibrary.org/obo/DUO_00000044",
    ],
)
def test_a_code_in_any_spelling(said):
    assert read_code(said) == "DUO:0000044"


@pytest.mark.parametrize("said", ["DUO:44", "DUO:0000099", "GRUU", "", "no restriction"])
def test_what_is_no_code_is_known_to_nobody(said):
    assert DataUseTerm.of(said).known is None


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("MONDO_0005061", "MONDO:0005061"),
        ("http://purl.obolibrary.org/obo/MONDO_0005061", "MONDO:0005061"),
        ("MONDO: 0005061", "MONDO:0005061"),
        ("SNOMED CT:254637007", "SNOMED CT:254637007"),
        ("lung cancer", "lung cancer"),
    ],
)
def test_a_disease_in_any_spelling(said, read):
    assert read_term(said) == read


@pytest.mark.parametrize(
    ("values", "months"),
    [
        (("12",), 12),
        ((), None),
        (("a year",), None),
        (("-1",), None),
        (("0",), None),
        (("1", "2"), None),
        (("12345",), None),
    ],
)
def test_months_are_one_whole_number(values, months):
    assert DataUseTerm("DUO:0000025", values).months == months


@pytest.mark.parametrize(
    ("values", "is_day"),
    [(("2030-02-28",), True), (("2030-02-30",), False), ((), False), (("soon",), False)],
)
def test_a_day_is_a_day_of_the_calendar(values, is_day):
    assert (DataUseTerm("DUO:0000024", values).day is not None) is is_day
