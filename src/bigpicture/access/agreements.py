"""Agreements: their versions, who accepted which, and what is still to be accepted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, RowMapping, insert, select
from sqlalchemy.exc import IntegrityError

from bigpicture.ledger.record import record
from bigpicture.model.agreement import Agreement, AgreementKind
from bigpicture.model.errors import ConflictError, InputError
from bigpicture.model.person import Person
from bigpicture.storage.records.application_tables import acceptances, agreements

GRACE = timedelta(days=30)
"""How long who accepted an older version may go on, after one that is to be accepted again."""
LONGEST_TEXT = 100_000
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,58}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Acceptance:
    agreement: str
    version: int
    person: str
    at: datetime


def write_agreement(
    connection: Connection,
    *,
    id: str,  # noqa: A002 - its name at the door
    kind: AgreementKind,
    title: str,
    text: str,
    requires_reaccept: bool,
    for_datasets: Collection[str],
    by: str,
) -> Agreement:
    """Write a new agreement, or the next version of one. What was accepted is never changed.

    Raises `InputError`, and `ConflictError` where two write the same version at once.
    """
    if not _ID.fullmatch(id):
        raise InputError("this is no id.", place="id", rule="2 to 60 of a-z, 0-9 and -")
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise InputError("this is no text.", place="text", rule=f"1 to {LONGEST_TEXT:,} letters")
    last = current_agreements(connection).get(id)
    if last and last.kind is not kind:
        raise ConflictError(
            "an agreement keeps its kind.", place="kind", rule=f"{id} is {last.kind}"
        )
    made = Agreement(
        id=id,
        version=last.version + 1 if last else 1,
        kind=kind,
        title=title.strip(),
        text=text,
        requires_reaccept=requires_reaccept,
        since=datetime.now(UTC),
        for_datasets=tuple(sorted(set(for_datasets))),
    )
    try:
        connection.execute(insert(agreements).values(_columns(made)))
    except IntegrityError as error:
        raise ConflictError("this version was written meanwhile.", place=id) from error
    record(
        connection,
        actor=by,
        action="agreement:write",
        subject=made.id,
        details={
            "version": made.version,
            "kind": made.kind,
            "digest": made.digest,
            "requires_reaccept": made.requires_reaccept,
            "for_datasets": list(made.for_datasets),
        },
    )
    return made


def list_agreements(connection: Connection, *, all_versions: bool = False) -> list[Agreement]:
    """Agreements by id, each in its current version, or in all of them, the newest first."""
    rows = connection.execute(
        select(agreements).order_by(agreements.c.id, agreements.c.version.desc())
    ).mappings()
    found = [_read(row) for row in rows]
    if all_versions:
        return found
    current = {each.id: each for each in reversed(found)}
    return [current[name] for name in sorted(current)]


def current_agreements(connection: Connection) -> Mapping[str, Agreement]:
    """The current version of each."""
    return {each.id: each for each in list_agreements(connection)}


def agreements_for(connection: Connection, datasets: Iterable[str]) -> list[Agreement]:
    """The current agreements that concern any of these datasets."""
    wanted = list(datasets)
    return [
        each
        for each in list_agreements(connection)
        if any(each.concerns(dataset) for dataset in wanted)
    ]


def accept(connection: Connection, person: Person, application: str, agreement: Agreement) -> bool:
    """Keep that a person accepted or signed an agreement; False where that was kept before."""
    values = {
        "agreement": agreement.id,
        "version": agreement.version,
        "person": person.id,
        "application": application,
        "method": "signature" if agreement.is_signed else "click",
        "organisation": person.organisation,
        "digest": agreement.digest,
        "at": datetime.now(UTC),
    }
    key = ("agreement", "version", "person", "application")
    known = select(acceptances.c.at).where(*(acceptances.c[name] == values[name] for name in key))
    if connection.execute(known).first():
        return False
    connection.execute(insert(acceptances).values(values))
    return True


def accepted_by(connection: Connection, people: Collection[str]) -> list[Acceptance]:
    """What these people clicked to accept, in whichever application."""
    rows = connection.execute(
        select(acceptances)
        .where(acceptances.c.person.in_(people), acceptances.c.method == "click")
        .order_by(acceptances.c.at)
    ).mappings()
    return [Acceptance(row["agreement"], row["version"], row["person"], row["at"]) for row in rows]


def still_needed(
    versions: Iterable[Agreement],
    accepted: Iterable[tuple[str, int]],
    *,
    now: datetime | None = None,
) -> list[Agreement]:
    """The agreements, of those given in all their versions, that are not accepted well enough.

    A version that is to be accepted again undoes what was accepted before; where `now` is given,
    only from `GRACE` after its day on, which is how a grant that runs is judged.
    """
    held: dict[str, int] = {}
    for agreement, version in accepted:
        held[agreement] = max(version, held.get(agreement, 0))
    by_id: dict[str, list[Agreement]] = {}
    for each in versions:
        by_id.setdefault(each.id, []).append(each)
    return [
        max(written, key=lambda each: each.version)
        for name, written in sorted(by_id.items())
        if held.get(name, 0) < _least(written, now)
    ]


def _least(written: Iterable[Agreement], now: datetime | None) -> int:
    """The oldest version that is still good."""
    binding = [
        each.version
        for each in written
        if each.requires_reaccept and (now is None or each.since + GRACE <= now)
    ]
    return max(binding, default=1)


def _columns(agreement: Agreement) -> dict[str, object]:
    return {
        "id": agreement.id,
        "version": agreement.version,
        "kind": agreement.kind,
        "title": agreement.title,
        "text": agreement.text,
        "digest": agreement.digest,
        "requires_reaccept": agreement.requires_reaccept,
        "for_datasets": list(agreement.for_datasets),
        "since": agreement.since,
    }


def _read(row: RowMapping) -> Agreement:
    return Agreement(
        id=row["id"],
        version=row["version"],
        kind=AgreementKind(row["kind"]),
        title=row["title"],
        text=row["text"],
        requires_reaccept=row["requires_reaccept"],
        since=row["since"],
        for_datasets=tuple(row["for_datasets"]),
    )
