"""What tests of applications share: two datasets of two committees, people, answers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, update

from bigpicture.model.data_use import DataUseTerm
from bigpicture.model.policy import AccessTier
from bigpicture.storage.records import tables as t
from data_uses import policy
from published import (
    CONTROLLED,
    PUBLISHED,
    add_person,
    dataset_row,
    insert_image,
    insert_samples,
    insert_submission,
)

KIDNEYS = "bb-dataset-kdneyz-kdneyz"
KIDNEY = {"code": "64033007", "scheme": "SNOMED CT", "meaning": "Kidney", "scheme_version": "1"}
HERE = "/api/v1/applications"
PDF = b"%PDF-1.7\n% invented\n"

ANSWERS = {
    "title": "Grading of fibrosis",
    "lay_summary": "We teach a program to see scars in organs.",
    "research_question": "Does it agree with pathologists?",
    "purpose": {
        "uses": ["health", "methods"],
        "country": "SE",
        "is_commercial": False,
        "organisation_type": "not-for-profit",
        "recipients": [],
        "sensitive": [],
        "prohibited": [],
    },
    "methods_summary": "A network is trained on tiles.",
    "environment": ["view", "stream", "download"],
    "months": 12,
    "data_minimisation": "All slides of two organs, nothing else.",
    "security_measures": "A server of the university, encrypted.",
    "publication_plan": "A journal",
}


def publish_kidneys(stores, **more):
    """A third dataset, controlled as well."""
    with stores.records.write() as connection:
        connection.execute(insert(t.changes).values(dataset=KIDNEYS, kind="published", time=PUBLISHED))  # fmt: skip  # noqa: E501
        row = dataset_row(KIDNEYS, "controlled", 3) | {"alias": "kidneys", "title": "Kidneys"}
        connection.execute(insert(t.datasets).values(row | more))
        insert_submission(connection, KIDNEYS)
        insert_samples(connection, KIDNEYS, KIDNEY)
    insert_image(stores, KIDNEYS, 0)


def set_terms(stores, dataset, *codes, **values):
    """Let a dataset's policy say codes of DUO, some with values."""
    terms = [DataUseTerm.of(each) for each in codes]
    terms += [DataUseTerm.of(code, value) for code, value in values.items()]
    said = policy(*terms, tier=AccessTier.CONTROLLED).as_json()
    with stores.records.write() as connection:
        connection.execute(
            update(t.datasets)
            .where(t.datasets.c.accession == dataset)
            .values(policy={"title": "Terms", "use": said})
        )


@dataclass
class World:
    """Tokens and ids of people, and the doors that they go through."""

    client: object
    stores: object
    tokens: dict
    ids: dict

    def ask(self, who, method, path, json=None, **more):
        if json is not None:
            more["json"] = json
        return self.client.ask(method, path, token=self.tokens[who], **more)

    def get(self, who, path, status=200):
        answer = self.ask(who, "GET", path)
        assert answer.status_code == status, answer.text
        return answer.json()

    def begin(self, who="ada", datasets=(CONTROLLED, KIDNEYS), cohort=None):
        wanted = {"datasets": list(datasets), "cohort": cohort}
        answer = self.ask(who, "POST", HERE, wanted)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def edit(self, application, who="ada", status=200, **change):
        etag = self.get(who, f"{HERE}/{application}")["etag"]
        answer = self.ask(
            who, "PATCH", f"{HERE}/{application}", change, headers={"If-Match": f'"{etag}"'}
        )
        assert answer.status_code == status, answer.text
        return answer.json()

    def do(self, who, application, command, status=200, **said):
        answer = self.ask(
            who, "POST", f"{HERE}/{application}/commands", {"command": command, **said}
        )
        assert answer.status_code == status, (who, command, answer.text)
        return answer.json()

    def vote(self, who, application, dataset, vote="approve", status=200, **more):
        self.do(who, application, "declare", has_conflict=False, text="")
        return self.do(
            who, application, "vote", status, dataset=dataset, vote=vote, reason="fits", **more
        )

    def submitted(self, **more):
        application = self.begin(**more)
        self.edit(application, answers=ANSWERS, members=["bob"])
        self.do("ada", application, "submit")
        return application

    def approved(self, **more):
        """Asked of the lung committee only, and approved by it."""
        application = self.submitted(datasets=[CONTROLLED], **more)
        self.do("lou", application, "screen")
        self.vote("lou", application, CONTROLLED)
        self.vote("lea", application, CONTROLLED)
        return application


PEOPLE = {
    "ada": ("researcher committee", "University"),
    "bob": ("researcher", "University"),
    "sig": ("researcher", "University"),
    "eve": ("researcher", "Institute"),
    "lou": ("committee", "Hospital"),
    "lea": ("committee", "Hospital"),
    "kim": ("committee", "Hospital"),
    "uma": ("committee", "University"),
    "stu": ("steward", "Node"),
    "odo": ("auditor", "Authority"),
}


def make_world(client, stores):
    """Lungs of the lung committee (two of two), kidneys of the kidney committee (one of two)."""
    tokens, ids = {}, {}
    for name, (roles, organisation) in PEOPLE.items():
        person, tokens[name] = add_person(stores, name, *roles.split(), organisation=organisation)
        ids[name] = person.id
    world = World(client, stores, tokens, ids)
    for name, dataset, quorum, seats in (
        ("Lungs", CONTROLLED, 2, ("lou", "lea")),
        ("Kidneys", KIDNEYS, 1, ("kim", "uma")),
    ):
        made = world.ask(
            "stu",
            "POST",
            "/api/v1/committees",
            {"name": name, "contact": "x@example.org", "rule": "majority", "quorum": quorum},
        ).json()
        for seat in seats:
            path = f"/api/v1/committees/{made['id']}/members/{ids[seat]}"
            assert world.ask("stu", "PUT", path).status_code == 200
        path = f"/api/v1/committees/{made['id']}/datasets/{dataset}"
        assert world.ask("stu", "PUT", path).status_code == 200
        ids[name] = made["id"]
    return world
