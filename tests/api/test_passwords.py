"""A person changes their password: the old one is asked for, and whoever else was in is out."""

import argon2
import pytest

from bigpicture.access.password import DECOY
from bigpicture.ledger.read import events_before
from published import add_person

DOOR = "/api/v1/people/me/password"
HEADER = {"X-Requested-With": "bigpicture"}
OLD, NEW = "correct horse battery", "staple of another kind"
CURRENT = "/api/v1/sessions/current"


@pytest.fixture
def ada(stores, frames):
    quick = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return add_person(stores, "ada", "researcher", password_hash=quick.hash(OLD))


def sign_in(client, password=OLD):
    """A session's secret, apart from the cookies of the client."""
    answer = client.post("/api/v1/sessions", {"name": "ada", "password": password})
    assert answer.status_code == 201, answer.text
    secret = client.cookies["bigpicture_session"]
    client.cookies.clear()
    return secret


def change(client, token, old=OLD, password=NEW, **more):
    return client.post(DOOR, {"old": old, "password": password} | more, token=token)


def is_in(client, token):
    return client.get(CURRENT, token=token).json()["person"] is not None


def test_the_other_sessions_end_at_once_and_the_new_password_counts(client, stores, ada):
    here, elsewhere = sign_in(client), sign_in(client)
    answer = change(client, here)
    assert (answer.status_code, answer.json()) == (200, {"ended": 1})
    assert is_in(client, here)
    assert not is_in(client, elsewhere)
    assert is_in(client, ada[1])  # a program's token, unless one says so
    assert client.post("/api/v1/sessions", {"name": "ada", "password": OLD}).status_code == 401
    assert is_in(client, sign_in(client, NEW))
    with stores.records.read() as connection:
        told = [each for each in events_before(connection, None, 9) if "password" in each.action]
    assert [(each.actor, each.subject) for each in told] == [(ada[0].id, ada[0].id)]
    assert NEW not in str(told)


def test_tokens_of_programs_end_too_where_one_says_so(client, ada):
    here = sign_in(client)
    assert change(client, here, ends_tokens=True).json() == {"ended": 1}
    assert not is_in(client, ada[1])
    assert is_in(client, here)


def test_without_the_old_one_nothing_changes_and_guesses_wait(client, ada):
    here = sign_in(client)
    told = [change(client, here, old="a guess") for _ in range(6)]
    assert [each.status_code for each in told] == [403] * 5 + [429]
    assert client.get(CURRENT, token=here).json()["person"]["name"] == "ada"


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("short", "8 to 1024"),
        (OLD, "the old password"),
        ("Password1", "most common"),
        ("iloveyou", "most common"),
        ("ada-2026-ada", "name"),
        ("InventedHospital1", "name"),
        ("TestNode2026", "name"),
        ("bigpicture!!", "name"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(client, ada, password, told):
    answer = change(client, sign_in(client), password=password)
    assert answer.status_code == 422, answer.text
    assert told in answer.text
    assert password not in answer.text or password == OLD


def test_an_account_of_an_issuer_has_none_to_change(client, stores, frames):
    _, token = add_person(stores, "ida", "researcher", password_hash=DECOY)
    assert change(client, token).status_code == 409


def test_a_change_by_cookie_needs_the_header(client, ada):
    assert client.post("/api/v1/sessions", {"name": "ada", "password": OLD}).status_code == 201
    wanted = {"old": OLD, "password": NEW}
    assert client.post(DOOR, wanted).status_code == 403
    assert client.post(DOOR, wanted, headers=HEADER).status_code == 200


def test_a_steward_gives_no_weak_password_either(client, stores, frames):
    _, token = add_person(stores, "stew", "steward")
    person = {"name": "new", "roles": ["researcher"], "password": "qwertyuiop"}
    answer = client.post("/api/v1/people", person, token=token)
    assert answer.status_code == 422
    assert "most common" in answer.text
