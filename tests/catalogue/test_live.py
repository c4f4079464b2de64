"""The index follows the records, and heals from them whatever becomes of what it keeps."""

from __future__ import annotations

import multiprocessing
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, update

from bigpicture.catalogue.index.base import Base
from bigpicture.catalogue.index.container import open_mapped
from bigpicture.catalogue.index.find import find
from bigpicture.catalogue.index.lineage import NothingAbove
from bigpicture.catalogue.index.live import Live
from bigpicture.catalogue.index.segment import Segment
from bigpicture.model.errors import InputError, IntegrityError
from bigpicture.model.field import IMAGE_FACETS
from bigpicture.model.query import Asked
from bigpicture.model.question import And, Between, Or, Words
from bigpicture.model.scope import Scope
from bigpicture.storage.records import open_records
from bigpicture.storage.records.tables import catalogue_segments
from invented_records import Invented
from killing import killed
from migrated import open_migrated

SMALL = 60


@pytest.fixture
def records(tmp_path):
    opened = open_migrated(f"sqlite:///{tmp_path}/records.db")
    yield opened
    opened.close()


def live(records, folder, small=SMALL):
    return Live(records, folder, NothingAbove(), small=small)


def answer(index):
    """All that an answer tells of everything."""
    view = index.view()
    scope = Scope(opened=frozenset(view.where))
    found = find(view, Asked(facets=IMAGE_FACETS, limit=500), scope)
    return found.items, found.total, found.beings, found.facets


def fresh(records):
    """What an index says that is made of the records only."""
    with records.write() as connection:
        connection.execute(catalogue_segments.delete())
    return answer(live(records, None))


def files(folder):
    return sorted(each.name for each in folder.glob("images-*"))


def test_a_publication_is_in_the_next_answer(records, tmp_path):
    invented, index = Invented(records), live(records, tmp_path / "c")
    assert answer(index)[1] == 0
    for number in range(1, 5):
        invented.publish(number)
        assert answer(index)[1] == 40 * number
    invented.withdraw(invented.publish(9))
    assert answer(index) == fresh(records)


