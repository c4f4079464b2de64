"""A submission is opened, continued, completed; one alias is one submission."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update

from bigpicture.ledger.read import events_after
from bigpicture.model.errors import ConflictError, ForbiddenError, InputError, LimitError
from bigpicture.model.submission import FileState, SubmissionState
from bigpicture.storage.records.tables import submissions
from bigpicture.submission.announced import Announced, check_announced
from bigpicture.submission.receive import close_submission, open_submission
from published import add_person
from submitting import announced, opened, rows, sent, state

PATH = "METADATA/dataset.xml"
OTHER = "METADATA/policy.xml"


def test_two_at_the_same_moment_open_one(stores, contributor):
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: opened(stores, contributor, {PATH: b"abc"}), range(8)))
    assert len(found) == 1
    with stores.records.read() as connection:
        assert connection.scalar(select(func.count()).select_from(submissions)) == 1


def test_two_people_at_the_same_moment_one_of_them_gets_the_alias(stores, contributor):
    people = [contributor, add_person(stores, "other", "contributor")[0]]

    def attempt(person):
        try:
            return opened(stores, person, {PATH: b"abc"})
        except ConflictError:
            return None

    with ThreadPoolExecutor(2) as pool:
        assert sorted(one is None for one in pool.map(attempt, people)) == [False, True]


def test_only_contributors_submit(here):
    person, _ = add_person(here, "rio", "researcher")
    with pytest.raises(ForbiddenError):
        opened(here, person, {PATH: b"abc"})


def test_continuing_keeps_what_is_the_same_and_forgets_the_rest(stores, contributor):
    accession, _ = sent(stores, contributor, {PATH: b"abc", OTHER: b"old"})
    with stores.records.write() as connection:
        connection.execute(update(submissions).values(state=SubmissionState.REFUSED))
    before = rows(stores, accession)
    assert opened(stores, contributor, {PATH: b"abc", OTHER: b"new"}) == accession
    after = rows(stores, accession)
    assert after[PATH].id == before[PATH].id
    assert after[PATH].received == 3
    assert after[OTHER].id != before[OTHER].id
    assert after[OTHER].received == 0
    with stores.records.read() as connection:
        assert list(stores.vault.owned_by(connection, accession).values()) == ["durable"]


def test_completing_twice_is_one_attempt(stores, contributor):
    accession, attempt = sent(stores, contributor, {PATH: b"abc"})
    assert close_submission(stores, contributor, accession) == attempt == 1
    assert state(stores, accession) is SubmissionState.CHECKING
    with pytest.raises(ConflictError, match="working"):
        opened(stores, contributor, {PATH: b"abc"})


def test_each_act_leaves_its_event_and_no_path(stores, contributor):
    accession, _ = sent(stores, contributor, {PATH: b"abc"})
    with stores.records.read() as connection:
        events = [each for each in events_after(connection, 0, 100) if each.subject == accession]
    assert [each.action for each in events] == ["submission:open", "submission:complete"]
    assert {each.actor for each in events} == {contributor.id}
    assert PATH not in str(events)


def test_a_file_of_no_bytes_is_there_already(here, contributor):
    accession = opened(here, contributor, {PATH: b""})
    assert rows(here, accession)[PATH].state == FileState.RECEIVED


def wanted(path=PATH, size=1, sha256="0" * 64):
    return Announced(path, size, sha256)


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ([], InputError),
        ([wanted(size=-1)], LimitError),
        ([wanted(size=101)], LimitError),
        ([wanted(OTHER, 80), wanted(PATH, 80)], LimitError),
        ([wanted(sha256="A" * 64)], InputError),
        ([wanted(sha256="0" * 63)], InputError),
        ([wanted("METADATA/a.xml"), wanted("METADATA/A.xml")], InputError),
        ([wanted(f"METADATA/{n}.xml") for n in range(4)], LimitError),
        ([wanted("elsewhere.xml")], InputError),
    ],
)
def test_what_could_never_be_taken_is_refused_before_a_byte_is_sent(here, files, kind):
    limits = here.settings.model_copy(
        update={"max_file_bytes": 100, "max_submission_bytes": 150, "max_submission_files": 3}
    )
    with pytest.raises(kind):
        check_announced(files, limits)


def test_no_message_repeats_a_name(here):
    name = "IMAGES/IMAGE_a/Rabenhorst.svs"
    closed = here.settings.model_copy(update={"intake": "deidentified"})
    with pytest.raises(InputError) as told:
        check_announced([wanted(name)], closed)
    assert "Rabenhorst" not in str(told.value)
    assert told.value.place == "file 1 of 1"


def test_an_alias_is_printable(here, contributor):
    for alias in ("", "a\nb", "x" * 201):
        with pytest.raises(InputError):
            open_submission(
                here, contributor, alias=alias, title="", files=announced({PATH: b"abc"})
            )
