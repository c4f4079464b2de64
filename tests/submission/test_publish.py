"""Publishing is one act: all of it or none, once, and nothing is left that no row needs."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bigpicture.access.standing import read_standing
from bigpicture.ledger.read import events_after
from bigpicture.model.errors import InputError
from bigpicture.model.standing import Standing
from bigpicture.model.submission import SubmissionState
from bigpicture.model.use_policy_json import use_policy_of
from bigpicture.storage.records import tables as t
from bigpicture.submission.publish import publish
from submitting import ingested, opened, rows, sent, state, step


@pytest.fixture
def accepted(stores, contributor, clean_contents):
    accession, attempt = sent(stores, contributor, clean_contents)
    row = ingested(stores, accession, attempt, until="publish")
    assert row.state == SubmissionState.ACCEPTING, row.problem
    return accession, attempt


def count(stores, table):
    with stores.records.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_everything_is_there_once(stores, accepted, clean_contents):
    accession, attempt = accepted
    step(stores, accession, attempt, "publish")
    publish(stores, accession)  # a repeat changes nothing
    assert state(stores, accession) is SubmissionState.PUBLISHED
    with stores.records.read() as connection:
        (dataset,) = connection.execute(select(t.datasets)).all()
        (image,) = connection.execute(select(t.images)).all()
        levels = connection.execute(select(t.levels).order_by(t.levels.c.level)).all()
        annotation = connection.execute(select(t.annotations)).one()
        recorded = list(events_after(connection, 0, 1000))
        counted = {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in (t.images, t.beings, t.cases, t.observations, t.annotations)
        }
        kept = stores.vault.owned_by(connection, accession)
    assert dataset.accession == accession
    assert dataset.alias == "dataset-1"
    assert dataset.title == "Invented livers"
    policy = use_policy_of(dataset._mapping)
    assert (policy.geography, policy.consent_restrictions) == ("Worldwide", "")  # nil: none
    assert policy.acknowledgements == ("Thank the project.",)
    assert (image.columns, image.rows) == (600, 600)  # as the slide was drawn
    assert [level.level for level in levels] == list(range(len(levels)))
    widths = [level.columns for level in levels]
    assert widths == sorted(widths, reverse=True)
    kept_digests = {hashlib.sha256(stores.vault.read(one.object)).digest() for one in levels}
    assert kept_digests == {
        hashlib.sha256(data).digest()
        for path, data in clean_contents.items()
        if path.endswith(".dcm")
    }
    sketch = clean_contents["ANNOTATIONS/drawing.geojson"]
    assert [stores.vault.read(key) for key in annotation.objects] == [sketch]
    (event,) = [each for each in recorded if each.action == "dataset:publish"]
    assert event.details == {"version": dataset.version, **counted}
    assert count(stores, t.changes) == 1
    assert set(kept.values()) == {"durable"}
    needed = {one.object for one in levels} | {one.index_object for one in levels}
    assert needed <= set(kept)


@pytest.mark.parametrize("where", ["insert_rows", "_publish_files", "doom_leftovers"])
def test_a_kill_in_the_middle_leaves_nothing_public(stores, accepted, monkeypatch, where):
    accession, attempt = accepted

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"bigpicture.submission.publish.{where}", killed)
        with pytest.raises(KeyboardInterrupt):
            step(stores, accession, attempt, "publish")
    for table in (t.datasets, t.images, t.documents, t.changes):
        assert count(stores, table) == 0
    step(stores, accession, attempt, "publish")
    assert state(stores, accession) is SubmissionState.PUBLISHED
    with stores.records.read() as connection:  # also what the interrupted attempt had kept
        assert set(stores.vault.owned_by(connection, accession).values()) == {"durable"}


def test_documents_are_published_with_their_accessions(stores, accepted):
    accession, attempt = accepted
    step(stores, accession, attempt, "publish")
    with stores.records.read() as connection:
        names = {row.name: row for row in connection.execute(select(t.documents))}
        image = connection.scalar(select(t.images.c.accession))
    assert accession.encode() in stores.vault.read(names["dataset"].object)
    assert image.encode() in stores.vault.read(names["image"].object)
    assert {name for name, row in names.items() if row.is_private} <= {"rems", "organisation"}


def test_a_text_longer_than_its_column_is_refused_on_both(stores, contributor, clean_contents):
    """PostgreSQL would refuse it in the middle of publishing, SQLite would keep it."""
    long = dict(clean_contents)
    path = "METADATA/dataset.xml"
    long[path] = long[path].replace(b">Livers<", b">" + b"Livers" * 10 + b"<")
    assert long[path] != clean_contents[path]
    accession, attempt = sent(stores, contributor, long)
    row = ingested(stores, accession, attempt)
    assert row.state == SubmissionState.REFUSED
    assert rows(stores, accession)[path].state != "published"


def standing(stores, accession):
    with stores.records.read() as connection:
        chosen = select(t.datasets).where(t.datasets.c.accession == accession)
        return read_standing(connection.execute(chosen).mappings().one())


def test_under_an_announced_embargo_it_is_hidden_from_the_first_moment(
    stores, contributor, clean_contents
):
    until = datetime(2999, 1, 1, tzinfo=UTC)
    sent(stores, contributor, clean_contents, embargo_until=until)
    with stores.records.write() as connection:
        connection.execute(t.submissions.update().values(state=SubmissionState.REFUSED))
    accession, attempt = sent(stores, contributor, clean_contents)  # says nothing of it
    row = ingested(stores, accession, attempt)
    assert row.state == SubmissionState.PUBLISHED, row.problem
    now = datetime.now(UTC)
    told = standing(stores, accession)
    assert (told.at(now), told.until) == (Standing.EMBARGOED, until)
    assert told.is_hidden(now)
    with stores.records.read() as connection:
        events = list(events_after(connection, 0, 1000))
        kinds = connection.scalars(select(t.changes.c.kind).order_by(t.changes.c.seq)).all()
    assert kinds == ["published", "embargoed"]
    [event] = [each for each in events if each.action == "dataset:embargo"]
    assert (event.subject, event.actor) == (accession, contributor.id)
    assert event.details["until"] == until.isoformat()


def test_an_embargo_that_is_over_when_it_is_published_is_none(stores, accepted):
    accession, attempt = accepted
    past = datetime.now(UTC) - timedelta(seconds=1)
    with stores.records.write() as connection:
        connection.execute(t.submissions.update().values(embargo_until=past))
    step(stores, accession, attempt, "publish")
    assert standing(stores, accession).at(datetime.now(UTC)) is Standing.RELEASED
    assert standing(stores, accession).until is None


def test_an_embargo_lies_ahead(stores, contributor, clean_contents):
    past = datetime.now(UTC) - timedelta(days=1)
    with pytest.raises(InputError, match="lies ahead"):
        opened(stores, contributor, clean_contents, embargo_until=past)
    assert count(stores, t.submissions) == 0
