"""Versions: what became of a dataset since it was published, from the events and the changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Connection, select

from bigpicture.catalogue.dataset_facts import DatasetFacts
from bigpicture.catalogue.disclose import disclosed, disclosed_images
from bigpicture.storage.records import tables as t

COUNTED = ("images", "beings", "cases", "observations", "annotations")


class What(StrEnum):
    """What happened."""

    PUBLISHED = "published"
    ERASED = "erased"
    """Subjects were erased: their images are nowhere any more."""
    STATED = "stated"
    """An earlier version that only the contributors tell of: it was not published here."""


@dataclass(frozen=True, slots=True)
class Version:
    """`counts` are exact, as they were then; what was not recorded is absent.

    `erased` counts the subjects; `note` is what the contributors say of the version.
    """

    what: What
    version: str
    date: datetime | None
    note: str = ""
    erased: int = 0
    counts: Mapping[str, int] = field(default_factory=dict[str, int])


def read_versions(connection: Connection, facts: DatasetFacts) -> tuple[Version, ...]:
    """Everything that happened to a dataset, the newest first; what is only stated comes last."""
    notes = _notes(facts.row["landing"].get("changelog"))
    published = _published(connection, facts, notes)
    told = {each.version for each in published}
    stated = [
        Version(What.STATED, version, None, note)
        for version, note in notes.items()
        if version not in told
    ]
    dated = sorted((*published, *_erased(connection, facts)), key=_moment, reverse=True)
    return (*dated, *reversed(stated))


def _published(
    connection: Connection, facts: DatasetFacts, notes: Mapping[str, str]
) -> list[Version]:
    """From the events; a dataset older than those, or restored without them, tells what it is."""
    table, row = t.events, facts.row
    found = connection.execute(
        select(table.c.time, table.c.details)
        .where(table.c.subject == facts.accession, table.c.action == "dataset:publish")
        .order_by(table.c.seq)
    ).all()
    events: Sequence[tuple[datetime, Mapping[str, Any]]] = [
        (each.time, each.details) for each in found
    ] or [(row["published"], {"version": row["version"]})]
    return [
        Version(
            What.PUBLISHED,
            version := str(details.get("version") or row["version"]),
            moment,
            notes.get(version, ""),
            counts={name: int(details[name]) for name in COUNTED if name in details},
        )
        for moment, details in events
    ]


def _erased(connection: Connection, facts: DatasetFacts) -> Iterable[Version]:
    """One entry a day: when exactly a subject asked to leave is nobody's business."""
    table = t.changes
    moments = connection.execute(
        select(table.c.time).where(table.c.dataset == facts.accession, table.c.kind == "erased")
    ).scalars()
    days: Counter[date] = Counter()
    last: dict[date, datetime] = {}
    for moment in moments:
        day = moment.date()
        days[day] += 1
        last[day] = max(moment, last.get(day, moment))
    version = str(facts.row["version"])
    return [Version(What.ERASED, version, last[day], erased=count) for day, count in days.items()]


def _moment(version: Version) -> datetime:
    assert version.date is not None
    return version.date


def _notes(changelog: object) -> dict[str, str]:
    """What the contributors say of each version, in their order."""
    listed = cast("list[Any]", changelog) if isinstance(changelog, list) else []
    pairs = (cast("list[Any]", each) for each in listed if isinstance(each, list | tuple))
    return {str(pair[0]): " ".join(str(pair[1] or "").split()) for pair in pairs if len(pair) == 2}


@dataclass(frozen=True, slots=True)
class VersionTold:
    """A version as it may be told; `changes` are against the one before, where both are known."""

    version: Version
    counts: Mapping[str, str]
    changes: Mapping[str, int]
    erased: str


def tell_versions(
    versions: Sequence[Version], facts: DatasetFacts, *, is_open: bool
) -> tuple[VersionTold, ...]:
    """Exact to who may open the dataset (`is_open`), else disclosed, and without differences.

    How many subjects were erased is disclosed to everybody.
    """
    told: list[VersionTold] = []
    before: Version | None = None
    for each in reversed(versions):
        counts = _counts(each, facts, is_open=is_open)
        changes = _changes(each, before) if is_open and before else {}
        told.append(
            VersionTold(each, counts, changes, disclosed(each.erased) if each.erased else "")
        )
        before = each if each.what is What.PUBLISHED else before
    return tuple(reversed(told))


def _counts(version: Version, facts: DatasetFacts, *, is_open: bool) -> dict[str, str]:
    if is_open:
        return {name: f"{count:,}" for name, count in version.counts.items()}
    beings = version.counts.get("beings", facts.counts["beings"])
    return {
        name: disclosed(count) if name in ("beings", "cases") else disclosed_images(count, beings)
        for name, count in version.counts.items()
    }


def _changes(version: Version, before: Version) -> dict[str, int]:
    both = (name for name in COUNTED if name in version.counts and name in before.counts)
    changes = {name: version.counts[name] - before.counts[name] for name in both}
    return {name: change for name, change in changes.items() if change}
