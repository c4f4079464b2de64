"""A node is killed while datasets come, change and go and people ask: no answer is ever wrong."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete, func, select

from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.app.open import open_stores
from bigpicture.client.prepare import prepare
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.metaflex.submission import read_submission
from bigpicture.model.field import IMAGE_FACETS
from bigpicture.model.submission import UNDER_WAY, SubmissionState
from bigpicture.settings import Settings
from bigpicture.standard.files import METADATA_FILES
from bigpicture.storage.records import tables as t
from bigpicture.submission.erase_subject import finish_erasures
from journal import Journal, pending, settled
from places import REPOSITORY
from published import Client
from restless_writer import SENT, SET, write
from running import free_port
from small_dataset import write_dataset

pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]

PROGRAM = (str(REPOSITORY / "tests/small_index.py"),)
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["restless_writer"])  # a writer begins in no time
IMAGES = 40
"""Of a dataset of invented records; the rows that such a dataset has, by table."""
ROWS = {t.images: 40, t.slides: 40, t.observations: 40, t.blocks: 20, t.specimens: 20, t.beings: 10}
QUESTIONS = (
    "",
    "organ:liver",
    'stain:"H&E" mpp<0.3',
    "NOT species:rattus",
    "hepatic necrosis",
    "(organ:lung OR organ:kidney) sex:female",
    "diagnosis:adenoma",
    "organ:nowhere",
)


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """A dataset folder whose one image is DICOM already."""
    folder = tmp_path_factory.mktemp("clean")
    root = write_dataset(folder, side=300)
    study = read_submission(
        {path: (root / path).read_bytes() for path in METADATA_FILES if (root / path).is_file()}
    )
    made = prepare(root, study, work=folder / "work", pseudonyms=Pseudonyms(b"k" * 32))
    for path, place in made.places.items():
        (folder / "clean" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "clean" / path).write_bytes(place.read_bytes())
    return folder / "clean"


@dataclass
class People:
    """Ask all the time, in threads; what they are told wrongly lies in `problems`.

    `upheavals` counts how often the node was killed and how often it was up again: who asks
    meanwhile may wait for no answer. It has the port before it can answer.
    """

    address: str
    journal: Journal
    answered: int = 0
    unreached: int = 0
    compared: int = 0
    upheavals: int = 0
    problems: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def asking(self, count):
        threads = [threading.Thread(target=self._ask, args=[each]) for each in range(count)]
        for each in threads:
            each.start()
        try:
            yield self
        finally:
            self.over.set()
            for each in threads:
                each.join()

    def _ask(self, seed):
        chance = random.Random(seed)
        while not self.over.is_set():
            before = self.upheavals
            try:
                self._ask_something(chance)
            except httpx.TimeoutException as problem:
                if before == self.upheavals and before % 2 == 0:
                    self.problems.append(f"no answer: {problem!r}")
            except httpx.TransportError:
                self.unreached += 1  # it is dead, or died while it answered
            except BaseException as problem:  # noqa: BLE001 - told at the end
                self.problems.append(repr(problem))
            self.over.wait(0.05)  # they, too, take the core that the node works on

    def _ask_something(self, chance):
        with httpx.Client(base_url=self.address, timeout=30) as client:
            if chance.random() < 0.3:
                self._get(client, where=chance.choice(QUESTIONS))
            before = self.journal.lines()
            names = list(settled(before))
            if names:
                name = chance.choice(names[-8:])
                answer = self._get(client, where=f"dataset:{name}", limit=1, facets="dataset")
                self._compare(name, answer, before)

    def _get(self, client, **asked):
        answer = client.get("/api/v1/images", params=asked)
        if answer.status_code != 200:
            raise AssertionError(f"{asked}: {answer.status_code} {answer.text[:300]}")
        self.answered += 1
        return answer.json()

    def _compare(self, name, answer, before):
        """What was done before the question is in its answer, unless something else began since."""
        meanwhile = self.journal.lines()[len(before) :]
        if name in {each.name for each in meanwhile}:
            return
        self.compared += 1
        expected = settled(before)[name]
        if wrong := _wrong(expected, answer):
            self.problems.append(f"{name}, {expected}: {wrong}")


def _images(alias):
    """How many images a dataset of this alias shows."""
    if alias is None:
        return 0
    return IMAGES if alias.startswith(SET) else 1


def _wrong(expected, answer):
    """In which way an answer about one dataset is not as it should be; empty where it is."""
    if answer["total"] != _images(expected):
        return f"{answer['total']} images"
    if expected and expected.startswith(SET):
        title = answer["items"][0]["dataset_title"]
        if not title.endswith(f" {expected.removeprefix(SET)}"):
            return f"another version, {title}"
    return ""


@dataclass
class Campaign:
    """A node, who writes to it, and what is known of both."""

    node: object
    folder: Path
    clean: Path
    journal: Journal
    bases: set[str] = field(default_factory=set)
    writer: multiprocessing.Process | None = None

    def write(self, seed):
        """Start the writer, and wait until it has done something."""
        before = len(self.journal.lines())
        given = (self.node.settings, self.journal.path, seed, self.clean)
        self.writer = _CONTEXT.Process(target=write, args=given)
        self.writer.start()
        deadline = time.monotonic() + 60
        while len(self.journal.lines()) < before + 2:
            assert self.writer.is_alive(), "the writer ended; standard error tells why"
            assert time.monotonic() < deadline, "the writer does nothing"
            time.sleep(0.02)

    def kill_writer(self):
        assert self.writer.is_alive(), "the writer ended; standard error tells why"
        self.writer.kill()
        self.writer.join()

    def look_at_files(self):
        self.bases |= {path.name for path in self._catalogue().glob("images-*.cols")}

    def _catalogue(self):
        return self.node.settings.cache / "catalogue"

    @contextlib.contextmanager
    def stores(self, settings=None):
        opened = open_stores(settings or self.node.settings)
        try:
            yield opened
        finally:
            opened.records.close()

    def resolve(self):
        """What was begun when the writer died is wholly so, or wholly as it was."""
        with self.stores() as stores:
            finish_erasures(stores)  # as each start of a node does
            with stores.records.read() as connection:
                for name, possible in pending(self.journal.lines()).items():
                    seen = _alias(connection, name)
                    assert seen in possible or _is_sent(seen), name
                    self.journal.write(name, seen, is_done=True)
                for name, to in settled(self.journal.lines()).items():
                    assert _alias(connection, name) == to
                    _check_whole(connection, name, to)

    def compare(self):
        """The node's answers are those of an index made of the records in an empty folder."""
        with self.stores() as stores:
            while True:
                mark = _mark(stores)
                served = self._served()
                with stores.records.write() as connection:
                    connection.execute(delete(t.catalogue_segments))
                fresh = self._fresh()
                if _mark(stores) == mark:  # the node itself has published nothing meanwhile
                    break
            with stores.records.read() as connection:
                names = connection.scalars(select(t.datasets.c.accession)).all()
                expected = {name: _images(_alias(connection, name)) for name in names}
        assert served == fresh
        assert Counter(each["dataset"] for each in served["all"]) == Counter(expected)

    def _served(self):
        with httpx.Client(base_url=self.node.address, timeout=60) as client:
            return _answers(client)

    def _fresh(self):
        """The same doors over the same records, with nothing kept of the catalogue."""
        with contextlib.ExitStack() as over:
            folder = self.folder / f"fresh-{time.monotonic_ns()}"
            folder.mkdir()
            (folder / "keys").symlink_to(self.node.settings.keys)
            own = self.node.settings
            settings = Settings.load(
                data=folder,
                database_url=own.records_url,
                object_store=own.objects_url,
                key_store=own.key_store_url,
            )
            stores = over.enter_context(self.stores(settings))
            made = Node.open(stores, start_work=lambda _: None)
            return _answers(over.enter_context(Client(build(made))))

    def await_submissions(self):
        """What was handed over completely is published at last, each once."""
        deadline = time.monotonic() + 120
        with self.stores() as stores:
            while True:
                with stores.records.read() as connection:
                    states = dict(
                        connection.execute(
                            select(t.submissions.c.accession, t.submissions.c.state)
                        ).all()
                    )
                if not UNDER_WAY & set(map(SubmissionState, states.values())):
                    break
                assert time.monotonic() < deadline, states
                time.sleep(0.2)
            assert set(states.values()) <= {"published", "receiving"}, states
            published = {name for name, state in states.items() if state == "published"}
            with stores.records.read() as connection:
                told = connection.scalars(
                    select(t.events.c.subject).where(t.events.c.action == "dataset:publish")
                ).all()
            assert Counter(told) == Counter(dict.fromkeys(published, 1))
        return len(published)


