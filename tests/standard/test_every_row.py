"""Every row of MSMdad 2.0.0 passes where it is kept and is named where it is broken.

The rows, their types and whether they may be left out come from the transcription of the standard,
not from our rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from bigpicture.metaflex import build
from bigpicture.metaflex.convert import convert
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.tree import Document, Element
from bigpicture.metaflex.write import write_document
from bigpicture.model.code import Code
from bigpicture.standard.check import check
from editing import Change, edited, in_file, is_tagged
from invented_everything import everything
from invented_submission import FILES
from msmdad import Row, needs_the_standard, rows

pytestmark = needs_the_standard

FILE_OF = {
    "Dataset": "METADATA/dataset.xml",
    "Policy": "METADATA/policy.xml",
    "Biological Being": "METADATA/sample.xml",
    "Case": "METADATA/sample.xml",
    "Specimen": "METADATA/sample.xml",
    "Block": "METADATA/sample.xml",
    "Slide": "METADATA/sample.xml",
    "Staining": "METADATA/staining.xml",
    "Image": "METADATA/image.xml",
    "Annotation": "METADATA/annotation.xml",
    "Observation": "METADATA/observation.xml",
    "Observer": "METADATA/observer.xml",
    "Landing Page": "LANDING_PAGE/landing_page.xml",
    "REMS": "PRIVATE/rems.xml",
    "Organisation": "PRIVATE/organisation.xml",
}
ATTRIBUTE = re.compile(
    r"(?i)string|code|codeattribute|set|measurement|numeric|as policy|code or string"
)


def is_attribute(row: Row) -> bool:
    return (
        ATTRIBUTE.fullmatch(row.type) is not None
        and row.number[0].isdigit()
        and row.number != "2023 draft tou.xsd"
        and row.entity != "Observation"
    ) or row.number == "seen in data/search"


def broken(documents: dict[str, Document]) -> set[str]:
    """The rules that the check names, read as it comes from disk."""
    written = {name: write_document(each) for name, each in documents.items()}
    return {each.rule for each in check(read_submission(written), FILES)}


OWN_TAGS = {"17.1.29.1": "1.0.0", "17.1.30.1": "Origin"}
"""Tags of the contributor's own, as the submission here has them."""
BY_NUMBER = {row.number: row for row in rows()}


def change_of(row: Row, change: Change) -> tuple[Callable[[Element], bool], Change]:
    """Where to change what: the attribute, or inside each set of its parent's row."""
    is_it = is_tagged(OWN_TAGS.get(row.number, row.field.split(" ")[0]))
    parent = BY_NUMBER.get(row.parent)
    if parent is None or row.number == "3.3.1":  # which stands in a list only at times
        return is_it, change
    return is_tagged(parent.field), lambda held: edited(held, is_it, change)


def another_type(attribute: Element) -> Element:
    """The same tag as an attribute of a type that no row has where this one stands."""
    tag = attribute.child("TAG").text
    if attribute.tag != "MEASUREMENT_ATTRIBUTE":
        return build.measurement_attribute(tag, 7, "furlongs")
    return build.string_attribute(tag, "7 furlongs")


def said_nil(attribute: Element) -> Element:
    told, *_ = attribute.children
    return replace(attribute, children=(told, build.nil("VALUE")))


ATTRIBUTES = [row for row in rows() if is_attribute(row)]
"""What a class states; the rest are elements of their own."""

LEFT_OUT = {"9.1.4": "9.1.4", "6.2.11.1.4.2": "", "6.2.11.1.4.3": "", "12.2.1": "", "12.2.6": ""}
"""Where leaving out is another rule's, or no mistake since the other of two is there."""


def contexts(row: Row) -> list[bool]:
    return {"C": [True], "N": [False]}.get(row.context[:1], [True, False])


def test_what_states_everything_breaks_no_rule():
    for is_clinical in (True, False):
        assert broken(everything(is_clinical=is_clinical)) == set()


@pytest.mark.parametrize("row", ATTRIBUTES, ids=lambda row: row.number)
def test_an_attribute_of_another_type_is_named(row):
    for is_clinical in contexts(row):
        where, change = change_of(row, another_type)
        documents = in_file(everything(is_clinical=is_clinical), FILE_OF[row.entity], where, change)
        assert row.number in broken(documents)


