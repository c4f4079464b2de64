"""Tables in, a plan and findings out: what hospitals' sheets get wrong, each named by its cells."""

from __future__ import annotations

import pytest

from bigpicture.model.code import Code
from bigpicture.model.entity import EntityKind
from bigpicture.model.finding import Severity
from bigpicture.preparation.age import Age
from bigpicture.preparation.mapping import LocalTerms
from bigpicture.preparation.table import Mark, Table, table_of
from bigpicture.preparation.understand import understand
from bigpicture.standard.rule import Audience
from filled_table import DATASET

CANCER = "SNOMED CT:408645001 Adenocarcinoma of colon"


def dataset(**more: str) -> Table:
    return table_of(["field", "value"], list({**DATASET, **more}.items()), sheet="dataset")


def slides(headings: str, *rows: str, sheet: str = "slides") -> Table:
    return table_of(
        headings.split(","), [row.split(",") for row in rows], file="t.xlsx", sheet=sheet
    )


def told(*tables: Table, terms: LocalTerms | None = None):
    return understand([*tables, dataset()], terms)


def errors(understood) -> dict[str, set[str]]:
    """Column to the addresses of all cells that an error names."""
    found: dict[str, set[str]] = {}
    for each in understood.findings:
        if each.is_error:
            found.setdefault(each.column, set()).update(cell.address for cell in each.cells)
    return found


COMPLETE = slides(
    "File,Slide,Block,Specimen,Case,Being,Sex,Age,Organ,Stain,Diagnosis,Observer",
    f"a.svs,S1,B1,T1,C1,P1,w,57,Kolon,HE,{CANCER},Dr 1",
    f"b.svs,S2,B1,T1,C1,P1,f,57,Colon,Ki-67,{CANCER},Dr 1",
    f"c.svs,S3,B2,T2,C2,P2,m,50-59,Leber,H&E,{CANCER},Dr 2",
)


def test_rows_of_slides_become_a_plan():
    understood = told(COMPLETE)
    assert not understood.has_errors
    plan = understood.plan
    assert plan.audience is Audience.CLINICAL
    assert [each.local for each in plan.beings] == ["P1", "P2"]
    assert [each.local for each in plan.cases] == ["C1", "C2"]
    assert [each.local for each in plan.specimens] == ["T1", "T2"]
    assert [each.local for each in plan.blocks] == ["B1", "B2"]
    assert [each.staining for each in plan.slides] == [0, 1, 0]
    assert plan.stainings[1]["stain_target"] == Code("HGNC:7107", "HGNC", "MKI67")
    assert plan.specimens[1].values["age"] == Age("P50Y", "P10Y")
    assert plan.beings[0].values["sex"] == "Female"
    assert [each.on for each in plan.observations] == [
        (EntityKind.CASE, "C1"),  # said in two rows, stated once
        (EntityKind.CASE, "C2"),
    ]
    assert plan.observers == {"Dr 1": "Human", "Dr 2": "Human"}


def test_sheets_of_entities_say_the_same():
    by_entity = [
        slides("Being,Sex", "P1,w", "P2,m", sheet="beings"),
        slides("Case,Being", "C1,P1", "C2,P2", sheet="cases"),
        slides(
            "Specimen,Being,Case,Age,Organ",
            "T1,P1,C1,57,Kolon",
            "T2,P2,C2,50-59,Leber",
            sheet="specimens",
        ),
        slides("Block,Specimen", "B1,T1", "B2,T2", sheet="blocks"),
        slides("Slide,Block,File,Stain", "S1,B1,a.svs,HE", "S2,B1,b.svs,Ki-67", "S3,B2,c.svs,H&E"),
        slides(
            "Case,Observer,Diagnosis",
            f"C1,Dr 1,{CANCER}",
            f"C2,Dr 2,{CANCER}",
            sheet="observations",
        ),
    ]
    one, other = told(COMPLETE).plan, told(*by_entity).plan
    assert errors(told(*by_entity)) == {}
    for name in ("beings", "cases", "specimens", "blocks", "slides"):
        assert [(e.local, dict(e.values), dict(e.up)) for e in getattr(one, name)] == [
            (e.local, dict(e.values), dict(e.up)) for e in getattr(other, name)
        ]
    assert set(one.observations) == set(other.observations)


