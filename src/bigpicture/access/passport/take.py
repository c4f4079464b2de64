"""Take a person's visas in: judge them, keep what they say, open what they open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select, update

from bigpicture.access.epoch import Epoch, bump
from bigpicture.access.identity.accounts import identities_of
from bigpicture.access.identity.trusted import Trusted
from bigpicture.access.outside import Wanted, follow
from bigpicture.access.passport.judge import Judged, KeysOf, judge
from bigpicture.access.passport.rights import controlled, registered_until
from bigpicture.ledger.record import record
from bigpicture.model.visa import Usable
from bigpicture.storage.records import Records
from bigpicture.storage.records.identity_tables import visas
from bigpicture.storage.records.tables import datasets, people

_DATASETS = "/datasets/"


@dataclass(frozen=True, slots=True)
class VisaHeld:
    """A visa as it was taken in; `trouble` says why it is not relied on, empty: it is."""

    digest: str
    issuer: str
    type: str
    value: str
    source: str
    by: str
    expires: datetime
    trouble: str


def take_visas(
    records: Records,
    person: str,
    texts: Sequence[str],
    *,
    broker: str,
    trusted: Trusted,
    keys_of: KeysOf,
    node_url: str,
    is_complete: bool,
    is_sealed: Callable[[str], bool],
) -> Judged:
    """Take them in for `person` (an id); `broker` is the issuer that handed them over.

    With `is_complete` they are all that the broker has, and what it said before and says no more
    ends. Keys are fetched before the transaction begins. Raises `TokenError` where there are too
    many.
    """
    now = datetime.now(UTC)
    with records.read() as connection:
        own = [each.identity for each in identities_of(connection, person)]
    trust = {iss: each for iss, each in trusted.trust.items() if not is_sealed(iss)}
    judged = judge(texts, own=own, trusted=trust, keys_of=keys_of, now=now)
    with records.write() as connection:
        _keep(connection, person, judged, now)
        opened = controlled(judged.usable, _dataset_of(connection, trusted, node_url))
        wanted = {
            dataset: Wanted(each.until, each.visa.digest, f"visa of {each.visa.source}")
            for dataset, each in opened.items()
        }
        follow(connection, decider=broker, person=person, wanted=wanted, is_complete=is_complete)
        registered = registered_until(judged.usable)
        _register(connection, person, registered, broker=broker, is_complete=is_complete)
        record(
            connection,
            actor=person,
            action="visa:take",
            subject=person,
            details={
                "broker": broker,
                "usable": [each.visa.digest for each in judged.usable],
                "refused": dict(judged.refused),
                "datasets": {dataset: each.reference for dataset, each in wanted.items()},
                "registered_until": registered.isoformat() if registered else None,
            },
        )
    return judged


def visas_of(connection: Connection, person: str) -> list[VisaHeld]:
    """What was taken in of a person last, the longest first."""
    rows = connection.execute(
        select(visas).where(visas.c.person == person).order_by(visas.c.expires.desc())
    )
    names = ("digest", "issuer", "type", "value", "source", "by", "expires", "trouble")
    return [VisaHeld(**{name: row[name] for name in names}) for row in rows.mappings()]


def _keep(connection: Connection, person: str, judged: Judged, now: datetime) -> None:
    """Keep what they say, not the visas: who reads our records cannot show them elsewhere."""
    connection.execute(delete(visas).where(visas.c.person == person))
    trouble = dict(judged.refused)
    rows = [
        {
            "person": person,
            "digest": visa.digest,
            "issuer": visa.identity.issuer,
            "type": visa.type,
            "value": visa.value,
            "source": visa.source,
            "by": str(visa.by or ""),
            "asserted": visa.asserted,
            "expires": visa.expires,
            "taken": now,
            "trouble": trouble.get(visa.digest, ""),
        }
        for visa in judged.read
    ]
    if rows:
        connection.execute(insert(visas), rows)


def _register(
    connection: Connection,
    person: str,
    until: datetime | None,
    *,
    broker: str,
    is_complete: bool,
) -> None:
    mine = people.c.id == person
    held = connection.execute(
        select(people.c.registered_until, people.c.registered_by).where(mine)
    ).one()
    before = held.registered_until
    is_theirs = is_complete and held.registered_by == broker
    if not is_theirs and before is not None and (until is None or before > until):
        return  # of a broker that was not asked now, or more than is said now
    if until != before:
        given = {"registered_until": until, "registered_by": broker if until else None}
        connection.execute(update(people).where(mine).values(given))
        bump(connection, Epoch.SESSION)
        bump(connection)


def _dataset_of(
    connection: Connection, trusted: Trusted, node_url: str
) -> Callable[[Usable], str | None]:
    """The accession behind a visa's value: as its issuer's settings map it, or our own address."""
    maps = {each.issuer: each.datasets for each in trusted.visas}

    def find(usable: Usable) -> str | None:
        visa = usable.visa
        own = f"{node_url}{_DATASETS}"
        named = maps.get(visa.identity.issuer, {}).get(visa.value)
        accession = named or (visa.value.removeprefix(own) if visa.value.startswith(own) else None)
        known = select(datasets.c.accession).where(datasets.c.accession == accession)
        return connection.scalar(known) if accession else None

    return find
