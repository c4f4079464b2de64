"""Standing: hold a published dataset back, take it back, release it; and who knows of it then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, insert, select, update

from bigpicture.access.epoch import bump
from bigpicture.ledger.record import record
from bigpicture.model.errors import InputError, UnknownError
from bigpicture.model.person import Permission, Person
from bigpicture.model.standing import DatasetStanding, Standing
from bigpicture.storage.records.tables import changes, datasets

COLUMNS = (
    datasets.c.standing,
    datasets.c.embargo_until,
    datasets.c.standing_since,
    datasets.c.standing_reason,
)
_ACTIONS = {
    Standing.RELEASED: "dataset:release",
    Standing.EMBARGOED: "dataset:embargo",
    Standing.WITHDRAWN: "dataset:withdraw",
}


def read_standing(row: Mapping[str, object]) -> DatasetStanding:
    """The standing of a row of `datasets`."""
    return DatasetStanding(
        Standing(str(row["standing"])),
        cast("datetime | None", row["embargo_until"]),
        cast("datetime | None", row["standing_since"]),
        str(row["standing_reason"] or ""),
    )


def may_know(
    person: Person | None, standing: DatasetStanding, contributor: str | None, now: datetime
) -> bool:
    """Whether somebody may know that a dataset exists; `contributor` is a person's id."""
    if not standing.is_hidden(now):
        return True
    return person is not None and (
        person.id == contributor or person.may(Permission.DATASET_READ_HIDDEN)
    )


def set_standing(
    connection: Connection,
    dataset: str,
    standing: Standing,
    *,
    until: datetime | None,
    reason: str,
    by: str,
    now: datetime,
) -> DatasetStanding:
    """Give a dataset its standing, in the caller's write transaction; effective at the next read.

    `until` belongs to an embargo and lies ahead. Raises `UnknownError`, `InputError`.
    """
    _check_end(standing, until, now)
    before = _find(connection, dataset)
    if standing is Standing.WITHDRAWN and before.is_hidden(now):
        until = before.until
    after = DatasetStanding(standing, until, now, reason)
    connection.execute(
        update(datasets)
        .where(datasets.c.accession == dataset)
        .values(
            standing=str(standing), embargo_until=until, standing_since=now, standing_reason=reason
        )
    )
    connection.execute(insert(changes).values(dataset=dataset, kind=str(standing), time=now))
    details: dict[str, Any] = {"before": str(before.at(now)), "reason": reason}
    if standing is Standing.EMBARGOED and until is not None:
        details["until"] = until.isoformat()
    record(connection, actor=by, action=_ACTIONS[standing], subject=dataset, details=details)
    bump(connection)
    return after


def check_end(until: datetime | None, now: datetime) -> None:
    """Raise `InputError` where this is no end of an embargo."""
    if until is None or until <= now:
        raise InputError(
            "an embargo needs an end that lies ahead.", place="until", rule="a later moment"
        )


def _check_end(standing: Standing, until: datetime | None, now: datetime) -> None:
    if standing is Standing.EMBARGOED:
        check_end(until, now)
    elif until is not None:
        raise InputError("only an embargo has an end.", place="until", remedy="Leave it out.")


def _find(connection: Connection, dataset: str) -> DatasetStanding:
    asked = select(*COLUMNS).where(datasets.c.accession == dataset).with_for_update()
    row = connection.execute(asked).mappings().first()
    if row is None:
        raise UnknownError("there is no such dataset.", place=dataset)
    return read_standing(dict(row))
