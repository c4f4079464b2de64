"""REMS as the decider: its entitlements become grants here, and end with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from bigpicture.access.identity.accounts import person_of
from bigpicture.access.identity.fetch import UnreachedError, fetch
from bigpicture.access.identity.trusted import Rems, read_secret_file
from bigpicture.access.outside import Wanted, follow, followed
from bigpicture.model.visa import Identity
from bigpicture.storage.records import Records
from bigpicture.storage.records.tables import datasets

_PATH = "/api/entitlements"


@dataclass(frozen=True, slots=True)
class Entitlement:
    """That a user of REMS may use a resource. REMS lets `end` be absent: for ever."""

    application: int
    resource: str
    user: str
    start: datetime
    end: datetime | None


def ask_entitlements(rems: Rems) -> list[Entitlement]:
    """All live entitlements; raises `UnreachedError` unless REMS gives the whole list.

    Half a list would revoke the other half's grants.
    """
    status, told = fetch(
        f"{rems.url.rstrip('/')}{_PATH}",
        headers={"x-rems-api-key": read_secret_file(rems.key_file), "x-rems-user-id": rems.user},
    )
    if status != 200 or not isinstance(told, list):
        raise UnreachedError("REMS gives no entitlements.", rule=f"HTTP {status}")
    try:
        return [read_entitlement(each) for each in told]
    except (KeyError, TypeError, ValueError) as error:
        raise UnreachedError("REMS gives an entitlement that cannot be read.") from error


def read_entitlement(told: Mapping[str, Any]) -> Entitlement:
    """One entitlement; raises `KeyError`, `TypeError` or `ValueError` for another shape."""
    application, end = told["application-id"], told.get("end")
    return Entitlement(
        application=int(application),
        resource=str(told["resource"]),
        user=str(told["user"]["userid"]),
        start=_moment(told["start"]),
        end=None if end is None else _moment(end),
    )


def poll(records: Records, rems: Rems) -> int:
    """Ask REMS, and let the grants be what it says; how many entitlements concern this node.

    What REMS does not list any more is revoked. Raises `UnreachedError`, and then changes nothing.
    """
    entitled = ask_entitlements(rems)
    with records.write() as connection:
        return _follow_all(connection, rems, entitled, datetime.now(UTC))


def _follow_all(
    connection: Connection, rems: Rems, entitled: Iterable[Entitlement], now: datetime
) -> int:
    ours = _our_datasets(connection)
    wanted: dict[str, dict[str, Wanted]] = {}
    count = 0
    for each in entitled:
        dataset = rems.datasets.get(each.resource, each.resource)
        person = person_of(connection, Identity(rems.issuer, each.user))
        until = _until(each, rems, now)
        if person is None or dataset not in ours or each.start > now or until <= now:
            continue
        count += 1
        held = wanted.setdefault(person.id, {}).get(dataset)
        if held is None or held.until < until:
            reference = f"{each.application} {each.resource}"[:255]
            reason = f"application {each.application} at {rems.url}"
            wanted[person.id][dataset] = Wanted(until, reference, reason)
    for person in sorted(wanted.keys() | followed(connection, rems.url)):
        follow(
            connection,
            decider=rems.url,
            person=person,
            wanted=wanted.get(person, {}),
            is_complete=True,
        )
    return count


def _until(entitlement: Entitlement, rems: Rems, now: datetime) -> datetime:
    """A grant of ours always ends: where REMS sets none, so many days after it began.

    While REMS goes on saying so, the last tenth of that time brings the next grant.
    """
    if entitlement.end is not None:
        return entitlement.end
    longest = timedelta(days=rems.longest_days)
    end = entitlement.start + longest
    while end <= now + longest / 10:
        end += longest
    return end


def _our_datasets(connection: Connection) -> set[str]:
    return set(connection.scalars(select(datasets.c.accession)))


def _moment(told: object) -> datetime:
    moment = datetime.fromisoformat(str(told))
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment
