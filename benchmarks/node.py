"""A node for benchmarks: a prepared dataset, stores that take it, a server over them."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import select

from bigpicture.app.initialise import initialise
from bigpicture.app.open import open_stores, open_stores_here
from bigpicture.client.prepare import prepare
from bigpicture.client.submit import Local, digest_all
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.metaflex.submission import read_submission
from bigpicture.settings import Settings
from bigpicture.standard.folder import read_folder
from bigpicture.storage.records.tables import submission_files
from bigpicture.submission.announced import Announced
from bigpicture.submission.receive import close_submission, open_submission
from bigpicture.submission.stores import Stores
from bigpicture.submission.upload import append
from bigpicture.worker.executor import make_executor
from bigpicture.worker.ingest import AGAIN, GO_ON, STEPS, perform

PASSWORD = "a benchmark's password"
PIECE = 1 << 20


def prepared(folder: Path, work: Path) -> list[Local]:
    """Convert a dataset folder as a contributor does; returns the files ready to be sent."""
    study = read_submission(read_folder(folder).documents)
    ready = prepare(folder, study, work=work, pseudonyms=Pseudonyms(b"k" * 32))
    return digest_all(ready.places)


def new_node(data: Path, **settings: object) -> tuple[Stores, object]:
    """A node with nothing in it; returns its stores and its steward."""
    chosen = Settings.load(data=data, **settings)
    steward = initialise(chosen, steward="steward", password=PASSWORD)
    stores = open_stores(chosen)
    executor = make_executor(stores, open_stores=open_stores_here)
    return replace(stores, executor=executor), steward


def publish(stores: Stores, person: object, files: Sequence[Local], *, alias: str) -> str:
    """Receive, check, clean, accept, publish: every step of the node, without HTTP."""
    announced = [Announced(file.path, file.size, file.sha256) for file in files]
    accession = open_submission(stores, person, alias=alias, title=alias, files=announced)
    with stores.records.read() as connection:
        rows = connection.execute(
            select(submission_files.c.path, submission_files.c.id).where(
                submission_files.c.submission == accession
            )
        ).all()
    identities = {row.path: row.id for row in rows}
    for file in files:
        body = _pieces(file.place)
        asyncio.run(append(stores, person, identities[file.path], offset=0, body=body))
    attempt = close_submission(stores, person, accession)
    for name, step in STEPS:
        outcome = AGAIN
        while outcome == AGAIN:
            outcome = perform(stores, accession, step, attempt=attempt)
        if outcome != GO_ON:
            raise RuntimeError(f"{name} ended the submission; see the log above")
    return accession


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


@contextmanager
def serving(
    application: str, *, python: str | Path = sys.executable, **environment: str
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A peer's ASGI application under uvicorn, in a process of its own; gives port and process."""
    port = free_port()
    words = [str(python), "-m", "uvicorn", application, "--port", str(port), "--no-access-log"]
    process = subprocess.Popen(
        [*words, "--log-level", "warning"], env={**os.environ, **environment}
    )
    try:
        wait_for(port)
        yield port, process
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int) -> None:
    """Wait until somebody listens on a port of this machine; raises `TimeoutError`."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nobody listens on port {port}")


def interleaved(*acts: Callable[[], object], rounds: int) -> list[float]:
    """Median seconds of each act, in turns, so that a busy machine slows all alike."""
    spent: list[list[float]] = [[] for _ in acts]
    for _ in range(rounds):
        for act, times in zip(acts, spent, strict=True):
            start = perf_counter()
            act()
            times.append(perf_counter() - start)
    return [median(times) for times in spent]
