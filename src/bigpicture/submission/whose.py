"""Whose: the BiologicalBeings that the files of a submission show, as its metadata tell."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, delete, insert, select

from bigpicture.model.being import Being
from bigpicture.model.image_metadata import Image
from bigpicture.model.inheritance import lineage
from bigpicture.model.study import Study
from bigpicture.model.submission import FileRole
from bigpicture.standard.files import candidates
from bigpicture.storage.records.tables import file_beings as table
from bigpicture.submission.files import SubmittedFile
from bigpicture.submission.stores import Stores
from bigpicture.vault.subject import ARRIVAL, DATASET, Subject

_CHUNK = 1000
_OF_THE_DATASET = (FileRole.THUMBNAIL, FileRole.COMPANION)


def beings_of(study: Study, image: Image) -> list[str]:
    """The aliases of all beings on the slides of an image: a slide may hold tissue of several."""
    return sorted({one.alias for one in lineage(study, image).values() if isinstance(one, Being)})


def note_beings(connection: Connection, submission: str, study: Study) -> None:
    """Note whose each file is, for the steps that follow; replaces what was noted before."""
    rows = [
        {"submission": submission, "place": place, "being": being}
        for place, being in sorted(set(_places(study)))
    ]
    connection.execute(delete(table).where(table.c.submission == submission))
    for start in range(0, len(rows), _CHUNK):
        connection.execute(insert(table), rows[start : start + _CHUNK])


def subjects_of(stores: Stores, file: SubmittedFile) -> list[Subject]:
    """Under whose keys a file is sealed once it is checked."""
    if file.role is FileRole.IMAGE:
        return subjects_at(stores, file.submission, f"IMAGES/IMAGE_{file.image}")
    if file.role is FileRole.ANNOTATION:
        return subjects_at(stores, file.submission, file.path)
    return [DATASET if file.role in _OF_THE_DATASET else ARRIVAL]


def subjects_at(stores: Stores, submission: str, place: str) -> list[Subject]:
    """As `subjects_of`, for the folder of an image or the path of an annotation."""
    with stores.records.read() as connection:
        beings = connection.scalars(
            select(table.c.being).where(table.c.submission == submission, table.c.place == place)
        ).all()
    return [Subject.being(alias) for alias in sorted(beings)] or [DATASET]


def _places(study: Study) -> Iterator[tuple[str, str]]:
    beings = {image.key: beings_of(study, image) for image in study.images}
    for image in study.images:
        for being in beings[image.key]:
            yield f"IMAGES/IMAGE_{image.alias}", being
    for annotation in study.annotations:
        drawn_on = study.resolve(annotation.image)
        for being in beings.get(drawn_on.key, ()) if drawn_on else ():
            for file in annotation.files:
                for path in candidates(annotation, file.filename):
                    yield path, being
