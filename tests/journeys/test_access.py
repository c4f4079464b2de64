"""From a policy to a grant and its end: two datasets of two committees, through the real doors."""

from __future__ import annotations

import hashlib
import socket
import time

import pytest

from cast import ANSWERS, committee, make_cast, ok, published, set_agreements
from running import PASSWORD as STEWARDS_PASSWORD


@pytest.fixture
def cast(make_node):
    """A node, and everybody who takes part."""
    with make_cast(make_node(second_factor="offered")) as made:
        yield made


def command(client, application, name, status=200, **more):
    door = f"/api/v1/applications/{application}/commands"
    return ok(client.post(door, json={"command": name, **more}), status)


def opens_within_a_second(client, path):
    deadline = time.monotonic() + 5
    while True:
        answer = client.get(path)
        if answer.status_code == 200 or time.monotonic() > deadline:
            return answer.status_code
        time.sleep(0.05)


def closes_within_a_second(client, path):
    deadline = time.monotonic() + 5
    while client.get(path).status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return client.get(path)


def test_one_is_granted_and_one_is_not_and_what_was_granted_ends(cast, tmp_path):
    colons = published(cast, tmp_path / "one", "colons", 1, side=2400)
    lungs = published(cast, tmp_path / "two", "lungs", 2, side=600)
    set_agreements(cast)
    committee(cast, "Colons", ["dirk", "dora"], colons, quorum=2)
    committee(cast, "Lungs", ["dana"], lungs)

    # What is listed and not granted says how to apply: here.
    told = cast.rio.get(f"/api/v1/datasets/{colons}/images")
    assert told.status_code == 403
    assert told.json()["apply"] == f"/apply?dataset={colons}"

    application = apply_for(cast, [colons, lungs])
    decide(cast, application, colons, lungs)
    begin(cast, application, colons)

    images = f"/api/v1/datasets/{colons}/images"
    assert opens_within_a_second(cast.rio, images) == 200
    assert cast.rio.get(f"/api/v1/datasets/{lungs}/images").status_code == 403
    image = ok(cast.rio.get(images))["items"][0]["accession"]
    tile = f"/tiles/{image}/0/0_0"
    assert cast.rio.get(tile).status_code == 200  # view
    assert cast.rio.post(f"/tiles/{image}/0", json=[[0, 0]]).status_code == 200  # stream
    whole = downloaded(cast, colons)

    # The contributor sees who uses the data, the world what for.
    users = ok(cast.steward.get(f"/api/v1/datasets/{colons}/uses"))["items"]
    assert {each["person"]["display_name"] for each in users} == {"Rio", "Ada"}
    [use] = ok(cast.anybody.get("/api/v1/uses"))["items"]
    assert use["lay_summary"] == ANSWERS["lay_summary"]
    assert [each["accession"] for each in use["datasets"]] == [colons]

    revoked_while_it_is_taken(cast, colons, tile, whole)
    sealed_and_unsealed(cast, colons, tile)


def apply_for(cast, datasets):
    """Rio applies for both, with Ada; Sig signs for their university."""
    draft = ok(cast.rio.post("/api/v1/applications", json={"datasets": datasets}), 201)
    changed = cast.rio.patch(
        f"/api/v1/applications/{draft['id']}",
        headers={"If-Match": draft["etag"]},
        json={
            "answers": ANSWERS,
            "members": [{"person": "rio", "country": "FI"}, {"person": "ada", "country": "FI"}],
            "signatory": "sig",
        },
    )
    ok(changed)
    assert command(cast.rio, draft["id"], "submit")["state"] == "submitted"
    late = cast.rio.patch(
        f"/api/v1/applications/{draft['id']}",
        headers={"If-Match": changed.json()["etag"]},
        json={"answers": {**ANSWERS, "title": "Something else"}},
    )
    assert late.status_code in {409, 412}
    return draft["id"]


