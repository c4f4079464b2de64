"""The second factor through the doors: who decides for others shows it."""

from __future__ import annotations

import time

import argon2
import pytest

from bigpicture.access.totp import code_at, step_at
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.settings import SecondFactor, Settings
from published import Client, add_person

HEADER = {"X-Requested-With": "bigpicture"}
QUICK = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def strict(stores, frames):
    """A client of a node that requires a second factor."""
    given = stores.settings.model_dump() | {"second_factor": SecondFactor.REQUIRED}
    object.__setattr__(stores, "settings", Settings(**given))
    with Client(build(Node.open(stores, start_work=lambda _: None))) as client:
        yield client


@pytest.fixture
def ada(stores, frames):
    return add_person(
        stores, "ada", "steward", "researcher", password_hash=QUICK.hash("correct horse")
    )


def sign_in(client):
    return client.post("/api/v1/sessions", {"name": "ada", "password": "correct horse"})


def now_code(secret, steps=0):
    return code_at(secret, step_at(time.time()) + steps)


def enrol(client):
    """Enrol the one signed in; the secret, and the recovery codes."""
    begun = client.ask("POST", "/api/v1/second-factor", headers=HEADER)
    assert begun.status_code == 201, begun.text
    assert begun.json()["picture"].startswith("<svg")
    secret = begun.json()["secret"]
    given = {"code": now_code(secret, -1)}
    confirmed = client.post("/api/v1/second-factor/confirm", given, headers=HEADER)
    assert confirmed.status_code == 200, confirmed.text
    return secret, confirmed.json()["codes"]


def test_a_steward_without_one_has_no_steward_s_rights_and_is_led_to_enrol(strict, ada):
    signed = sign_in(strict).json()
    assert signed["must_enrol"]
    assert not signed["is_strong"]
    assert signed["person"]["roles"] == ["researcher"]
    assert strict.get("/api/v1/people").status_code == 403
    enrol(strict)
    assert strict.get("/api/v1/people").status_code == 200  # at once, in the same session
    current = strict.get("/api/v1/sessions/current").json()
    assert current["is_strong"]
    assert not current["must_enrol"]


def test_a_token_made_without_one_has_none_of_those_rights_either(strict, ada):
    assert strict.get("/api/v1/people", token=ada[1]).status_code == 403
    sign_in(strict)
    weak = strict.post("/api/v1/tokens", {"label": "w", "days": 1}, headers=HEADER).json()["token"]
    enrol(strict)
    strong = strict.post("/api/v1/tokens", {"label": "s", "days": 1}, headers=HEADER).json()[
        "token"
    ]
    assert strict.get("/api/v1/people", token=weak).status_code == 403
    assert strict.get("/api/v1/people", token=strong).status_code == 200


def test_who_has_one_is_asked_for_it_after_the_password(strict, ada):
    sign_in(strict)
    secret, recovery = enrol(strict)
    strict.cookies.clear()
    half = sign_in(strict)
    assert half.status_code == 200
    assert half.json()["person"] is None
    assert half.json()["needs"] == "code"
    assert "set-cookie" not in half.headers
    ticket = half.json()["ticket"]
    assert strict.get("/api/v1/tokens", token=ticket).status_code == 401  # it opens nothing
    door = "/api/v1/sessions/second-factor"
    assert strict.post(door, {"ticket": ticket, "code": "000000"}).status_code == 401
    used = {"ticket": ticket, "code": now_code(secret, -1)}
    assert strict.post(door, used).status_code == 401  # what the confirmation used is used up
    whole = strict.post(door, {"ticket": ticket, "code": now_code(secret)})
    assert whole.status_code == 201
    assert whole.json()["is_strong"]
    assert strict.get("/api/v1/people").status_code == 200
    strict.cookies.clear()
    again = {"ticket": ticket, "code": recovery[0]}
    assert strict.post(door, again).status_code == 401  # a ticket is used once
    ticket = sign_in(strict).json()["ticket"]
    assert strict.post(door, {"ticket": ticket, "code": recovery[0]}).status_code == 201


def test_guessing_codes_is_slowed_down_whatever_the_ticket(strict, ada):
    sign_in(strict)
    secret, _ = enrol(strict)
    strict.cookies.clear()
    door = "/api/v1/sessions/second-factor"
    statuses = [
        strict.post(
            door, {"ticket": sign_in(strict).json()["ticket"], "code": "000000"}
        ).status_code
        for _ in range(6)
    ]
    assert statuses == [401] * 5 + [429]
    right = {"ticket": sign_in(strict).json()["ticket"], "code": now_code(secret)}
    assert strict.post(door, right).status_code == 429


def test_taking_it_away_needs_a_code_and_weakens_what_was_begun_with_it(strict, ada):
    sign_in(strict)
    _, recovery = enrol(strict)
    door = "/api/v1/second-factor"
    assert strict.ask("DELETE", door, json={"code": "000000"}, headers=HEADER).status_code == 403
    answer = strict.ask("DELETE", door, json={"code": recovery[0]}, headers=HEADER)
    assert answer.status_code == 204
    assert strict.get("/api/v1/people").status_code == 403
    assert strict.get("/api/v1/sessions/current").json()["must_enrol"]


def test_another_steward_takes_a_lost_one_away_and_nobody_the_own(strict, stores, ada):
    sign_in(strict)
    enrol(strict)
    lost = f"/api/v1/people/{ada[0].id}/second-factor"
    assert strict.ask("DELETE", lost, headers=HEADER).status_code == 403
    bob, _ = add_person(stores, "bob", "steward", password_hash=QUICK.hash("correct horse"))
    strict.cookies.clear()
    strict.post("/api/v1/sessions", {"name": "bob", "password": "correct horse"})
    assert strict.ask("DELETE", lost, headers=HEADER).status_code == 403  # bob must enrol first
    enrol(strict)
    assert strict.ask("DELETE", lost, headers=HEADER).status_code == 204
    strict.cookies.clear()
    assert sign_in(strict).status_code == 201
    assert bob


def test_a_program_cannot_enrol_for_its_person(client, stores, ada):
    assert client.ask("POST", "/api/v1/second-factor", token=ada[1]).status_code == 403


def test_where_it_is_offered_only_nobody_loses_a_role(client, ada):
    signed = sign_in(client).json()
    assert signed["person"]["roles"] == ["researcher", "steward"]
    assert not signed["must_enrol"]
