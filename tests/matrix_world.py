"""A live node with a dataset in every standing, and the thirteen callers of the matrix."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, update

from bigpicture.access.committees import create_committee, give_dataset, seat
from bigpicture.access.grant import hold_grant, record_grant, revoke_grant
from bigpicture.access.standing import set_standing
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.ledger.kept import KeptCheckpoint
from bigpicture.ledger.note import Signer
from bigpicture.ledger.sequence import Sequencer
from bigpicture.model.grant import Hold
from bigpicture.model.standing import Standing
from bigpicture.model.voting import VotingRule
from bigpicture.storage.records import tables as t
from published import (
    LIVER,
    PUBLISHED,
    add_person,
    dataset_row,
    image_name,
    insert_document,
    insert_image,
    insert_samples,
    insert_submission,
    instance_uid,
    make_stores,
    named_series,
    served,
)

_KEYS = {
    "open": "openzz",
    "own": "ownedz",
    "other": "otherz",
    "withdrawn": "gonezz",
    "embargoed": "shutzz",
    "sealed": "sealzz",
}
_RELATED = ("own", "withdrawn", "embargoed", "sealed")
"""What callers stand in a relation to."""


def accession(dataset):
    return f"bb-dataset-{_KEYS[dataset]}-{_KEYS[dataset]}"


def path_to(template, dataset):
    """A door's path to a dataset, or to its first image."""
    name = accession(dataset)
    parts = {
        "dataset": name,
        "key": _KEYS[dataset],
        "image": image_name(name, 0),
        "study": named_series(name, 0)["StudyInstanceUID"],
        "series": named_series(name, 0)["SeriesInstanceUID"],
        "instance": instance_uid(name, 0, 0),
    }
    for part, value in parts.items():
        template = template.replace(f"{{{part}}}", value)
    return template


class World:
    """`ask` asks the live node as a caller."""

    def __init__(self, folder):
        self.stores = make_stores(folder)
        for seq, dataset in enumerate(_KEYS, start=1):
            self._publish(dataset, seq)
        self.people = {}
        self.tokens = {"anonymous": None}
        for caller, role in (
            ("registered", "researcher"),
            ("applicant", "researcher"),
            ("member without accepted terms", "researcher"),
            ("active", "researcher"),
            ("suspended", "researcher"),
            ("expired by a second", "researcher"),
            ("revoked", "researcher"),
            ("other committee", "committee"),
            ("reviewer with a conflict", "committee"),
            ("provider", "contributor"),
            ("auditor", "auditor"),
            ("admin", "steward"),
        ):
            name = caller.replace(" ", "-")
            self.people[caller], self.tokens[caller] = add_person(self.stores, name, role)
        for dataset in _RELATED:
            self._relate(accession(dataset))
        self._seat("other committee", accession("other"))
        self._seat("reviewer with a conflict", accession("own"))
        self._stand()
        signer = Signer("node.example/ledger", Ed25519PrivateKey.generate())
        Sequencer(
            self.stores.records, signer, KeptCheckpoint(self.stores.settings.data / "k")
        ).run()
        self.node = Node.open(self.stores, start_work=lambda _: None)

    def ask(self, method, path, caller, body=None):
        token = self.tokens[caller]
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        more = {} if body is None else {"json": body}
        return self.client.request(method, path, headers=headers, **more)

    def _publish(self, dataset, seq):
        name = accession(dataset)
        tier = "open" if dataset == "open" else "controlled"
        with self.stores.records.write() as connection:
            connection.execute(
                insert(t.changes).values(dataset=name, kind="published", time=PUBLISHED)
            )
            row = dataset_row(name, tier, seq) | {"alias": dataset, "title": f"The {dataset} set"}
            connection.execute(insert(t.datasets).values(row))
            insert_submission(connection, name)
            insert_samples(connection, name, LIVER)
        insert_image(self.stores, name, 0)
        insert_document(self.stores, name, "dataset", b"<DATASET_SET/>", is_private=False)
        insert_document(self.stores, name, "rems", b"<REMS_SET/>", is_private=True)
        with self.stores.records.write() as connection:
            image = (
                connection.execute(t.images.select().where(t.images.c.dataset == name))
                .mappings()
                .one()
            )
            connection.execute(
                insert(t.landing_thumbnails).values(
                    dataset=name, ordinal=0, object=image["thumbnail"], media_type="image/jpeg"
                )
            )

    def _relate(self, dataset):
        now = datetime.now(UTC)
        hour = timedelta(hours=1)
        with self.stores.records.write() as connection:
            connection.execute(
                update(t.submissions)
                .where(t.submissions.c.accession == dataset)
                .values(person=self.people["provider"].id)
            )

            def grant(caller, **more):
                given = {"start": now - hour, "end": now + hour} | more
                return record_grant(
                    connection,
                    person=self.people[caller].id,
                    dataset=dataset,
                    reason="an invented study",
                    by="node",
                    **given,
                )

            grant("active")
            grant("expired by a second", end=now - timedelta(seconds=1))
            grant("member without accepted terms", holds={Hold.TERMS})
            held = grant("suspended")
            hold_grant(connection, held.id, Hold.STEWARD, reason="asked", by="node")
            revoke_grant(connection, grant("revoked").id, reason="over", by="node")

    def _seat(self, caller, dataset):
        """On the committee that decides on a dataset."""
        with self.stores.records.write() as connection:
            made = create_committee(
                connection,
                name=f"Of {dataset}",
                contact="",
                rule=VotingRule.MAJORITY,
                quorum=1,
                by="node",
            )
            give_dataset(connection, made.id, dataset, by="node")
            seat(connection, made.id, self.people[caller].id, by="node")

    def _stand(self):
        now = datetime.now(UTC)
        with self.stores.records.write() as connection:
            for dataset, until in (("withdrawn", None), ("embargoed", now + timedelta(days=9))):
                set_standing(
                    connection,
                    accession(dataset),
                    Standing(dataset),
                    until=until,
                    reason="an invented reason",
                    by="node",
                    now=now,
                )


@contextmanager
def live_world(folder):
    world = World(folder)
    with (
        served(build(world.node)) as at,
        httpx.Client(base_url=f"http://{at}", timeout=100) as client,
    ):
        world.client = client
        wanted = {"datasets": [accession("own")]}
        answer = world.ask("POST", "/api/v1/applications", "applicant", wanted)
        assert answer.status_code == 201, answer.text
        seal(world)
        yield world
    world.stores.records.close()


def seal(world):
    """Through the door, as a steward does."""
    answer = world.ask(
        "POST",
        "/api/v1/seals",
        "admin",
        {"scope": "dataset", "of": accession("sealed"), "reason": "an invented incident"},
    )
    assert answer.status_code == 201, answer.text
