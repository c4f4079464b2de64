"""Segments become one store: each row says what its segment says, however small the pieces."""

from __future__ import annotations

import functools
import math
import random
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bigpicture.catalogue.index import merge as merging
from bigpicture.catalogue.index import spool as spooling
from bigpicture.catalogue.index.base import Base
from bigpicture.catalogue.index.container import Pieces, open_mapped, write
from bigpicture.catalogue.index.fields import COLUMNS, OF_DATASET
from bigpicture.catalogue.index.merge import merge, merged
from bigpicture.catalogue.index.names import order_of
from bigpicture.catalogue.index.ordering import ordered, ranks
from bigpicture.catalogue.index.read import read_segment
from bigpicture.catalogue.index.segment import Numbers, Segment, Terms
from bigpicture.catalogue.index.spool import Spools
from bigpicture.catalogue.index.store import Store
from bigpicture.catalogue.terms import Term
from bigpicture.model.errors import IntegrityError
from bigpicture.storage.records.tables import datasets
from invented_records import Invented
from migrated import open_migrated


def segment(number, images, kinds=30):
    """A dataset of random images; names and beings are its own, of different lengths."""
    chance = random.Random(number)

    def some(prefix, most, count=kinds):
        picked = chance.sample(range(count), chance.choice(range(most + 1)))
        return tuple(Term(f"{prefix}:{each}", f"{prefix} {each}") for each in picked)

    def column(*args):
        return Terms.of([some(*args) for _ in range(images)])

    sides = [[chance.choice((1000.0, 5000.0, 9000.0)) for _ in range(images)] for _ in "xy"]
    mpp = [chance.choice((0.25, 0.5, 0.2531, None)) for _ in range(images)]
    numbers = {name: Numbers.of([chance.choice((1, 2.5, None)) for _ in mpp]) for name in NUMBERS}
    return Segment(
        dataset=f"D{number:06}",
        seq=number,
        accessions=tuple(f"i{chance.random()}-{number}" for _ in range(images)),
        aliases=tuple(chance.choice("aäBß") * chance.choice((1, 20)) for _ in range(images)),
        terms={name: column(name, 2) for name in COLUMNS},
        numbers=numbers,
        raw={
            "width": np.array(sides[0]),
            "height": np.array(sides[1]),
            "mpp_x": np.array(mpp, np.float64),
            "mpp_y": np.array(mpp, np.float64),
        },
        beings=column(f"being {number}", 2, 8),
        pictured=np.array([chance.choice((0, 1)) for _ in range(images)], np.uint8),
        info={"terms": {name: [["k", f"{number % 3}"]] for name in OF_DATASET}, "year": 2020},
        companion={"dose": column("d", 1)} if number % 2 else {},
    )


NUMBERS = ("age", "mpp", "magnification")


@pytest.fixture
def few_at_once(monkeypatch):
    """Pieces of seven rows, and a file for all that is larger than a line."""
    monkeypatch.setattr(spooling, "AT_ONCE", 7)
    monkeypatch.setattr(spooling, "_IN_MEMORY", 64)
    monkeypatch.setattr(merging, "ordered", functools.partial(ordered, at_once=7))
    monkeypatch.setattr(merging, "ranks", functools.partial(ranks, at_once=11))


def in_parts(segments, folder):
    """Made in a file, and mapped from it."""
    folder.mkdir(exist_ok=True)
    path = folder / "x.cols"
    with merged(iter(segments), folder) as (header, arrays):
        write(path, header, arrays)
    assert [each.name for each in folder.iterdir()] == ["x.cols"]
    return open_mapped(path)


def is_same(one, other):
    return (
        one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    )


@pytest.mark.parametrize("images", [(), (0,), (40, 0, 3, 60, 1)])
def test_in_parts_it_is_the_same_as_in_memory(images, tmp_path, few_at_once):
    segments = [segment(number, count) for number, count in enumerate(images)]
    header, arrays = in_parts(segments, tmp_path / "parts")
    with pytest.MonkeyPatch.context() as whole:  # in one piece, as a delta is made
        whole.setattr(spooling, "AT_ONCE", 1 << 20)
        whole.setattr(merging, "ordered", ordered)
        expected, there = merge(segments)
    assert list(arrays) == list(there)
    assert [name for name in there if not is_same(arrays[name], there[name])] == []
    assert Store(header, arrays).datasets == Store(expected, there).datasets
    assert [each["name"] for each in header["columns"]] == [
        each["name"] for each in expected["columns"]
    ]


def test_every_row_says_what_its_segment_says(tmp_path, few_at_once):
    segments = [segment(number, count) for number, count in enumerate((25, 0, 40, 7))]
    said_alike(segments, Store(*in_parts(segments, tmp_path / "parts")))


def test_rows_of_records_say_what_their_segments_say(tmp_path, few_at_once):
    records = open_migrated(f"sqlite:///{tmp_path}/records.db")
    invented = Invented(records)
    for number in range(1, 6):
        invented.publish(number)
    with records.read() as connection:
        names = connection.execute(select(datasets.c.accession).order_by("accession")).scalars()
        segments = [read_segment(connection, name) for name in names.all()]
    records.close()
    said_alike(segments, Store(*in_parts(segments, tmp_path / "parts")))


