from http.cookies import SimpleCookie

import argon2
import pytest

from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.settings import Settings
from published import Client, add_person

CURRENT = "/api/v1/sessions/current"
HEADER = {"X-Requested-With": "bigpicture"}


@pytest.fixture
def ada(stores, frames):
    quick = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return add_person(stores, "ada", "steward", password_hash=quick.hash("correct horse"))[0]


def sign_in(client, password="correct horse", **more):
    return client.post("/api/v1/sessions", {"name": "ada", "password": password}, **more)


def test_signing_in_gives_a_cookie_that_scripts_cannot_read(client, ada):
    answer = sign_in(client)
    assert answer.status_code == 201
    assert answer.json()["person"]["roles"] == ["steward"]
    assert "grant:record" in answer.json()["person"]["permissions"]
    cookie = SimpleCookie(answer.headers["set-cookie"])["bigpicture_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "strict"
    assert cookie["path"] == "/"
    assert client.get("/api/v1/sessions/current").json()["person"]["id"] == ada.id


@pytest.fixture
def https(stores, frames):
    """The doors of a node that is reached by https."""
    settings = stores.settings.model_dump() | {"public_url": "https://node.example.org"}
    object.__setattr__(stores, "settings", Settings(**settings))
    with Client(build(Node.open(stores, start_work=lambda _: None))) as made:
        yield made


def test_by_https_the_cookie_is_of_this_host_alone(https, ada):
    answer = sign_in(https)
    cookie = SimpleCookie(answer.headers["set-cookie"])["__Host-bigpicture_session"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert (cookie["path"], cookie["domain"]) == ("/", "")
    secret = cookie.value
    mine = {"Cookie": f"__Host-bigpicture_session={secret}"}
    assert https.get(CURRENT, headers=mine).json()["person"]["id"] == ada.id
    planted = {"Cookie": f"a=b; bigpicture_session={secret}; c=d"}
    assert https.get(CURRENT, headers=planted).json()["person"] is None
    both = {"Cookie": f"bigpicture_session=x; __Host-bigpicture_session={secret}"}
    assert https.get(CURRENT, headers=both).json()["person"]["id"] == ada.id
    ended = https.ask("DELETE", CURRENT, headers=mine | HEADER)
    gone = SimpleCookie(ended.headers["set-cookie"])["__Host-bigpicture_session"]
    assert (gone["max-age"], gone["secure"], gone["path"]) == ("0", True, "/")


def test_a_wrong_password_is_a_problem_and_no_cookie(client, ada):
    answer = sign_in(client, "wrong")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "wrong" not in answer.json()["detail"].replace("is wrong", "")


def test_too_many_attempts_are_told_to_wait(client, ada):
    statuses = [sign_in(client, "wrong").status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert sign_in(client).headers["retry-after"] == "60"


def test_signing_out_ends_the_session_everywhere(client, ada):
    sign_in(client)
    secret = client.cookies["bigpicture_session"]
    ended = client.ask("DELETE", "/api/v1/sessions/current", headers=HEADER)
    assert (ended.status_code, ended.headers["clear-site-data"]) == (204, '"cache"')
    assert client.cookies.get("bigpicture_session") is None
    assert client.get("/api/v1/tokens", token=secret).status_code == 401  # at once


def test_a_token_taken_back_opens_nothing_more(client, ada):
    sign_in(client)
    minted = client.post("/api/v1/tokens", {"label": "l", "days": 1}, headers=HEADER).json()
    assert client.get("/api/v1/tokens", token=minted["token"]).status_code == 200
    path = f"/api/v1/tokens/{minted['id']}"
    assert client.ask("DELETE", path, headers=HEADER).status_code == 204
    assert client.get("/api/v1/tokens", token=minted["token"]).status_code == 401


def test_a_change_by_cookie_needs_the_header_and_by_token_does_not(client, stores, ada):
    sign_in(client)
    wanted = {"label": "l", "days": 1}
    assert client.post("/api/v1/tokens", wanted).status_code == 403
    assert client.post("/api/v1/tokens", wanted, headers=HEADER).status_code == 201
    _, token = add_person(stores, "bob")
    client.cookies.clear()
    assert client.post("/api/v1/tokens", wanted, token=token).status_code == 201


def test_a_minted_token_acts_for_its_person_until_it_is_revoked(client, stores, ada):
    _, token = add_person(stores, "bob", "researcher")
    minted = client.post("/api/v1/tokens", {"label": "notebook", "days": 2}, token=token).json()
    asked = client.get("/api/v1/sessions/current", token=minted["token"]).json()
    assert asked["person"]["name"] == "bob"
    listed = client.get("/api/v1/tokens", token=token).json()["items"]
    assert {each["label"] for each in listed} == {"test", "notebook"}
    assert "token" not in listed[0]
    assert client.ask("DELETE", f"/api/v1/tokens/{minted['id']}", token=token).status_code == 204


def test_a_wrong_token_is_nobody(client, ada):
    assert client.get("/api/v1/sessions/current", token="bpa_nonsense").json()["person"] is None
    assert client.get("/api/v1/tokens", token="bpa_nonsense").status_code == 401


def test_one_sees_where_one_is_signed_in_and_ends_it_there(client, stores, ada):
    secrets = []
    for _ in range(2):
        sign_in(client)
        secrets.append(client.cookies["bigpicture_session"])
        client.cookies.clear()
    here, elsewhere = secrets
    listed = client.get("/api/v1/sessions", token=here).json()["items"]
    assert sorted(each["is_this"] for each in listed) == [False, True]
    [other] = [each["id"] for each in listed if not each["is_this"]]
    _, bob = add_person(stores, "bob", "researcher")
    assert client.get("/api/v1/sessions", token=bob).json()["items"] == []
    path = f"/api/v1/sessions/{other}"
    assert client.ask("DELETE", path, token=bob).status_code == 404
    assert client.ask("DELETE", path, token=here).status_code == 204
    assert client.get("/api/v1/tokens", token=elsewhere).status_code == 401
    assert client.get("/api/v1/tokens", token=here).status_code == 200
    minted = client.post("/api/v1/tokens", {"label": "l", "days": 1}, token=here).json()
    assert client.ask("DELETE", f"/api/v1/sessions/{minted['id']}", token=here).status_code == 404
