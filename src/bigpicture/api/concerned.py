"""Concerned: beside stewards, a dataset's committee answers for what is granted to it."""

from __future__ import annotations

from sqlalchemy import Connection, ScalarSelect, select

from bigpicture.access.committees import decides_on
from bigpicture.api.asking import require
from bigpicture.model.person import Permission, Person
from bigpicture.storage.records.grant_tables import duties
from bigpicture.storage.records.tables import grants


def require_over(connection: Connection, person: Person, dataset: ScalarSelect[str]) -> None:
    """Raise `ForbiddenError` unless a steward, or a member of the dataset's committee, asks."""
    if not decides_on(connection, person.id, dataset):
        require(person, Permission.GRANT_RECORD)


def dataset_of_grant(grant: str) -> ScalarSelect[str]:
    return select(grants.c.dataset).where(grants.c.id == grant).scalar_subquery()


def dataset_of_duty(duty: str) -> ScalarSelect[str]:
    return select(duties.c.dataset).where(duties.c.id == duty).scalar_subquery()
