"""Convert: on a node that takes identified files, a scanner's own file becomes clean DICOM."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, insert

from bigpicture.dicom.file import FileSource
from bigpicture.model.errors import InputError, SettingsError
from bigpicture.model.image_metadata import Image
from bigpicture.model.study import Study
from bigpicture.model.submission import FileRole, FileState, SubmissionState
from bigpicture.sandbox.run import run
from bigpicture.storage.records.tables import submission_files, upload_parts
from bigpicture.submission.check import over_each, study_of
from bigpicture.submission.clean import limits_of
from bigpicture.submission.convert import convert_slide
from bigpicture.submission.destroy import destroy_source
from bigpicture.submission.files import SubmittedFile, file_of, files_in, open_file
from bigpicture.submission.image_report import KeptReport, keep_report, put_report
from bigpicture.submission.inspect import Inspection, inspect_instance
from bigpicture.submission.parts import stream
from bigpicture.submission.spool import spool, working_folder
from bigpicture.submission.state import enter, set_file
from bigpicture.submission.stores import Stores
from bigpicture.submission.subject import subject_of
from bigpicture.submission.whose import subjects_of
from bigpicture.vault.kept import Kept

BATCH = 8


def begin_converting(stores: Stores, accession: str) -> None:
    """Say that converting begins; where nothing is identified there is nothing to do."""
    enter(stores, accession, SubmissionState.CONVERTING)


def convert_batch(stores: Stores, accession: str) -> int:
    """Convert up to a batch of identified files; returns how many there were (0: all done)."""
    waiting = [
        file
        for file in files_in(stores, accession, roles=[FileRole.IMAGE])
        if file.is_identified and file.state is FileState.CHECKED
    ]
    batch = waiting[:BATCH]
    over_each(stores, convert_file, batch)
    return len(batch)


@dataclass(frozen=True, slots=True)
class _Made:
    """One instance made of an identified file: kept, but not counting yet."""

    name: str
    inspection: Inspection
    body: Kept
    index: Kept
    preview: Kept | None

    @property
    def kept(self) -> tuple[Kept, ...]:
        return (self.body, self.index, *([self.preview] if self.preview else []))


def convert_file(stores: Stores, identity: str) -> None:
    """Convert one slide in a child process, keep its instances, destroy the source (a task).

    All of it counts in one transaction: a kill before leaves the source and no instance, a kill
    after leaves the instances and no source.
    """
    file = file_of(stores, identity)
    if file.state is not FileState.CHECKED:
        return  # done by a worker that died before it could say so
    study = study_of(stores, file.submission)
    image = next(one for one in study.images if one.alias == file.image)
    with working_folder(stores.settings) as folder:
        source = spool(open_file(stores, file), folder / f"source{Path(file.path).suffix.lower()}")
        try:
            made, reported = _convert(stores, study, image, source=source, file=file)
        except InputError as error:
            raise _placed(error, source.name, file.place) from error
    with stores.records.write() as connection:
        for one in made:
            for kept in one.kept:
                stores.vault.settle(connection, kept)
            _insert(connection, file, one)
        doomed = put_report(connection, stores.vault, file.submission, file.image, reported)
        doomed += destroy_source(connection, stores, file)
        set_file(connection, file.id, FileState.CONVERTED)
    stores.vault.erase(doomed)
    stores.records.forget()


def _placed(error: InputError, working: str, place: str) -> InputError:
    """The error with the contributor's place for the name of the working copy."""
    told = error.place.replace(working, place)
    return type(error)(
        error.what.replace(working, place),
        place=told if place in told else f"{place} {told}".rstrip(),
        rule=error.rule,
        remedy=error.remedy,
    )


def _convert(
    stores: Stores, study: Study, image: Image, *, source: Path, file: SubmittedFile
) -> tuple[list[_Made], KeptReport]:
    pseudonyms = stores.pseudonyms
    if pseudonyms is None:
        raise SettingsError("this process has no pseudonym key.", place="keys")
    subject = subject_of(study, image, uid=pseudonyms.uid, pseudonym=pseudonyms.name)
    out = source.parent / "dicom"
    convert_slide(
        source,
        out,
        pseudonyms=pseudonyms,
        subject=subject,
        dates=stores.settings.dates,
        limits=limits_of(stores),
    )
    subjects = subjects_of(stores, file)
    keep = partial(stores.vault.keep, owner=file.submission, subjects=subjects)
    made = [
        _keep(stores, keep, path, f"IMAGES/IMAGE_{image.alias}/{path.name}")
        for path in sorted(out.rglob("*.dcm"))
    ]
    return made, keep_report(stores.vault, out, owner=file.submission, subjects=subjects)


def _keep(stores: Stores, keep: Callable[[Iterable[bytes]], Kept], path: Path, place: str) -> _Made:
    inspection = run(inspect_instance, path, place, limits=limits_of(stores))
    _ = inspection.said
    return _Made(
        name=path.name,
        inspection=inspection,
        body=keep(stream(FileSource(path))),
        index=keep([inspection.index]),
        preview=keep([inspection.preview]) if inspection.preview else None,
    )


def _insert(connection: Connection, source: SubmittedFile, made: _Made) -> None:
    identity = secrets.token_hex(16)
    report = made.inspection.as_json(
        index=made.index.key, preview=made.preview.key if made.preview else None
    )
    connection.execute(
        insert(submission_files).values(
            id=identity,
            submission=source.submission,
            path=f"IMAGES/IMAGE_{source.image}/{made.name}",
            role=FileRole.IMAGE,
            size=made.body.size,
            sha256=made.body.sha256,
            received=made.body.size,
            state=FileState.CONVERTED,
            report=report,
            changed=datetime.now(UTC),
        )
    )
    connection.execute(
        insert(upload_parts).values(
            file=identity, offset=0, length=made.body.size, object=made.body.key
        )
    )
