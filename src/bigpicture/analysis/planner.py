"""Plan a run: one row for each slide, its key, and at once what need not be computed.

All of it is done in sets: ten thousand slides of which nothing changed cost a few statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, exists, func, insert, literal, select, update

from bigpicture.model.canonical import digest
from bigpicture.model.run import RunReason, SlideState, Stage, slide_digest, stage_keys
from bigpicture.storage.records.run_tables import (
    result_failures,
    results,
    run_slides,
)
from bigpicture.storage.records.tables import images, levels, objects

_Held = TypeVar("_Held")

_CHUNK = 500
_ROWS = 2000


@dataclass(frozen=True, slots=True)
class SlideFacts:
    """What a key holds of a slide; `digest` over its pixels and their size."""

    image: str
    dataset: str
    digest: str


@dataclass(frozen=True, slots=True)
class Keyed:
    """A slide with the key that its result will have."""

    slide: SlideFacts
    key: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a run would find: slides whose result is kept, that failed before, that were erased."""

    slides: int
    reused: int
    failed: int
    erased: int

    @property
    def waiting(self) -> int:
        """How many would be computed."""
        return self.slides - self.reused - self.failed - self.erased


def read_slides(connection: Connection, wanted: Sequence[str]) -> list[SlideFacts]:
    """Facts of published images by accession, in the order asked for; what is not there is left.

    The digest of the pixels is the Merkle root over the digests of all frames; of an image that
    was published before there were any, it is made of the digests of its DICOM files.
    """
    found: dict[str, SlideFacts] = {}
    for chunk in _chunks(wanted, _CHUNK):
        rows = connection.execute(
            select(
                images.c.accession,
                images.c.dataset,
                images.c.pixels_root,
                images.c.mpp_x,
                images.c.mpp_y,
            ).where(images.c.accession.in_(chunk))
        ).all()
        rootless = [row.accession for row in rows if row.pixels_root is None]
        roots = _file_roots(connection, rootless) if rootless else {}
        for row in rows:
            root = row.pixels_root or roots.get(row.accession, "")
            seen = slide_digest(root, (row.mpp_x, row.mpp_y))
            found[row.accession] = SlideFacts(row.accession, row.dataset, seen)
    return [found[name] for name in dict.fromkeys(wanted) if name in found]


def key_slides(slides: Iterable[SlideFacts], stages: Sequence[Stage]) -> list[Keyed]:
    """The key of each slide's result; takes a while for many, so not within a transaction."""
    return [Keyed(slide, stage_keys(slide.digest, stages)[-1]) for slide in slides]


def foresee(connection: Connection, slides: Sequence[Keyed]) -> Foreseen:
    """What `plan` would end at once, without beginning anything."""
    reused = failed = erased = 0
    for chunk in _chunks(slides, _CHUNK):
        gone = set(
            connection.scalars(
                select(levels.c.image)
                .join(objects, objects.c.key == levels.c.object)
                .where(levels.c.image.in_([each.slide.image for each in chunk]))
                .where(objects.c.header.is_(None))
            )
        )
        keys = [each.key for each in chunk]
        kept, fallen = (
            set(
                connection.execute(
                    select(table.c.key, table.c.image).where(table.c.key.in_(keys)).distinct()
                ).tuples()
            )
            for table in (results, result_failures)
        )
        left = [(each.key, each.slide.image) for each in chunk if each.slide.image not in gone]
        erased += len(chunk) - len(left)
        reused += sum(each in kept for each in left)
        failed += sum(each in fallen and each not in kept for each in left)
    return Foreseen(len(slides), reused, failed, erased)


def plan(connection: Connection, run: str, slides: Sequence[Keyed], *, now: datetime) -> int:
    """Insert the slides of a run, and end those that need no computing; returns how many wait.

    A slide whose result is kept is `reused`; one at which the algorithm failed ends as it did
    then; an erased one is cancelled.
    """
    rows = [_row(run, ordinal, each.slide, each.key) for ordinal, each in enumerate(slides)]
    for chunk in _chunks(rows, _ROWS):
        connection.execute(insert(run_slides), chunk)
    _cancel_erased(connection, run, now)
    reuse(connection, run, now=now)
    _fail_again(connection, run, now)
    return count_waiting(connection, run)


def reuse(connection: Connection, run: str, *, now: datetime) -> int:
    """End the waiting slides of a run whose result is kept; returns how many."""
    kept = exists().where(results.c.key == run_slides.c.key, results.c.image == run_slides.c.image)
    done = connection.execute(
        update(run_slides)
        .where(run_slides.c.run == run, run_slides.c.state == SlideState.WAITING, kept)
        .values(state=SlideState.REUSED, ended=now)
    )
    return done.rowcount


def count_waiting(connection: Connection, run: str) -> int:
    """How many slides of a run wait."""
    waiting = (run_slides.c.run == run, run_slides.c.state == SlideState.WAITING)
    return connection.scalar(select(func.count()).where(*waiting)) or 0


def _row(run: str, ordinal: int, slide: SlideFacts, key: str) -> Mapping[str, Any]:
    return {
        "run": run,
        "ordinal": ordinal,
        "image": slide.image,
        "dataset": slide.dataset,
        "key": key,
        "state": SlideState.WAITING,
        "reason": "",
        "text": "",
        "owner": "",
        "attempt": 0,
        "faults": 0,
        "log": "",
    }


def _cancel_erased(connection: Connection, run: str, now: datetime) -> None:
    gone = (
        exists()
        .where(levels.c.image == run_slides.c.image, objects.c.key == levels.c.object)
        .where(objects.c.header.is_(None))
    )
    connection.execute(
        update(run_slides)
        .where(run_slides.c.run == run, gone)
        .values(
            state=SlideState.CANCELLED,
            reason=RunReason.ERASED,
            text="This slide was erased: the key of its subject was destroyed.",
            ended=now,
        )
    )


def _fail_again(connection: Connection, run: str, now: datetime) -> None:
    """An algorithm's own failure is final for its key."""
    same = (
        result_failures.c.key == run_slides.c.key,
        result_failures.c.image == run_slides.c.image,
    )

    def held(name: str) -> Any:  # noqa: ANN401 - a scalar of whatever type the column has
        return select(result_failures.c[name]).where(*same).scalar_subquery()

    connection.execute(
        update(run_slides)
        .where(
            run_slides.c.run == run,
            run_slides.c.state == SlideState.WAITING,
            exists().where(*same),
        )
        .values(
            state=held("state"),
            reason=held("reason"),
            text=held("text"),
            ended=literal(now, run_slides.c.ended.type),
        )
    )


def _file_roots(connection: Connection, wanted: Sequence[str]) -> dict[str, str]:
    rows = connection.execute(
        select(levels.c.image, levels.c.level, objects.c.sha256)
        .join(objects, objects.c.key == levels.c.object)
        .where(levels.c.image.in_(wanted))
        .order_by(levels.c.image, levels.c.level)
    ).all()
    files: dict[str, list[str | None]] = {}
    for row in rows:
        files.setdefault(row.image, []).append(row.sha256)
    return {image: digest(held) for image, held in files.items()}


def _chunks(held: Sequence[_Held], size: int) -> Iterable[Sequence[_Held]]:
    return (held[at : at + size] for at in range(0, len(held), size))
