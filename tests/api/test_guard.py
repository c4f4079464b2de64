import json
import re
from dataclasses import replace

import pytest

from bigpicture.api.application import build
from bigpicture.api.guard import BODY_BYTES
from published import OPEN, Client, add_person


def test_a_body_that_is_too_long_is_refused(client, stores):
    _, token = add_person(stores, "ada", "steward")
    answer = client.post("/api/v1/tokens", {"label": "x" * BODY_BYTES, "days": 1}, token=token)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_hides_its_length_is_refused_too(client, stores):
    _, token = add_person(stores, "ada", "steward")

    async def pieces():
        for _ in range(BODY_BYTES // 1024 + 2):
            yield b"x" * 1024

    answer = client.ask("POST", "/api/v1/tokens", token=token, content=pieces())
    assert answer.status_code == 413


def test_a_submission_may_announce_more(client, stores):
    _, token = add_person(stores, "ada", "researcher")
    body = json.dumps({"alias": "a", "title": "x" * BODY_BYTES, "files": []})
    answer = client.ask("POST", "/api/v1/submissions", token=token, content=body)
    assert answer.status_code == 422  # the title is too long; the body was read


@pytest.mark.parametrize("path", ["/", "/api/v1/node", "/healthz", "/tiles/x", "/nowhere"])
def test_every_answer_carries_the_headers_of_a_safe_browser(client, path):
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    for part in (
        "default-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    ):
        assert part in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "unsafe" not in policy
    assert len(headers["x-request-id"]) == 16


def test_a_node_that_is_reached_by_https_says_that_it_always_is(node, client):
    path = "/api/v1/node"
    assert "strict-transport-security" not in client.get(path).headers
    settings = node.settings.model_copy(update={"public_url": "https://node.example"})
    safe = replace(node, stores=replace(node.stores, settings=settings))
    with Client(build(safe)) as there:
        told = there.get(path).headers["strict-transport-security"]
    assert int(re.match(r"max-age=(\d+)", told)[1]) >= 31536000


def test_answers_of_the_programs_doors_are_not_kept(client):
    assert client.get(f"/api/v1/datasets/{OPEN}").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/api/v1/datasets?limit=501", "query.limit"),
        ("/api/v1/datasets?limit=x", "query.limit"),
        ("/api/v1/datasets?after=nonsense", "after"),
        ("/api/v1/datasets?q=" + "x" * 401, "query.q"),
    ],
)
def test_wrong_questions_are_problems_that_name_the_place(client, path, place):
    answer = client.get(path)
    assert answer.status_code == 422
    assert answer.json()["place"] == place


def test_a_problem_never_repeats_what_was_typed(client):
    answer = client.post("/api/v1/sessions", {"name": "ada", "password": ["hunter2"]})
    assert answer.status_code == 422
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[1]", b'{"name": "a"}'])
def test_what_is_no_body_is_a_problem(client, body):
    answer = client.ask(
        "POST", "/api/v1/sessions", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/v1/datasets?q=%00", "/api/v1/datasets/%00"])
def test_nul_is_refused_before_a_database_sees_it(client, path):
    assert client.get(path).status_code == 422


def test_a_method_that_a_door_does_not_know_is_a_problem(client):
    answer = client.ask("PUT", "/api/v1/datasets")
    assert (answer.status_code, answer.json()["status"]) == (405, 405)
