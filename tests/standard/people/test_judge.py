"""What is found about people in a submission: where it counts, where it is at home, and masked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bigpicture.metaflex import build
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.write import write_document
from bigpicture.model.code import Code
from bigpicture.model.entity import EntityKind
from bigpicture.model.finding import Severity
from bigpicture.standard.check import check
from invented_everything import everything
from invented_submission import FILES, dataset, image, instead, observation, policy, submission

OBSERVATION, POLICY = "METADATA/observation.xml", "METADATA/policy.xml"
DATASET, IMAGE = "METADATA/dataset.xml", "METADATA/image.xml"
PAGE, ORGANISATION = "LANDING_PAGE/landing_page.xml", "PRIVATE/organisation.xml"
NAMES = {"BP-name", "BP-birth-date", "BP-age", "BP-national-number", "BP-contact"}


def found(documents):
    written = {
        name: each if isinstance(each, bytes) else write_document(each)
        for name, each in documents.items()
    }
    return [each for each in check(read_submission(written), FILES) if each.rule in NAMES]


def stating(text: str, *, tag: str = "remark"):
    """The submission with a free text on its observation and an attribute of the site's own."""
    whole = observation()
    statement = build.statement(
        "Diagnosis", "Summary", custom=[build.string_attribute(tag, text)], freetext=None
    )
    children = [statement if each.tag == "STATEMENT" else each for each in whole.elements]
    return instead(OBSERVATION, replace(whole, children=tuple(children)))


def with_freetext(text: str):
    whole = observation()
    statement = build.statement("Diagnosis", "Summary", freetext=text)
    children = [statement if each.tag == "STATEMENT" else each for each in whole.elements]
    return instead(OBSERVATION, replace(whole, children=tuple(children)))


def one(documents):
    [finding] = found(documents)
    return finding


@pytest.mark.parametrize("is_clinical", [True, False])
def test_of_a_whole_invented_submission_nobody_is_seen(is_clinical):
    assert found(everything(is_clinical=is_clinical)) == []


def test_a_name_of_a_record_is_an_error():
    finding = one(with_freetext("Biopsie von Erika Quellenbrück."))
    assert (finding.rule, finding.severity) == ("BP-name", Severity.ERROR)
    assert finding.entity == "observation observation-1"
    assert finding.place.file == OBSERVATION
    assert finding.place.line
    assert "*** *** (18 characters)" in finding.what
    assert "Quellenbrück" not in str(finding.as_json())
    assert finding.expected
    assert finding.remedy


def test_what_could_be_a_name_is_a_warning_that_says_how_to_go_on():
    finding = one(with_freetext("Rose Sofia Quellenbrück"))
    assert finding.severity is Severity.WARNING
    assert "if it is none, leave it" in finding.remedy


def test_makers_may_name_themselves_but_not_a_patient():
    def described(text: str):
        parts = [
            build.text("DESCRIPTION", text) if each.tag == "DESCRIPTION" else each
            for each in dataset().elements
        ]
        return instead(DATASET, replace(dataset(), children=tuple(parts)))

    assert one(described("Collected by Erika Quellenbrück.")).severity is Severity.WARNING
    assert one(described("Patient: Erika Quellenbrück")).severity is Severity.ERROR


def test_authors_are_at_home_where_a_work_is_cited():
    citation = build.string_attribute("required_citation", "Erika Quellenbrück (2026).")
    assert found(instead(POLICY, policy(citation))) == []


def test_an_institute_may_bear_a_name():
    name = "Annegret Quellenbrück Center for Pathology"
    documents = submission()
    text = write_document(documents[ORGANISATION]).decode().replace("University of Nowhere", name)
    assert found(documents | {ORGANISATION: text.encode()}) == []


def test_a_date_of_birth_is_an_error_anywhere():
    finding = one(with_freetext("geb. 12.03.1957"))
    assert (finding.rule, finding.severity) == ("BP-birth-date", Severity.ERROR)
    cited = build.string_attribute("required_citation", "born on 12 March 1957")
    assert one(instead(POLICY, policy(cited))).severity is Severity.ERROR


