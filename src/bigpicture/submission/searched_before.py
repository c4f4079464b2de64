"""What was published before searches by DICOM's names were known is read once more for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from bigpicture.dicom.read import Instance, read_instance
from bigpicture.dicom.searched import Searched
from bigpicture.model.errors import ErasedError
from bigpicture.storage.records.tables import images, levels
from bigpicture.submission.stores import Stores

_AT_ONCE = 100


def read_searched(stores: Stores) -> int:
    """Fill in what `levels` and `images` do not hold yet; returns how many images it filled.

    It opens the header of every level of those images, so it takes some milliseconds each; cut
    off, it goes on when it is called again. Raises `StorageError` or `IntegrityError`.
    """
    filled = 0
    while waiting := _waiting(stores):
        for image in waiting:
            _fill(stores, image)
        filled += len(waiting)
    return filled


def _waiting(stores: Stores) -> list[str]:
    question = select(images.c.accession).where(images.c.study_uid.is_(None)).limit(_AT_ONCE)
    with stores.records.read() as connection:
        return list(connection.scalars(question))


def _fill(stores: Stores, image: str) -> None:
    question = select(levels.c.level, levels.c.object).where(levels.c.image == image)
    with stores.records.read() as connection:
        stored = connection.execute(question.order_by(levels.c.level)).all()
    try:
        read = {row.level: read_instance(stores.vault.open(row.object)) for row in stored}
    except ErasedError:
        read = {}
    base = next(iter(read.values()), None)
    with stores.records.write() as connection:
        for level, instance in read.items():
            of_level = (levels.c.image == image) & (levels.c.level == level)
            connection.execute(update(levels).where(of_level).values(_of_level(instance)))
        connection.execute(
            update(images).where(images.c.accession == image).values(_of_image(base))
        )


def _of_level(instance: Instance) -> Mapping[str, Any]:
    searched = Searched.of(instance.header)
    return {"transfer_syntax": instance.transfer_syntax, "searched": searched.instance}


def _of_image(base: Instance | None) -> Mapping[str, Any]:
    """An image that names no study, or was erased, gets an empty name: nobody asks again."""
    if base is None:
        return {"study_uid": "", "series_uid": "", "searched": None}
    searched = Searched.of(base.header)
    return {
        "study_uid": searched.study_uid,
        "series_uid": str(base.header.get("SeriesInstanceUID", "") or ""),
        "searched": searched.series,
    }
