"""Committees: who sits on them, and which datasets they decide on."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import Column, Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bigpicture.access.epoch import bump
from bigpicture.ledger.record import record
from bigpicture.model.application_guards import Actor, Seats
from bigpicture.model.committee import MOST_MEMBERS, Committee, check_committee
from bigpicture.model.errors import ConflictError, LimitError, UnknownError
from bigpicture.model.person import Permission, Person
from bigpicture.model.voting import VotingRule
from bigpicture.storage.records.application_tables import (
    committee_datasets,
    committee_members,
    committees,
)
from bigpicture.storage.records.tables import datasets, people


def create_committee(
    connection: Connection, *, name: str, contact: str, rule: VotingRule, quorum: int, by: str
) -> Committee:
    """Found a committee; raises `InputError`, `ConflictError` where the name is taken."""
    check_committee(name, contact, quorum)
    made = Committee(secrets.token_hex(10), name.strip(), contact.strip(), rule, quorum)
    values = {"id": made.id, "created": datetime.now(UTC), **_columns(made)}
    try:
        connection.execute(insert(committees).values(values))
    except IntegrityError as error:
        raise ConflictError("a committee of this name is there.", place="name") from error
    record(
        connection,
        actor=by,
        action="committee:create",
        subject=made.id,
        details={"rule": rule, "quorum": quorum},
    )
    return made


def change_committee(
    connection: Connection, committee: str, *, name: str, contact: str, rule: VotingRule,
    quorum: int, by: str,
) -> Committee:  # fmt: skip
    """Change a committee; votes that are cast already are counted by the new rule."""
    check_committee(name, contact, quorum)
    before = find_committee(connection, committee)
    made = Committee(committee, name.strip(), contact.strip(), rule, quorum)
    try:
        connection.execute(
            update(committees).where(committees.c.id == committee).values(_columns(made))
        )
    except IntegrityError as error:
        raise ConflictError("a committee of this name is there.", place="name") from error
    details = {
        "rule": rule,
        "quorum": quorum,
        "before": {"rule": before.rule, "quorum": before.quorum},
    }
    record(connection, actor=by, action="committee:change", subject=committee, details=details)
    return find_committee(connection, committee)


def seat(connection: Connection, committee: str, person: str, *, by: str) -> None:
    """Seat a person on a committee; nothing happens where they sit there already."""
    found = find_committee(connection, committee)
    if person in found.members:
        return
    if len(found.members) >= MOST_MEMBERS:
        raise LimitError("the committee is full.", rule=f"at most {MOST_MEMBERS} members")
    if connection.execute(select(people.c.id).where(people.c.id == person)).first() is None:
        raise UnknownError("there is no such person.", place="person")
    values = {"committee": committee, "person": person, "since": datetime.now(UTC)}
    connection.execute(insert(committee_members).values(values))
    _record(connection, by, "committee:seat", committee, {"person": person})


def unseat(connection: Connection, committee: str, person: str, *, by: str) -> None:
    """Take a person off a committee; their votes that wait for others count no more."""
    find_committee(connection, committee)
    table = committee_members
    done = connection.execute(
        delete(table).where(table.c.committee == committee, table.c.person == person)
    )
    if done.rowcount:
        _record(connection, by, "committee:unseat", committee, {"person": person})


def give_dataset(connection: Connection, committee: str, dataset: str, *, by: str) -> None:
    """Let a committee decide on a dataset; another that did so does no longer.

    Applications that were submitted before stay with the committee that they were submitted to.
    """
    find_committee(connection, committee)
    known = select(datasets.c.accession).where(datasets.c.accession == dataset)
    if connection.execute(known).first() is None:
        raise UnknownError("there is no such dataset.", place="dataset")
    table = committee_datasets
    before = connection.scalar(select(table.c.committee).where(table.c.dataset == dataset))
    if before == committee:
        return
    connection.execute(delete(table).where(table.c.dataset == dataset))
    values = {"committee": committee, "dataset": dataset, "since": datetime.now(UTC)}
    connection.execute(insert(table).values(values))
    bump(connection)  # where to apply is remembered under the seal epoch
    details = {"dataset": dataset, "before": before}
    _record(connection, by, "committee:give-dataset", committee, details)


def take_dataset(connection: Connection, committee: str, dataset: str, *, by: str) -> None:
    """Let a committee decide on a dataset no longer."""
    find_committee(connection, committee)
    table = committee_datasets
    done = connection.execute(
        delete(table).where(table.c.committee == committee, table.c.dataset == dataset)
    )
    if done.rowcount:
        bump(connection)
        _record(connection, by, "committee:take-dataset", committee, {"dataset": dataset})


def find_committee(connection: Connection, committee: str) -> Committee:
    """One committee with its people and datasets; raises `UnknownError`."""
    row = connection.execute(
        select(committees).where(committees.c.id == committee)
    ).mappings().first()  # fmt: skip
    if row is None:
        raise UnknownError("there is no such committee.")
    return _read(connection, [dict(row)])[0]


def list_committees(connection: Connection, *, after: str = "", limit: int = 50) -> list[Committee]:
    """Committees in the order of their ids."""
    rows = connection.execute(
        select(committees).where(committees.c.id > after).order_by(committees.c.id).limit(limit)
    ).mappings()
    return _read(connection, [dict(row) for row in rows])


def committees_of(connection: Connection, person: str) -> frozenset[str]:
    """The committees on which a person sits."""
    table = committee_members
    return frozenset(connection.scalars(select(table.c.committee).where(table.c.person == person)))


def deciding_on(connection: Connection, wanted: Collection[str]) -> dict[str, str]:
    """The committee of each dataset that has one."""
    table = committee_datasets
    rows = connection.execute(
        select(table.c.dataset, table.c.committee).where(table.c.dataset.in_(wanted))
    )
    return {row.dataset: row.committee for row in rows}


def name_committees(connection: Connection, wanted: Collection[str]) -> dict[str, str]:
    """Names by id."""
    rows = connection.execute(
        select(committees.c.id, committees.c.name).where(committees.c.id.in_(wanted))
    )
    return {row.id: row.name for row in rows}


def seats_of(connection: Connection, wanted: Collection[str]) -> Mapping[str, Seats]:
    """The committees as votes need them: rule, quorum, members with their organisations now."""
    rows = connection.execute(
        select(committees).where(committees.c.id.in_(wanted))
    ).mappings().all()  # fmt: skip
    held = connection.execute(
        select(committee_members.c.committee, people.c.id, people.c.organisation)
        .join(people, people.c.id == committee_members.c.person)
        .where(committee_members.c.committee.in_(wanted))
    ).all()
    members: dict[str, dict[str, str]] = {}
    for row in held:
        members.setdefault(row.committee, {})[row.id] = row.organisation
    return {
        row["id"]: Seats(VotingRule(row["rule"]), row["quorum"], members.get(row["id"], {}))
        for row in rows
    }


def actor_of(connection: Connection, person: Person) -> Actor:
    """A person as applications see them."""
    return Actor(
        id=person.id,
        organisation=person.organisation,
        committees=committees_of(connection, person.id),
        is_steward=person.may(Permission.COMMITTEE_MANAGE),
    )


def _read(connection: Connection, rows: list[dict[str, object]]) -> list[Committee]:
    ids = [str(row["id"]) for row in rows]
    members = _grouped(connection, committee_members.c.committee, committee_members.c.person, ids)
    held = _grouped(connection, committee_datasets.c.committee, committee_datasets.c.dataset, ids)
    return [
        Committee(
            id=str(row["id"]),
            name=str(row["name"]),
            contact=str(row["contact"]),
            rule=VotingRule(str(row["rule"])),
            quorum=int(str(row["quorum"])),
            members=members.get(str(row["id"]), ()),
            datasets=held.get(str(row["id"]), ()),
        )
        for row in rows
    ]


def _grouped(
    connection: Connection, by: Column[str], what: Column[str], ids: Collection[str]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for committee, each in connection.execute(select(by, what).where(by.in_(ids)).order_by(what)):
        found[committee] = (*found.get(committee, ()), each)
    return found


def _columns(committee: Committee) -> dict[str, object]:
    return {
        "name": committee.name,
        "contact": committee.contact,
        "rule": committee.rule,
        "quorum": committee.quorum,
    }


def _record(
    connection: Connection, by: str, action: str, committee: str, details: Mapping[str, object]
) -> None:
    record(connection, actor=by, action=action, subject=committee, details=details)
