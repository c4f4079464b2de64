"""The peers of the catalogue's benchmark answer alike, and as a slow loop over all rows does."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec

import pyarrow.parquet as pq
import pytest
from benchmarks.catalogue_flat import LISTS, flat_tables
from benchmarks.catalogue_node import differences
from benchmarks.catalogue_peers import Answer, duckdb, postgresql, write_flat
from benchmarks.catalogue_questions import questions

from bigpicture.catalogue.hierarchy import load_hierarchy
from bigpicture.model.question import Between, Words
from bigpicture.phantom.records.disorders import as_obo
from bigpicture.phantom.records.plan import plan_datasets
from bigpicture.phantom.records.write import write_datasets
from bigpicture.storage.records import migrate, open_records

FACETS = ("organ", "diagnosis", "stain", "sex", "species", "age", "year", "severity", "dataset")


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    """The flat table of 2,000 slides, as Parquet."""
    folder = tmp_path_factory.mktemp("flat")
    records = open_records(f"sqlite:///{folder / 'records.sqlite'}")
    migrate(records)
    write_datasets(records, plan_datasets(seed=7, slides=2_000, datasets=10), lambda _: None)
    (folder / "terms").mkdir()
    (folder / "terms" / "synthetic.obo").write_text(as_obo())
    terms = load_hierarchy(folder / "terms")
    assert write_flat(flat_tables(records, terms), folder / "flat.parquet") == 2_000
    records.close()
    return folder / "flat.parquet"


@pytest.fixture(scope="module")
def rows(flat):
    return pq.read_table(flat).to_pylist()


@pytest.fixture(scope="module")
def asked(rows):
    names = ("organ", "diagnosis", "stain", "sex", "species", "severity", "scanner")
    values = {
        name: Counter(
            each for row in rows for each in (row[name] if name in LISTS else [row[name]]) if each
        )
        for name in names
    }
    leaves = frozenset(key for key in values["diagnosis"] if key.startswith(("SYNTH:D", "SYNTH:F")))
    return questions(values, ["oma", "collection"], leaves=leaves, count=40)


def seen(rows):
    """All datasets but the last, for each size of visible set."""
    names = sorted({row["dataset"] for row in rows})[:-1]
    return [(size, name) for size in (150, 300, 500) for name in names]


def by_loop(rows, question, facets):
    visible = {name for _, name in seen(rows)}

    def holds(row, conditions):
        for each in conditions:
            if isinstance(each, Words):
                if not all(word in row["words"] for word in each.words):
                    return False
                continue
            value = row[each.field]
            if isinstance(each, Between):
                if value is None or not each.low <= value < each.high:
                    return False
            elif not set(each.values) & set(value if each.field in LISTS else [value]):
                return False
        return row["dataset"] in visible

    hit = [row for row in rows if holds(row, question.conditions)]
    counted = {}
    for name in facets:
        counter = Counter()
        for row in rows:
            if holds(row, question.but(name)):
                value = row[name]
                if name == "age" and value is not None:
                    value = value // 10 * 10.0
                counter.update(v for v in (value if name in LISTS else [value]) if v is not None)
        counted[name] = dict(counter)
    return Answer(
        len(hit),
        len({row["being"] for row in hit}),
        len({row["dataset"] for row in hit}),
        counted,
        [row["accession"] for row in hit[:50]],
    )


def test_questions_are_of_the_kinds_that_are_wanted(asked):
    words = [each for each in asked if any(isinstance(one, Words) for one in each.conditions)]
    sizes = {sum(not isinstance(one, Words) for one in each.conditions) for each in asked}

    assert sizes == {2, 3, 4}
    assert {each.visible for each in asked} == {150, 300, 500}
    assert words


def test_postgresql_answers_as_a_loop_does(flat, rows, asked, tmp_path):
    with postgresql(tmp_path / "pg", flat, seen(rows)) as peer:
        for each in asked:
            assert peer.answer(each, FACETS)[1] == by_loop(rows, each, FACETS)


@pytest.mark.skipif(find_spec("duckdb") is None, reason="duckdb is not installed")
def test_duckdb_answers_as_a_loop_does(flat, rows, asked, tmp_path):
    with duckdb(tmp_path / "flat.duckdb", flat, seen(rows), 2) as peer:
        for each in asked:
            assert peer.answer(each, FACETS)[1] == by_loop(rows, each, FACETS)


def test_answers_that_differ_are_told():
    peer = Answer(2, 1, 1, {"sex": {"Male": 2}, "age": {30.0: 1, 40.0: 1, 50.0: 4}}, ["a", "b"])
    ours = {
        "total": 2, "beings": 1, "datasets": 1,
        "items": [{"accession": "a"}, {"accession": "b"}],
        "facets": {
            "sex": [{"value": "Male", "count": 2}],
            "age": [{"value": "30..50", "count": 2}, {"value": "33..47", "count": 9}],
        },
    }  # fmt: skip

    assert differences(ours, peer) == []
    ours["facets"]["sex"][0]["count"] = 3
    ours["facets"]["age"][0]["count"] = 3
    ours["items"].reverse()
    ours["total"] = 3
    assert len(differences(ours, peer)) == 4
