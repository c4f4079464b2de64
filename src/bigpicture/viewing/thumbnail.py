"""Thumbnails: the small pictures that stand for an image or a dataset."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from bigpicture.model.errors import UnknownError
from bigpicture.storage.records import Records
from bigpicture.storage.records.tables import landing_thumbnails
from bigpicture.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Picture:
    body: bytes
    media_type: str


def read_thumbnail(vault: Vault, key: str | None) -> Picture:
    """An image's thumbnail, made when it was accepted; raises `UnknownError` when it has none."""
    if key is None:
        raise UnknownError("this image has no thumbnail.")
    return Picture(vault.read(key), "image/jpeg")


def read_landing_thumbnail(records: Records, vault: Vault, dataset: str, number: int) -> Picture:
    """The picture `number`, from 0, of a dataset's landing page; raises `UnknownError`."""
    table = landing_thumbnails
    question = (
        select(table.c.object, table.c.media_type)
        .where(table.c.dataset == dataset)
        .order_by(table.c.ordinal)
        .offset(number)
        .limit(1)
    )
    with records.read() as connection:
        row = connection.execute(question).first() if 0 <= number < 2**31 else None
    if row is None:
        raise no_picture(dataset)
    return Picture(vault.read(row.object), row.media_type)


def no_picture(dataset: str) -> UnknownError:
    """There is no such dataset, or none such picture of it: nobody learns which."""
    return UnknownError("there is no such picture.", place=dataset)