@pytest.mark.parametrize(
    "row", [row for row in ATTRIBUTES if row.available == "no"], ids=lambda row: row.number
)
def test_an_attribute_that_must_be_there_is_missed(row):
    for is_clinical in contexts(row):
        if row.number == "9.5.2" and not is_clinical:
            continue
        where, change = change_of(row, lambda _: None)
        documents = in_file(everything(is_clinical=is_clinical), FILE_OF[row.entity], where, change)
        if LEFT_OUT.get(row.number, row.number):
            assert row.number in broken(documents)


@pytest.mark.parametrize(
    "row",
    [row for row in ATTRIBUTES if row.available == "nil clinical; no non-clinical"],
    ids=lambda row: row.number,
)
def test_nil_is_for_clinical_data_only(row):
    for is_clinical in (True, False):
        where, change = change_of(row, said_nil)
        documents = in_file(everything(is_clinical=is_clinical), FILE_OF[row.entity], where, change)
        assert (row.number in broken(documents)) is not is_clinical


@pytest.mark.parametrize(
    "row", [row for row in ATTRIBUTES if row.available == "nil"], ids=lambda row: row.number
)
def test_nil_where_the_standard_allows_it(row):
    where, change = change_of(row, said_nil)
    documents = in_file(everything(is_clinical=True), FILE_OF[row.entity], where, change)
    assert row.number not in broken(documents)


CLOSED = (
    *("9.1.4", "9.1.5", "9.5.4.1", "9.5.5", "9.5.6", "9.5.7"),
    *("2.3.1", "2.3.5", "12.2.3", "12.2.5", "7.2.2", "7.2.3"),
    *("6.2.11.1.4.1", "6.2.11.1.4.3", "6.2.13", "6.2.14", "6.2.15", "6.2.16", "6.2.17"),
    *("6.2.18", "6.2.20", "6.2.22"),
)
"""Rows that are a list of words and nothing else."""


def words_of(row: Row) -> list[str]:
    text = re.sub(r" \((?!IMI2).*?\)|\(before.*\)|^(DICOM )?CID \d+: ", "", row.text)
    if row.text.startswith("True/False"):
        return ["True", "False"]
    text = text.split(". ")[0].replace("; consensus pending", "")
    parts = re.split(r"; |, | or ", text) if row.number.startswith("7.") else text.split(";")
    return [each.strip() for each in parts]


WORDS = [(row, word) for row in rows() if row.number in CLOSED for word in words_of(row)]


def with_word(row: Row, word: str) -> dict[str, Document]:
    where, change = change_of(
        row, lambda each: build.string_attribute(each.child("TAG").text, word)
    )
    is_clinical = not word.startswith("Non-") if row.number == "9.1.4" else row.context != "N"
    documents = everything(is_clinical=is_clinical)
    file = FILE_OF[row.entity]
    root = edited(documents[file].root, where, change)
    return documents | {file: replace(documents[file], root=root)}


@pytest.mark.parametrize(("row", "word"), WORDS, ids=lambda each: getattr(each, "number", each))
def test_each_word_of_the_standard_passes(row, word):
    assert row.number not in broken(with_word(row, word))


@pytest.mark.parametrize("number", CLOSED)
def test_a_word_that_the_standard_does_not_have_is_named(number):
    assert number in broken(with_word(BY_NUMBER[number], "chartreuse"))


# --- elements of their own ------------------------------------------------------------------------


def without(tag: str, within: str = "") -> tuple[Callable[[Element], bool], Change]:
    if not within:
        return (lambda element: element.tag == tag), (lambda _: None)
    return (
        lambda element: element.tag == within,
        lambda element: edited(element, lambda each: each.tag == tag, lambda _: None),
    )


def saying(tag: str, text: str) -> tuple[Callable[[Element], bool], Change]:
    return (lambda element: element.tag == tag), (lambda element: replace(element, text=text))


def no_alias(tag: str) -> tuple[Callable[[Element], bool], Change]:
    return (lambda element: element.tag == tag), (lambda element: replace(element, attributes=()))


def adding(tag: str, *more: Element) -> tuple[Callable[[Element], bool], Change]:
    """Elements in front of what an object holds."""
    return (
        lambda element: element.tag == tag,
        lambda element: replace(element, children=(*more, *element.children)),
    )


