"""The files of a published dataset, as they lie in Bigpicture's folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Connection, Row, select

from bigpicture.model.errors import UnknownError
from bigpicture.model.submission import FileRole
from bigpicture.storage.records.tables import documents, images, objects, submission_files

_LANDING_PAGE = "landing_page"
_AS_SENT = (FileRole.IMAGE, FileRole.ANNOTATION, FileRole.THUMBNAIL, FileRole.COMPANION)
"""What is published as it was accepted; documents are published with accessions written in."""


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """`path` is inside `DATASET_{accession}`, with `/`; size in bytes, SHA-256 in hex.

    `body_sha256` is of its sealed body; None of what was sealed before that was recorded. `image`
    is the alias of the image that it is a level of, empty for all else.
    """

    id: str
    path: str
    size: int
    sha256: str
    body_sha256: str | None
    object: str
    image: str = ""


def list_files(
    connection: Connection,
    dataset: str,
    *,
    image: str | None = None,
    after: str = "",
    limit: int = 1000,
) -> list[DatasetFile]:
    """Images, annotations and thumbnails in the order of their paths, behind the path `after`.

    The order is that of the database's own collation. With an `image` (an alias) its files only.
    """
    table = submission_files
    asked = (
        select(table.c.id, table.c.path, table.c.role, *_OBJECT)
        .join(objects, objects.c.key == table.c.object)
        .where(
            table.c.submission == dataset,
            table.c.path > after,
            objects.c.header.is_not(None),  # what was erased is not there any more
        )
        .order_by(table.c.path)
        .limit(limit)
    )
    if image is None:
        asked = asked.where(table.c.role.in_(_AS_SENT))
    else:
        folder = f"IMAGES/IMAGE_{image}/"
        asked = asked.where(
            table.c.role == FileRole.IMAGE, table.c.path.startswith(folder, autoescape=True)
        )
    return [_sent(row) for row in connection.execute(asked).all()]


def find_file(connection: Connection, dataset: str, file: str) -> DatasetFile:
    """One file of a dataset by its id; raises `UnknownError`."""
    table = submission_files
    row = connection.execute(
        select(table.c.id, table.c.path, table.c.role, *_OBJECT)
        .join(objects, objects.c.key == table.c.object)
        .where(table.c.submission == dataset, table.c.id == file, table.c.role.in_(_AS_SENT))
    ).first()
    if row is not None:
        return _sent(row)
    found = next((one for one in list_documents(connection, dataset) if one.id == file), None)
    if found is None:
        raise UnknownError("there is no such file.", place=dataset)
    return found


def find_instance(connection: Connection, dataset: str, key: str) -> DatasetFile:
    """The file of a level, by the key of its object; raises `UnknownError`."""
    table = submission_files
    row = connection.execute(
        select(table.c.id, table.c.path, table.c.role, *_OBJECT)
        .join(objects, objects.c.key == table.c.object)
        .where(table.c.submission == dataset, table.c.object == key)
    ).first()
    if row is None:
        raise UnknownError("there is no such file.", place=dataset)
    return _sent(row)


def find_alias(connection: Connection, dataset: str, image: str) -> str:
    """The alias of a dataset's image by its accession; raises `UnknownError`."""
    alias = connection.scalar(
        select(images.c.alias).where(images.c.dataset == dataset, images.c.accession == image)
    )
    if alias is None:
        raise UnknownError("there is no such image in this dataset.", place=dataset)
    return alias


_OBJECT = (objects.c.size, objects.c.sha256, objects.c.body_sha256, objects.c.key)


def list_documents(connection: Connection, dataset: str) -> list[DatasetFile]:
    """The few documents that a reader gets: what lies in PRIVATE is for the node alone."""
    rows = connection.execute(
        select(documents.c.name, *_OBJECT)
        .join(objects, objects.c.key == documents.c.object)
        .where(documents.c.dataset == dataset, documents.c.is_private.is_(False))
        .order_by(documents.c.name)
    ).all()
    return [DatasetFile(f"document-{row[0]}", _document_path(row[0]), *row[1:]) for row in rows]


def _document_path(name: str) -> str:
    folder = "LANDING_PAGE" if name == _LANDING_PAGE else "METADATA"
    return f"{folder}/{name}.xml"


def _sent(row: Row[*tuple[Any, ...]]) -> DatasetFile:
    image = PurePosixPath(row.path).parts[1].removeprefix("IMAGE_")
    return DatasetFile(
        row.id,
        row.path,
        row.size,
        row.sha256,
        row.body_sha256,
        row.key,
        image if row.role == FileRole.IMAGE else "",
    )