def test_an_entity_without_a_row_in_its_sheet_is_named():
    understood = told(
        slides("Being,Sex", "P1,w", sheet="beings"),
        slides("File,Being,Stain,Diagnosis", f"a.svs,P1,HE,{CANCER}", f"b.svs,P7,HE,{CANCER}"),
    )
    assert errors(understood) == {"being": {"slides!B3"}}


@pytest.mark.parametrize(
    ("rows", "column", "cells"),
    [
        (("a.svs,S1,B1,T1,C1,P1,w", "b.svs,S2,B1,T1,C1,P1,m"), "sex", {"slides!G2", "slides!G3"}),
        (("a.svs,S1,B1,T1,C1,P1,w", "b.svs,S2,B2,T1,C1,P2,w"), "being", {"slides!F2", "slides!F3"}),
        (("a.svs,S1,B1,T1,C1,P1,w", "b.svs,S1,B2,T1,C1,P1,w"), "block", {"slides!C2", "slides!C3"}),
        (("a.svs,S1,B1,T1,C1,P1,w", "b.svs,S2,B2,T1,C2,P1,w"), "case", {"slides!E2", "slides!E3"}),
        (("a.svs,S1,B1,T1,C1,P1,w", "a.svs,S2,B1,T1,C1,P1,w"), "file", {"slides!A2", "slides!A3"}),
    ],
)
def test_rows_that_contradict_each_other_are_named_by_both_cells(rows, column, cells):
    table = slides("File,Slide,Block,Specimen,Case,Being,Sex,Stain,Diagnosis", *(
        f"{row},HE,{CANCER}" for row in rows
    ))  # fmt: skip
    assert errors(told(table))[column] >= cells


def test_a_case_of_one_being_and_its_specimen_of_another_are_named():
    understood = told(
        slides("Case,Being", "C1,P2", sheet="cases"),
        slides("Specimen,Being,Case", "T1,P1,C1", sheet="specimens"),
        slides("File,Specimen,Stain,Diagnosis", f"a.svs,T1,HE,{CANCER}"),
    )
    assert errors(understood)["being"] >= {"specimens!A2", "cases!A2"}


def test_a_repeated_row_says_nothing_new():
    row = f"a.svs,P1,HE,{CANCER}"
    understood = told(slides("File,Being,Stain,Diagnosis", row, row))
    assert not understood.has_errors
    assert len(understood.plan.images) == len(understood.plan.observations) == 1


def test_files_of_one_name_need_a_slide():
    understood = told(
        slides("File,Being,Stain,Diagnosis", f"x/a.svs,P1,HE,{CANCER}", f"y/a.svs,P1,HE,{CANCER}")
    )
    assert errors(understood) == {"slide": {"slides!A2", "slides!A3"}}


def test_what_is_left_out_is_defaulted_and_said():
    understood = told(slides("File,Being,Stain,Diagnosis", f"a.svs,P1,HE,{CANCER}"))
    assert not understood.has_errors
    said = {each.column for each in understood.findings if each.severity is Severity.REPAIRED}
    assert said == {"block", "specimen", "case", "species"}
    (specimen,) = understood.plan.specimens
    assert specimen.up[EntityKind.BEING] == ("P1",)


def test_no_being_is_an_error_and_is_not_defaulted():
    understood = told(slides("File,Being,Stain,Diagnosis", f"a.svs,,HE,{CANCER}"))
    assert "being" in errors(understood)


