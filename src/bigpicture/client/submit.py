"""Submit: hand a dataset folder to a node, and follow it until it is published or refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bigpicture.client.node import Node
from bigpicture.client.upload import upload
from bigpicture.metaflex.submission import read_submission
from bigpicture.model.errors import StorageError
from bigpicture.model.finding import Finding
from bigpicture.model.submission import SETTLED, SubmissionState
from bigpicture.standard.check import check
from bigpicture.standard.files import METADATA_FILES
from bigpicture.standard.folder import digest_of, is_beside
from bigpicture.standard.site_terms import NO_TERMS, SiteTerms

_STREAMS = 3
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Local:
    """A file ready to be sent: `path` inside the dataset folder, `place` on this machine."""

    path: str
    place: Path
    size: int
    sha256: str


def digest_all(
    places: Mapping[str, Path], *, progress: Callable[[int], None] = lambda _: None
) -> list[Local]:
    """Size and digest of every file; `progress` is told each file's bytes."""
    found: list[Local] = []
    for path, place in places.items():
        size = place.stat().st_size
        found.append(Local(path, place, size, digest_of(place)))
        progress(size)
    return found


def check_local(files: Sequence[Local], terms: SiteTerms = NO_TERMS) -> list[Finding]:
    """Run the standard's check, with the site's own codes, on what is about to be sent."""
    documents = {
        file.path: file.place.read_bytes() for file in files if file.path in METADATA_FILES
    }
    study = read_submission(documents)
    sizes = {file.path: (file.size, file.sha256) for file in files}
    companions = {file.path: file.place for file in files if is_beside(file.path)}
    return check(study, sizes, companions, terms=terms)


def send(
    node: Node,
    *,
    alias: str,
    title: str,
    files: Sequence[Local],
    embargo_until: datetime | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> str:
    """Open (or continue) the submission, send what is missing, complete it; returns its accession.

    Before `embargo_until` (UTC where it names no zone) others see nothing of the dataset.

    `progress` is told each number of bytes that has become durable on the node.
    """
    announced = [{"path": f.path, "size": f.size, "sha256": f.sha256} for f in files]
    wanted: dict[str, Any] = {"alias": alias, "title": title, "files": announced}
    if embargo_until is not None:
        until = embargo_until if embargo_until.tzinfo else embargo_until.replace(tzinfo=UTC)
        wanted["embargo_until"] = until.isoformat()
    submission = node.post("/api/v1/submissions", wanted)
    accession = str(submission["accession"])
    by_path = {file.path: file for file in files}

    def send_one(row: Mapping[str, Any]) -> None:
        if row["received"] < row["size"]:
            upload(node, row["upload"], by_path[row["path"]].place, progress=progress)
        else:
            progress(row["size"])

    rows = list(node.items(f"/api/v1/submissions/{accession}/files", limit=500))
    with ThreadPoolExecutor(_STREAMS) as pool:
        try:
            for _ in pool.map(send_one, rows):
                pass
        except BaseException:
            pool.shutdown(cancel_futures=True)  # the first error is told now, not after the last
            raise
    node.post(f"/api/v1/submissions/{accession}/complete", {})
    return accession


def follow(node: Node, accession: str, *, interval: float = 0.5) -> Iterator[dict[str, Any]]:
    """Yield the submission as it changes, until it is settled or waits for people.

    A node that restarts meanwhile is waited for, up to two minutes.
    """
    last: object = None
    lost_since: float | None = None
    while True:
        try:
            present = node.get(f"/api/v1/submissions/{accession}")
            lost_since = None
        except StorageError:
            lost_since = lost_since or time.monotonic()
            if time.monotonic() - lost_since > _PATIENCE_SECONDS:
                raise
            time.sleep(interval)
            continue
        seen = (present["state"], present["files"])
        if seen != last:
            yield present
            last = seen
        if SubmissionState(present["state"]) in SETTLED | {SubmissionState.REVIEWING}:
            return
        time.sleep(interval)
