"""Which datasets there are, the tree of each, the invented disorders."""

from __future__ import annotations

import io

import networkx as nx
import numpy as np
import pytest

from bigpicture.catalogue.terminologies.obo import read_obo
from bigpicture.model.errors import InputError
from bigpicture.model.identifiers import Accession
from bigpicture.phantom.records.disorders import SCHEME, as_obo, findings, of_organs, ranks, tree
from bigpicture.phantom.records.plan import more_datasets, plan_datasets
from bigpicture.phantom.records.tree import grow, within


def test_datasets_share_all_slides_by_zipfs_law():
    planned = plan_datasets(seed=7, slides=100_000, datasets=200)

    sizes = sorted((each.slides for each in planned), reverse=True)
    assert sum(sizes) == 100_000
    assert sizes[-1] >= 1
    # Zipf: size is rank to the power of -0.9, so on double logarithms a line of that slope.
    slope = np.polyfit(np.log(np.arange(1, 101)), np.log(sizes[:100]), 1)[0]
    assert slope == pytest.approx(-0.9, abs=0.05)
    assert [each.published for each in planned] == sorted(each.published for each in planned)


def test_names_are_accessions_and_differ():
    planned = plan_datasets(seed=7, slides=5_000, datasets=3_000)
    more = more_datasets(
        seed=7, after=2_999, slides=9, datasets=50, published=planned[-1].published
    )

    names = [each.accession for each in (*planned, *more)]
    assert len(set(names)) == 3_050
    assert all(Accession.parse(each) == each for each in names)


def test_the_same_seed_plans_the_same():
    assert plan_datasets(seed=3, slides=99, datasets=9) == plan_datasets(
        seed=3, slides=99, datasets=9
    )
    assert plan_datasets(seed=3, slides=99, datasets=9) != plan_datasets(
        seed=4, slides=99, datasets=9
    )


def test_more_datasets_than_slides_are_refused():
    with pytest.raises(InputError, match="cannot share"):
        plan_datasets(seed=7, slides=3, datasets=4)


@pytest.mark.parametrize("is_clinical", [True, False])
def test_every_slide_stands_in_one_tree(is_clinical):
    grown = grow(np.random.default_rng(1), 5_000, is_clinical=is_clinical)

    for numbers in (grown.block_of_slide, grown.specimen_of_block, grown.being_of_specimen):
        assert numbers[0] == 0
        assert set(np.diff(numbers)) <= {0, 1}, "each begins where the one before ends"
    assert len(grown.specimen_of_block) == grown.block_of_slide[-1] + 1
    assert len(grown.being_of_specimen) == grown.specimen_of_block[-1] + 1
    second = grown.second_specimen
    both = second >= 0
    beings = grown.being_of_specimen
    assert (beings[second[both]] == beings[grown.specimen_of_block[both]]).all()
    assert (second[both] != grown.specimen_of_block[both]).all()


def test_one_slide_is_a_tree_too():
    grown = grow(np.random.default_rng(1), 1, is_clinical=True)

    assert (grown.beings, grown.specimens, grown.blocks) == (1, 1, 1)


def test_places_within_groups_are_counted():
    assert within(np.array([0, 0, 0, 1, 2, 2])).tolist() == [0, 1, 2, 0, 0, 1]


def test_there_are_two_thousand_diagnoses_in_a_poly_hierarchy_without_a_circle():
    codes = {each.code for organ in of_organs() for each in organ}
    graph = nx.DiGraph((each.code, parent) for each in tree() for parent in each.parents)

    assert len(codes) == 2016
    assert len({each.name for each in tree()}) == len(tree())
    assert nx.is_directed_acyclic_graph(graph)
    assert all(graph.out_degree(code) == 2 for code in codes)
    assert all("R" in nx.descendants(graph, code) for code in codes)
    assert all("T" in nx.descendants(graph, each.code) for each in findings())


def test_the_obo_file_says_what_the_tree_says():
    terms = read_obo(io.BytesIO(as_obo().encode()), name="synthetic.obo")

    read = {
        (terms.keys[below], terms.keys[above])
        for below, above in zip(terms.below, terms.above, strict=True)
    }
    assert read == {
        (f"{SCHEME}:{each.code}", f"{SCHEME}:{parent}")
        for each in tree()
        for parent in each.parents
    }
    assert dict(zip(terms.keys, terms.labels, strict=True)) == {
        f"{SCHEME}:{each.code}": each.name for each in tree()
    }


def test_frequent_ranks_are_frequent_as_zipf_has_it():
    drawn = np.bincount(ranks(np.random.default_rng(1), 48, 200_000), minlength=48)

    # rank 1 is 2 ** 1.1 = 2.14 times as frequent as rank 2
    assert drawn[0] / drawn[1] == pytest.approx(2.14, rel=0.05)
    assert drawn.sum() == 200_000
    assert drawn.min() > 0
