"""Every example submission that others published is judged exactly as the standard has it."""

from __future__ import annotations

from collections import Counter

import pytest

from bigpicture.metaflex.compose import documents_of
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.version import OLDEST, schema_for
from bigpicture.standard.check import check
from examples import EXAMPLES
from placeless import placeless
from xsds import problems


@pytest.fixture(params=EXAMPLES, ids=lambda each: each.name)
def example(request):
    return request.param


def test_the_findings_are_those_of_the_standard(example):
    found = check(read_submission(example.documents))
    assert Counter((each.rule, each.severity) for each in found) == example.findings


def test_the_xsds_of_its_version_allow_it(example):
    """So that whatever we call an error in its structure is named beside them."""
    documents = {n: each for n, each in example.documents.items() if "datacite" not in n}
    assert problems(example.line, documents) == []


def test_its_version_is_known(example):
    documents = [read_document(each, name=n) for n, each in example.documents.items()]
    told = {schema.line for each in documents if (schema := schema_for(each))}
    assert told <= {example.line}
    assert told or example.line == OLDEST.line


def test_it_survives_writing_and_reading(example):
    study = read_submission(example.documents)
    documents = documents_of(study, version=f"{example.line}.0")
    assert problems(example.line, documents) == []
    assert placeless(read_submission(documents)) == placeless(study)


def test_no_example_is_left_out():
    from places import SHARED, shared

    folders = ("reference/metaflex/examples", "testdata/metadata/bp_xml")
    there = {path for folder in folders for path in shared(folder).rglob("*.xml")}
    used = {
        path
        for each in EXAMPLES
        for source in each.sources
        for path in (
            (SHARED / source).glob("*.xml") if (SHARED / source).is_dir() else [SHARED / source]
        )
    }
    assert there == used
