"""Demo: a node with two datasets and an account for each kind of visitor."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from bigpicture.access.grant import record_grant
from bigpicture.access.people import add_person
from bigpicture.app.demo_access import APPLICANT, COMMITTEE_PEOPLE, apply_demo
from bigpicture.app.environment import environment_of
from bigpicture.app.initialise import initialise
from bigpicture.model.errors import ConflictError, StorageError
from bigpicture.model.person import Role
from bigpicture.model.policy import AccessTier
from bigpicture.settings import Settings
from bigpicture.storage.records import Records, open_records
from bigpicture.storage.records.tables import datasets, people

_WORDS = ("amber", "birch", "cedar", "coral", "delta", "ember", "fjord", "hazel", "iris", "maple")
_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Account:
    """A demo account. Its password is made for this folder and kept in it, mode 0600."""

    name: str
    display_name: str
    organisation: str
    role: Role
    password: str
    about: str


_PEOPLE = (
    ("steward", "Sana Stewart", "Demo node", Role.STEWARD, "runs the node, records grants"),
    ("contributor", "Cleo Contri", "Demo hospital", Role.CONTRIBUTOR, "submitted the datasets"),
    ("researcher", "Rio Searcher", "Demo university", Role.RESEARCHER, "has a grant"),
    ("visitor", "Vera Visita", "Demo institute", Role.RESEARCHER, "has applied for one"),
    ("committee", "Coco Mitteva", "Demo hospital", Role.COMMITTEE, "decides on applications"),
    ("chair", "Cem Chairman", "Demo clinic", Role.COMMITTEE, "decides with them; two votes do"),
    ("auditor", "Odo Auditas", "Demo authority", Role.AUDITOR, "reads the record of events"),
)


def prepare_demo(settings: Settings) -> list[Account]:
    """Set the demo's node up, once; returns its accounts."""
    kept = settings.data / "demo-accounts.json"
    if kept.exists():
        return [
            Account(**{**account, "role": Role(account["role"])})
            for account in json.loads(kept.read_text("utf-8"))
        ]
    accounts = [
        Account(name, shown, organisation, role, _password(), about)
        for name, shown, organisation, role, about in _PEOPLE
    ]
    first = accounts[0]
    initialise(
        settings,
        steward=first.name,
        password=first.password,
        display_name=first.display_name,
    )
    records = open_records(settings.records_url)
    for account in accounts[1:]:
        with contextlib.suppress(ConflictError), records.write() as connection:
            add_person(
                connection,
                name=account.name,
                display_name=account.display_name,
                organisation=account.organisation,
                roles={account.role},
                password=account.password,
                by="node",
            )
    records.close()
    descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump([asdict(account) for account in accounts], file, indent=1)
    return accounts


def _password() -> str:
    words = "-".join(secrets.choice(_WORDS) for _ in range(3))
    return f"{words}-{secrets.randbelow(9000) + 1000}"


@contextmanager
def served(settings: Settings) -> Generator[subprocess.Popen[bytes]]:
    """Serve in a process beside this one, until the block ends."""
    log = (settings.data / "node.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "bigpicture", "serve"],
        env=environment_of(settings),
        stdout=log,
        stderr=log,
        start_new_session=True,  # Ctrl-C is ours to hand on
    )
    log.close()
    try:
        _wait_until_up(settings, process)
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
        if process.poll() is None:
            process.kill()


def _wait_until_up(settings: Settings, process: subprocess.Popen[bytes]) -> None:
    address = f"http://{settings.host}:{settings.port}/healthz"
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise StorageError(
        "the demo's node did not start.",
        place=str(settings.data / "node.log"),
        remedy="Its log says why; is the port in use? Choose another with PORT=.",
    )


def published_aliases(settings: Settings) -> set[str]:
    """Aliases of the datasets that are there already."""
    with _records(settings) as records, records.read() as connection:
        return set(connection.scalars(select(datasets.c.alias)))


def grant_demo(settings: Settings) -> None:
    """Give the demo's researcher a grant to each controlled dataset, and seat committees, once."""
    with _records(settings) as records, records.write() as connection:
        ids = {row.name: row.id for row in connection.execute(select(people.c.name, people.c.id))}
        controlled = connection.scalars(
            select(datasets.c.accession).where(datasets.c.tier == AccessTier.CONTROLLED)
        ).all()
        for accession in controlled:
            with contextlib.suppress(ConflictError):
                record_grant(
                    connection,
                    person=ids["researcher"],
                    dataset=accession,
                    start=None,
                    end=datetime.now(UTC) + timedelta(days=365),
                    reason="The demo's researcher has applied and was approved.",
                    by=ids["steward"],
                )
        if ids.keys() >= {APPLICANT, *COMMITTEE_PEOPLE}:  # a folder of an older demo lacks them
            apply_demo(connection)


@contextmanager
def _records(settings: Settings) -> Generator[Records]:
    records = open_records(settings.records_url)
    try:
        yield records
    finally:
        records.close()


def submit_demo(settings: Settings, folder: Path, contributor: Account) -> int:
    """Submit a dataset folder as any contributor would; returns the command's exit status."""
    environment = {**os.environ, "BIGPICTURE_PASSWORD": contributor.password}
    return subprocess.run(
        [
            *(sys.executable, "-m", "bigpicture", "submit", str(folder)),
            *("--node", f"http://{settings.host}:{settings.port}"),
            *("--user", contributor.name),
            *("--key", str(settings.data / "contributor" / "pseudonym.key")),
            *("--work", str(settings.data / "contributor" / folder.name)),
        ],
        env=environment,
        check=False,
    ).returncode