def adding_last(tag: str, *more: Element) -> tuple[Callable[[Element], bool], Change]:
    """Elements before the ATTRIBUTES of an object."""
    return (
        lambda element: element.tag == tag,
        lambda element: replace(
            element, children=(*element.children[:-1], *more, element.children[-1])
        ),
    )


def holding(tag: str, *instead: Element) -> tuple[Callable[[Element], bool], Change]:
    return (
        lambda element: element.tag == tag and bool(element.children or element.is_nil),
        lambda element: replace(
            element, children=instead, attributes=(), namespaces=(), is_nil=False
        ),
    )


LOST = build.reference
MANY_PICTURES = [
    build.FileEntry(f"LANDING_PAGE/THUMBNAILS/{number}.jpg", "0" * 64, "jpg") for number in range(6)
]
STRING = build.string_attribute("tag", "text")

ELEMENTS = {
    ("Dataset", "1.1.1"): (no_alias("DATASET"), "MetaFleX"),
    ("Dataset", "1.1.2"): (saying("DESCRIPTION", " "), "1.1.2"),
    ("Dataset", "1.1.3"): (saying("VERSION", "first"), "1.1.3"),
    ("Dataset", "1.1.4"): (
        (
            lambda each: each.tag == "OBSERVATION_REF",
            lambda each: replace(each, tag="COMPLEMENTS_DATASET_REF"),
        ),
        "1.1.4",
    ),
    ("Dataset", "1.1.5"): (saying("METADATA_STANDARD", "1.0.0"), "MetaFleX"),
    ("Dataset", "1.1.6"): (saying("TITLE", " "), "1.1.6"),
    ("Dataset", "1.1.7"): (saying("SHORT_NAME", "L" * 26), "1.1.7"),
    ("Dataset", "1.1.9"): (without("IMAGE_REF"), "constraint 5"),
    ("Dataset", "1.1.10"): (without("OBSERVATION_REF"), "constraint 5"),
    ("Dataset", "1.1.11"): (without("ANNOTATION_REF"), "constraint 5"),
    ("Dataset", "1.1.12"): (without("DATASET_TYPE"), "1.1.12"),
    ("Dataset", "1.1.13"): (saying("DATASET_OWNER_CONTACT_EMAIL", "nobody"), "1.1.13"),
    ("Policy", "9.1.1"): (no_alias("POLICY"), "MetaFleX"),
    ("Policy", "9.1.2"): (without("DATASET_REF"), "MetaFleX"),
    ("Biological Being", "2.1.1"): (no_alias("BIOLOGICAL_BEING"), "MetaFleX"),
    ("Case", "13.1.1"): (no_alias("CASE"), "MetaFleX"),
    ("Case", "13.1.2"): (without("BIOLOGICAL_BEING_REF"), "MetaFleX"),
    ("Specimen", "3.1.1"): (no_alias("SPECIMEN"), "MetaFleX"),
    ("Specimen", "3.1.2"): (without("EXTRACTED_FROM_REF"), "MetaFleX"),
    ("Specimen", "3.1.3"): (without("PART_OF_CASE_REF"), "3.1.3"),
    ("Block", "4.1.1"): (no_alias("BLOCK"), "MetaFleX"),
    ("Block", "4.1.2"): (without("SAMPLED_FROM_REF"), "MetaFleX"),
    ("Slide", "5.1.1"): (no_alias("SLIDE"), "MetaFleX"),
    ("Slide", "5.1.2"): (without("CREATED_FROM_REF"), "MetaFleX"),
    ("Slide", "5.1.3"): (without("STAINING_INFORMATION_REF"), "MetaFleX"),
    ("Staining", "12.1.1"): (no_alias("STAINING"), "MetaFleX"),
    ("Image", "6.1.1"): (no_alias("IMAGE"), "MetaFleX"),
    ("Image", "6.1.2"): (without("IMAGE_OF"), "MetaFleX"),
    ("Image", "IMAGE_TYPE"): (without("WSI_IMAGE"), "MetaFleX"),
    ("Image", "FILES/FILE"): (without("FILES"), "MetaFleX"),
    ("Annotation", "7.1.1"): (no_alias("ANNOTATION"), "MetaFleX"),
    ("Annotation", "7.1.2"): (without("IMAGE_REF"), "MetaFleX"),
    ("Annotation", "FILES/FILE"): (without("FILES"), "MetaFleX"),
    ("Observation", "15.1.1"): (no_alias("OBSERVATION"), "MetaFleX"),
    ("Observation", "15.1.2"): (
        (
            lambda each: each.tag == "OBSERVER_REF",
            lambda each: LOST("OBSERVER_REF", "observer-9"),
        ),
        "BP-reference",
    ),
    ("Observation", "15.1.3"): (without("CASE_REF"), "MetaFleX"),
    ("Observation", "15.3.1"): (without("STATEMENT"), "MetaFleX"),
    ("Observation", "15.3.1.1"): (saying("STATEMENT_TYPE", "Opinion"), "MetaFleX"),
    ("Observation", "15.3.1.2"): (saying("STATEMENT_STATUS", "Perhaps"), "MetaFleX"),
    ("Observation", "15.3.1.3"): (holding("CODE_ATTRIBUTES", STRING), "MetaFleX"),
    ("Observation", "15.3.1.4"): (
        holding("CUSTOM_ATTRIBUTES", build.text("MIORRES", "fat")),
        "MetaFleX",
    ),
    ("Observation", "15.3.1.5"): (without("FREETEXT"), "MetaFleX"),
    ("Observation", "STATEMENT/ATTRIBUTES"): (without("ATTRIBUTES", "STATEMENT"), "MetaFleX"),
    ("Observer", "14.1.1"): (no_alias("OBSERVER"), "MetaFleX"),
    ("Observer", "OBSERVER_TYPE"): (saying("OBSERVER_TYPE", "Oracle"), "MetaFleX"),
    ("Landing Page", "17.1.1"): (no_alias("LANDING_PAGE"), "MetaFleX"),
    ("Landing Page", "17.1.2"): (without("DATASET_REF"), "MetaFleX"),
    ("Landing Page", "17.1.9"): (
        (
            lambda each: each.tag == "SAMPLE_IMAGE_FILES",
            lambda _: build.files(MANY_PICTURES, tag="SAMPLE_IMAGE_FILES"),
        ),
        "MetaFleX",
    ),
    ("Landing Page", "17.1.36"): (
        (
            lambda each: each.tag == "SAMPLE_IMAGE_FILES",
            lambda _: build.text("REMS_ACCESS_LINK", "ask us"),
        ),
        "17.1.36",
    ),
    ("REMS", "10.1.1"): (no_alias("REMS"), "MetaFleX"),
    ("REMS", "10.1.2"): (saying("WORKFLOW_ID", "seven"), "10.1.2"),
    ("REMS", "10.1.3"): (saying("ORGANISATION_ID", " "), "10.1.3"),
    ("REMS", "10.1.4"): (without("DATASET_REF"), "MetaFleX"),
    ("Organisation", "16.1.1"): (no_alias("ORGANISATION"), "MetaFleX"),
    ("Organisation", "16.1.2"): (saying("NAME", " "), "16.1.2"),
    ("Organisation", "16.1.3"): (saying("PIC_CODE", "12345"), "16.1.3"),
    ("Organisation", "16.1.4"): (saying("DATAMANAGER_PERUN_GROUP", " "), "16.1.4"),
    ("Organisation", "16.1.5"): (without("DATASET_REF"), "MetaFleX"),
}
ALSO = {("Landing Page", "17.1.9.1"): ("Landing Page", "17.1.9")}
NOT_OF_2_0 = {
    ("Policy", "access_approval_process"): "a tag of a draft of 2023",
}
IN_3_0 = {
    ("Dataset", "BIGPICTURE_NODE"): (without("BIGPICTURE_NODE"), "BIGPICTURE_NODE"),
    ("Dataset", "LANDING_PAGE_REF"): (
        adding_last("DATASET", LOST("LANDING_PAGE_REF", "p"), LOST("LANDING_PAGE_REF", "q")),
        "LANDING_PAGE_REF",
    ),
    ("Dataset", "1.1.5"): (saying("METADATA_STANDARD", "3.1.0"), "METADATA_STANDARD"),
    ("Image", "6.1.2"): (adding("IMAGE", LOST("IMAGE_OF", "slide-2")), "IMAGE_OF"),
    ("Image", "FILES/FILE"): (
        (
            lambda each: each.tag == "FILE",
            lambda each: replace(each, attributes=each.attributes[:-2] + each.attributes[-1:]),
        ),
        "unencrypted_checksum",
    ),
    ("Observation", "15.1.3"): (
        (
            lambda each: each.tag == "OBSERVATION",
            lambda each: replace(
                each, children=(LOST("ANNOTATION_REF", "annotation-1"), *each.children[1:])
            ),
        ),
        "ANNOTATION_REF",
    ),
}
OF_ITS_OWN = {("DataCite", "5.4.17"): "its rows are DataCite's: tests/metaflex/test_datacite.py"}


