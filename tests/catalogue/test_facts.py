import pytest
from sqlalchemy import insert

from bigpicture.catalogue.catalogue import Catalogue
from bigpicture.catalogue.index.lineage import NothingAbove
from bigpicture.model.inheritance import Qualifier
from bigpicture.model.query import Asked
from bigpicture.model.scope import Scope
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
    """The diagnoses of an image: as the index holds them, and as its own page reads them."""

    def diagnoses(number=0):
        catalogue = Catalogue(stores.records, None, NothingAbove())
        name = image_name(OPEN, number)
        listed = catalogue.find(Asked(), Scope(opened=frozenset({OPEN}))).items
        (one,) = (each for each in listed if each.accession == name)
        shown = catalogue.image(name)
        assert one.diagnoses == shown.diagnoses
        assert (one.organs, one.species, one.stains) == (shown.organs, shown.species, shown.stains)
        return {each.meaning: each.qualifier for each in one.diagnoses}

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
