"""Who is erased is closed everywhere: here, and in any copy of records and bodies put back."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from bigpicture.catalogue.catalogue import Catalogue
from bigpicture.catalogue.files import find_file, list_files
from bigpicture.catalogue.index.lineage import NothingAbove
from bigpicture.ledger.read import events_after
from bigpicture.model.errors import ConflictError, ErasedError, UnknownError
from bigpicture.model.query import Asked, Query
from bigpicture.model.scope import Scope
from bigpicture.sealing.header import read_header
from bigpicture.storage.objects import Objects
from bigpicture.storage.records import open_records
from bigpicture.storage.records import tables as t
from bigpicture.submission import erase_subject as erasing
from bigpicture.submission.erase_subject import erase_subject, finish_erasures
from bigpicture.submission.withdraw import withdraw_submission
from bigpicture.submission.wrap_headers import wrap_dataset
from bigpicture.vault.key_counts import count_keys
from bigpicture.vault.vault import Vault
from bigpicture.vault.wrap import unwrap
from submitting import ingested, opened, rows, send, sent


@pytest.fixture
def dataset(stores, contributor, clean_contents):
    accession, attempt = sent(stores, contributor, clean_contents)
    row = ingested(stores, accession, attempt)
    assert row.state == "published", row.problem
    return accession


def one_being(stores):
    with stores.records.read() as connection:
        return connection.scalars(select(t.beings.c.accession)).one()


def slide_objects(stores):
    """Everything that shows the being or was drawn on it."""
    with stores.records.read() as connection:
        levels = connection.execute(select(t.levels.c.object, t.levels.c.index_object)).all()
        thumbnails = connection.scalars(select(t.images.c.thumbnail)).all()
        drawn = connection.scalars(select(t.annotations.c.objects)).all()
    return {key for row in levels for key in row} | {*thumbnails} | {k for ks in drawn for k in ks}


def documents(stores):
    with stores.records.read() as connection:
        return connection.scalars(select(t.documents.c.object)).all()


def opens(stores, key):
    try:
        stores.vault.read(key)
    except ErasedError:
        return False
    return True


def counts(stores):
    with stores.records.read() as connection:
        return count_keys(connection)


def bodies(stores):
    root = stores.settings.data / "objects"
    return {path.relative_to(root).as_posix() for path in root.rglob("*/*") if path.is_file()}


def back_up(stores, folder):
    """As docs/operate.md has it: the records, then the objects; no keys of subjects."""
    folder.mkdir()
    with (
        sqlite3.connect(stores.settings.data / "records.sqlite") as present,
        sqlite3.connect(folder / "records.sqlite") as copy,
    ):
        present.backup(copy)
    copy.close()
    present.close()
    shutil.copytree(stores.settings.data / "objects", folder / "objects")
    return folder


def put_back(stores, folder):
    """A node over the backup, with the node's own keys and the key store as it is today."""
    settings = stores.settings.model_copy(update={"data": folder})
    records = open_records(settings.records_url)
    vault = Vault(
        records, Objects(settings.objects_url), stores.vault._keys, stores.vault.key_store
    )
    return replace(stores, settings=settings, records=records, vault=vault)


def test_slides_go_and_the_dataset_stays(stores, dataset):
    being, slides = one_being(stores), slide_objects(stores)
    before_it = Catalogue(stores.records, None, NothingAbove())
    everything = Scope(opened=frozenset({dataset}))
    assert before_it.find(Asked(), everything).total == 1
    assert all(opens(stores, key) for key in slides)
    before = bodies(stores)
    erased = erase_subject(stores, being, actor="console", reason="consent withdrawn")
    assert (erased.dataset, erased.objects) == (dataset, len(slides))
    assert not any(opens(stores, key) for key in slides)
    assert all(opens(stores, key) for key in documents(stores))
    assert before - bodies(stores) == slides
    with stores.records.read() as connection:
        (event,) = [e for e in events_after(connection, 0, 1000) if e.action == "subject:erase"]
        epoch = connection.scalar(select(t.epochs.c.value).where(t.epochs.c.name == "erasure"))
        left = {file.path.split("/")[0] for file in list_files(connection, dataset)}
    assert (event.subject, event.actor) == (being, "console")
    assert event.details["reason"] == "consent withdrawn"
    assert epoch == 1
    assert left == {"LANDING_PAGE"}  # the listing of what can be had
    for catalogue in (before_it, Catalogue(stores.records, None, NothingAbove())):
        assert catalogue.find(Asked(), everything).total == 0
        found = catalogue.search(Query(), everything)
        assert [each.accession for each in found.items] == [dataset]
    with stores.records.read() as connection:
        image = connection.scalars(select(t.images.c.accession)).one()
    with pytest.raises(ErasedError):
        catalogue.image(image)
    assert erase_subject(stores, being, reason="again").objects == 0
    assert finish_erasures(stores) == 0


def test_an_erased_file_is_told_from_one_that_never_was(stores, dataset):
    with stores.records.read() as connection:
        slide = next(f for f in list_files(connection, dataset) if f.path.startswith("IMAGES/"))
    erase_subject(stores, one_being(stores), reason="test")
    with stores.records.read() as connection:
        file = find_file(connection, dataset, slide.id)
        with pytest.raises(UnknownError):
            find_file(connection, dataset, "nothing")
    with pytest.raises(ErasedError):
        stores.vault.open(file.object)