def decide(cast, application, colons, lungs):
    """Dirk asks, Rio answers; Dirk and Dora approve colons, Dana refuses lungs."""
    assert [
        each["id"] for each in ok(cast.dirk.get("/api/v1/applications?view=desk"))["items"]
    ] == [application]
    ok(cast.dirk.get(f"/api/v1/applications/{application}"))
    command(cast.dirk, application, "screen")
    asked = command(cast.dirk, application, "ask", text="How long are the slides kept?")
    [question] = asked["questions"]
    command(cast.rio, application, "answer", question=question["id"], text="Six months.")
    early = cast.dirk.post(
        f"/api/v1/applications/{application}/commands",
        json={"command": "vote", "dataset": colons, "vote": "approve", "reason": "fits"},
    )
    assert early.status_code in {403, 409}, early.text  # no declaration yet
    for member in (cast.dirk, cast.dora, cast.dana):
        command(member, application, "declare", has_conflict=False, text="")
    strange = cast.dana.post(
        f"/api/v1/applications/{application}/commands",
        json={"command": "vote", "dataset": colons, "vote": "approve", "reason": "x"},
    )
    assert strange.status_code in {403, 404, 409}
    command(cast.dirk, application, "vote", dataset=colons, vote="approve", reason="It fits.")
    command(cast.dora, application, "vote", dataset=colons, vote="approve", reason="It fits.")
    whole = command(
        cast.dana, application, "vote", dataset=lungs, vote="refuse", reason="Consent is narrower."
    )
    outcomes = {each["dataset"]: each["outcome"] for each in whole["decisions"]}
    assert outcomes == {colons: "approved", lungs: "refused"}
    assert whole["state"] == "approved"


def begin(cast, application, colons):
    """Nothing opens before both accepted the terms and the signatory signed."""
    assert cast.rio.get(f"/api/v1/datasets/{colons}/images").status_code == 403
    asked = {each["kind"]: each for each in ok(cast.rio.get("/api/v1/agreements"))["items"]}
    of = {
        kind: {"agreement": each["id"], "version": each["version"]} for kind, each in asked.items()
    }
    for member in (cast.rio, cast.ada):
        whole = command(member, application, "accept", **of["click"])
        assert {each["state"] for each in whole["grants"]} == {"pending-terms"}
    whole = command(cast.sig, application, "sign", **of["signed"])
    mine = [each for each in whole["grants"] if each["dataset"] == colons]
    assert {each["state"] for each in mine} == {"active"}
    assert len(mine) == 2


def downloaded(cast, colons):
    """Rio takes the largest file away, whole; returns what the list says of it."""
    files = ok(cast.rio.get(f"/api/v1/datasets/{colons}/files"))["items"]
    largest = max(files, key=lambda each: each["size"])
    body = cast.rio.get(largest["address"]).content
    assert hashlib.sha256(body).hexdigest() == largest["sha256"]
    return largest


def revoked_while_it_is_taken(cast, colons, tile, file):
    """What Rio takes slowly breaks off when the grant ends, and does not begin again."""
    mine = ok(cast.rio.get(f"/api/v1/grants?dataset={colons}"))["items"]
    [grant] = [each for each in mine if each["person"] == cast.ids["rio"]]
    with taking(cast.rio, file) as line:
        got = len(line.recv(1 << 10))
        wanted = {"reason": "the study is over"}
        ok(cast.steward.request("DELETE", f"/api/v1/grants/{grant['id']}", json=wanted))
        assert closes_within_a_second(cast.rio, tile).status_code == 403
        while piece := line.recv(1 << 12):
            got += len(piece)
            time.sleep(0.01)  # the whole of it would take seconds, the end is felt within one
    assert 0 < got < file["size"]
    assert cast.rio.get(file["address"]).status_code == 403
    acts = ok(cast.steward.get("/api/v1/events?limit=200&first=newest"))["items"]
    assert {"grant:record", "grant:revoke"} <= {each["action"] for each in acts}
    assert STEWARDS_PASSWORD not in str(acts)


def taking(client, file):
    """A connection that has asked for a file and takes little of it by itself."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.settimeout(20)
    line.connect((client.base_url.host, client.base_url.port))
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    head = f"GET {file['address']} HTTP/1.1\r\nHost: here\r\nCookie: {cookies}\r\n\r\n"
    line.sendall(head.encode())
    return line


def sealed_and_unsealed(cast, colons, tile):
    """One seals; two other than each other open again, to Ada, whose grant runs."""
    assert cast.ada.get(tile).status_code == 200
    wanted = {"scope": "dataset", "of": colons, "reason": "an invented doubt"}
    seal = ok(cast.dirk.post("/api/v1/seals", json=wanted), 201)["id"]
    shut = closes_within_a_second(cast.ada, tile)
    assert (shut.status_code, shut.json()["reason"]) == (403, "sealed")
    door = f"/api/v1/seals/{seal}/unseal"
    ok(cast.stan.post(door, json={"reason": "the doubt is gone"}))
    again = cast.stan.post(door, json={"reason": "the doubt is gone"})
    assert again.status_code in {403, 409}, again.text
    assert cast.ada.get(tile).status_code == 403
    ok(cast.steward.post(door, json={"reason": "I looked, too"}))
    assert opens_within_a_second(cast.ada, tile) == 200
    assert cast.rio.get(tile).status_code == 403  # what was revoked stays so