def said_alike(segments, store):
    images = [(each, at) for each in segments for at in range(len(each))]
    assert len(store) == len(images)
    for row, (of, at) in enumerate(images):
        here = np.array([row])
        assert store.datasets[store.dataset_of(here)[0]] == of.dataset
        assert (store.accession(row), store.alias(row)) == (of.accessions[at], of.aliases[at])
        assert store.named(of.accessions[at]) == row
        assert row in store.begin_with(of.aliases[at])
        for name in COLUMNS:
            column = store.columns[name]
            assert column.of_set(store.codes(column, here)[0]) == told(of.terms[name], at)
        for name in NUMBERS:
            column, own = store.columns[name], of.numbers[name]
            assert column.values[store.codes(column, here)] == pytest.approx(
                own.values[own.codes[at]], nan_ok=True
            )
        for name, raw in of.raw.items():
            assert store.arrays[name][row] == pytest.approx(raw[at], nan_ok=True)
        assert store.beings_of(row) == tuple(term.key for term in told(of.beings, at))
        assert store.arrays["pictured"][row] == of.pictured[at]
    for number, of in enumerate(segments):
        assert store.companion.get(str(number), {}).keys() == of.companion.keys()
        for name, column in of.companion.items():
            at = f"companion/{number}/{name}"
            assert store.arrays[f"{at}/codes"].tolist() == column.codes.tolist()
            assert store.arrays[f"{at}/items"].tolist() == column.items.tolist()
    for column in store.ordered:
        codes = store.codes(column, np.arange(len(store)))
        for number in range(len(segments)):
            start, end = column.present_offsets[number : number + 2]
            present = set(column.present[start:end].tolist())
            if column.place != merging.SHARED:
                assert present == set(codes[store.rows_of(number)].tolist())
            is_one = len(present) == 1
            assert store.constant[number, column.number] == (present.pop() if is_one else -1)
    sizes = [of.raw["width"][at] * of.raw["height"][at] for of, at in images]
    mpp = [of.raw["mpp_x"][at] for of, at in images]
    rows = range(len(images))
    in_order("largest", store, sorted(rows, key=lambda row: -sizes[row]))
    in_order("finest", store, sorted(rows, key=lambda row: nan_last(mpp[row])))


def nan_last(number):
    return (True, 0) if math.isnan(number) else (False, number)


def told(column, at):
    code = column.codes[at]
    places = column.items[column.offsets[code] : column.offsets[code + 1]]
    return tuple(Term(column.keys[each], column.labels[each]) for each in places)


def in_order(name, store, rows):
    assert store.arrays[f"order/{name}"].tolist() == rows
    assert [int(store.arrays[f"rank/{name}"][row]) for row in rows] == list(range(len(rows)))


@given(
    st.lists(st.sampled_from([1.0, 2.0, 2.5, math.nan, math.inf, -0.0, 0.0])),
    st.integers(1, 9),
)
def test_numbers_are_ordered_whatever_fits_into_memory(numbers, at_once):
    expected = sorted(range(len(numbers)), key=lambda row: nan_last(numbers[row]))
    assert order(np.array(numbers, np.float64), merging._order_of_numbers, at_once) == expected


@given(st.lists(st.text("aäb", max_size=12)), st.integers(1, 9))
def test_names_are_ordered_whatever_fits_into_memory(names, at_once):
    keys = [name.encode() for name in names]
    expected = sorted(range(len(keys)), key=lambda row: keys[row])
    assert order(np.array(keys, "S24"), order_of, at_once) == expected


def order(keys, sorter, at_once):
    def few(some):
        assert len(some) <= at_once
        return sorter(some)

    with Spools(None) as spools:
        held = spools.new(keys.dtype)
        held.append(keys)
        found = ordered(held, few, spools, at_once=at_once)
        rows = found.read(0, len(found)).tolist()
        rank = ranks(found, at_once=at_once).whole()
        assert rank[rows].tolist() == list(range(len(rows)))
        return rows


def test_memory_grows_with_the_largest_dataset_not_with_their_number(tmp_path, monkeypatch):
    monkeypatch.setattr(spooling, "AT_ONCE", 500)
    monkeypatch.setattr(spooling, "_IN_MEMORY", 4096)
    monkeypatch.setattr(merging, "ordered", functools.partial(ordered, at_once=4000))
    monkeypatch.setattr(merging, "ranks", functools.partial(ranks, at_once=4000))
    one = segment(1, 500, kinds=3)
    peaks = []
    for count in (20, 20, 60):  # the first takes what is remembered once for all
        tracemalloc.start()
        segments = (replace(one, dataset=f"D{number:06}") for number in range(count))
        with merged(segments, tmp_path) as (header, arrays):
            write(tmp_path / f"{len(peaks)}.cols", header, arrays)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    images = 40 * 500
    assert peaks[2] - peaks[1] < 25 * images  # held in memory, each takes 300 bytes and more


def test_what_is_shorter_than_announced_is_no_file(tmp_path):
    array = Pieces(np.dtype(np.int64), (3,), lambda: [np.zeros(2, np.int64)])
    with pytest.raises(ValueError, match="announced"):
        write(tmp_path / "x", {}, {"a": array})
    with pytest.raises(IntegrityError):
        open_mapped(tmp_path / "x")


def test_a_disk_that_is_full_is_told_and_leaves_no_file(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spooling.Spool, "append", full)
    base = Base(tmp_path)
    with base.held(), pytest.raises(OSError, match="No space"):
        base.make([segment(1, 5)])
    assert base.newest() is None
    assert [each.name for each in tmp_path.iterdir()] == ["images.lock"]