def test_an_unknown_word_is_asked_about_once():
    understood = told(
        slides(
            "File,Being,Stain,Diagnosis",
            "a.svs,P1,HE,Adeno-Ca",
            "b.svs,P2,HE,adeno-ca",
            "c.svs,P3,Masson-Goldner,Adeno-Ca",
        )
    )
    assert [(each.column, each.local, each.count) for each in understood.unmapped] == [
        ("diagnosis", "Adeno-Ca", 3),
        ("stain", "Masson-Goldner", 1),
    ]
    asked = [each for each in understood.findings if each.rule == "BP-mapping"]
    assert [each.column for each in asked] == ["diagnosis", "stain"]
    assert all(each.is_error for each in asked)


def test_a_word_that_waits_for_a_decision_is_the_only_thing_that_is_wrong():
    undecided = told(slides("File,Being,Stain,Diagnosis", "a.svs,P1,HE,Adeno-Ca"))
    assert [each.rule for each in undecided.findings if each.is_error] == ["BP-mapping"]
    nothing = told(slides("File,Being,Stain,Diagnosis", "a.svs,P1,HE,"))
    assert [each.rule for each in nothing.findings if each.is_error] == ["constraint 1"]


def test_a_decided_word_is_not_asked_about():
    terms = LocalTerms({("diagnosis", "adeno-ca"): Code("408645001", "SNOMED CT", "Adenoca")})
    understood = told(slides("File,Being,Stain,Diagnosis", "a.svs,P1,HE,Adeno-Ca"), terms=terms)
    assert not understood.has_errors
    assert understood.plan.observations[0].codes[0][1].code == "408645001"


def test_a_code_with_a_wrong_digit_is_named():
    understood = told(
        slides("File,Being,Organ,Stain,Diagnosis", f"a.svs,P1,SCT:71854002 Colon,HE,{CANCER}")
    )
    (finding,) = [each for each in understood.findings if each.column == "anatomical_site"]
    assert "check digit" in finding.expected
    assert finding.cells[0].address == "slides!C2"


@pytest.mark.parametrize("mark", list(Mark))
def test_cells_that_a_spreadsheet_spoiled_are_named_and_not_used(mark):
    text = "" if mark in (Mark.ERROR, Mark.FORMULA) else "12345678901234567"
    plain = slides("File,Being,Stain,Diagnosis", f"a.svs,{text},HE,{CANCER}")
    understood = told(Table(plain.file, plain.sheet, plain.rows, marks={(2, 1): mark}))
    named = [each for each in understood.findings if each.cells[0].address == "slides!B2"]
    assert named
    assert understood.has_errors == (mark is not Mark.MERGED)
    assert "1234567890" not in str(named)  # an identifier is never repeated


def test_a_birthday_in_place_of_an_age_is_refused():
    plain = slides("File,Being,Age,Stain,Diagnosis", f"a.svs,P1,1960-05-06,HE,{CANCER}")
    for table in (plain, Table(plain.file, plain.sheet, plain.rows, marks={(2, 2): Mark.DATE})):
        understood = told(table)
        assert errors(understood)["age"] == {"slides!C2"}
        assert "1960" not in str(understood.findings)


def test_headings_are_read_leniently_and_misspelled_ones_named():
    understood = told(
        slides(
            "DATEI, Patienten-Nr. ,FÄRBUNG,Diagonsis,Geburtsdatum",
            f"a.svs,P1,HE,{CANCER},1960-05-06",
        )
    )
    said = {each.cells[0].address: each for each in understood.findings if "heading" in each.what}
    assert set(said) == {"slides!D1", "slides!E1"}
    assert said["slides!D1"].expected == "Diagnosis, perhaps?"
    assert len(understood.plan.images) == 1
    assert "1960" not in str(understood)