def key_of(row: Row) -> tuple[str, str]:
    is_numbered = re.fullmatch(r"[\d.]+|seen in data/search", row.number) is not None
    return row.entity, row.number if is_numbered else row.field


@pytest.mark.parametrize("key", ELEMENTS, ids=" ".join)
def test_an_element_that_breaks_its_row_is_named(key):
    (where, change), rule = ELEMENTS[key]
    documents = in_file(everything(is_clinical=True), FILE_OF[key[0]], where, change)
    assert rule in broken(documents)


@pytest.mark.parametrize("key", IN_3_0, ids=" ".join)
def test_what_3_0_asks_for_is_named_where_it_is_broken(key):
    (where, change), word = IN_3_0[key]
    sound = in_version_3()
    assert not [each for each in check(read_submission(sound)) if each.is_error]
    findings = check(read_submission(in_file(sound, FILE_OF[key[0]], where, change)))
    assert any(each.is_error and word in each.what + each.remedy for each in findings)


def in_version_3() -> dict[str, Document]:
    documents = everything(is_clinical=True)
    data = {name: write_document(each) for name, each in documents.items()}
    made = convert(data, node="Liver node").documents
    return {name: read_document(each, name=name) for name, each in made.items()}


def test_no_row_is_left_out():
    here = {key_of(row) for row in ATTRIBUTES} | set(ELEMENTS) | set(ALSO) | set(IN_3_0)
    assert {key_of(row) for row in rows()} == here | set(NOT_OF_2_0) | set(OF_ITS_OWN)


