"""Newest first: where a page of rows goes on, by when a row changed and then by its id."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Column, ColumnElement, and_, or_

from bigpicture.model.errors import InputError


def behind(
    after: str, *, changed: Column[datetime], key: Column[str]
) -> tuple[ColumnElement[bool], ...]:
    """Conditions for the rows behind `after`, which is `{changed}~{key}`; empty begins.

    Raises `InputError` for what is no such place.
    """
    if not after:
        return ()
    moment, _, last = after.partition("~")
    try:
        time = datetime.fromisoformat(moment).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(
            "this is no place to go on from.",
            place="after",
            remedy="Take it from `next` of the page before.",
        ) from error
    return (or_(changed < time, and_(changed == time, key < last)),)
