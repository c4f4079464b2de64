"""What a token carries is all that it may do, and service accounts are programs."""

from __future__ import annotations

import pytest

from published import CONTROLLED, add_person, grant, image_name

SHEET = f"/files/{CONTROLLED}/document-dataset"
TILE = f"/tiles/{image_name(CONTROLLED, 0)}/0/0_0"
IMAGE = f"/api/v1/images/{image_name(CONTROLLED, 0)}"


@pytest.fixture
def steward(stores, frames):
    person, secret = add_person(stores, "ada", "steward")
    grant(stores, person)
    return secret


def mint(client, token, *scopes):
    wanted = {"label": "l", "days": 1} | ({"scopes": scopes} if scopes else {})
    return client.post("/api/v1/tokens", wanted, token=token)


DOORS = {
    "read": [("GET", IMAGE), ("GET", TILE)],
    "download": [("GET", SHEET)],
    "submit": [("POST", "/api/v1/preparations/check")],
    "govern": [("GET", "/api/v1/people"), ("GET", "/api/v1/events")],
}


@pytest.mark.parametrize("scope", DOORS)
def test_each_scope_opens_its_own_doors_and_no_other(client, steward, scope):
    token = mint(client, steward, scope).json()["token"]
    for other, doors in DOORS.items():
        for method, path in doors:
            more = {"json": {"columns": ["file"], "rows": []}} if method == "POST" else {}
            status = client.ask(method, path, token=token, **more).status_code
            assert status == (200 if other == scope else 403), (scope, path)


def test_a_refusal_says_that_it_is_the_token(client, steward):
    token = mint(client, steward, "submit").json()["token"]
    assert client.get(IMAGE, token=token).json()["reason"] == "scope"


def test_a_token_that_reads_finds_what_it_may_and_one_that_submits_finds_as_the_world(
    client, steward
):
    reads, submits = (mint(client, steward, each).json()["token"] for each in ("read", "submit"))
    path = "/dicomweb/studies"
    seen = {
        name: len(client.get(path, token=token).json())
        for name, token in (
            ("all", steward),
            ("reads", reads),
            ("submits", submits),
            ("world", None),
        )
    }
    assert seen["all"] == seen["reads"] > seen["submits"] == seen["world"]


def test_a_token_that_reads_changes_nothing(client, steward):
    reads = mint(client, steward, "read", "download").json()["token"]
    assert client.post("/api/v1/cohorts", {"name": "x"}, token=reads).status_code == 403
    assert mint(client, reads, "read").status_code == 403


def test_a_token_makes_no_token_that_may_more(client, steward):
    narrow = mint(client, steward, "read", "submit").json()["token"]
    assert mint(client, narrow, "read", "govern").status_code == 403
    assert mint(client, narrow).json()["scopes"] == ["read", "submit"]
    assert mint(client, narrow, "read").status_code == 201
    assert mint(client, steward, "everything").status_code == 422
    empty = {"label": "l", "days": 1, "scopes": []}
    assert client.post("/api/v1/tokens", empty, token=steward).status_code == 422


def test_the_last_use_is_kept_to_the_hour(client, steward):
    token = mint(client, steward, "read").json()

    def last_used():
        listed = client.get("/api/v1/tokens", token=steward).json()["items"]
        return next(each["last_used"] for each in listed if each["id"] == token["id"])

    assert last_used() is None
    client.get(IMAGE, token=token["token"])
    first = last_used()
    assert first is not None
    client.get(IMAGE, token=token["token"])
    assert last_used() == first


ACCOUNT = {
    "name": "Nightly",
    "organisation": "Invented hospital",
    "purpose": "hands in what was scanned in the night",
    "roles": ["contributor"],
}


def test_a_service_account_acts_by_its_tokens_and_never_by_a_password(client, stores, steward):
    made = client.post("/api/v1/service-accounts", ACCOUNT, token=steward)
    assert made.status_code == 201, made.text
    account = made.json()
    assert account["name"] == "service:nightly"
    path = f"/api/v1/service-accounts/{account['id']}/tokens"
    minted = client.post(path, {"label": "cron", "days": 30}, token=steward).json()
    assert minted["scopes"] == ["read", "download", "submit"]
    asked = client.get("/api/v1/sessions/current", token=minted["token"]).json()
    assert asked["person"]["organisation"] == "Invented hospital"
    assert asked["person"]["permissions"] == ["submission:create"]
    given = {"name": "service:nightly", "password": "none of them fits"}
    assert client.post("/api/v1/sessions", given).status_code == 401
    listed = client.get("/api/v1/service-accounts", token=steward).json()["items"]
    assert [each["owner_name"] for each in listed] == ["Ada"]
    assert client.get(path, token=steward).json()["items"][0]["label"] == "cron"
    assert client.ask("DELETE", f"{path}/{minted['id']}", token=steward).status_code == 204
    assert client.get("/api/v1/tokens", token=minted["token"]).status_code == 401


def test_a_person_is_no_service_account(client, stores, steward):
    person, _ = add_person(stores, "bob", "researcher")
    path = f"/api/v1/service-accounts/{person.id}/tokens"
    assert client.post(path, {"label": "l", "days": 1}, token=steward).status_code == 404


@pytest.mark.parametrize("role", ["steward", "committee"])
def test_no_program_decides_for_others(client, steward, role):
    wanted = ACCOUNT | {"roles": [role]}
    assert client.post("/api/v1/service-accounts", wanted, token=steward).status_code == 422
