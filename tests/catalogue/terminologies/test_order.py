"""No circles, ancestors and descendants: against networkx, and by hand."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.catalogue.hierarchy import Hierarchy
from bigpicture.catalogue.terminologies.order import find_circle, in_order
from bigpicture.catalogue.terminologies.stored import Labels, Parents, Stored, compile_terms
from bigpicture.catalogue.terminologies.terminology import Drafted, Terminology
from bigpicture.model.errors import InputError

COUNT = 12
EDGES = st.lists(st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)), max_size=30)


def drafted(kinds: list[tuple[str, str]], parts: list[tuple[str, str]] = []) -> Terminology:  # noqa: B006
    terms = Drafted("made.obo")
    for below, above in kinds:
        terms.term(below, f"label of {below}", kinds=[above], parts=())
    for below, above in parts:
        terms.term(below, "", kinds=(), parts=[above])
    return terms.done()


def hierarchy(stored: Stored) -> Hierarchy:
    return Hierarchy(Parents(stored), Labels(stored), "1", stored)


@given(EDGES)
def test_a_circle_is_found_where_networkx_finds_one(edges: list[tuple[int, int]]) -> None:
    graph = nx.DiGraph(edges)
    pairs = np.array(edges, dtype=np.int32).reshape(-1, 2)

    circle = find_circle(pairs[:, 0], pairs[:, 1], COUNT)

    assert bool(circle) == (not nx.is_directed_acyclic_graph(graph))
    for below, above in zip(circle, circle[1:] + circle[:1], strict=True):
        assert graph.has_edge(below, above)


@given(EDGES)
def test_ancestors_and_descendants_are_those_of_networkx(edges: list[tuple[int, int]]) -> None:
    acyclic = [(f"X:{max(pair)}", f"X:{min(pair)}") for pair in edges if pair[0] != pair[1]]
    if not acyclic:
        return
    graph = nx.DiGraph(acyclic)  # from below to above
    from_file = hierarchy(compile_terms([drafted(acyclic)], place="x"))
    by_hand = Hierarchy({n: tuple(graph.successors(n)) for n in graph}, {}, "1")

    for node in graph:
        for each in (from_file, by_hand):
            assert set(each.ancestors(node)) == nx.descendants(graph, node)
            assert len(set(each.ancestors(node))) == len(each.ancestors(node))
            assert each.descendants(node) == nx.ancestors(graph, node) | {node}


def test_the_nearest_ancestor_comes_first_and_the_first_parent_too() -> None:
    found = hierarchy(
        compile_terms([drafted([("X:d", "X:b"), ("X:d", "X:a"), ("X:b", "X:a2")])], place="x")
    )

    assert found.parents["X:d"] == ("X:b", "X:a")
    assert found.ancestors("X:d") == ("X:b", "X:a", "X:a2")
    assert found.ancestors("X:unknown") == ()
    assert found.descendants("X:unknown") == {"X:unknown"}


def test_a_circle_of_kinds_is_refused_by_its_codes() -> None:
    circle = drafted([("X:1", "X:2"), ("X:2", "X:3"), ("X:3", "X:1"), ("X:4", "X:1")])

    with pytest.raises(InputError, match=r"made\.obo.*X:1 is a X:2 is a X:3 is a X:1") as caught:
        in_order(circle)

    assert "X:4" not in str(caught.value)
    assert caught.value.remedy


def test_a_term_over_itself_is_a_circle() -> None:
    with pytest.raises(InputError, match="X:1 is a X:1"):
        in_order(drafted([("X:1", "X:1")]))


def test_a_part_that_closes_a_circle_is_left_out() -> None:
    terms = drafted([("X:1", "X:2"), ("X:3", "X:2")], [("X:2", "X:1"), ("X:4", "X:1")])

    found = hierarchy(compile_terms([terms], place="x"))

    assert found.ancestors("X:2") == ()
    assert found.ancestors("X:4") == ("X:1", "X:2")


def test_a_circle_through_two_files_is_found() -> None:
    one, other = drafted([("X:1", "X:2")]), drafted([("X:2", "X:1")])

    with pytest.raises(InputError, match=r"folder: .*X:1 is a X:2 is a X:1"):
        compile_terms([one, other], place="folder")
