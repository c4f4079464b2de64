"""Documents are changed in one place and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bigpicture.metaflex.build import FileEntry
from bigpicture.metaflex.change import with_accessions, with_files, with_references
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.write import write_document
from bigpicture.model.entity import EntityKind
from bigpicture.model.errors import MetadataError
from bigpicture.model.identifiers import Accession
from invented_submission import submission
from places import shared

BEING = Accession.parse("bb-sample-aaaaaa-aaaaaa")
CASE = Accession.parse("bb-sample-bbbbbb-bbbbbb")


def example(name: str):
    path = shared(f"testdata/metadata/bp_xml/{name}.xml")
    return read_document(path.read_bytes(), name=f"METADATA/{name}.xml")


def test_accessions_go_by_kind_since_kinds_share_aliases():
    """In the standard's example every object has the alias 1."""
    mapping = {(EntityKind.BEING, "1"): BEING, (EntityKind.CASE, "1"): CASE}
    root = with_accessions(example("sample"), mapping).root
    being, case, specimen = list(root.elements)[:3]
    assert being.attributes == (("alias", "1"), ("accession", BEING))
    assert case.get("accession") == CASE
    assert case.child("BIOLOGICAL_BEING_REF").get("accession") == BEING
    assert specimen.get("accession") is None
    assert specimen.child("EXTRACTED_FROM_REF").get("accession") == BEING
    assert specimen.child("PART_OF_CASE_REF").get("accession") == CASE


def test_an_accession_from_outside_is_replaced():
    once = with_accessions(example("sample"), {(EntityKind.BEING, "1"): CASE})
    twice = with_accessions(once, {(EntityKind.BEING, "1"): BEING})
    assert twice == with_accessions(example("sample"), {(EntityKind.BEING, "1"): BEING})


def test_all_but_the_accessions_stays():
    def without(element):
        kept = tuple(pair for pair in element.attributes if pair[0] != "accession")
        return replace(element, attributes=kept, children=tuple(map(without, element.children)))

    document = example("observation")
    mapping = {(EntityKind.OBSERVER, "1"): BEING, (EntityKind.OBSERVATION, "1"): CASE}
    changed = with_accessions(document, mapping)
    assert changed != document
    assert without(changed.root) == document.root


def test_an_images_files_are_replaced_and_no_others():
    document = example("image")
    digests = ("a" * 64, "b" * 64)
    entries = [FileEntry(f"IMAGES/IMAGE_2/level-{n}.dcm", each) for n, each in enumerate(digests)]
    changed = with_files(document, "2", entries)
    first, second = changed.root.elements
    assert first == document.root.elements[0]
    assert [each.get("filename") for each in second.child("FILES").elements] == [
        "IMAGES/IMAGE_2/level-0.dcm",
        "IMAGES/IMAGE_2/level-1.dcm",
    ]
    assert [each.get("unencrypted_checksum") for each in second.child("FILES").elements] == list(
        digests
    )
    assert read_document(write_document(changed), name="x") == changed


def test_an_image_that_is_not_there():
    with pytest.raises(MetadataError, match=r"METADATA/image\.xml"):
        with_files(example("image"), "9", [])


def test_references_are_added_in_the_schemas_order():
    document = submission()["METADATA/dataset.xml"]
    changed = with_references(
        document,
        [
            (EntityKind.OBSERVATION, "o-2"),
            (EntityKind.IMAGE, "i-2"),
            (EntityKind.ANNOTATION, "a-2"),
            (EntityKind.IMAGE, "i-3"),
        ],
    )
    [dataset] = changed.root.elements
    assert [(each.tag, each.get("alias")) for each in dataset.elements if "_REF" in each.tag] == [
        ("IMAGE_REF", "image-1"),
        ("IMAGE_REF", "i-2"),
        ("IMAGE_REF", "i-3"),
        ("ANNOTATION_REF", "annotation-1"),
        ("ANNOTATION_REF", "a-2"),
        ("OBSERVATION_REF", "observation-1"),
        ("OBSERVATION_REF", "o-2"),
    ]