# --- codes ----------------------------------------------------------------------------------------

CODED = [row for row in ATTRIBUTES if "code" in row.type.lower() and row.entity != "Landing Page"]


@pytest.mark.parametrize("row", CODED, ids=lambda row: row.number)
def test_a_code_of_another_scheme_is_named(row):
    other = Code("1", "Invented scheme", "Nothing")
    where, change = change_of(
        row, lambda attribute: build.code_attribute(attribute.child("TAG").text, other)
    )
    documents = in_file(
        everything(is_clinical=row.context != "N"), FILE_OF[row.entity], where, change
    )
    assert row.number in broken(documents)


MEDIA = [
    found
    for row in rows()
    if row.number == "4.2.1"
    for found in re.findall(r"(\d{8,9}) ([A-Z][\w ]+)", row.text)
]


@pytest.mark.parametrize("medium", MEDIA, ids=" ".join)
def test_each_embedding_medium_of_the_standard_passes(medium):
    number, meaning = medium
    code = Code(number, "SNOMED CT", meaning.strip())
    where, change = change_of(
        BY_NUMBER["4.2.1"], lambda _: build.code_attribute("block_preparation", code)
    )
    documents = everything(is_clinical=True)
    file = FILE_OF["Block"]
    root = edited(documents[file].root, where, change)
    assert "4.2.1" not in broken(documents | {file: replace(documents[file], root=root)})


@pytest.mark.parametrize(
    ("number", "tag", "wrong"),
    [
        ("3.3.1", "anatomical_site", Code("10200005", "SNOMED CT", "Liver structure")),
        ("4.2.1", "block_preparation", Code("10200004", "SNOMED CT", "Liver structure")),
        ("4.2.1", "block_preparation", Code("311731000", "SNOMED CT", "Agar")),
        ("3.2.1", "extraction_method", Code("10200004", "SNOMED CT", "Biopsy")),
        ("12.2.2", "staining_target", Code("7107", "HGNC", "MKI67")),
    ],
    ids=["a wrong digit", "not in a closed list", "another's meaning", "another's code", "form"],
)
def test_a_wrong_code_is_named(number, tag, wrong):
    row = next(row for row in ATTRIBUTES if row.number == number)
    where, change = change_of(row, lambda _: build.code_attribute(tag, wrong))
    documents = in_file(everything(is_clinical=True), FILE_OF[row.entity], where, change)
    assert number in broken(documents)
