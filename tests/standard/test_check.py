"""The check says nothing of a sound submission, and names each mistake in a damaged one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bigpicture.metaflex import build
from bigpicture.metaflex.change import with_references
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.write import write_document
from bigpicture.model.entity import EntityKind
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.identifiers import Accession
from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.standard.check import EXAMPLES, check, has_errors
from bigpicture.standard.graph import unlisted
from editing import in_file, with_attribute
from invented_submission import (
    FILES,
    H_AND_E,
    HUMAN,
    LIVER,
    annotation,
    dataset,
    image,
    instead,
    observation,
    policy,
    samples,
    staining,
    submission,
)

DATASET, SAMPLE = "METADATA/dataset.xml", "METADATA/sample.xml"
POLICY, STAINING = "METADATA/policy.xml", "METADATA/staining.xml"
IMAGE, ANNOTATION = "METADATA/image.xml", "METADATA/annotation.xml"
OBSERVATION, OBSERVER = "METADATA/observation.xml", "METADATA/observer.xml"


def found(documents, files=FILES) -> list[Finding]:
    """Check as it comes from disk, so that every finding has its line."""
    written = {name: write_document(each) for name, each in documents.items()}
    return check(read_submission(written), files)


def one(documents, rule: str, files=FILES) -> Finding:
    [finding] = [each for each in found(documents, files) if each.rule == rule]
    assert finding.what
    assert finding.remedy
    return finding


def test_a_sound_submission_has_no_finding():
    assert found(submission()) == []


def test_a_study_gives_what_the_pages_show():
    study = read_submission(submission())
    assert study.dataset.title == "Invented livers"
    assert study.policy.dataset_type == DatasetType.CLINICAL_ANONYMIZED
    assert study.policy.tier == AccessTier.CONTROLLED  # the safe one where nothing is said
    assert study.policy.allowed_uses == ("Research Use",)
    assert study.beings[0].species == HUMAN
    assert (study.beings[0].sex, study.beings[0].strain) == ("Female", None)
    assert study.specimens[0].sites == (LIVER,)
    assert (study.specimens[0].age_start, study.specimens[0].age_length) == ("P50Y", "P10Y")
    assert study.stainings[0].label == "H&E"
    assert (study.images[0].manufacturer, study.images[0].model) == (
        "Invented Optics",
        "Invented Scanner 1",
    )
    assert (study.images[0].columns, study.images[0].mpp_x) == (4096, 0.25)
    assert study.observations[0].codes[0].code.code == "442685003"
    assert study.observations[0].on.key == (EntityKind.CASE, "case-1")
    assert study.landing_page.keywords == ("liver", "fat")
    assert study.landing_page.changelog == (("1.0.0", "First."),)
    assert study.landing_page.year_of_submission == "2026"
    assert study.organisation.pic_code == "123456789"
    assert study.rems.workflow_id == "7"


@pytest.mark.parametrize(
    "path",
    [
        DATASET,
        POLICY,
        SAMPLE,
        STAINING,
        IMAGE,
        OBSERVATION,
        "LANDING_PAGE/landing_page.xml",
        "PRIVATE/rems.xml",
        "PRIVATE/organisation.xml",
    ],
)
def test_constraint_1_each_of_the_minimum_set_is_missed(path):
    findings = [each for each in found(instead(path)) if each.rule == "constraint 1"]
    assert findings
    assert all(each.is_error and each.place.file == path for each in findings)


@pytest.mark.parametrize("path", [ANNOTATION, OBSERVER])
def test_annotations_and_observers_may_be_absent(path):
    documents = instead(path)
    assert not [each for each in found(documents) if each.rule == "constraint 1"]


def test_constraint_1_one_dataset_only():
    second = replace(dataset(listed=False), attributes=(("alias", "dataset-2"),))
    assert one(instead(DATASET, dataset(), second), "constraint 1").entity == "dataset dataset-2"


def test_constraint_5_is_repaired_and_the_repair_holds():
    documents = instead(DATASET, dataset(listed=False))
    repaired = [each for each in found(documents) if each.rule == "constraint 5"]
    assert [each.severity for each in repaired] == [Severity.REPAIRED] * 3
    assert not has_errors(found(documents))
    missing = unlisted(read_submission(documents))
    documents[DATASET] = with_references(documents[DATASET], missing)
    assert found(documents) == []


def test_constraint_7_an_observer_nobody_names():
    silent = build.entity(EntityKind.OBSERVER, "silent", [build.text("OBSERVER_TYPE", "Machine")])
    used = submission()[OBSERVER].root.children[0]
    finding = one(instead(OBSERVER, used, silent), "constraint 7")
    assert (finding.entity, finding.is_error) == ("observer silent", True)


def test_a_reference_that_leads_nowhere_names_its_line():
    finding = one(
        instead(OBSERVATION, observation(on=("SPECIMEN_REF", "specimen-9"))), "BP-reference"
    )
    assert finding.is_error
    assert finding.place.file == OBSERVATION
    assert finding.place.line == 4  # declaration, set, object, reference
    assert "specimen specimen-9" in finding.what


def test_a_reference_by_another_kinds_alias_leads_nowhere():
    finding = one(
        instead(
            ANNOTATION,
            build.entity(
                EntityKind.ANNOTATION,
                "annotation-1",
                [build.reference("IMAGE_REF", "slide-1"), *(annotation().all("FILES"))],
            ),
        ),
        "BP-reference",
    )
    assert "image slide-1" in finding.what


def test_only_a_complementing_dataset_may_point_outside():
    accession = Accession.parse("bb-image-abcdef-234567")
    elsewhere = build.entity(
        EntityKind.ANNOTATION,
        "annotation-1",
        [build.reference("IMAGE_REF", "far", accession=accession), *annotation().all("FILES")],
    )
    documents = instead(ANNOTATION, elsewhere)
    assert one(documents, "BP-reference").is_error
    whole = Accession.parse("bb-dataset-abcdef-234567")
    complement = build.reference("COMPLEMENTS_DATASET_REF", "other", accession=whole)
    parts = [*dataset().children[:-1], complement]
    documents[DATASET] = build.document([build.entity(EntityKind.DATASET, "dataset-1", parts)])
    assert found(documents) == []


@pytest.mark.parametrize("own", [None, "bb-dataset-abcdef-234567"])
def test_a_dataset_that_complements_itself_is_wrong(own):
    accession = Accession.parse(own) if own else None
    itself = build.reference("COMPLEMENTS_DATASET_REF", "dataset-1", accession=accession)
    *parts, stated = dataset().children
    named = replace(dataset(), children=(*parts, itself, stated))
    if own:
        named = replace(named, attributes=(*named.attributes, ("accession", own)))
    finding = one(instead(DATASET, named), "1.1.4")
    assert finding.is_error
    assert "itself" in finding.what


def test_an_accession_beside_another_alias_is_wrong():
    named = replace(
        image(), attributes=(("alias", "image-1"), ("accession", "bb-image-abcdef-234567"))
    )
    documents = instead(IMAGE, named)
    wrong = build.reference(
        "IMAGE_REF", "image-1", accession=Accession.parse("bb-image-abcdef-765432")
    )
    documents[ANNOTATION] = build.document(
        [build.entity(EntityKind.ANNOTATION, "annotation-1", [wrong, *annotation().all("FILES")])]
    )
    assert one(documents, "BP-reference").place.file == ANNOTATION


def test_an_alias_twice_is_an_error_and_names_the_first():
    finding = one(instead(OBSERVATION, observation(), observation()), "BP-alias")
    assert finding.is_error
    assert f"{OBSERVATION}:3" in finding.what


def test_a_case_of_another_being():
    other = build.entity(
        EntityKind.BEING,
        "being-2",
        stated=[
            build.code_attribute("animal_species", HUMAN),
            build.string_attribute("sex", "Male"),
        ],
    )
    case = build.entity(
        EntityKind.CASE, "case-1", [build.reference("BIOLOGICAL_BEING_REF", "being-2")]
    )
    being, _, *rest = samples()
    assert one(instead(SAMPLE, being, other, case, *rest), "BP-same-being").is_error


@pytest.mark.parametrize(
    "written", ["Clinical / Anonymized", "clinical/anonymised", "Clinical/ Anonymized"]
)
def test_the_type_of_dataset_is_read_leniently_and_said_so(written):
    documents = instead(POLICY, policy(type_of_dataset=written))
    assert one(documents, "9.1.4").severity == Severity.REPAIRED
    assert read_submission(documents).policy.dataset_type == DatasetType.CLINICAL_ANONYMIZED


def test_an_unknown_type_of_dataset_is_an_error():
    documents = instead(POLICY, policy(type_of_dataset="Secret"))
    assert one(documents, "9.1.4").is_error


def test_pseudonymised_data_need_a_legal_basis():
    documents = instead(POLICY, policy(type_of_dataset="Clinical/Pseudonymized"))
    assert one(documents, "9.5.2").severity == Severity.WARNING


@pytest.mark.parametrize(("said", "tier"), [("open", "open"), ("Controlled", "controlled")])
def test_the_access_tier_is_read(said, tier):
    documents = instead(POLICY, policy(build.string_attribute("access_tier", said)))
    assert read_submission(documents).policy.tier == tier
    assert found(documents) == []


@pytest.mark.parametrize("said", ["public", "", None])
def test_an_access_tier_that_is_none_is_an_error_never_open(said):
    documents = instead(POLICY, policy(build.string_attribute("access_tier", said)))
    assert one(documents, "BP-access-tier").is_error
    assert read_submission(documents).terms[0].policy is None


def test_a_policy_that_contradicts_itself_is_an_error():
    more = build.string_attribute("access_tier", "open")
    documents = instead(POLICY, policy(more, type_of_dataset="Clinical/Pseudonymized"))
    finding = one(documents, "BP-policy")
    assert finding.is_error
    assert "controlled or compute-only" in finding.remedy


@pytest.mark.parametrize(
    ("uses", "is_error"),
    [
        ([("GRU",)], None),
        ([("DS", "MONDO:0008903"), ("NPUNCU",)], None),
        ([("GRU",), ("HMB",)], True),
        ([("GRU",), ("DUO:0000099",)], False),
        ([("DS",)], False),
    ],
)
def test_codes_of_data_use_are_known_and_whole(uses, is_error):
    said = [
        build.set_attribute(
            "data_use",
            [
                build.string_attribute("data_use_code", code),
                *(build.string_attribute("data_use_value", each) for each in values),
            ],
        )
        for code, *values in uses
    ]
    documents = instead(POLICY, policy(*said))
    told = [each for each in found(documents) if each.rule == "BP-data-use"]
    assert [each.is_error for each in told] == ([] if is_error is None else [is_error])


def test_the_staining_method_of_old_releases_is_read_as_the_new():
    old = build.entity(
        EntityKind.STAINING,
        "staining-1",
        [
            build.attributes(
                [
                    build.string_attribute("staining_method", "immunogenic"),
                    build.string_attribute("staining_compound", "antibody"),
                    build.string_attribute("staining_target", "MKI67"),
                ],
                tag="STAIN",
            )
        ],
    )
    documents = instead(STAINING, old)
    finding = one(documents, "12.2.3")
    assert finding.severity == Severity.REPAIRED
    assert finding.expected == "immunostaining"
    assert read_submission(documents).stainings[0].method == "immunostaining"


def test_a_scheme_in_another_spelling_is_read_as_the_usual():
    written = replace(H_AND_E, scheme="SCT")
    other = build.entity(
        EntityKind.STAINING,
        "staining-1",
        [
            build.attributes(
                [
                    build.string_attribute("staining_method", "chemical"),
                    build.code_attribute("staining_procedure", written),
                ],
                tag="PROCEDURE_INFORMATION",
            )
        ],
        stated=[build.code_attribute("extra", written)],
    )
    documents = instead(STAINING, other)
    assert {each.rule for each in found(documents)} == {"BP-scheme"}
    assert len(found(documents)) == 2


def test_a_document_that_does_not_parse_is_one_error_not_many():
    documents = {name: write_document(each) for name, each in submission().items()}
    documents[IMAGE] = documents[IMAGE][:300]
    findings = check(read_submission(documents), FILES)
    assert [each.rule for each in findings if each.is_error] == ["XML"]
    assert findings[0].place.file == IMAGE
    assert findings[0].place.line > 1


def test_a_rule_broken_a_thousand_times_stays_readable():
    many = [observation(f"o-{n}", on=("CASE_REF", "nowhere")) for n in range(1000)]
    findings = [
        each
        for each in found(instead(OBSERVATION, *many))
        if each.rule == "BP-reference" and each.place.file == OBSERVATION
    ]
    assert len(findings) == EXAMPLES + 1
    assert any(f"{1000 - EXAMPLES} more" in each.what for each in findings)


def test_findings_are_json():
    import json

    finding = one(instead(OBSERVER), "BP-reference")
    assert json.loads(json.dumps(finding.as_json()))["place"] == str(finding.place)


def test_missing_and_unknown_values_are_warned_of():
    _, *rest = samples()
    bare = build.entity(
        EntityKind.BEING,
        "being-1",
        stated=[
            build.string_attribute("sex", "female"),
            build.string_attribute("animal_species", "human"),
        ],
    )
    findings = found(instead(SAMPLE, bare, *rest))
    assert {(each.rule, each.severity) for each in findings} == {
        ("2.3.1", Severity.WARNING),
        ("2.3.2", Severity.WARNING),
    }


def test_animals_need_more_and_may_leave_nothing_nil():
    _, *rest = samples()
    bare = build.entity(
        EntityKind.BEING,
        "being-1",
        stated=[build.code_attribute("animal_species", HUMAN), build.string_attribute("sex", None)],
    )
    assert {each.rule for each in found(instead(SAMPLE, bare, *rest))} == set()
    documents = instead(SAMPLE, bare, *rest)
    documents[POLICY] = build.document([policy(type_of_dataset="Non-Clinical/Obscured")])
    assert {each.rule for each in found(documents)} == {
        "1.2.1",
        "2.2.14",
        "2.3.1",
        "2.3.4",
        "2.3.5",
    }


def test_a_clinical_specimen_belongs_to_a_case():
    being, case, specimen, *rest = samples()
    loose = replace(
        specimen,
        children=tuple(each for each in specimen.children if each.tag != "PART_OF_CASE_REF"),
    )
    assert one(instead(SAMPLE, being, case, loose, *rest), "3.1.3").severity == Severity.WARNING


def test_staining_unused_is_no_error():
    other = replace(staining(), attributes=(("alias", "staining-2"),))
    assert found(instead(STAINING, staining(), other)) == []


def test_a_misspelled_tag_is_named_with_the_one_that_was_meant():
    documents = with_attribute(
        submission(), IMAGE, "tma_status", build.string_attribute("TMA-status", "False")
    )
    finding = one(documents, "BP-tag")
    assert (finding.severity, finding.expected) == (Severity.WARNING, "tma_status (6.2.17)")
    assert found(documents) == [finding]  # and it is not said to be missing too


def test_a_unit_in_another_spelling_is_read_as_the_usual():
    documents = with_attribute(
        submission(),
        IMAGE,
        "depth_of_field",
        build.measurement_attribute("depth_of_field", 1.5, "µm"),
    )
    finding = one(documents, "BP-unit")
    assert (finding.severity, finding.expected) == (Severity.REPAIRED, "micrometers")
    assert found(documents) == [finding]


def test_a_value_stated_twice():
    [*stated] = [build.string_attribute("sex", each) for each in ("Female", "Male")]
    documents = in_file(
        submission(),
        SAMPLE,
        lambda each: each.tag == "BIOLOGICAL_BEING",
        lambda each: replace(
            each,
            children=(build.attributes([build.code_attribute("animal_species", HUMAN), *stated]),),
        ),
    )
    finding = one(documents, "2.3.1")
    assert "more than once" in finding.what
