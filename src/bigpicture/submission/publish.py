"""Publish: mint accessions and commit the frozen version, its events and its change in one go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TypeAlias

from sqlalchemy import Connection, insert, select, update

from bigpicture.access.epoch import bump
from bigpicture.access.standing import set_standing
from bigpicture.ledger.record import record
from bigpicture.metaflex.build import FileEntry
from bigpicture.metaflex.change import with_accessions, with_all_files, with_references
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.tree import Document
from bigpicture.metaflex.write import write_document
from bigpicture.model.entity import EntityKey
from bigpicture.model.errors import ConflictError
from bigpicture.model.identifiers import Accession
from bigpicture.model.standing import Standing
from bigpicture.model.study import Study
from bigpicture.model.submission import FileRole, FileState, SubmissionState, move
from bigpicture.standard.graph import unlisted
from bigpicture.storage.records.tables import (
    changes,
    datasets,
    documents,
    submissions,
)
from bigpicture.submission.check import DOCUMENT_ROLES, documents_of
from bigpicture.submission.companions import companions_of, insert_companions, spooled
from bigpicture.submission.compare import filled_by_slides
from bigpicture.submission.erase_subject import end_keys
from bigpicture.submission.files import SubmittedFile, files_in
from bigpicture.submission.layout import document_name
from bigpicture.submission.leftovers import doom_leftovers
from bigpicture.submission.pyramid import pyramids_of
from bigpicture.submission.rows import Publication, dataset_row, insert_rows
from bigpicture.submission.state import NODE, enter, set_file, state_of
from bigpicture.submission.stores import Stores
from bigpicture.vault.kept import Kept
from bigpicture.vault.subject import DATASET, SubjectKind

Also: TypeAlias = Callable[[Connection, str], None]


def publish(stores: Stores, accession: str, *, also: Also | None = None) -> None:
    """Publish an accepted submission; publishing again changes nothing.

    `also` is done in the same transaction, last, with the dataset's accession.
    """
    with stores.records.read() as connection:
        is_published = state_of(connection, accession) is SubmissionState.PUBLISHED
    if not is_published:
        _publish(stores, accession, also)
    end_keys(stores, accession, [SubjectKind.ARRIVAL])


def _publish(stores: Stores, accession: str, also: Also | None) -> None:
    enter(stores, accession, SubmissionState.PUBLISHING)
    files = files_in(stores, accession)
    received = documents_of(stores, accession)
    sources = filled_by_slides(received, read_submission(received), files)
    study = read_submission(sources)
    names = mint_all(study, stores.settings.center, Accession.parse(accession))
    kept = _keep_documents(stores, _completed(sources, study, files), accession, names)
    publication = Publication(
        accession=Accession.parse(accession),
        study=study,
        names=names,
        files=files,
        pyramids=pyramids_of([file for file in files if file.role is FileRole.IMAGE]),
        published=datetime.now(UTC),
    )
    with spooled(stores, accession) as places:
        companions = companions_of(places)
        with stores.records.write() as connection:
            doomed = _commit(connection, stores, publication, kept)
            insert_companions(connection, publication.accession, companions, names)
            if also:
                also(connection, accession)
    stores.vault.erase(doomed)


def mint_all(study: Study, center: str, dataset: Accession) -> Mapping[EntityKey, Accession]:
    """An accession for every entity; the dataset's is the submission's own."""
    names = {
        entity.key: Accession.mint(center, entity.kind.accession_kind) for entity in study.entities
    }
    names[study.dataset.key] = dataset
    return names


def _completed(
    sources: Mapping[str, bytes], study: Study, files: Sequence[SubmittedFile]
) -> dict[str, Document]:
    """The documents as they are published.

    The dataset lists every image, annotation and observation (constraint 5). Images that arrived
    as a scanner's own file list their instances instead.
    """
    documents = {path: read_document(data, name=path) for path, data in sources.items()}
    home = study.dataset.place.file
    documents[home] = with_references(documents[home], unlisted(study))
    destroyed = {file.image for file in files if file.is_identified}
    listed: defaultdict[str, dict[str, list[FileEntry]]] = defaultdict(dict)
    for image in study.images:
        if image.alias in destroyed:
            listed[image.place.file][image.alias] = [
                FileEntry(file.path, sha256=file.sha256)
                for file in files
                if file.role is FileRole.IMAGE
                and file.image == image.alias
                and not file.is_identified
            ]
    for path, entries in listed.items():
        documents[path] = with_all_files(documents[path], entries)
    return documents


def _keep_documents(
    stores: Stores,
    sources: Mapping[str, Document],
    accession: str,
    names: Mapping[EntityKey, Accession],
) -> dict[str, Kept]:
    """Keep each document with the accessions written in; document path to what was kept."""
    return {
        path: stores.vault.keep(
            [write_document(with_accessions(document, names))],
            owner=accession,
            subjects=[DATASET],
        )
        for path, document in sources.items()
    }


def _commit(
    connection: Connection, stores: Stores, publication: Publication, kept: Mapping[str, Kept]
) -> list[str]:
    """Everything that makes the dataset public, in the caller's transaction."""
    accession, study = publication.accession, publication.study
    _claim(connection, publication)
    change = connection.execute(
        insert(changes).values(dataset=accession, kind="published", time=publication.published)
    )
    assert change.inserted_primary_key is not None
    connection.execute(
        insert(datasets).values(**dataset_row(publication), seq=change.inserted_primary_key[0])
    )
    insert_rows(connection, publication)
    for path, one in kept.items():
        stores.vault.settle(connection, one)
        connection.execute(
            insert(documents).values(
                dataset=accession,
                name=document_name(path),
                object=one.key,
                is_private=PurePosixPath(path).parts[0] == "PRIVATE",
            )
        )
    _publish_files(connection, publication.files)
    bump(connection)
    _hold_back(connection, publication)
    record(
        connection,
        actor=NODE,
        action="dataset:publish",
        subject=accession,
        details={
            "version": study.dataset.version,
            "images": len(study.images),
            "beings": len(study.beings),
            "cases": len(study.cases),
            "observations": len(study.observations),
            "annotations": len(study.annotations),
        },
    )
    return doom_leftovers(connection, stores, accession)


