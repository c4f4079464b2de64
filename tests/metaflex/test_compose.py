"""What is composed from the nouns is read back as the same nouns."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigpicture.metaflex.compose import documents_of
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.state import DEEPEST_SET
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.tree import Element
from bigpicture.model.attribute import Attribute, AttributeType
from bigpicture.model.entity import EntityKind, Reference
from bigpicture.model.errors import MetadataError
from bigpicture.model.finding import Severity
from bigpicture.model.place import Place
from examples import EXAMPLES
from invented_everything import everything
from invented_submission import submission
from placeless import placeless
from studies import study
from xsds import problems


@pytest.mark.parametrize(
    "documents",
    [submission(), everything(is_clinical=True), everything(is_clinical=False)],
    ids=["small", "clinical", "non-clinical"],
)
def test_the_invented_submissions_come_back(documents):
    study = read_submission(documents)
    again = read_submission(documents_of(study))
    assert again.findings == ()
    assert placeless(again) == placeless(study)


@pytest.mark.parametrize("line", ["2.0", "3.0"])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_study_survives_writing_and_reading(line, data):
    whole = data.draw(study(version=line))
    documents = documents_of(whole, version=f"{line}.0")
    assert problems(line, documents) == []
    again = read_submission(documents)
    assert {each.severity for each in again.findings} <= {Severity.WARNING}  # accession alone
    assert placeless(again) == placeless(whole)


def normal(element: Element):
    """What an element says: without comments, layout, and an empty list told from a nil one."""
    is_empty = not element.text.strip() and not any(element.elements)
    said_nil = element.is_nil and element.tag not in SAME_EMPTY
    return (
        element.tag,
        element.text.strip(),
        {name: value for name, value in element.attributes if name != "xsi:nil"},
        "nil" if said_nil else "empty" if is_empty else [normal(each) for each in element.elements],
    )


SAME_EMPTY = {"ATTRIBUTES", "CODE_ATTRIBUTES", "CUSTOM_ATTRIBUTES", "SCHEME_VERSION"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.name)
def test_every_document_of_the_peers_comes_back_equivalent(example):
    documents = {name: data for name, data in example.documents.items() if "datacite" not in name}
    if example.line == "3.0":  # its second image has an accession that is none, and loses it
        documents = {n: d.replace(b"9jb4lz", b"9jb4xz") for n, d in documents.items()}
    composed = documents_of(read_submission(documents), version=f"{example.line}.0")
    assert set(composed) == set(documents)
    for name, data in documents.items():
        given_, back = (read_document(each, name=name).root for each in (data, composed[name]))
        if given_.tag == "POLICY":  # a root without its container gets one
            [back] = back.elements
        assert normal(back) == normal(given_)


def test_a_release_of_the_version_stays_and_another_is_replaced():
    study_ = read_submission(submission())
    header = replace(study_.dataset, metadata_standard="2.0.7", node="Other")
    of_2 = replace(study_, datasets=(replace(header, node=""),))
    assert b">2.0.7<" in documents_of(of_2)["METADATA/dataset.xml"]
    of_3 = replace(study_, datasets=(header,))
    assert b">3.0.0<" in documents_of(of_3, version="3.0.0")["METADATA/dataset.xml"]


def of(**changes):
    """A study whose one dataset, image, observation ... is changed."""
    study_ = read_submission(submission())
    tuples = {
        name: tuple(replace(each, **change) for each in getattr(study_, name))
        for name, change in changes.items()
    }
    return replace(study_, **tuples)


def deep(levels: int) -> Attribute:
    inner = Attribute("inmost", AttributeType.STRING, "here")
    for _ in range(levels):
        inner = Attribute("set", AttributeType.SET, (inner,))
    return inner


ON_ANNOTATION = Reference(EntityKind.ANNOTATION, "a", None, Place("", 0))
TWO = tuple(Reference(EntityKind.SLIDE, each, None, Place("", 0)) for each in "ab")
NAN = Attribute("size", AttributeType.NUMERIC, Decimal("NaN"))
LIES = Attribute("size", AttributeType.NUMERIC, "seven")


@pytest.mark.parametrize(
    ("study_", "version", "words"),
    [
        (of(datasets={"node": "Other"}), "2.0.0", "dataset .* BIGPICTURE_NODE"),
        (of(observations={"on": ON_ANNOTATION}), "3.0.0", "observation-1 .* ANNOTATION_REF"),
        (of(images={"slides": TWO}), "3.0.0", "image-1 has 2 times IMAGE_OF.* 3.0 can hold 1"),
        (of(images={"stated": (NAN,)}), "2.0.0", "'size' of image image-1 is no numeric"),
        (of(images={"stated": (LIES,)}), "2.0.0", "'size' of image image-1 is no numeric"),
        (of(observations={"coded": (LIES,)}), "2.0.0", "CODE_ATTRIBUTES holds codes only"),
        (of(images={"stated": (deep(DEEPEST_SET + 1),)}), "2.0.0", f"more than {DEEPEST_SET} sets"),
        (of(datasets={"title": "a\x00b"}), "2.0.0", "XML cannot carry"),
        (of(), "4.0.0", "none of the versions"),
        (of(beings={"stated": ()}), "2.0.0", "sex of being .* Add an attribute sex"),
        (of(specimens={"stated": ()}), "2.0.0", "sites of specimen specimen-1"),
        (of(blocks={"stated": ()}), "2.0.0", "preparation of block block-1"),
        (of(terms={"stated": ()}), "2.0.0", "policy of policy policy-1"),
    ],
)
def test_what_cannot_be_held_is_refused_with_its_name(study_, version, words):
    with pytest.raises(MetadataError, match=words):
        documents_of(study_, version=version)


@pytest.mark.parametrize("place", ["stated", "custom", "remarks"])
def test_the_deepest_sets_are_read_again(place):
    whole = of(observations={place: (deep(DEEPEST_SET),)})
    assert placeless(read_submission(documents_of(whole))) == placeless(whole)


def test_nil_is_not_empty():
    tags = [
        Attribute("a", AttributeType.SET, None),
        Attribute("b", AttributeType.SET, ()),
        Attribute("c", AttributeType.STRING, None),
        Attribute("d", AttributeType.STRING, ""),
        Attribute("e", AttributeType.MEASUREMENT, None, units="mm"),
    ]
    whole = of(images={"stated": tuple(tags)}, observations={"text": ""})
    again = read_submission(documents_of(whole))
    assert again.findings == ()
    assert again.images[0].stated == tuple(tags)
    assert again.observations[0].text == ""