def test_last_weeks_backup_stays_closed(here, contributor, clean_contents, tmp_path):
    accession, attempt = sent(here, contributor, clean_contents)
    during = []
    for since, until in (("check", "clean"), ("clean", "accept"), ("accept", "publish")):
        ingested(here, accession, attempt, since=since, until=until)
        during.append(back_up(here, tmp_path / f"before {until}"))
    row = ingested(here, accession, attempt, since="publish")
    assert row.state == "published", row.problem
    backup = back_up(here, tmp_path / "last week")
    slides = slide_objects(here)
    with here.records.read() as connection:
        kept = here.vault.owned_by(connection, accession)
    erase_subject(here, one_being(here), reason="consent withdrawn")

    old = put_back(here, backup)
    assert not any(opens(old, key) for key in slides)
    assert all(opens(old, key) for key in documents(old))
    assert slides <= bodies(old)
    assert finish_erasures(old) == 1  # what a node does when it starts
    assert not slides & bodies(old)
    assert not any(opens(old, key) for key in slides)
    assert finish_erasures(old) == 0
    old.records.close()

    for folder in during:  # also what it was received as, and made of, on its way
        old = put_back(here, folder)
        with old.records.read() as connection:
            held = connection.execute(
                select(t.objects.c.key).where(t.objects.c.header.is_not(None))
            ).scalars()
            keys = list(held)
        assert len(keys) > 10
        assert not [key for key in keys if opens(old, key) and key not in kept]
        assert not [key for key in keys if opens(old, key) and key in slides]
        old.records.close()


def test_a_kill_between_key_and_records_is_finished_at_the_next_start(
    here, contributor, clean_contents, monkeypatch
):
    accession, attempt = sent(here, contributor, clean_contents)
    ingested(here, accession, attempt)
    being, slides = one_being(here), slide_objects(here)

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erasing, "mark_destroyed", killed)
        with pytest.raises(KeyboardInterrupt):
            erase_subject(here, being, reason="test")
    assert not any(opens(here, key) for key in slides)
    assert slides <= bodies(here)
    assert finish_erasures(here) == 1
    assert not slides & bodies(here)
    with here.records.read() as connection:
        actions = [each.action for each in events_after(connection, 0, 1000)]
    assert actions.count("subject:erase") == 1


def test_no_key_of_an_arrival_outlives_it(stores, contributor, clean_contents):
    withdrawn = opened(stores, contributor, clean_contents, alias="other")
    path = "METADATA/dataset.xml"
    send(stores, contributor, rows(stores, withdrawn)[path].id, clean_contents[path])
    assert counts(stores).arrivals == 1
    withdraw_submission(stores, contributor, withdrawn)
    assert counts(stores).arrivals == 0
    accession, attempt = sent(stores, contributor, clean_contents)
    ingested(stores, accession, attempt, until="publish")
    assert counts(stores).arrivals == 1
    assert ingested(stores, accession, attempt, since="publish").state == "published"
    left = counts(stores)
    assert (left.arrivals, left.beings, left.datasets, left.bare) == (0, 1, 1, 0)


def test_what_was_published_before_there_were_keys_is_wrapped(stores, dataset):
    """As release 0.4 left it: headers under the node's key alone, and nothing known of subjects."""
    store, pair = stores.vault.key_store, stores.vault._keys
    with stores.records.write() as connection:
        for row in connection.execute(
            select(t.objects.c.key, t.objects.c.header, t.object_seals.c.key.label("name")).join(
                t.object_seals, t.object_seals.c.object == t.objects.c.key
            )
        ).all():
            bare = unwrap(row.header, {row.name: store.read(row.name)}, name=row.key)
            read_header(bare, pair)
            connection.execute(
                update(t.objects).where(t.objects.c.key == row.key).values(header=bare)
            )
        connection.execute(t.object_seals.delete())
        connection.execute(t.subject_keys.delete())
        connection.execute(t.file_beings.delete())
    slides, being = slide_objects(stores), one_being(stores)
    assert all(opens(stores, key) for key in slides)
    assert counts(stores).bare == len(slides) + len(documents(stores)) + 1  # a landing thumbnail
    with pytest.raises(ConflictError, match="no key of its own"):
        erase_subject(stores, being, reason="test")
    before = bodies(stores)
    assert wrap_dataset(stores, dataset) == len(slides) + len(documents(stores)) + 1
    assert wrap_dataset(stores, dataset) == 0
    assert counts(stores).bare == 0
    assert bodies(stores) == before
    assert all(opens(stores, key) for key in (*slides, *documents(stores)))
    assert erase_subject(stores, being, reason="test").objects == len(slides)
    assert not any(opens(stores, key) for key in slides)
    assert all(opens(stores, key) for key in documents(stores))


def test_nobody_is_erased_by_a_wrong_name(here):
    with pytest.raises(UnknownError):
        erase_subject(here, "bb-being-aaaaaa-aaaaaa", reason="test")
