"""Who takes part in a journey from a policy to a grant and its end, and their doors."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import httpx

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


@contextmanager
def make_cast(node):
    """Everybody signed in at a running node."""
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


def published(cast, folder, alias, seed, side):
    cast.node.submit(
        write_dataset(folder, alias=alias, tier="controlled", side=side, seed=seed), folder / "site"
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


def set_agreements(cast):
    """Terms that each accepts, and an agreement that the organisation's signatory signs."""
    for kind, title in (("click", "Terms of use"), ("signed", "Transfer agreement")):
        wanted = {
            "id": f"invented-{kind}",
            "kind": kind,
            "title": title,
            "text": "Identify nobody. Hand the data to nobody.",
            "requires_reaccept": True,
            "for_datasets": [],
        }
        ok(cast.steward.post("/api/v1/agreements", json=wanted), 201)
