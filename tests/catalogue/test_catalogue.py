import pytest
from sqlalchemy import delete, event, insert, update

from bigpicture.catalogue.catalogue import Catalogue
from bigpicture.catalogue.describe import describe
from bigpicture.catalogue.index.lineage import NothingAbove
from bigpicture.model.errors import UnknownError
from bigpicture.model.inheritance import Qualifier
from bigpicture.model.query import Asked, Facet, Query
from bigpicture.model.scope import Scope
from bigpicture.storage.records import tables as t
from published import CONTROLLED, OPEN, UNKNOWN, dataset_row, image_name

ALL = Query()
BOTH = Scope(opened=frozenset({OPEN, CONTROLLED}))


@pytest.fixture
def catalogue(stores, frames):
    return Catalogue(stores.records, None, NothingAbove())


def images(catalogue, scope=BOTH):
    return catalogue.find(Asked(), scope)


def test_datasets_come_newest_first_with_counts_of_datasets(catalogue):
    page = catalogue.search(ALL, Scope())
    assert [each.accession for each in page.items] == [CONTROLLED, OPEN]
    stains = {each.term.label: each.count for each in page.facets[Facet.STAIN]}
    assert stains == {"H&E": 2, "Ki-67": 2}
    assert page.items[1].counts == {
        "images": 3,
        "beings": 1,
        "cases": 1,
        "observations": 2,
        "annotations": 0,
    }


def test_datasets_are_found_by_filter_and_by_word(catalogue):
    def found(**given):
        page = catalogue.search(Query(**given), Scope())
        return [each.accession for each in page.items]

    assert found(filters={Facet.ORGAN: ("SNOMED CT:39607008",)}) == [CONTROLLED]
    assert found(filters={Facet.TIER: ("open",), Facet.TYPE: ("clinical",)}) == [OPEN]
    assert found(filters={Facet.TYPE: ("non-clinical",)}) == []
    assert found(text="OPEN set") == [OPEN]


def test_images_carry_organ_stain_and_qualified_diagnoses(catalogue):
    page = images(catalogue, Scope(opened=frozenset({OPEN})))
    first, second, _ = page.items
    assert [term.label for term in first.organs] == ["Liver"]
    assert [term.label for each in page.items for term in each.stains] == ["H&E", "Ki-67", "H&E"]
    assert {each.meaning: each.qualifier for each in first.diagnoses} == {
        "Adenoma": Qualifier.CONFIRMED,  # Distinct, on this image
        "Fibrosis": Qualifier.CANDIDATE,  # Summary of a being with three images
    }
    assert [each.meaning for each in second.diagnoses] == ["Fibrosis"]
    diagnoses = {each.term.label: each.count for each in page.facets["diagnosis"]}
    assert diagnoses == {"Fibrosis": 3, "Adenoma": 1}


def test_nothing_outside_the_scope_shows(catalogue):
    narrow = Scope(opened=frozenset({OPEN}))
    page = images(catalogue, narrow)
    assert {each.dataset for each in page.items} == {OPEN}
    assert [each.term.label for each in page.facets["organ"]] == ["Liver"]
    assert page.datasets == 1
    hidden = catalogue.search(ALL, Scope(listed=frozenset({OPEN})))
    assert hidden.total == 1
    assert [each.term.label for each in hidden.facets[Facet.ORGAN]] == ["Liver"]


def test_what_is_published_or_withdrawn_shows_at_the_next_question(catalogue, stores):
    assert catalogue.count(Scope()) == {"datasets": 2, "images": 5}
    with stores.records.write() as connection:
        row = dataset_row("bb-dataset-tttttt-tttttt", "open", 3) | {"alias": "third"}
        connection.execute(insert(t.datasets).values(row))
    assert catalogue.count(Scope())["datasets"] == 3
    with stores.records.write() as connection:
        connection.execute(delete(t.datasets).where(t.datasets.c.alias == "third"))
    assert catalogue.count(Scope())["datasets"] == 2
    with pytest.raises(UnknownError):
        catalogue.dataset("bb-dataset-tttttt-tttttt")


def test_a_new_version_is_read_anew(catalogue, stores):
    assert catalogue.dataset(OPEN).row["version"] == "1.0.0"
    with stores.records.write() as connection:
        newer = update(t.datasets).where(t.datasets.c.accession == OPEN)
        connection.execute(newer.values(version="1.1.0", seq=9))
    assert catalogue.dataset(OPEN).row["version"] == "1.1.0"


def test_a_second_question_reads_one_row_a_dataset(catalogue, stores):
    images(catalogue)
    seen = []
    event.listen(stores.records.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    images(catalogue)
    assert len([each for each in seen if each.startswith("SELECT")]) == 1


def test_unknown_things_are_unknown(catalogue):
    with pytest.raises(UnknownError):
        catalogue.dataset(UNKNOWN)
    with pytest.raises(UnknownError):
        catalogue.image("bb-image-nnnnnn-nnnnnn")


def test_a_landing_page_is_derived(catalogue, stores):
    facts = catalogue.dataset(OPEN)
    with stores.records.read() as connection:
        sizes = connection.execute(
            t.objects.select().where(t.objects.c.owner == OPEN, t.objects.c.size > 1000)
        ).mappings()
        instances = sum(row["size"] for row in sizes)
    assert facts.resolutions == (0.25,)
    assert facts.size_bytes == instances  # the indexes and thumbnails are under 1000 bytes


def test_an_image_is_described_from_its_being_to_its_levels(catalogue, stores):
    facts = catalogue.image(image_name(OPEN, 0))
    with stores.records.read() as connection:
        described = describe(connection, facts)
    assert described.beings[0]["sex"] == "Female"
    assert described.cases[0]["alias"] == "case 0"
    assert described.specimens[0]["site"]["meaning"] == "Liver"
    assert [(row["columns"], row["rows"]) for row in described.levels] == [(200, 130), (100, 65)]
    assert [(row["alias"], qualifier) for row, qualifier in described.observations] == [
        ("dstnct", Qualifier.CONFIRMED),
        ("summry", Qualifier.CANDIDATE),
    ]
