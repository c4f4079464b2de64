"""Concerned: beside stewards, a dataset's committee acts on what is granted to it."""

from __future__ import annotations

from sqlalchemy import Connection

from bigpicture.access.committees import sits_over
from bigpicture.api.asking import require
from bigpicture.model.person import Permission, Person


def require_over(connection: Connection, person: Person, dataset: str | None) -> None:
    """Raise `ForbiddenError` unless a steward, or a member of the dataset's committee, asks.

    `dataset` is None where what is asked for is not there: only a steward is told so.
    """
    if dataset is None or not sits_over(connection, person, dataset):
        require(person, Permission.GRANT_RECORD)