def _claim(connection: Connection, publication: Publication) -> None:
    """Take the alias and end the submission; raises `ConflictError` where another was faster."""
    accession = publication.accession
    alias = connection.scalar(
        select(submissions.c.alias).where(submissions.c.accession == accession)
    )
    taken = connection.scalar(select(datasets.c.accession).where(datasets.c.alias == alias))
    if taken:
        raise ConflictError("a dataset of this alias was published meanwhile.", place=accession)
    state = move(state_of(connection, accession), SubmissionState.PUBLISHED)
    connection.execute(
        update(submissions)
        .where(submissions.c.accession == accession)
        .values(state=state, problem=None, changed=publication.published)
    )


def _hold_back(connection: Connection, publication: Publication) -> None:
    """Under the embargo that was announced, unless it is over: nobody sees it in between."""
    row = connection.execute(
        select(submissions.c.person, submissions.c.embargo_until).where(
            submissions.c.accession == publication.accession
        )
    ).one()
    if row.embargo_until is not None and row.embargo_until > publication.published:
        set_standing(
            connection,
            publication.accession,
            Standing.EMBARGOED,
            until=row.embargo_until,
            reason="announced with the submission",
            by=row.person,
            now=publication.published,
        )


def _publish_files(connection: Connection, files: list[SubmittedFile]) -> None:
    """End the files' way. Documents as received give way to those with accessions."""
    for file in files:
        is_document = file.role in DOCUMENT_ROLES
        set_file(
            connection,
            file.id,
            FileState.PUBLISHED,
            object=None if is_document else file.object,
            report=None,
        )
