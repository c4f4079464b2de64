import asyncio
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import event, select

from bigpicture.access.epoch import Epochs
from bigpicture.access.sessions import Sessions
from bigpicture.access.tokens import TokenKind, find_session, issue_token, list_tokens, revoke_token
from bigpicture.model.errors import UnknownError
from bigpicture.storage.records.tables import tokens
from published import add_person


class Clock:
    def __init__(self, now=0.0):
        self.now = now

    def __call__(self):
        return self.now


def test_only_the_digest_of_a_secret_is_kept(stores):
    _, secret = add_person(stores, "ada")
    with stores.records.read() as connection:
        row = connection.execute(select(tokens)).mappings().one()
    assert row["digest"] == sha256(secret.encode()).hexdigest()
    assert secret not in str(dict(row))
    assert len(secret.split("_", 1)[1]) == 43  # 256 bits in base64


def test_a_secret_finds_its_person_and_another_finds_nobody(stores):
    ada, secret = add_person(stores, "ada", "researcher")
    with stores.records.read() as connection:
        assert find_session(connection, secret).person == ada
        assert find_session(connection, secret[:-1] + "!") is None


def test_an_expired_session_is_no_session_even_when_it_was_remembered(stores):
    ada, _ = add_person(stores, "ada")
    with stores.records.write() as connection:
        secret, token = issue_token(
            connection, ada, kind=TokenKind.SESSION, label="", lifetime=timedelta(hours=1)
        )
    later = Clock(datetime.now(UTC))
    sessions = Sessions(stores.records, Epochs(stores.records), now=later)
    assert sessions.find(secret).person == ada
    later.now = token.expires
    assert sessions.find(secret) is None


IDLE = timedelta(hours=1)


@pytest.fixture
def idling(stores):
    """A session's secret, the moment, and two processes in which it ends after an idle hour."""
    ada, _ = add_person(stores, "ada")
    with stores.records.write() as connection:
        secret, token = issue_token(
            connection, ada, kind=TokenKind.SESSION, label="", lifetime=timedelta(days=9)
        )
    moment = Clock(token.created)
    made = [
        Sessions(stores.records, Epochs(stores.records), idle=IDLE, now=moment) for _ in range(2)
    ]
    return secret, moment, made


def test_a_session_that_nobody_used_is_over(idling):
    secret, moment, (here, elsewhere) = idling
    assert here.find(secret)
    moment.now += IDLE - timedelta(seconds=1)
    assert asyncio.run(here.awaited(secret))
    moment.now += IDLE - timedelta(seconds=1)
    assert here.find(secret)  # the use before counted
    moment.now += IDLE
    assert asyncio.run(here.awaited(secret)) is None
    assert elsewhere.find(secret) is None


def test_a_use_in_another_process_counts(idling):
    secret, moment, (here, elsewhere) = idling
    assert here.find(secret)
    for _ in range(5):
        moment.now += IDLE / 2
        assert elsewhere.find(secret)
    assert asyncio.run(here.awaited(secret))


def test_a_token_of_a_program_ends_by_its_day_alone(stores):
    _, secret = add_person(stores, "ada")
    moment = Clock(datetime.now(UTC) + timedelta(hours=23))
    sessions = Sessions(stores.records, Epochs(stores.records), idle=IDLE, now=moment)
    assert sessions.find(secret)


def test_a_revoked_token_ends_in_every_process_once_the_epoch_is_read_again(stores):
    ada, secret = add_person(stores, "ada")
    clock = Clock()
    elsewhere = Sessions(stores.records, Epochs(stores.records, clock=clock))
    assert elsewhere.find(secret)
    with stores.records.write() as connection:
        revoke_token(connection, ada, list_tokens(connection, ada)[0].id)
    clock.now += 0.25  # FRESH_SECONDS
    assert elsewhere.find(secret) is None


def test_a_process_knows_at_once_of_what_it_ended_itself(stores):
    ada, secret = add_person(stores, "ada")
    sessions = Sessions(stores.records, Epochs(stores.records, clock=Clock()))  # time stands still
    assert sessions.find(secret)
    with stores.records.write() as connection:
        revoke_token(connection, ada, list_tokens(connection, ada)[0].id)
    sessions.outdate()
    assert sessions.find(secret) is None
    assert asyncio.run(sessions.awaited(secret)) is None


def test_nobody_revokes_another_persons_token(stores):
    ada, secret = add_person(stores, "ada")
    bob, _ = add_person(stores, "bob")
    with stores.records.write() as connection, pytest.raises(UnknownError):
        revoke_token(connection, bob, list_tokens(connection, ada)[0].id)
    with stores.records.read() as connection:
        assert find_session(connection, secret)


def test_lists_show_live_api_tokens_only(stores):
    ada, _ = add_person(stores, "ada")
    with stores.records.write() as connection:
        issue_token(connection, ada, kind=TokenKind.SESSION, label="", lifetime=timedelta(hours=1))
        issue_token(connection, ada, kind=TokenKind.API, label="old", lifetime=timedelta(0))
        listed = list_tokens(connection, ada)
    assert [each.label for each in listed] == ["test"]
    assert listed[0].expires > datetime.now(UTC)


def test_a_session_is_read_once_while_its_epoch_stands(stores):
    _, secret = add_person(stores, "ada")
    sessions = Sessions(stores.records, Epochs(stores.records, clock=Clock()))
    sessions.find(secret)
    seen = []
    event.listen(stores.records.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    assert sessions.find(secret)
    assert asyncio.run(sessions.awaited(secret))
    assert seen == []
