"""What was drawn on an image: the annotations that refer to it, and the files they lie in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from bigpicture.storage.records.tables import annotations, objects, submission_files


@dataclass(frozen=True, slots=True)
class DrawnFile:
    """A file of an annotation; `path` is inside the dataset's folder, `id` names it at its door."""

    alias: str
    path: str
    id: str


def read_drawn(connection: Connection, dataset: str, image: str) -> tuple[DrawnFile, ...]:
    """The files of an image's annotations, by alias and path; none of what was erased."""
    table = annotations
    rows = connection.execute(
        select(table.c.alias, table.c.objects)
        .where(table.c.dataset == dataset, table.c.image == image)
        .order_by(table.c.alias)
    ).all()
    of = {key: row.alias for row in rows for key in row.objects}
    if not of:
        return ()
    files = connection.execute(
        select(submission_files.c.id, submission_files.c.path, submission_files.c.object)
        .join(objects, objects.c.key == submission_files.c.object)
        .where(
            submission_files.c.submission == dataset,
            submission_files.c.object.in_(of),
            objects.c.header.is_not(None),
        )
    ).all()
    found = [DrawnFile(of[file.object], file.path, file.id) for file in files]
    return tuple(sorted(found, key=lambda each: (each.alias, each.path)))
