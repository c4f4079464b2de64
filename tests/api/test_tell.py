import asyncio

import pytest
import structlog
from fastapi import FastAPI, Request
from starlette.requests import ClientDisconnect

from bigpicture.api.application import _ANSWERED, _answer
from bigpicture.api.tell import Tell
from bigpicture.model.errors import StorageError
from published import CONTROLLED, Client, image_name


def raising(error):
    doors = FastAPI()
    for kind in _ANSWERED:
        doors.add_exception_handler(kind, _answer)

    @doors.get("/")
    async def fail(request: Request):
        raise error

    return Tell(doors)


def ask(error):
    with Client(raising(error)) as client, structlog.testing.capture_logs() as lines:
        return client.get("/"), lines


def test_who_went_away_is_no_failure_of_ours():
    answer, lines = ask(ClientDisconnect())
    assert answer.status_code == 499
    assert lines == []


def test_a_failure_is_told_once_with_its_place_and_without_its_words():
    answer, lines = ask(ValueError("Meier, born 1950"))
    assert answer.status_code == 500
    (line,) = lines
    assert line["kind"] == "ValueError"
    assert "Meier" not in str(line)
    assert line["trace"][-1].endswith(" fail")


def test_an_error_of_our_tree_is_told_once_too():
    answer, lines = ask(StorageError("the store is away."))
    assert answer.status_code == 503
    assert [line["what"] for line in lines] == ["the store is away."]


def test_half_an_answer_is_broken_off_and_not_patched():
    async def breaks_off(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ValueError("x")

    sent = []

    async def drive():
        async def send(message):
            sent.append(message["type"])

        try:
            await Tell(breaks_off)({"type": "http"}, None, send)
        except ValueError:
            sent.append("raised")

    asyncio.run(drive())
    assert sent == ["http.response.start", "http.response.body", "raised"]


@pytest.mark.parametrize(
    ("path", "is_foreign"),
    [
        (f"/iiif/3/{image_name(CONTROLLED, 0)}/info.json", True),
        (f"/deepzoom/{image_name(CONTROLLED, 0)}.dzi", True),
        ("/dicomweb/studies/1.2.3/metadata", True),
        (f"/tiles/{image_name(CONTROLLED, 0)}/0/0_0", False),
        (f"/api/v1/datasets/{CONTROLLED}/images", False),
    ],
)
def test_pages_of_other_sites_see_what_went_wrong_at_the_doors_for_them(client, path, is_foreign):
    answer = client.get(path)
    assert answer.status_code in (401, 404)
    assert answer.headers.get_list("access-control-allow-origin") == ["*"] * is_foreign
    wanted = "cross-origin" if is_foreign else "same-origin"
    assert answer.headers.get_list("cross-origin-resource-policy") == [wanted]
