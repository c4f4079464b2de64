"""A folder is of one version; which one is told by the dataset, else by what only one can hold."""

from __future__ import annotations

import pytest

from bigpicture.metaflex.convert import convert
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.structure import check_structure
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.version import schema_for
from bigpicture.metaflex.write import write_document
from invented_submission import submission
from places import shared

PEER = "reference/metaflex/examples/sd-search-api/3.0/dataset_clinical/METADATA"
DATASET, OBSERVATION = "METADATA/dataset.xml", "METADATA/observation.xml"
IMAGE = "METADATA/image.xml"
DIGEST = b'unencrypted_checksum="' + b"0" * 64 + b'"'


def of_2() -> dict[str, bytes]:
    return {name: write_document(each) for name, each in submission().items()}


def of_3() -> dict[str, bytes]:
    return convert(of_2(), node="Liver node").documents


def line(data: bytes) -> str | None:
    schema = schema_for(read_document(data, name="x.xml"))
    return schema.line if schema else None


def test_the_dataset_says_it():
    assert [line(each[DATASET]) for each in (of_2(), of_3())] == ["2.0", "3.0"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<OBSERVATION alias='o'><ANNOTATION_REF alias='a'/></OBSERVATION>", "2.0"),
        (b"<IMAGE alias='i'><IMAGE_OF alias='a'/><IMAGE_OF alias='b'/></IMAGE>", "2.0"),
        (b"<IMAGE alias='i'><FILES><FILE checksum='0'/></FILES></IMAGE>", "2.0"),
        (b"<IMAGE alias='i'><FILES><FILE unencrypted_checksum='0'/></FILES></IMAGE>", "3.0"),
        (b"<DATASET alias='d'><BIGPICTURE_NODE>Other</BIGPICTURE_NODE></DATASET>", "3.0"),
        (b"<DATASET alias='d'><LANDING_PAGE_REF alias='p'/></DATASET>", "3.0"),
        (b"<CASE alias='c'/>", None),
        (b"<IMAGE alias='i'><STRANGE/></IMAGE>", None),
        (b"<STRANGE/>", None),
    ],
)
def test_else_what_only_one_can_hold(data, told):
    assert line(data) == told


def test_the_peers_image_of_3_0_is_known_by_its_second_file():
    data = shared(f"{PEER}/image.xml").read_bytes()
    assert line(data) == "3.0"
    [finding] = check_structure(read_document(data, name=IMAGE))
    assert "accession" in finding.what  # and not that it lacks the digest that 2.0 asks for


def errors(documents):
    return [each for each in read_submission(documents).findings if each.is_error]


def test_both_are_read_whatever_the_order_of_the_documents():
    for documents in (of_2(), of_3()):
        assert errors(documents) == []
        assert errors(dict(reversed(documents.items()))) == []


@pytest.mark.parametrize("name", [IMAGE, OBSERVATION])
def test_a_document_of_2_0_among_3_0_is_named(name):
    old = of_2() | {
        OBSERVATION: of_2()[OBSERVATION].replace(b"<CASE_REF", b"<ANNOTATION_REF"),
        IMAGE: of_2()[IMAGE].replace(b"unencrypted_checksum=", b"xml:id=", 1),
    }
    found = errors(of_3() | {name: old[name]})
    assert found
    assert {each.place.file for each in found} == {name}
    assert all(each.entity for each in found)
    if name == OBSERVATION:
        assert any("It is of MetaFleX 2.0, and this folder is of 3.0" in f.remedy for f in found)


def test_a_dataset_of_3_0_among_2_0_is_named_by_the_others():
    """The dataset decides: what else is of 2.0 is named where 3.0 cannot hold it."""
    mixed = of_2() | {DATASET: of_3()[DATASET]}
    mixed[OBSERVATION] = mixed[OBSERVATION].replace(b"<CASE_REF", b"<ANNOTATION_REF")
    assert {each.place.file for each in errors(mixed)} == {OBSERVATION}


@pytest.mark.parametrize("version", ["1.0.0", "2.1.0", "4.0.0", "2.0", "2.0.x", "", "２.0.0"])
def test_another_version_is_named(version):
    documents = of_2()
    documents[DATASET] = documents[DATASET].replace(b">2.0.0<", f">{version}<".encode())
    [finding] = errors(documents)
    assert finding.place.file == DATASET
    assert "METADATA_STANDARD" in finding.what
    assert "2.0 and 3.0" in finding.remedy


def test_two_datasets_of_different_versions_are_named():
    documents = of_2()
    other = of_3()[DATASET].partition(b"<DATASET ")[2].rpartition(b"</DATASET_SET>")[0]
    documents[DATASET] = documents[DATASET].replace(
        b"</DATASET_SET>", b"<DATASET " + other + b"</DATASET_SET>"
    )
    whats = [each.what for each in errors(documents)]
    assert any("3.0.0" in each for each in whats)
    assert any("BIGPICTURE_NODE" in each for each in whats)
