"""The study of a plan, written, read back and checked by the standard's own rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bigpicture.metaflex.compose import documents_of
from bigpicture.metaflex.submission import read_submission
from bigpicture.model.attribute import find, find_all
from bigpicture.model.data_file import DataFile
from bigpicture.model.place import Place
from bigpicture.preparation.attributes import number, string
from bigpicture.preparation.described_image import DescribedImage
from bigpicture.preparation.study import study_of
from bigpicture.preparation.table import table_of
from bigpicture.preparation.understand import understand
from bigpicture.standard.check import check
from filled_table import DATASET

DAY = date(2026, 3, 1)
HEADINGS = [
    *("File", "Being", "Case", "Sex", "Species", "Age", "Organ", "Extraction", "Fixation"),
    *("Block preparation", "Stain", "Diagnosis", "Observer"),
]


def alias_of(kind, local):
    return f"{kind}-{local}"


def plan_of(*rows, headings=HEADINGS, **more):
    about = table_of(["field", "value"], list({**DATASET, **more}.items()), sheet="dataset")
    understood = understand([table_of(headings, rows), about])
    assert not understood.has_errors, understood.findings
    return understood.plan


def row(name, being, **more):
    given = {
        "File": name, "Being": being, "Case": f"C{being}", "Sex": "f", "Age": "57",
        "Organ": "Colon", "Extraction": "Biopsy", "Fixation": "Formalin",
        "Block preparation": "FFPE", "Stain": "HE", "Observer": "O",
        "Diagnosis": "SNOMED CT:408645001 Adenocarcinoma of colon", **more,
    }  # fmt: skip
    return [given.get(heading, "") for heading in HEADINGS]


def page_of(plan, images=None):
    study = study_of(plan, images or {}, alias_of=alias_of, today=DAY)
    return study.landing_page


def without_images(findings):
    return [each for each in findings if not each.entity.startswith("image")]


def test_a_clinical_study_breaks_no_rule():
    study = study_of(plan_of(row("a", "1"), row("b", "2")), {}, alias_of=alias_of, today=DAY)
    assert without_images(check(read_submission(documents_of(study)))) == []


def test_nothing_known_of_a_clinical_slide_is_nil_and_breaks_no_rule():
    plan = plan_of(["a", "1", *[""] * 8, "HE", "SNOMED CT:23875004 No pathologic diagnosis", ""])
    study = study_of(plan, {}, alias_of=alias_of, today=DAY)
    assert without_images(check(read_submission(documents_of(study)))) == []
    (specimen,) = study.specimens
    assert find(specimen.stated, "age_at_extraction").value is None
    assert find(specimen.stated, "anatomical_site").value is None


def test_an_animal_study_breaks_no_rule():
    headings = [
        *("File", "Being", "Sex", "Species", "Strain", "Control", "Termination", "Age", "Organ"),
        *("Extraction", "Fixation", "Embedding", "Stain", "Finding", "Severity"),
    ]
    rows = [
        [f"{n}.svs", f"R{n}", "m", "RAT", "WISTAR", "treated", "TERMINAL SACRIFICE", "10 weeks",
         "Liver", "Autopsy", "Formalin", "Paraffin", "HE", "UNREMARKABLE", "MILD"]
        for n in (1, 2)
    ]  # fmt: skip
    plan = plan_of(
        *rows,
        headings=headings,
        type_of_dataset="Non-Clinical/Obscured",
        study_duration="P28D",
        legal_basis="",
    )
    study = study_of(plan, {}, alias_of=alias_of, today=DAY)
    assert without_images(check(read_submission(documents_of(study)))) == []
    (first, _) = study.observations
    assert [each.tag for each in first.codes] == ["MISTRESC", "MISEV"]


@pytest.mark.parametrize(
    ("stain", "more"),
    [
        ("Ki-67", {"Reporter": "DAB", "Reporter colour": "brown"}),
        ("HER2", {"Stain method": "FISH", "Reporter": "fluorochrome", "Reporter colour": "red"}),
        ("PAS", {}),
    ],
)
def test_each_kind_of_stain_breaks_no_rule(stain, more):
    headings = [*HEADINGS, *more]
    plan = plan_of([*row("a", "1", Stain=stain), *more.values()], headings=headings)
    study = study_of(plan, {}, alias_of=alias_of, today=DAY)
    assert without_images(check(read_submission(documents_of(study)))) == []


def test_the_landing_page_says_what_the_dataset_holds():
    plan = plan_of(
        row("a", "1"), row("b", "1"), row("c", "2", Age="60-69", Organ="Liver", Stain="PAS")
    )
    spacing = string("x", "y")  # anything that is no spacing
    images = {
        name: DescribedImage(
            (DataFile(f"{name}.dcm", "0" * 64, "0" * 64, "dcm", Place("x")),), (spacing,), 1000
        )
        for name in "abc"
    }
    page = page_of(plan, images)
    said = {each.tag: each for each in page.stated}
    assert said["number_of_biological_beings"].value == 2
    assert said["number_of_cases"].value == 2
    assert said["number_of_wsis"].value == 3
    assert said["number_of_observations"].value == 2
    assert said["dataset_size"] == number("dataset_size", Decimal(3000))
    assert [each.text for each in said["anatomical_sites"].members] == [
        "Colon structure",
        "Liver structure",
    ]
    assert [each.text for each in said["stainings"].members] == [
        "H&E",
        "periodic acid Schiff stain",
    ]
    # from [57, 58[ to [60, 70[
    assert [each.text for each in said["age_at_extraction"].members] == ["P57Y", "P13Y"]
    assert said["year_of_submission"].value == 2026
    uses = find_all(page.stated, "allowed_uses", "allowed_use")
    assert [each.text for each in uses] == ["Research Use"]


def test_local_identifiers_appear_only_as_what_the_aliases_make_of_them():
    plan = plan_of(row("SECRETFILE.svs", "SECRETBEING"))
    study = study_of(plan, {}, alias_of=lambda kind, _: f"{kind}-x", today=DAY)
    assert all(b"SECRET" not in data for data in documents_of(study).values())