def _is_sent(alias):
    return alias is not None and alias.startswith(SENT)


def _mark(stores):
    with stores.records.read() as connection:
        return connection.scalar(select(func.max(t.changes.c.seq)))


def _alias(connection, name):
    """The alias of a published dataset; None where it is not there, or no image of it opens."""
    alias = connection.scalar(select(t.datasets.c.alias).where(t.datasets.c.accession == name))
    opens = connection.scalar(
        select(func.count())
        .select_from(t.levels)
        .join(t.images, t.images.c.accession == t.levels.c.image)
        .join(t.objects, t.objects.c.key == t.levels.c.object)
        .where(t.images.c.dataset == name, t.objects.c.header.is_not(None))
    )
    return alias if opens else None


def _check_whole(connection, name, alias):
    """All rows that a dataset of invented records has, its segment among them, or none."""
    if _is_sent(alias) or name.startswith("bb"):
        return
    for table, rows in ROWS.items():
        query = select(func.count()).select_from(table).where(table.c.dataset == name)
        assert connection.scalar(query) == (rows if alias else 0), (name, table.name)
    if alias:
        kept = connection.scalar(
            select(t.catalogue_segments.c.seq).where(t.catalogue_segments.c.dataset == name)
        )
        query = select(t.datasets.c.seq).where(t.datasets.c.accession == name)
        assert kept == connection.scalar(query)


