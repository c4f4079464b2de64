"""From a policy to a grant and its end: two datasets of two committees, through the real doors."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field

import httpx
import pytest

from running import PASSWORD as STEWARDS_PASSWORD
from small_dataset import write_dataset

PASSWORD = "another long password"
ORGANISATIONS = {
    "cleo": "Invented hospital",
    "rio": "Invented university",
    "ada": "Invented university",
    "sig": "Invented university",
    "dana": "Committee of lungs",
    "dirk": "Committee of colons",
    "dora": "Committee of colons",
    "stan": "Invented hospital",
}
ROLES = {
    "cleo": "contributor",
    "dana": "committee",
    "dirk": "committee",
    "dora": "committee",
    "stan": "steward",
}
ANSWERS = {
    "title": "Glands in two organs",
    "lay_summary": "We teach a program to find glands, so that fewer are overlooked.",
    "research_question": "Does a network find glands in organs that it has not seen?",
    "purpose": {
        "uses": ["methods"],
        "is_commercial": False,
        "country": "FI",
        "organisation_type": "not-for-profit",
        "months": 6,
        "recipients": [],
        "sensitive": [],
        "prohibited": [],
        "has_approval": True,
    },
    "methods_summary": "A network is trained on patches and judged on slides apart.",
    "environment": ["view", "stream", "download"],
    "months": 6,
    "data_minimisation": "Only the slides of two organs.",
    "security_measures": "An encrypted disk in a locked room; two named people.",
    "publication_plan": "An article, and the weights.",
    "funding": "None.",
}


@dataclass
class Cast:
    """Who takes part, each with a session of their own."""

    node: object
    stack: ExitStack
    clients: dict[str, httpx.Client] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def __getattr__(self, name):
        return self.clients[name]

    def add(self, name):
        made = self.clients["steward"].post(
            "/api/v1/people",
            json={
                "name": name,
                "display_name": name.title(),
                "organisation": ORGANISATIONS[name],
                "password": PASSWORD,
                "roles": [ROLES.get(name, "researcher")],
            },
        )
        assert made.status_code == 201, made.text
        self.ids[name] = made.json()["id"]
        self.clients[name] = self.stack.enter_context(self.node.client(name, PASSWORD))


@pytest.fixture
def cast(make_node, tmp_path):
    """A node with two controlled datasets, of two committees of one and of two members."""
    node = make_node(second_factor="offered")
    with ExitStack() as stack:
        made = Cast(node, stack)
        made.clients["steward"] = stack.enter_context(node.client())
        made.clients["anybody"] = stack.enter_context(httpx.Client(base_url=node.address))
        for name in ORGANISATIONS:
            made.add(name)
        yield made


def ok(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json()


def published(cast, folder, alias, seed):
    cast.node.submit(
        write_dataset(folder, alias=alias, tier="controlled", side=600, seed=seed), folder / "site"
    )
    items = ok(cast.steward.get("/api/v1/datasets"))["items"]
    return next(each["accession"] for each in items if alias in str(each))


def committee(cast, name, members, dataset, **more):
    wanted = {"name": name, "contact": "dac@example.org", "rule": "majority", "quorum": 1, **more}
    made = ok(cast.steward.post("/api/v1/committees", json=wanted), 201)["id"]
    for member in members:
        done = cast.steward.put(f"/api/v1/committees/{made}/members/{cast.ids[member]}")
        assert done.status_code < 300, done.text
    done = cast.steward.put(f"/api/v1/committees/{made}/datasets/{dataset}")
    assert done.status_code < 300, done.text
    return made


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
    colons = published(cast, tmp_path / "one", "colons", 1)
    lungs = published(cast, tmp_path / "two", "lungs", 2)
    for kind, title in (("click", "Terms of use"), ("signed", "Transfer agreement")):
        ok(
            cast.steward.post(
                "/api/v1/agreements",
                json={
                    "id": f"invented-{kind}",
                    "kind": kind,
                    "title": title,
                    "text": "Identify nobody. Hand the data to nobody.",
                    "requires_reaccept": True,
                    "for_datasets": [],
                },
            ),
            201,
        )
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
    files = ok(cast.rio.get(f"/api/v1/datasets/{colons}/files"))["items"]
    assert files

    # The contributor sees who uses the data, the world what for.
    users = ok(cast.steward.get(f"/api/v1/datasets/{colons}/uses"))["items"]
    assert {each["person"]["display_name"] for each in users} == {"Rio", "Ada"}
    [use] = ok(cast.anybody.get("/api/v1/uses"))["items"]
    assert use["lay_summary"] == ANSWERS["lay_summary"]
    assert [each["accession"] for each in use["datasets"]] == [colons]

    sealed_and_unsealed(cast, colons, tile)
    revoked(cast, colons, tile)


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


def sealed_and_unsealed(cast, colons, tile):
    """One seals; two other than each other open again."""
    wanted = {"scope": "dataset", "of": colons, "reason": "an invented doubt"}
    seal = ok(cast.dirk.post("/api/v1/seals", json=wanted), 201)["id"]
    shut = closes_within_a_second(cast.rio, tile)
    assert (shut.status_code, shut.json()["reason"]) == (403, "sealed")
    door = f"/api/v1/seals/{seal}/unseal"
    ok(cast.stan.post(door, json={"reason": "the doubt is gone"}))
    again = cast.stan.post(door, json={"reason": "the doubt is gone"})
    assert again.status_code in {403, 409}, again.text
    assert cast.rio.get(tile).status_code == 403
    ok(cast.steward.post(door, json={"reason": "I looked, too"}))
    assert opens_within_a_second(cast.rio, tile) == 200


def revoked(cast, colons, tile):
    mine = ok(cast.rio.get(f"/api/v1/grants?dataset={colons}"))["items"]
    [grant] = [each for each in mine if each["person"] == cast.ids["rio"]]
    done = cast.steward.request(
        "DELETE", f"/api/v1/grants/{grant['id']}", json={"reason": "the study is over"}
    )
    ok(done)
    assert closes_within_a_second(cast.rio, tile).status_code == 403
    acts = ok(cast.steward.get("/api/v1/events?limit=200&first=newest"))["items"]
    held = {each["action"] for each in acts}
    assert {"grant:record", "grant:revoke"} <= held
    assert STEWARDS_PASSWORD not in str(acts)
