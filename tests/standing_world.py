"""A node of two datasets, and people who stand in every relation to the controlled one."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, update

from bigpicture.access.committees import create_committee, give_dataset
from bigpicture.access.standing import set_standing
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.model.standing import Standing
from bigpicture.model.voting import VotingRule
from bigpicture.storage.records import tables as t
from published import (
    CONTROLLED,
    Client,
    add_person,
    grant,
    image_name,
    instance_uid,
    make_stores,
    named_series,
    publish_two,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FAR = datetime(2999, 1, 1, tzinfo=UTC)
SHUT = named_series(CONTROLLED, 0)
NAMES = {
    "study": (SHUT["StudyInstanceUID"], "1.2.3.1"),
    "series": (SHUT["SeriesInstanceUID"], "1.2.3.2"),
    "instance": (instance_uid(CONTROLLED, 0, 0), "1.2.3.3"),
    "dataset": (CONTROLLED, "bb-dataset-nnnnnn-nnnnnn"),
    "image": (image_name(CONTROLLED, 0), "bb-image-nnnnnn-nnnnnn"),
}
"""What the controlled dataset holds of each kind, and what nothing holds."""
TRACES = [
    b"cntrzz",  # in every accession of it
    b"controlled set",  # its title and alias
    *(NAMES[name][0].encode() for name in ("study", "series", "instance")),
]
STRANGERS = ("anonymous", "researcher", "granted", "other contributor", "committee")
INSIDERS = ("contributor", "steward", "auditor")


class World:
    """`tokens` by relation; `set` gives the controlled dataset a standing, `ask` asks a door."""

    def __init__(self, folder, url=""):
        self.stores = make_stores(folder, url)
        publish_two(self.stores)
        self.tokens = {"anonymous": None}
        self.people = {}
        for who, role in (
            ("researcher", "researcher"),
            ("granted", "researcher"),
            ("contributor", "contributor"),
            ("other contributor", "contributor"),
            ("committee", "committee"),
            ("steward", "steward"),
            ("auditor", "auditor"),
        ):
            self.people[who], self.tokens[who] = add_person(
                self.stores, who.replace(" ", "-"), role
            )
        grant(self.stores, self.people["granted"], end=FAR)
        with self.stores.records.write() as connection:
            table = t.submissions
            connection.execute(
                update(table)
                .where(table.c.accession == CONTROLLED)
                .values(person=self.people["contributor"].id)
            )
            kept = connection.execute(t.images.select()).mappings().first()
            connection.execute(
                insert(t.landing_thumbnails).values(
                    dataset=CONTROLLED, ordinal=0, object=kept["thumbnail"], media_type="image/jpeg"
                )
            )
            made = create_committee(
                connection,
                name="Those who decide",
                contact="",
                rule=VotingRule.MAJORITY,
                quorum=1,
                by="node",
            )
            give_dataset(connection, made.id, CONTROLLED, by="node")
        self.node = Node.open(self.stores, start_work=lambda _: None)

    def set(self, standing, *, until=None, now=None):
        moment = now or datetime.now(UTC)
        with self.stores.records.write() as connection:
            set_standing(
                connection,
                CONTROLLED,
                Standing(standing),
                until=until,
                reason="an invented reason",
                by="node",
                now=moment,
            )
        self.node.epochs.outdate()

    def ask(self, method, path, who, **more):
        return self.client.ask(method, path, token=self.tokens[who], **more)

    def get(self, path, who, **more):
        return self.ask("GET", path, who, **more)


@contextmanager
def opened_world(folder, url=""):
    world = World(folder, url)
    with Client(build(world.node)) as client:
        world.client = client
        yield world
    world.stores.records.close()


def embargo(world, **more):
    world.set("embargoed", **({"until": datetime.now(UTC) + timedelta(days=9)} | more))
