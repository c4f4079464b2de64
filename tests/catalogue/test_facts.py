import pytest
from sqlalchemy import insert

from bigpicture.catalogue.facts import read_facts
from bigpicture.model.errors import UnknownError
from bigpicture.model.inheritance import Qualifier
from bigpicture.storage.records import tables as t
from published import ADENOMA, FIBROSIS, OPEN, image_name


def state(stores, name, on, status, *codes, kind="Diagnosis"):
    with stores.records.write() as connection:
        connection.execute(
            insert(t.observations).values(
                accession=f"bb-observation-{name}",
                dataset=OPEN,
                alias=f"more {name}",
                attributes={},
                kind=kind,
                status=status,
                on_kind="whatever",
                on=on,
                codes=[{"tag": "diagnosis", **code} for code in codes],
                observers=[],
            )
        )


@pytest.fixture
def read(stores, frames):
    def diagnoses(number=0):
        with stores.records.read() as connection:
            facts = read_facts(connection, OPEN)
        found = facts.image(image_name(OPEN, number)).diagnoses
        return {each.meaning: each.qualifier for each in found}

    return diagnoses


@pytest.mark.parametrize("name", ["aaaaaa", "zzzzzz"])  # read before and after the Distinct one
def test_what_one_observation_confirms_no_other_makes_a_candidate(stores, read, name):
    state(stores, name, "bb-sample-openzz-being0", "Summary", ADENOMA)
    assert read(0)["Adenoma"] is Qualifier.CONFIRMED
    assert read(1)["Adenoma"] is Qualifier.CANDIDATE


def test_a_block_summary_of_two_slides_stays_within_its_block(stores, read):
    state(stores, "block0", "bb-sample-openzz-block0", "Summary", ADENOMA)
    assert read(1)["Adenoma"] is Qualifier.CANDIDATE
    assert "Adenoma" not in read(2)  # block 1


def test_what_is_observed_on_an_annotation_is_observed_of_its_image(stores, read):
    with stores.records.write() as connection:
        connection.execute(
            insert(t.annotations).values(
                accession="bb-annotation-aaaaaa",
                dataset=OPEN,
                alias="drawn",
                attributes={},
                image=image_name(OPEN, 2),
                objects=[],
            )
        )
    state(stores, "drawn", "bb-annotation-aaaaaa", "Summary", ADENOMA)
    assert read(2)["Adenoma"] is Qualifier.CONFIRMED


def test_descriptions_are_no_diagnoses(stores, read):
    code = FIBROSIS | {"code": "1", "meaning": "Pale"}
    place = image_name(OPEN, 0)
    state(stores, "descr", place, "Distinct", code, kind="Microscopic Description")
    assert "Pale" not in read(0)


def test_an_image_of_another_dataset_is_unknown_here(stores, frames):
    with stores.records.read() as connection:
        facts = read_facts(connection, OPEN)
    with pytest.raises(UnknownError):
        facts.image("bb-image-cntrzz-aaaaaa")
