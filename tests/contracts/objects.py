"""What a store of objects holds to, on any kind of place."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigpicture.model.errors import ConflictError, IntegrityError, StorageError

MEBI = 1 << 20


class ObjectsContract:
    """Subclasses give `objects`: an empty store."""

    @pytest.fixture
    def objects(self):
        raise NotImplementedError

    def test_what_is_put_can_be_got(self, objects):
        assert objects.put("datasets/a/1", b"invented") == 8
        assert objects.get("datasets/a/1") == b"invented"
        assert objects.size("datasets/a/1") == 8
        assert objects.exists("datasets/a/1")
        assert b"".join(objects.stream("datasets/a/1")) == b"invented"

    def test_nothing_at_all_is_an_object_too(self, objects):
        assert objects.put("empty", b"") == 0
        assert objects.put("empty-stream", iter(())) == 0
        for key in ("empty", "empty-stream"):
            assert objects.get(key) == b""
            assert objects.size(key) == 0
            assert objects.get_range(key, 0, 0) == b""

    def test_the_first_to_put_wins(self, objects):
        objects.put("a/b", b"first")
        for body in (b"second", iter([b"sec", b"ond"]), (b"x" * MEBI for _ in range(17))):
            with pytest.raises(ConflictError):
                objects.put("a/b", body)
        assert objects.get("a/b") == b"first"

    def test_overwriting_must_be_said(self, objects):
        objects.put("a/b", b"first")
        objects.put("a/b", b"second", if_absent=False)
        assert objects.get("a/b") == b"second"

    def test_of_writers_that_race_one_wins(self, objects):
        outcomes = []
        start = threading.Barrier(8)

        def put(writer):
            start.wait()
            try:
                objects.put("race", [b"%d" % writer] * 1000)
                outcomes.append(writer)
            except ConflictError:
                outcomes.append(None)

        writers = [threading.Thread(target=put, args=(writer,)) for writer in range(8)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        winners = [writer for writer in outcomes if writer is not None]
        assert len(outcomes) == 8
        assert len(winners) == 1
        assert objects.get("race") == b"%d" % winners[0] * 1000

    def test_a_large_stream_goes_through_in_flat_memory(self, objects):
        piece = os.urandom(MEBI)
        tracemalloc.start()
        size = objects.put("large", (piece[n:] + piece[:n] for n in range(96)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert size == objects.size("large") == 96 * MEBI
        assert peak < 64 * MEBI  # four parts of 8 MiB under way, and what is being regrouped
        for n in (0, 7, 8, 95):
            assert objects.get_range("large", n * MEBI, MEBI) == piece[n:] + piece[:n]
        assert sum(len(chunk) for chunk in objects.stream("large")) == 96 * MEBI

    @pytest.mark.parametrize("pieces", [0, 1, 20])
    def test_a_stream_that_breaks_leaves_nothing(self, objects, pieces):
        def body():
            for _ in range(pieces):
                yield b"x" * MEBI
            raise OSError("the source went away")

        with pytest.raises(OSError, match="the source went away"):
            objects.put("a/broken", body())
        assert not objects.exists("a/broken")
        assert list(objects.list()) == []
        objects.put("a/broken", b"whole")
        assert objects.get("a/broken") == b"whole"

    def test_a_stream_that_breaks_leaves_what_was_there(self, objects):
        def body():
            yield b"x" * MEBI
            raise KeyError

        objects.put("a", b"old")
        with pytest.raises(KeyError):
            objects.put("a", body(), if_absent=False)
        assert objects.get("a") == b"old"

    def test_a_stream_may_read_from_the_store_it_goes_to(self, objects):
        objects.put("from", (b"y" * MEBI for _ in range(17)))
        objects.put("to", objects.stream("from"))
        assert objects.size("to") == 17 * MEBI

    def test_ranges_are_exact(self, objects):
        body = random.Random(1).randbytes(300_000)
        objects.put("body", body)

        @settings(
            max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None
        )
        @given(st.lists(st.tuples(st.integers(0, 300_000), st.integers(0, 70_000)), max_size=5))
        def check(wanted):
            ranges = [(offset, min(length, 300_000 - offset)) for offset, length in wanted]
            expected = [body[offset : offset + length] for offset, length in ranges]
            assert objects.get_ranges("body", ranges) == expected
            assert asyncio.run(objects.get_ranges_async("body", ranges)) == expected

        check()

    @pytest.mark.parametrize("wanted", [(0, 11), (9, 2), (10, 1), (500, 5)])
    def test_ranges_past_the_end_are_refused(self, objects, wanted):
        objects.put("ten", b"0123456789")
        with pytest.raises(IntegrityError):
            objects.get_range("ten", *wanted)
        with pytest.raises(IntegrityError):
            asyncio.run(objects.get_range_async("ten", *wanted))

    @pytest.mark.parametrize("wanted", [(-1, 2), (1, -2)])
    def test_negative_ranges_are_refused(self, objects, wanted):
        objects.put("ten", b"0123456789")
        with pytest.raises(IntegrityError):
            objects.get_range("ten", *wanted)

    def test_a_source_reads_like_any_other(self, objects):
        objects.put("ten", b"0123456789")
        source = objects.source("ten")
        assert source.size == 10
        assert source.read(2, 3) == b"234"
        assert asyncio.run(source.aread(9, 1)) == b"9"
        ranges = [(8, 2), (0, 1), (5, 0), (1, 3)]
        assert asyncio.run(source.aread_many(ranges)) == [b"89", b"0", b"", b"123"]
        with pytest.raises(IntegrityError):
            asyncio.run(source.aread_many([(0, 1), (9, 2)]))

    def test_deleting_twice_is_no_error(self, objects):
        objects.put("a/b", b"x")
        objects.delete("a/b")
        objects.delete("a/b")
        objects.delete("never/there")
        assert not objects.exists("a/b")
        objects.put("a/b", b"again")

    def test_what_is_missing_is_told(self, objects):
        for act in (
            objects.get,
            objects.size,
            objects.source,
            lambda key: objects.get_range(key, 0, 1),
            lambda key: list(objects.stream(key)),
            lambda key: asyncio.run(objects.get_async(key)),
            lambda key: asyncio.run(objects.get_range_async(key, 0, 1)),
        ):
            with pytest.raises(StorageError, match="a/missing: this object is not in the store"):
                act("a/missing")
        assert not objects.exists("a/missing")

    def test_a_part_of_a_key_is_no_object(self, objects):
        objects.put("a/b/c", b"x")
        assert not objects.exists("a/b/c/d")
        with pytest.raises(StorageError):
            objects.get("a/b/c/d")

    def test_a_listing_shows_whole_objects_below_whole_segments(self, objects):
        for key in ("a/1", "a/2/3", "ab/1", "b"):
            objects.put(key, key.encode())
        assert sorted(found.key for found in objects.list()) == ["a/1", "a/2/3", "ab/1", "b"]
        found = {found.key: found for found in objects.list("a")}
        assert {key: one.size for key, one in found.items()} == {"a/1": 3, "a/2/3": 5}
        assert all(one.modified.tzinfo is not None for one in found.values())
        assert list(objects.list("nothing")) == []

    @pytest.mark.parametrize(
        "key", ["A/b.c-d_e=f+g@h", "x" * 200, "a/" * 60 + "a", "0", "a/..b".replace("..", "b..")]
    )
    def test_keys_at_the_edge_of_the_rule_work(self, objects, key):
        objects.put(key, b"x")
        assert objects.get(key) == b"x"
        assert [found.key for found in objects.list()] == [key]
        objects.delete(key)
        assert list(objects.list()) == []

    @pytest.mark.parametrize(
        "key",
        [
            "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "../a", ".writing/x", "a/.b",
            "a b", "a%2Fb", "a%2e", "a#1", "a?b", "a\\b", "a\0b", "a\nb", "é", "a:b", "x" * 201,
        ],
    )  # fmt: skip
    def test_keys_that_some_place_would_bend_are_refused(self, objects, key):
        for act in (objects.get, objects.delete, objects.exists, lambda k: objects.put(k, b"x")):
            with pytest.raises(StorageError, match="not a key"):
                act(key)

    def test_sweeping_leaves_objects_alone(self, objects):
        objects.put("a", b"x")
        assert objects.sweep() == 0
        assert objects.get("a") == b"x"