def test_a_title_above_the_headings_does_not_matter():
    table = Table(
        "t.csv",
        rows=table_of(
            ["Export of today", "", ""],
            [["", "", ""], ["File", "Being", "Stain"], ["a.svs", "P1", "HE"]],
        ).rows,
    )
    understood = understand([table])
    assert [each.file for each in understood.plan.images] == ["a.svs"]
    assert understood.plan.images[0].cell.address == "A4"


def test_a_table_without_headings_is_named():
    understood = told(slides("x,y", "1,2"))
    assert any("no row of headings" in each.what for each in understood.findings)
    assert understood.has_errors


def test_example_rows_of_the_template_are_passed_over():
    understood = told(
        slides("File,Being,Stain,Diagnosis", "EXAMPLE-1.svs,P-1,?,?", f"a.svs,P1,HE,{CANCER}")
    )
    assert [each.file for each in understood.plan.images] == ["a.svs"]


def test_nothing_hidden_is_used_silently():
    shown = slides("File,Being,Stain,Diagnosis", f"a.svs,P1,HE,{CANCER}")
    table = Table("t.xlsx", "slides", shown.rows, hidden_rows=(5, 6), hidden_columns=(9,))
    understood = told(table, Table("t.xlsx", "old", is_hidden=True))
    hidden = [each for each in understood.findings if "hidden" in each.what]
    assert {each.cells[0].address for each in hidden} == {"slides!A5", "slides!J", "old"}
    assert all(each.severity is Severity.WARNING for each in hidden)


def test_every_field_that_a_dataset_lacks_is_named():
    lines = [(name, text) for name, text in DATASET.items() if name != "pic_code"]
    table = table_of(["Feld", "Wert"], [*lines, ("titel", "Another"), ("colour", "red")])
    understood = understand([COMPLETE, Table("d.csv", rows=table.rows)])
    named = {each.column for each in understood.findings if each.is_error}
    assert named == {"pic_code", "title"}


def test_where_no_table_is_about_the_dataset_one_finding_says_so():
    wrong = [each for each in understand([COMPLETE]).findings if each.is_error]
    assert [each.column for each in wrong] == ["alias"]
    assert "pic_code" in wrong[0].expected
    assert "--template" in wrong[0].remedy


@pytest.mark.parametrize(
    ("field", "text"),
    [("pic_code", "12"), ("contact_email", "me"), ("type_of_dataset", "secret"), ("version", "1")],
)
def test_a_field_of_the_wrong_form_is_named(field, text):
    understood = understand([COMPLETE, dataset(**{field: text})])
    assert field in errors(understood)


def test_animals_need_what_the_standard_asks_of_them():
    about = dataset(type_of_dataset="Non-Clinical/Obscured", study_duration="P28D")
    rows = "File,Being,Sex,Species,Strain,Control,Termination,Age,Organ,Extraction,Fixation"
    full = "a.svs,R1,m,RAT,WISTAR,treated,TERMINAL SACRIFICE,10 w,Liver,Autopsy,Formalin"
    table = slides(f"{rows},Embedding,Stain,Finding,Severity", f"{full},Paraffin,HE,UNREMARKABLE,")
    understood = understand([table, about])
    assert not understood.has_errors
    assert understood.plan.cases == ()
    (observation,) = understood.plan.observations
    assert observation.on == (EntityKind.SLIDE, "a")
    short = understand([slides("File,Being,Stain,Finding", "a.svs,R1,HE,UNREMARKABLE"), about])
    missing = {each.column for each in short.findings if "column" in each.what}
    assert missing == {
        *("sex", "species", "strain", "control", "termination_status", "age", "anatomical_site"),
        *("extraction_method", "fixation", "block_preparation"),
    }


def test_many_findings_of_a_kind_are_counted():
    rows = [f"{n}.svs,P{n},old,HE,{CANCER}" for n in range(5000)]
    understood = told(slides("File,Being,Age,Stain,Diagnosis", *rows))
    (finding,) = [each for each in understood.findings if each.column == "age"]
    assert "5,000 cells" in finding.what
    assert len(finding.cells) == 20
