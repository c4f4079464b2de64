"""A submission in one process, without HTTP: opened, sent, and taken through the node's steps."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import select

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.model.submission import SubmissionState
from bigpicture.sealing.keys import make_key_pair
from bigpicture.settings import Settings
from bigpicture.storage.objects import Objects
from bigpicture.storage.records.tables import submission_files, submissions
from bigpicture.submission.announced import Announced
from bigpicture.submission.receive import close_submission, open_submission
from bigpicture.submission.review import release
from bigpicture.submission.sheet import digest_of
from bigpicture.submission.stores import Stores
from bigpicture.submission.upload import append
from bigpicture.vault.key_store import KeyStore
from bigpicture.vault.vault import Vault
from bigpicture.worker.ingest import AGAIN, STEPS, STOPPED, perform
from bigpicture.worker.pool import PoolExecutor
from migrated import open_migrated
from published import add_person


def make_stores(folder, url="", **settings):
    """Stores that can run steps, over an empty database (SQLite unless a URL is given)."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = Settings(data=folder, **settings)
    records = open_migrated(url or chosen.records_url)
    pair = make_key_pair()
    apart = Objects(chosen.key_store_url)
    vault = Vault(records, Objects(chosen.objects_url), pair, KeyStore(apart, pair))
    stores = Stores(settings=chosen, records=records, vault=vault, pseudonyms=Pseudonyms(b"k" * 32))
    return replace(stores, executor=PoolExecutor(stores, jobs=2))


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request, tmp_path):
    """Stores on each of the two databases."""
    is_sqlite = request.param == "sqlite"
    url = "" if is_sqlite else request.getfixturevalue("make_postgresql_url")()
    made = make_stores(tmp_path / "data", url, upload_chunk_bytes=65536)
    yield made
    made.executor.close()
    made.records.close()


@pytest.fixture
def here(tmp_path):
    """Stores on SQLite alone, for what the database makes no difference to."""
    made = make_stores(tmp_path / "data", upload_chunk_bytes=65536, intake="identified")
    yield made
    made.executor.close()
    made.records.close()


@pytest.fixture
def contributor(request):
    which = "stores" if "stores" in request.fixturenames else "here"
    return add_person(request.getfixturevalue(which), "cleo", "contributor")[0]


def announced(contents):
    return [
        Announced(path, len(data), hashlib.sha256(data).hexdigest())
        for path, data in contents.items()
    ]


def opened(stores, person, contents, *, alias="dataset-1", **more):
    files = announced(contents)
    return open_submission(stores, person, alias=alias, title="", files=files, **more)


def rows(stores, accession):
    """Path to row of every file."""
    with stores.records.read() as connection:
        found = connection.execute(
            select(submission_files).where(submission_files.c.submission == accession)
        ).all()
    return {row.path: row for row in found}


async def body_of(*pieces):
    for piece in pieces:
        if isinstance(piece, Exception):
            raise piece
        yield piece


def send(stores, person, file, *pieces, offset=0):
    return asyncio.run(append(stores, person, file, offset=offset, body=body_of(*pieces)))


def sent(stores, person, contents, *, alias="dataset-1", **more):
    """Open, send what is missing and complete; returns accession and attempt."""
    accession = opened(stores, person, contents, alias=alias, **more)
    for path, row in rows(stores, accession).items():
        if row.received < row.size:
            send(stores, person, row.id, contents[path][row.received :], offset=row.received)
    return accession, close_submission(stores, person, accession)


def step(stores, accession, attempt, name):
    """Perform one step to its end; returns its outcome."""
    outcome = AGAIN
    while outcome == AGAIN:
        outcome = perform(stores, accession, dict(STEPS)[name], attempt=attempt)
    return outcome


def ingested(stores, accession, attempt, *, since="check", until=None):
    """Perform every step from `since` (before `until`); returns the submission's row."""
    names = [name for name, _ in STEPS]
    for name in names[names.index(since) :]:
        if name == until or step(stores, accession, attempt, name) == STOPPED:
            break
    return submission(stores, accession)


def reader(stores, name):
    """A steward who may review."""
    return add_person(stores, name, "steward")[0]


def digest(stores, accession):
    with stores.records.read() as connection:
        return digest_of(connection, accession)


def released(stores, accession, *names):
    """Let as many stewards as `names` (two) release it; returns the number of the next attempt."""
    for name in names or ("reader one", "reader two"):
        release(stores, reader(stores, name), accession, digest=digest(stores, accession))
    return submission(stores, accession).attempt


def submission(stores, accession):
    with stores.records.read() as connection:
        return connection.execute(
            select(submissions).where(submissions.c.accession == accession)
        ).one()


def state(stores, accession):
    return SubmissionState(submission(stores, accession).state)


def contents_of(folder):
    """Path to bytes of a dataset folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
