"""What was not published can be taken back, and then nothing of it is left."""

from __future__ import annotations

import pytest

from bigpicture.ledger.read import events_after
from bigpicture.model.errors import ConflictError, UnknownError
from bigpicture.model.submission import SubmissionState
from bigpicture.submission.withdraw import withdraw_submission
from published import add_person
from submitting import opened, rows, send, sent, state

PATH = "METADATA/dataset.xml"


def test_nothing_is_left(stores, contributor):
    accession = opened(stores, contributor, {PATH: b"abc"})
    send(stores, contributor, rows(stores, accession)[PATH].id, b"ab")
    withdraw_submission(stores, contributor, accession)
    assert state(stores, accession) is SubmissionState.REPLACED
    assert rows(stores, accession) == {}
    with stores.records.read() as connection:
        assert stores.vault.owned_by(connection, accession) == {}
    assert opened(stores, contributor, {PATH: b"abc"}) != accession


def test_not_while_the_node_works_on_it(here, contributor):
    accession, _ = sent(here, contributor, {PATH: b"abc"})
    with pytest.raises(ConflictError, match="working"):
        withdraw_submission(here, contributor, accession)


def test_a_scanner_file_goes_with_an_event_and_its_name(here, contributor):
    path = "IMAGES/IMAGE_a/Rabenhorst.svs"
    accession = opened(here, contributor, {path: b"abc"})
    send(here, contributor, rows(here, accession)[path].id, b"abc")
    withdraw_submission(here, contributor, accession)
    with here.records.read() as connection:
        events = [each for each in events_after(connection, 0, 100) if each.subject == accession]
    assert [each.action for each in events][-2:] == ["source:destroy", "submission:withdraw"]
    assert {each.actor for each in events} == {contributor.id}
    for file in here.settings.data.rglob("*"):
        assert not file.is_file() or b"Rabenhorst" not in file.read_bytes()


def test_not_by_another(here, contributor):
    accession = opened(here, contributor, {PATH: b"abc"})
    with pytest.raises(UnknownError):
        withdraw_submission(here, add_person(here, "other", "contributor")[0], accession)
