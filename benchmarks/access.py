"""Access: what the decision costs a tile, and how long a revocation or a seal takes to be felt.

The decision is timed as a door asks for it: who is behind this token, may they look at this
dataset. Once with 10 grants, once with `BENCH_GRANTS` of `BENCH_USERS` people, in turns. The second
claim asks a real node of several web processes on many connections for one tile, and measures from
the act until each connection is refused.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep

import httpx
from sqlalchemy import insert

from benchmarks.claim import Claim
from benchmarks.node import free_port
from benchmarks.shown import Shown, shown
from bigpicture.access.decide import Purpose
from bigpicture.access.decisions import Decisions
from bigpicture.access.epoch import Epochs
from bigpicture.access.grant import record_grant, revoke_grant
from bigpicture.access.grant_rows import list_grants
from bigpicture.access.seal import lay_seal
from bigpicture.access.seal_files import SealFiles
from bigpicture.access.seals import Seals
from bigpicture.access.sessions import Sessions
from bigpicture.access.tokens import TokenKind, digest_secret
from bigpicture.app.demo import served
from bigpicture.model.grant import Grant
from bigpicture.model.seal import SealScope
from bigpicture.phantom.datasets import Kind
from bigpicture.storage.records import Records, migrate, open_records
from bigpicture.storage.records import tables as t

GRANTS = int(os.environ.get("BENCH_GRANTS", "1000000"))
USERS = int(os.environ.get("BENCH_USERS", "10000"))
DATASETS = 1000
TILES = 20_000
WORKERS = int(os.environ.get("BENCH_WORKERS", "3"))
CONNECTIONS = 4 * WORKERS
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "20"))
_GOAL_MICROSECONDS, _GOAL_SECONDS = 10.0, 5.0
_CHUNK = 20_000


def claims() -> list[Claim]:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        folder = Path(name)
        found = list(_decisions(folder))
    return [*found, *_until_refused(shown(Kind.CLINICAL))]


def _decisions(folder: Path) -> Iterator[Claim]:
    few = _Filled.make(folder / "few", grants=10, users=10)
    many = _Filled.make(folder / "many", grants=GRANTS, users=USERS)
    for each in (few, many):
        asyncio.run(each.time(len(each.asked)))  # everybody was here before
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(5):
        for each, taken in zip((few, many), spent, strict=True):
            taken.extend(asyncio.run(each.time(TILES)))
    nothing = _nothing()
    for times, what in zip(
        spent, ("10 grants of 10", f"{GRANTS:,} grants of {USERS:,}"), strict=True
    ):
        cost = [1e6 * (each - nothing) for each in times]
        p99 = quantiles(cost, n=100)[-1]
        yield Claim.of(
            f"who asks and may they, {what} people: median (p99 {p99:.1f} µs), against the goal",
            ours=median(cost),
            peer=_GOAL_MICROSECONDS,
            unit="µs",
            target=1.0,
            more_is_better=False,
        )
    yield Claim.of(
        "the same, many grants against few",
        ours=1e6 * (median(spent[1]) - nothing),
        peer=1e6 * (median(spent[0]) - nothing),
        unit="µs",
        target=0.8,
        more_is_better=False,
    )


def _nothing() -> float:
    """What looking at the stopwatch costs."""
    times: list[float] = []
    for _ in range(TILES):
        began = perf_counter()
        times.append(perf_counter() - began)
    return median(times)


@dataclass(slots=True)
class _Filled:
    """Records with people who hold grants, and a process that knows them."""

    sessions: Sessions
    decisions: Decisions
    asked: list[tuple[str, str]]
    """Tokens, each with a dataset that its person was granted."""
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    @classmethod
    def make(cls, folder: Path, *, grants: int, users: int) -> _Filled:
        folder.mkdir()
        records = open_records(f"sqlite:///{folder / 'records.sqlite'}")
        migrate(records)
        asked = _fill(records, grants=grants, users=users)
        files = SealFiles(folder / "seals")
        files.make()
        epochs = Epochs(records)
        sessions, seals = Sessions(records, epochs), Seals(files, records)
        return cls(sessions, Decisions(records, epochs, seals), asked)

    async def time(self, number: int) -> list[float]:
        """Seconds of each decision."""
        drawn = (
            self.asked if number == len(self.asked) else self.chance.choices(self.asked, k=number)
        )
        times: list[float] = []
        for secret, dataset in drawn:
            began = perf_counter()
            session = await self.sessions.awaited(secret)
            decision = await self.decisions.awaited(
                session.person if session else None, dataset, Purpose.VIEW
            )
            times.append(perf_counter() - began)
            assert decision.allowed
        return times


def _fill(records: Records, *, grants: int, users: int) -> list[tuple[str, str]]:
    now = datetime.now(UTC)
    ends = {"start": now - timedelta(days=1), "end": now + timedelta(days=2)}
    people = [secrets.token_hex(10) for _ in range(users)]
    tokens = [secrets.token_urlsafe(32) for _ in range(users)]
    datasets = [f"bb-dataset-{number:06}-bench0" for number in range(min(DATASETS, grants))]
    _insert(records, t.people, [_person(each) for each in people])
    _insert(
        records, t.tokens, [_token(*each, now=now) for each in zip(people, tokens, strict=True)]
    )
    _insert(records, t.datasets, [_dataset(each, now=now) for each in datasets])
    # person n % users holds dataset n // users, n // users + a step ...: each pair once
    rows = [
        {
            "id": f"{number:020}",
            "person": people[number % users],
            "dataset": datasets[(number // users + number) % len(datasets)],
            "recorded_by": "bench",
            "reason": "a benchmark",
            "begun": now,
            **ends,
        }
        for number in range(grants)
    ]
    _insert(records, t.grants, rows)
    held = {row["person"]: row["dataset"] for row in rows}
    return [(token, held[person]) for person, token in zip(people, tokens, strict=True)]


def _insert(records: Records, table: t.Table, rows: Sequence[dict[str, object]]) -> None:
    for start in range(0, len(rows), _CHUNK):
        with records.write() as connection:
            connection.execute(insert(table), list(rows[start : start + _CHUNK]))


def _person(name: str) -> dict[str, object]:
    return {
        "id": name,
        "name": name,
        "display_name": name,
        "organisation": "Invented hospital",
        "roles": ["researcher"],
        "password_hash": "none",
        "created": datetime.now(UTC),
    }


def _token(person: str, secret: str, *, now: datetime) -> dict[str, object]:
    return {
        "digest": digest_secret(secret),
        "id": secrets.token_hex(10),
        "person": person,
        "kind": str(TokenKind.API),
        "label": "bench",
        "created": now,
        "expires": now + timedelta(days=2),
    }


def _dataset(name: str, *, now: datetime) -> dict[str, object]:
    return {
        "accession": name,
        "alias": name,
        "title": name,
        "version": "1.0.0",
        "metadata_standard": "2.0.0",
        "dataset_type": "Clinical/Anonymized",
        "tier": "controlled",
        "policy": {},
        "landing": {},
        "published": now,
        "seq": 0,
    }


def _until_refused(slide: Shown) -> Iterator[Claim]:
    """Seconds from the act to the first refusal on each connection, over every web process."""
    records = slide.stores.records
    with records.read() as connection:
        (given,) = list_grants(connection)
    files = SealFiles(slide.stores.settings.seals_folder)
    port = free_port()
    settings = slide.stores.settings.model_copy(
        update={"port": port, "workers": WORKERS, "slot": f"b-{port}"}
    )
    with served(settings):
        address = f"http://127.0.0.1:{port}"
        asking = _Asking(f"{address}/tiles/{slide.image}/0/0_0", slide.token)

        def revoke() -> Callable[[], object]:
            nonlocal given
            with records.write() as connection:
                revoke_grant(connection, given.id, reason="a benchmark", by="node")

            def again() -> None:
                nonlocal given
                given = _grant(records, given)

            return again

        def seal() -> Callable[[], object]:
            laid = lay_seal(
                files, scope=SealScope.DATASET, of=given.dataset, reason="bench", by="node"
            )
            return lambda: files.remove(laid.id)

        for what, act in (("a revocation", revoke), ("a seal", seal)):
            times = [each for _ in range(ROUNDS) for each in asking.time(act)]
            p99 = quantiles(times, n=100)[-1]
            yield Claim.of(
                f"{what} to the first refusal, {CONNECTIONS} connections to {WORKERS} processes: "
                f"p99 (median {median(times):.2f} s), against the goal",
                ours=p99,
                peer=_GOAL_SECONDS,
                unit="s",
                target=1.0,
                more_is_better=False,
            )


def _grant(records: Records, before: Grant) -> Grant:
    with records.write() as connection:
        return record_grant(
            connection,
            person=before.person,
            dataset=before.dataset,
            end=before.end,
            reason="a benchmark",
            by="node",
        )


@dataclass(slots=True)
class _Asking:
    """Connections that ask for one tile over and over."""

    address: str
    token: str

    def time(self, act: Callable[[], Callable[[], object]]) -> list[float]:
        """Seconds until each connection is refused once `act` was done; then it is undone."""
        refused: list[float] = []
        seen = threading.Barrier(CONNECTIONS + 1)
        threads = [
            threading.Thread(target=self._ask, args=(seen, refused)) for _ in range(CONNECTIONS)
        ]
        for each in threads:
            each.start()
        seen.wait(60)
        undo = act()
        began = perf_counter()
        for each in threads:
            each.join(60)
        undo()
        return [each - began for each in refused]

    def _ask(self, seen: threading.Barrier, refused: list[float]) -> None:
        shown = {"Authorization": f"Bearer {self.token}"}
        with httpx.Client(headers=shown, timeout=30) as client:
            while client.get(self.address).status_code != 200:
                sleep(0.05)
            seen.wait(60)
            while client.get(self.address).status_code == 200:
                pass
            refused.append(perf_counter())