def test_a_tag_of_the_sites_own_says_what_its_value_is():
    assert one(stating("12.03.1957", tag="date_of_birth")).rule == "BP-birth-date"
    assert one(stating("Quellenbrück", tag="patient_name")).rule == "BP-name"
    assert found(stating("12.03.1957", tag="dispatched")) == []


def test_a_national_number_is_an_error_where_a_word_says_so():
    finding = one(with_freetext("NHS number 9434765919"))
    assert (finding.rule, finding.severity) == ("BP-national-number", Severity.ERROR)
    assert found(with_freetext("block 9434765919")) == []
    assert one(with_freetext("case 85073003328")).severity is Severity.WARNING


def test_a_number_attribute_may_hold_one_too():
    whole = observation()
    statement = build.statement(
        "Diagnosis", "Summary", custom=[build.numeric_attribute("bsn", 111222333)]
    )
    children = [statement if each.tag == "STATEMENT" else each for each in whole.elements]
    documents = instead(OBSERVATION, replace(whole, children=tuple(children)))
    assert one(documents).rule == "BP-national-number"


def test_a_persons_address_is_told():
    assert one(with_freetext("erika.quellenbrueck@example.org")).rule == "BP-contact"
    assert found(with_freetext("info@example.org")) == []
    parts = [
        build.text("DATASET_OWNER_CONTACT_EMAIL", "erika.quellenbrueck@example.org")
        if each.tag == "DATASET_OWNER_CONTACT_EMAIL"
        else each
        for each in dataset().elements
    ]
    finding = one(instead(DATASET, replace(dataset(), children=tuple(parts))))
    assert (finding.rule, finding.severity) == ("BP-contact", Severity.WARNING)


@pytest.mark.parametrize(
    ("start", "length", "is_told"),
    [("P94Y", "P1Y", True), ("P94Y", "PT0S", True), ("P90Y", "P10Y", False), ("P89Y", "P1Y", False),
     ("P90Y", "P30Y", False), ("P102Y", "P5Y", True)],
)  # fmt: skip
def test_a_great_age_to_the_year_is_told(start, length, is_told):
    documents = submission()
    text = write_document(documents["METADATA/sample.xml"]).decode()
    text = text.replace("P50Y", start).replace("P10Y", length)
    told = found(documents | {"METADATA/sample.xml": text.encode()})
    assert [each.rule for each in told] == ["BP-age"] * is_told


def test_aliases_file_names_meanings_tags_and_comments_are_read():
    path = "IMAGES/IMAGE_image-1/quellenbrueck_erika.dcm"
    named = write_document(build.document([image()])).decode()
    named = named.replace("IMAGES/IMAGE_image-1/level-0.dcm", path)
    assert one(submission() | {IMAGE: named.encode()}).rule == "BP-name"

    observed = write_document(submission()[OBSERVATION]).decode()
    alias = observed.replace('alias="observation-1"', 'alias="Quellenbrück, Erika"')
    seen = found(submission() | {OBSERVATION: alias.encode()})
    assert {each.rule for each in seen} == {"BP-name"}
    assert all("Erika" not in str(each.as_json()) for each in seen)

    comment = observed.replace("<STATEMENT>", "<!-- Patient: Erika Quellenbrück --><STATEMENT>")
    finding = one(submission() | {OBSERVATION: comment.encode()})
    assert (finding.rule, finding.what[:9]) == ("BP-name", "a comment")
    assert finding.place.line > 1

    meaning = Code("442685003", "SNOMED CT", "Befund von Erika Quellenbrück")
    whole = observation()
    statement = build.statement(
        "Diagnosis", "Summary", codes=[build.code_attribute("diagnosis", meaning)]
    )
    children = [statement if each.tag == "STATEMENT" else each for each in whole.elements]
    assert one(instead(OBSERVATION, replace(whole, children=tuple(children)))).rule == "BP-name"
    assert one(stating("x", tag="Erika Quellenbrück")).what.startswith("a tag")


def test_an_observer_is_a_pseudonym():
    observer = build.entity(
        EntityKind.OBSERVER, "Dr. Quellenbrück", [build.text("OBSERVER_TYPE", "Human")]
    )
    seen = found(instead("METADATA/observer.xml", observer))
    assert [(each.rule, each.severity) for each in seen] == [("BP-name", Severity.ERROR)]
