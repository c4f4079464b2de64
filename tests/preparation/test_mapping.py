from __future__ import annotations

import random

import pytest

from bigpicture.model.code import Code
from bigpicture.preparation.mapping import LocalTerms, propose, read_mapping, write_mapping
from bigpicture.preparation.meaning import NA, fold
from bigpicture.preparation.read import tables_of
from bigpicture.preparation.table import table_of
from bigpicture.preparation.understand import understand
from bigpicture.preparation.words import known
from filled_table import DATASET

DATA = table_of(["field", "value"], list(DATASET.items()), sheet="dataset")


def read(text: str) -> LocalTerms:
    return read_mapping(tables_of(text.encode(), file="m.csv"))


def test_a_line_decides_a_word():
    terms = read(
        "column,local,code,scheme,meaning\n"
        "anatomical_site,Bauchdecke,83908009,SNOMED CT,Abdominal wall structure\n"
        "extraction_method,Zange,,,Biopsy\n"
        "extraction_method,Rest,,,N/A\n"
        "Diagnose,Tumor,,,SNOMED CT:408645001 Adenocarcinoma of colon\n"
        "sex,1,,,Male\n"
        "stain_target,Panel,,text,AE1+AE3\n"
        "stain,Spezial,,,\n"
    )
    assert terms.findings == ()
    assert terms.get("anatomical_site", "BAUCHDECKE") == Code(
        "83908009", "SNOMED CT", "Abdominal wall structure"
    )
    assert terms.get("extraction_method", "Zange") == Code("86273004", "SNOMED CT", "Biopsy")
    assert terms.get("extraction_method", "Rest") is NA
    assert terms.get("diagnosis", "Tumor").code == "408645001"
    assert terms.get("sex", "1") == "Male"
    assert terms.get("stain_target", "Panel") == "AE1+AE3"
    assert terms.undecided == {("stain", "spezial")}


def test_a_line_that_says_nothing_clear_is_named():
    terms = read(
        "column,local,code,scheme,meaning\n"
        "sex,x,,,neither\n"
        "shade,red,,,red\n"
        "stain,A,,,H&E\n"
        "stain,a,,,PAS\n"
    )
    assert [each.cells[0].address for each in terms.findings] == ["C2", "A3", "B5"]


def test_other_headings_are_refused():
    assert "headings" in read("von,nach\na,b\n").findings[0].what


def test_what_is_most_alike_is_proposed_first():
    meanings = propose("anatomical_site", "Collon", beside=LocalTerms())
    assert str(meanings[0]) == "Colon structure"
    decided = LocalTerms({("diagnosis", "adenokarzinom"): Code("408645001", "SNOMED CT", "X")})
    assert propose("diagnosis", "Adenokarzinome", beside=decided)[0].code == "408645001"


@pytest.mark.parametrize(
    ("column", "word", "meant"),
    [
        ("diagnosis", "normal", ["No pathologic diagnosis"]),
        ("diagnosis", "o. B.", ["No pathologic diagnosis"]),
        ("finding", "Normal", ["UNREMARKABLE"]),
        ("anatomical_site", "Blinddarm", ["Cecum structure", "Appendix structure"]),
    ],
)
def test_what_a_word_means_in_many_laboratories_is_proposed_and_not_taken(column, word, meant):
    assert fold(word) not in known(column)
    proposed = propose(column, word, beside=LocalTerms())
    assert [str(each) for each in proposed][: len(meant)] == meant


def _export(rows: int, seed: int):
    """A hospital's export: a thousand slides in its own codes."""
    chance = random.Random(seed)
    local = {
        "Organ": ["KOL", "REK", "MAG", "Leber", "Haut"],
        "Entnahme": ["PE-Z", "Exz.", "Biopsie"],
        "Färbung": ["HE", "PAS-D", "KI67-A", "EvG"],
        "Diagnose": [f"D{n:03}" for n in range(25)],
        "Geschlecht": ["1", "2"],
    }
    headings = ["Datei", "Patient", "Fall", *local]
    lines = [
        [
            f"{n}.svs", f"P{n // 4}", f"C{n // 4}",
            *(chance.choice(words) if name != "Geschlecht" else words[n // 4 % 2]
              for name, words in local.items()),
        ]
        for n in range(rows)
    ]  # fmt: skip
    for line in lines:  # a specimen of its own for each slide, so that nothing contradicts
        line[1:3] = [line[1], line[2]]
    return table_of(headings, lines, file="export.csv", sheet="")


UNKNOWN = {
    *(("anatomical_site", word) for word in ("KOL", "REK", "MAG")),
    *(("extraction_method", word) for word in ("PE-Z", "Exz.")),
    *(("stain", word) for word in ("PAS-D", "KI67-A", "EvG")),
    *(("diagnosis", f"D{n:03}") for n in range(25)),
    *(("sex", word) for word in ("1", "2")),
}


def test_the_first_batch_of_1000_slides_needs_a_decision_for_each_word_and_the_second_none():
    first = understand([_export(1000, seed=1), DATA])
    assert {(each.column, each.local) for each in first.unmapped} == UNKNOWN
    decisions = len(first.unmapped)
    assert decisions == len(UNKNOWN) == 35

    written = write_mapping(LocalTerms(), first.unmapped).decode("utf-8-sig").splitlines()
    assert len(written) == 1 + decisions
    sexes = {"1": "Male", "2": "Female"}
    edited = [written[0]]
    for line in written[1:]:  # what a data manager types, a line a word
        column, local, *_ = line.split(",")
        meaning = sexes[local] if column == "sex" else "SNOMED CT:71854001 Some meaning"
        edited.append(f"{column},{local},,,{meaning}")
    terms = read_mapping(tables_of("\n".join(edited).encode(), file="mapping.csv"))

    again = understand([_export(1000, seed=1), DATA], terms)
    assert again.unmapped == ()
    assert not again.has_errors
    second = understand([_export(1000, seed=2), DATA], terms)
    assert second.unmapped == ()
    assert len(second.plan.images) == 1000


def test_decided_lines_survive_being_written_again():
    terms = read(
        "column,local,code,scheme,meaning\n"
        'diagnosis,"Ca, fraglich",408645001,SNOMED CT,Adenocarcinoma of colon\n'
        "extraction_method,Rest,,,N/A\n"
        "stain_target,Panel,,text,AE1+AE3\n"
        "stain,=cmd(),,,H&E\n"
    )
    again = read_mapping(tables_of(write_mapping(terms, ()), file="m.csv"))
    assert again.decided == terms.decided
    assert again.findings == ()
