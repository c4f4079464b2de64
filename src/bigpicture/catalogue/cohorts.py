"""Cohorts in the records: kept, found, changed, shared, deleted."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from bigpicture.ledger.record import record
from bigpicture.model.cohort import Cohort, Sharing, check_texts
from bigpicture.model.errors import (
    ChangedError,
    ForbiddenError,
    LimitError,
    UnknownError,
)
from bigpicture.model.person import Person
from bigpicture.model.question import Question
from bigpicture.model.question_json import question_as_json, question_from_json
from bigpicture.storage.records.newest import behind
from bigpicture.storage.records.tables import (
    cohort_lists,
    cohort_versions,
    cohorts,
    people,
)

MOST_COHORTS = 1000
"""Of one person."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A cohort as lists show it: how often it was frozen, and when last."""

    cohort: Cohort
    versions: int
    frozen: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of a cohort; None leaves as it is."""

    name: str | None = None
    notes: str | None = None
    question: Question | None = None
    sharing: Sharing | None = None


def create_cohort(
    connection: Connection,
    person: Person,
    *,
    name: str,
    notes: str,
    question: Question,
    sharing: Sharing = Sharing.PRIVATE,
) -> Cohort:
    """Keep a question; raises `InputError` for a wrong name, `LimitError` for too many."""
    check_texts(name, notes)
    mine = select(func.count()).select_from(cohorts).where(cohorts.c.owner == person.id)
    if connection.execute(mine).scalar_one() >= MOST_COHORTS:
        raise LimitError(
            "there are too many cohorts.",
            rule=f"at most {MOST_COHORTS:,} for each person",
            remedy="Delete one that is not needed any more.",
        )
    now = datetime.now(UTC)
    made = Cohort(
        id=secrets.token_hex(16),
        owner=person.id,
        owner_name=person.display_name,
        name=name.strip(),
        notes=notes,
        question=question,
        sharing=sharing,
        created=now,
        changed=now,
        etag=secrets.token_hex(8),
    )
    connection.execute(
        insert(cohorts).values(
            id=made.id, owner=made.owner, created=made.created, **_changeable(made)
        )
    )
    _record(connection, person, "cohort:create", made.id)
    if sharing is not Sharing.PRIVATE:
        _record(connection, person, "cohort:share", made.id, {"sharing": sharing})
    return made


def list_cohorts(
    connection: Connection, person: Person, *, shared: bool, after: str = "", limit: int = 50
) -> list[Listed]:
    """The person's own cohorts, or those that others share with the node; last changed first."""
    mine = cohorts.c.owner == person.id
    whose = and_(~mine, cohorts.c.sharing == Sharing.NODE) if shared else mine
    counted = (
        select(
            cohort_versions.c.cohort,
            func.count().label("versions"),
            func.max(cohort_versions.c.frozen).label("frozen"),
        )
        .group_by(cohort_versions.c.cohort)
        .subquery()
    )
    rows = connection.execute(
        select(*_COLUMNS, counted.c.versions, counted.c.frozen)
        .join(people, people.c.id == cohorts.c.owner)
        .outerjoin(counted, counted.c.cohort == cohorts.c.id)
        .where(whose, *behind(after, changed=cohorts.c.changed, key=cohorts.c.id))
        .order_by(cohorts.c.changed.desc(), cohorts.c.id.desc())
        .limit(limit)
    ).mappings()
    return [Listed(read_cohort(row), row["versions"] or 0, row["frozen"]) for row in rows]


def page_key(cohort: Cohort) -> str:
    """What `list_cohorts` goes on after."""
    return f"{cohort.changed.isoformat()}~{cohort.id}"


def find_cohort(connection: Connection, person: Person, cohort: str) -> Cohort:
    """A cohort that the person may read; raises `UnknownError` for all others."""
    row = connection.execute(
        select(*_COLUMNS)
        .join(people, people.c.id == cohorts.c.owner)
        .where(cohorts.c.id == cohort)
    ).mappings().first()  # fmt: skip
    found = read_cohort(row) if row else None
    if found is None or not found.may_read(person.id):
        raise UnknownError("there is no such cohort, or it is not shared with you.")
    return found


def own_cohort(connection: Connection, person: Person, cohort: str) -> Cohort:
    """A cohort of the person's own; raises `ForbiddenError` for one that is only shared."""
    found = find_cohort(connection, person, cohort)
    if found.owner != person.id:
        raise ForbiddenError(
            "only the owner of a cohort changes and freezes it.",
            remedy="Save a copy of its question as a cohort of your own.",
        )
    return found


def change_cohort(
    connection: Connection, person: Person, cohort: str, change: Change, *, known: str
) -> Cohort:
    """Change a cohort of the person's own, from the version whose tag is `known`.

    Raises `ChangedError` where it was changed since, `UnknownError`, `ForbiddenError`,
    `InputError`.
    """
    before = own_cohort(connection, person, cohort)
    given = {
        name: value
        for name in ("name", "notes", "question", "sharing")
        if (value := getattr(change, name)) is not None
    }
    fresh = {"changed": datetime.now(UTC), "etag": secrets.token_hex(8)}
    after = replace(before, **given, **fresh)
    check_texts(after.name, after.notes)
    done = connection.execute(
        update(cohorts)
        .where(cohorts.c.id == cohort, cohorts.c.etag == known)
        .values(**_changeable(after))
    )
    if not done.rowcount:
        raise ChangedError(
            "the cohort was changed elsewhere meanwhile.",
            rule="If-Match is the ETag of the version that was changed",
            remedy="Open it as it is now, and make the change again.",
        )
    if after.sharing is not before.sharing:
        _record(connection, person, "cohort:share", cohort, {"sharing": after.sharing})
    return after


def delete_cohort(connection: Connection, person: Person, cohort: str) -> None:
    """Delete a cohort with its versions; a list that has an accession stays, for who cites it."""
    own_cohort(connection, person, cohort)
    digests = connection.scalars(
        select(cohort_versions.c.digest).where(cohort_versions.c.cohort == cohort)
    ).all()
    connection.execute(delete(cohort_versions).where(cohort_versions.c.cohort == cohort))
    connection.execute(delete(cohorts).where(cohorts.c.id == cohort))
    connection.execute(
        delete(cohort_lists).where(
            cohort_lists.c.digest.in_(digests),
            cohort_lists.c.accession.is_(None),
            cohort_lists.c.digest.not_in(select(cohort_versions.c.digest)),
        )
    )
    _record(connection, person, "cohort:delete", cohort)


def read_cohort(row: Mapping[Any, Any]) -> Cohort:
    """A cohort from a row of `cohorts`, with its owner's name."""
    return Cohort(
        **{name: row[name] for name in _PLAIN},
        owner_name=row["owner_name"],
        question=question_from_json(row["question"]),
        sharing=Sharing(row["sharing"]),
    )


_PLAIN = ("id", "owner", "name", "notes", "created", "changed", "etag")
_COLUMNS = (*cohorts.c, people.c.display_name.label("owner_name"))


def _changeable(cohort: Cohort) -> dict[str, object]:
    return {
        "name": cohort.name.strip(),
        "notes": cohort.notes,
        "question": question_as_json(cohort.question),
        "sharing": cohort.sharing,
        "changed": cohort.changed,
        "etag": cohort.etag,
    }


def _record(
    connection: Connection,
    person: Person,
    action: str,
    cohort: str,
    details: Mapping[str, object] | None = None,
) -> None:
    record(connection, actor=person.id, action=action, subject=cohort, details=details)
