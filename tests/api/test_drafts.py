"""Drafts over HTTP: one's own alone, and never overwritten unawares."""

from __future__ import annotations

from bigpicture.preparation.drafts import MOST_DRAFTS
from describing import HERE, NAME, ROWS, apart, asked, read, sheet

__all__ = ["apart", "asked"]


def save(client, token, draft="draft-0001", etag=None, **more):
    headers = {"If-Match": etag} if etag else {}
    return client.ask(
        "PUT",
        f"{HERE}/drafts/{draft}",
        token=token,
        json=sheet(title="Colon", **more),
        headers=headers,
    )


def test_a_draft_comes_back_as_it_was_saved(asked):
    client, tokens = asked
    saved = save(client, tokens["ada"])
    assert saved.status_code == 200, saved.text
    [listed] = client.get(f"{HERE}/drafts", token=tokens["ada"]).json()["items"]
    assert (listed["id"], listed["title"]) == ("draft-0001", "Colon")
    opened = client.get(f"{HERE}/drafts/draft-0001", token=tokens["ada"])
    assert opened.json()["rows"] == ROWS
    assert opened.headers["etag"] == saved.headers["etag"]
    assert opened.headers["cache-control"] == "no-store"


def test_two_tabs_never_overwrite_each_other(asked):
    client, tokens = asked
    first = save(client, tokens["ada"]).headers["etag"]
    second = save(client, tokens["ada"], etag=first, rows=ROWS[:1])
    assert second.status_code == 200
    for etag in (first, None, '"other"'):
        late = save(client, tokens["ada"], etag=etag)
        assert late.status_code == 409
        assert NAME not in late.text
    kept = client.get(f"{HERE}/drafts/draft-0001", token=tokens["ada"])
    assert kept.json()["rows"] == ROWS[:1]
    assert kept.headers["etag"] == second.headers["etag"]


def test_a_draft_is_its_owners_alone(asked):
    client, tokens = asked
    etag = save(client, tokens["ada"]).headers["etag"]
    assert client.get(f"{HERE}/drafts", token=tokens["berta"]).json()["items"] == []
    path = f"{HERE}/drafts/draft-0001"
    assert client.get(path, token=tokens["berta"]).status_code == 404
    assert client.ask("DELETE", path, token=tokens["berta"]).status_code == 404
    assert save(client, tokens["berta"], etag=etag).status_code == 404
    assert save(client, tokens["berta"], rows=[]).status_code == 200  # one of their own
    assert client.get(path, token=tokens["ada"]).json()["rows"] == ROWS


def test_a_deleted_draft_is_gone_and_not_saved_again_unawares(asked):
    client, tokens = asked
    etag = save(client, tokens["ada"]).headers["etag"]
    path = f"{HERE}/drafts/draft-0001"
    assert client.ask("DELETE", path, token=tokens["ada"]).status_code == 204
    assert client.get(path, token=tokens["ada"]).status_code == 404
    assert save(client, tokens["ada"], etag=etag).status_code == 404
    assert client.ask("DELETE", path, token=tokens["ada"]).status_code == 404


def test_drafts_are_bounded_in_number_and_name(asked):
    client, tokens = asked
    for number in range(MOST_DRAFTS):
        assert save(client, tokens["ada"], f"draft-{number:04}").status_code == 200
    assert save(client, tokens["ada"], "draft-9999").status_code == 413
    assert save(client, tokens["ada"], "x" * 41).status_code == 422
    assert save(client, tokens["ada"], rows=[["1.svs"]] * 10_001).status_code == 413


def test_identified_data_stay_at_the_site(apart):
    client, tokens = apart
    assert client.get("/api/v1/node").json()["intake"] == "deidentified"
    for answer in (
        save(client, tokens["ada"]),
        client.get(f"{HERE}/drafts", token=tokens["ada"]),
        client.get(f"{HERE}/drafts/draft-0001", token=tokens["ada"]),
        read(client, tokens["ada"], b"File,Being\n1,2\n"),
    ):
        assert answer.status_code == 403
        assert answer.json()["rule"] == "intake = deidentified"
    assert client.post(f"{HERE}/check", token=tokens["ada"], json=sheet()).status_code == 200
