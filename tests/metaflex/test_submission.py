"""The peers' examples become the entities they describe."""

from __future__ import annotations

import pytest

from bigpicture.metaflex.submission import read_submission
from bigpicture.model.entity import EntityKind
from bigpicture.model.errors import MetadataError
from bigpicture.model.policy import DatasetType
from places import shared

PEER = "reference/metaflex/examples/sd-search-api/2.0"


def study(folder: str):
    place = shared(folder)
    return read_submission(
        {f"METADATA/{path.name}": path.read_bytes() for path in sorted(place.glob("*.xml"))}
    )


def test_the_whole_example():
    read = study("testdata/metadata/bp_xml")
    assert {kind.value: len(each) for kind, each in read.by_kind.items()} == {
        **dict.fromkeys((kind.value for kind in EntityKind), 1),
        "image": 2,  # image.xml holds two objects; every other file one of each class
    }
    assert read.findings == ()
    assert read.policy.dataset_type == DatasetType.CLINICAL_ANONYMIZED
    assert read.resolve(read.slides[0].block) is read.blocks[0]
    assert read.resolve(read.observations[0].on) is read.annotations[0]
    assert read.images[0].files[0].sha256.startswith("8c3a51ad")
    assert str(read.images[1].place) == "METADATA/image.xml:20"


def test_send_codes():
    [first, *_] = study(f"{PEER}/dataset_non_clinical/METADATA").observations
    assert [(each.tag, each.code.code, each.code.meaning) for each in first.codes[:3]] == [
        ("MISTRESC", "C3137", "INFLAMMATION"),
        ("MIRESCAT", "C53529", "NON-NEOPLASTIC"),
        ("MISEV", "C147501", "1 OF 5"),
    ]
    assert first.codes[0].code.scheme == "SEND"
    assert first.codes[0].code.scheme_version == "Version 3.1.1"
    assert first.attributes["CUSTOM_ATTRIBUTES"] == {"MIORRES": "Inflammation, minimal"}
    assert (first.statement, first.status, first.text) == ("Finding", "Summary", None)
    assert first.on.key == (EntityKind.IMAGE, "1")
    assert first.on.accession == "bb-image-z9c4gs-7bqm2t"


def test_beings_specimens_and_stainings():
    read = study(f"{PEER}/dataset_non_clinical/METADATA")
    assert (read.beings[0].sex, read.beings[0].control) == ("Male", "CONTROL")
    assert read.beings[0].species.meaning == "Test1"
    specimen = read.specimens[0]
    assert (specimen.age_start, specimen.age_length) == ("P40Y", "P1Y")
    assert [site.code for site in specimen.sites] == ["2"]
    assert specimen.fixation.code == "3"
    assert read.blocks[0].preparation.code == "5"
    assert [(each.label, each.method) for each in read.stainings] == [
        ("Test6", "chemical"),
        ("pan Cytokeratin", "immunostaining"),
    ]


def test_a_root_without_its_container_is_read():
    path = shared("reference/metaflex/examples/metadata-submitter/single/policy_non_clinical.xml")
    read = read_submission({"METADATA/policy.xml": path.read_bytes()})
    assert not read.policy.dataset_type.is_clinical


def test_one_that_is_missing_or_double_is_an_error_when_asked_for():
    empty = read_submission({})
    for name in ("dataset", "policy", "landing_page", "rems", "organisation"):
        with pytest.raises(MetadataError, match="exactly one"):
            getattr(empty, name)


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (
            b"<STAINING_SET>\n<STAINING alias='s'><ATTRIBUTES/></STAINING></STAINING_SET>",
            2,
            "STAINING holds none",
        ),
        (b"<BEINGS/>", 1, "root element"),
        (b"<IMAGE_SET/>", 1, "empty"),
        (b"<OBSERVER_SET>\n<OBSERVER/></OBSERVER_SET>", 2, "no alias"),
        (
            (
                b"<OBSERVER_SET>\n<OBSERVER alias='o'>\n<OBSERVER_TYPE>Robot</OBSERVER_TYPE>"
                b"<ATTRIBUTES/></OBSERVER></OBSERVER_SET>"
            ),
            3,
            "'Robot'",
        ),
        (
            (
                b"<SAMPLE_SET>\n<CASE alias='c'>\n<BIOLOGICAL_BEING_REF alias='b'/>\n"
                b"<NICKNAME>Bob</NICKNAME>\n<ATTRIBUTES/></CASE></SAMPLE_SET>"
            ),
            4,
            "'NICKNAME' is not part of CASE",
        ),
        (
            (
                b"<SAMPLE_SET>\n<CASE alias='c'>\n<ATTRIBUTES/>\n"
                b"<BIOLOGICAL_BEING_REF alias='b'/></CASE></SAMPLE_SET>"
            ),
            4,
            "BIOLOGICAL_BEING_REF stands too late in CASE",
        ),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]>\n<OBSERVER_SET/>", 1, "document type declaration"),
        (b"<OBSERVER_SET>\n&name;</OBSERVER_SET>", 2, "not well-formed"),
        (b"<SAMPLE_SET>\n" + b"<SET_ATTRIBUTE>" * 200_000, 2, "nested deeper"),
    ],
)
def test_what_departs_from_the_schema_is_named(data, line, words):
    findings = read_submission({"METADATA/x.xml": data}).findings
    assert any(each.place.line == line and words in each.what for each in findings)
