"""The files of a submission as the steps of the node see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bigpicture.model.errors import UnknownError
from bigpicture.model.source import ByteSource
from bigpicture.model.submission import FileRole, FileState
from bigpicture.storage.records.tables import submission_files
from bigpicture.submission.layout import image_alias, is_dicom
from bigpicture.submission.parts import parts_of
from bigpicture.submission.stores import Stores

REMOVED = "source-removed"
"""What the path of an identified file ends in, before its id, once the file is destroyed."""


@dataclass(frozen=True, slots=True)
class SubmittedFile:
    """One row of `submission_files`; `object` is the key of the accepted object, if any."""

    id: str
    submission: str
    path: str
    role: FileRole
    size: int
    sha256: str
    state: FileState
    object: str | None
    report: dict[str, Any] | None

    @property
    def image(self) -> str:
        """The image's alias, for files of role image."""
        return image_alias(self.path)

    @property
    def is_identified(self) -> bool:
        """Whether this is a scanner's own file, whose very name may identify someone."""
        return self.role is FileRole.IMAGE and not is_dicom(self.path)

    @property
    def is_destroyed(self) -> bool:
        """Whether this was a scanner's own file, which is gone for good."""
        return self.is_identified and REMOVED in self.path

    @property
    def place(self) -> str:
        """How messages name the file: its path, or the image's alias if that may identify."""
        return f"IMAGES/IMAGE_{self.image}" if self.is_identified else self.path


_COLUMNS = tuple(submission_files.c[name] for name in SubmittedFile.__slots__)


def files_in(
    stores: Stores, accession: str, *, roles: Iterable[FileRole] = tuple(FileRole)
) -> list[SubmittedFile]:
    """The files of a submission with one of `roles`, in the order of their paths."""
    table = submission_files
    query = (
        select(*_COLUMNS)
        .where(table.c.submission == accession, table.c.role.in_(list(roles)))
        .order_by(table.c.path)
    )
    with stores.records.read() as connection:
        rows = connection.execute(query).all()
    return [as_file(row) for row in rows]


def as_file(row: Any) -> SubmittedFile:  # noqa: ANN401 - a row
    """The file of a row that has at least the columns of `SubmittedFile`."""
    return SubmittedFile(
        id=row.id,
        submission=row.submission,
        path=row.path,
        role=FileRole(row.role),
        size=row.size,
        sha256=row.sha256,
        state=FileState(row.state),
        object=row.object,
        report=row.report,
    )


def file_of(stores: Stores, identity: str) -> SubmittedFile:
    """One file by its id, as it is now; raises `UnknownError`."""
    table = submission_files
    with stores.records.read() as connection:
        row = connection.execute(select(*_COLUMNS).where(table.c.id == identity)).first()
    if row is None:
        raise UnknownError("there is no such file.", place=identity)
    return as_file(row)


def open_file(stores: Stores, file: SubmittedFile) -> ByteSource:
    """Open the bytes of a file: the accepted object if there is one, else what was received."""
    if file.object:
        return stores.vault.open(file.object)
    with stores.records.read() as connection:
        return parts_of(connection, stores.vault, file.id)


def read_file(stores: Stores, file: SubmittedFile) -> bytes:
    """The whole of a small file (a document, a thumbnail)."""
    source = open_file(stores, file)
    return source.read(0, source.size)