def test_what_is_damaged_is_made_again(records, tmp_path):
    invented, folder = Invented(records), tmp_path / "c"
    for number in (1, 2, 3):
        invented.publish(number)
    expected = answer(live(records, folder))
    (name,) = files(folder)
    whole = (folder / name).read_bytes()
    chance = random.Random(3)
    for cut in (0, 10, 200, len(whole) // 2, len(whole) - 1):
        (folder / name).write_bytes(whole[:cut])
        assert answer(live(records, folder)) == expected
        (name,) = files(folder)
    for _ in range(20):
        altered = bytearray(whole)
        altered[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        (folder / name).write_bytes(altered)
        assert answer(live(records, folder)) == expected
        (name,) = files(folder)


def test_a_damaged_or_older_segment_is_read_again_from_the_tables(records, tmp_path):
    invented = Invented(records)
    names = [invented.publish(number) for number in (1, 2)]
    expected = answer(live(records, None))
    table = catalogue_segments
    with records.write() as connection:
        connection.execute(update(table).where(table.c.dataset == names[0]).values(body=b"x"))
        connection.execute(update(table).where(table.c.dataset == names[1]).values(version=0))
    assert answer(live(records, tmp_path / "c")) == expected
    with records.read() as connection:
        kept = connection.execute(select(table.c.dataset, table.c.body)).all()
    for dataset, body in kept:  # mended in the records, too
        assert Segment.from_bytes(body, place=dataset).dataset == dataset


@pytest.mark.parametrize("data", [b"", b"BPCOLS01", bytes(100), b"BPCOLS01" + b"\xff" * 100])
def test_what_is_no_container_is_refused(tmp_path, data):
    path = tmp_path / "x.cols"
    path.write_bytes(data)
    with pytest.raises(IntegrityError):
        open_mapped(path)


def test_the_file_is_made_anew_beside_and_taken(records, tmp_path):
    invented, folder = Invented(records), tmp_path / "c"
    for number in (1, 2):
        invented.publish(number)
    index, other = live(records, folder), live(records, folder)
    answer(index)
    answer(other)
    before = files(folder)
    for number in (3, 4):
        invented.publish(number)
    expected = fresh(records)
    assert answer(index) == expected  # answered from file and memory while a new one is made
    index.settle()
    assert files(folder) != before
    assert len(files(folder)) == 1
    assert answer(index) == answer(other) == expected
    other.settle()
    assert [len(each.view().layers) for each in (index, other)] == [1, 1]


def test_what_is_erased_leaves_the_file(records, tmp_path):
    invented, folder = Invented(records), tmp_path / "c"
    for number in (1, 2, 3):
        invented.publish(number)
    index = live(records, folder)
    gone = answer(index)[0][50].accession
    (name,) = files(folder)
    assert gone.encode() in (folder / name).read_bytes()
    invented.erase(gone)
    assert gone not in {each.accession for each in answer(index)[0]}
    index.settle()
    (name,) = files(folder)
    assert gone.encode() not in (folder / name).read_bytes()


def test_two_publish_at_once_while_others_ask(records, tmp_path):
    index = live(records, tmp_path / "c")
    problems, over = [], threading.Event()

    def publish(numbers):
        try:
            for number in numbers:
                Invented(records).publish(number)
        except BaseException as problem:  # noqa: BLE001 - told below
            problems.append(problem)

    def ask():
        last = 0
        try:
            while not over.is_set():
                total = answer(index)[1]
                assert total >= last  # nothing that was there is missing in between
                assert total % 40 == 0  # nothing half
                last = total
        except BaseException as problem:  # noqa: BLE001 - told below
            problems.append(problem)

    threads = [threading.Thread(target=publish, args=[part]) for part in ((1, 2, 3), (4, 5, 6))]
    asking = [threading.Thread(target=ask) for _ in "12"]
    for each in (*asking, *threads):
        each.start()
    for each in threads:
        each.join()
    over.set()
    for each in asking:
        each.join()
    assert problems == []
    index.settle()
    assert answer(index) == fresh(records)
    assert answer(index)[1] == 240


def test_a_compaction_killed_at_any_touch_of_a_file_costs_nothing(records, tmp_path):
    invented, folder = Invented(records), tmp_path / "c"
    for number in (1, 2, 3):
        invented.publish(number)
    answer(live(records, folder))
    invented.publish(4)
    expected = fresh(records)
    url = f"sqlite:///{tmp_path}/records.db"

    def compact():
        index = live(open_records(url), folder)
        index.view()
        index.settle()

    at = 0
    while killed(compact, at=at):
        assert answer(live(records, folder, small=10**6)) == expected
        at += 1
    assert at >= 3  # the lock, the part, its renaming
    assert answer(live(records, folder)) == expected
    live(records, folder).settle()
    assert not [name for name in files(folder) if name.endswith(".part")]


_FOLLOW = """
import sys
from pathlib import Path
from bigpicture.catalogue.index.lineage import NothingAbove
from bigpicture.catalogue.index.live import Live
from bigpicture.storage.records import open_records
folder = Path(sys.argv[2])
index = Live(open_records(sys.argv[1]), folder, NothingAbove(), small=60)
while True:
    index.view()
"""


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_killed_at_random_moments_of_updates_and_compaction_it_equals_a_fresh_build(tmp_path):
    """A process follows publishes, changes and withdrawals, and is killed forty times."""
    url, folder = f"sqlite:///{tmp_path}/records.db", tmp_path / "c"
    records = open_migrated(url)
    invented, chance = Invented(records), random.Random(5)
    there = [invented.publish(number) for number in range(1, 5)]
    number = 5
    for _ in range(40):
        command = [sys.executable, "-c", _FOLLOW, url, str(folder)]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as follower:
            end = time.monotonic() + chance.uniform(0.5, 4)
            while time.monotonic() < end:
                act = chance.random()
                if act < 0.5:
                    there.append(invented.publish(number))
                    number += 1
                elif act < 0.8 and there:
                    invented.republish(chance.choice(there), number)
                    number += 1
                elif len(there) > 3:
                    invented.withdraw(there.pop(chance.randrange(len(there))))
            assert follower.poll() is None, follower.stderr.read()
            follower.kill()
        again = live(records, folder)
        kept = answer(again)
        again.settle()
        assert kept == answer(again) == fresh(records)
    records.close()


def _count(url, folder, pipe):
    opened = open_records(url)
    index = live(opened, Path(folder))
    pipe.send(answer(index)[1])
    opened.close()


def test_the_file_is_for_its_owner_alone(records, tmp_path):
    for number in (1, 2):
        Invented(records).publish(number)
    live(records, tmp_path / "c").view()
    (name,) = files(tmp_path / "c")
    assert (tmp_path / "c" / name).stat().st_mode & 0o077 == 0


def test_processes_share_one_file(records, tmp_path):
    for number in (1, 2):
        Invented(records).publish(number)
    context = multiprocessing.get_context("spawn")
    pipes, children = [], []
    for _ in range(3):
        ours, theirs = context.Pipe()
        where = (f"sqlite:///{tmp_path}/records.db", str(tmp_path / "c"), theirs)
        child = context.Process(target=_count, args=where)
        child.start()
        pipes.append(ours)
        children.append(child)
    assert [pipe.recv() for pipe in pipes] == [80, 80, 80]
    for child in children:
        child.join()
    assert len(files(tmp_path / "c")) == 1


def test_a_question_that_would_fill_the_memory_is_refused(records, tmp_path):
    Invented(records).publish(1)
    view = live(records, None).view()
    many = [Between("width", float(each)) for each in range(65)]
    question = Or(tuple(And((each, Words(("liver",)))) for each in many))
    with pytest.raises(InputError, match="too often"):
        find(view, Asked(question), Scope(opened=frozenset(view.where)))


def test_a_map_of_nothing_is_no_store(tmp_path):
    base = Base(tmp_path)
    assert base.newest() is None
    name, store = base.make([])
    assert len(store) == 0
    assert base.newest()[0] == name
    assert np.array_equal(store.starts, [0])