def _answers(client):
    """Everything that is asked, and every image page by page."""
    facets = ",".join((*IMAGE_FACETS, "companion"))
    told = {}
    for question in QUESTIONS:
        answer = client.get("/api/v1/images", params={"where": question, "facets": facets})
        assert answer.status_code == 200, answer.text
        told[question] = answer.json()
    found, after = [], ""
    while after is not None:
        page = client.get("/api/v1/images", params={"limit": 100, "after": after}).json()
        found += page["items"]
        after = page["next"]
    return {**told, "all": found}


@pytest.fixture(autouse=True)
def found_by_children(monkeypatch):
    """What a server of forks loads beforehand it looks for where its environment says."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(REPOSITORY / "tests"), *sys.path]))


def campaign(node, clean, folder, *, rounds, seed):
    node.program = PROGRAM
    node.port = free_port()
    journal = Journal(folder / "journal")
    run = Campaign(node, folder, clean, journal)
    chance = random.Random(seed)
    node.start()
    people = People(node.address, journal)
    with people.asking(2):
        for number in range(rounds):
            victims = chance.choice((("node",), ("writer",), ("node", "writer")))
            run.write(f"{seed}/{number}")
            time.sleep(chance.uniform(0, 3))
            run.look_at_files()
            if "node" in victims:
                people.upheavals += 1
                node.kill()
            if "writer" in victims:
                run.kill_writer()
            if "node" in victims:
                node.start()
                people.upheavals += 1
            if "writer" not in victims:
                time.sleep(chance.uniform(0, 1))  # it has gone on without the node
                run.kill_writer()
            run.look_at_files()
            run.resolve()
            run.compare()
            assert people.problems == []
        published = run.await_submissions()
        run.compare()
    assert people.problems == []
    return run, people, published


def test_killed_at_random_moments_on_sqlite(make_node, clean, tmp_path):
    node = make_node(start=False)
    run, people, published = campaign(node, clean, tmp_path, rounds=20, seed=11)
    assert published > 8  # by the node itself, through all its steps
    assert len(run.bases) > 8  # files made anew, and each followed by changes beside it
    assert people.compared > 200
    assert people.unreached > 0


def test_killed_at_random_moments_with_several_processes_on_postgresql(
    make_node, make_postgresql_url, clean, tmp_path
):
    url = make_postgresql_url().replace("postgresql+psycopg", "postgresql")
    node = make_node(start=False, database_url=url, workers=2)
    run, people, published = campaign(node, clean, tmp_path, rounds=6, seed=12)
    assert published > 3
    assert len(run.bases) > 2
    assert people.compared > 50
