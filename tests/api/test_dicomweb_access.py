"""DICOMweb under the decision: what is recorded before a byte goes out, and when it stops."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from bigpicture.access.grant import revoke_grant
from bigpicture.api import still
from bigpicture.api.application import build
from bigpicture.ledger import record as ledger
from bigpicture.model.errors import StorageError
from bigpicture.storage.records.tables import events
from ending import WAYS, end_access
from published import (
    CONTROLLED,
    OPEN,
    add_person,
    grant,
    image_name,
    instance_uid,
    named_series,
)

SHUT = named_series(CONTROLLED, 0)
STUDY = f"/dicomweb/studies/{SHUT['StudyInstanceUID']}"
SERIES = f"{STUDY}/series/{SHUT['SeriesInstanceUID']}"
INSTANCE = f"{SERIES}/instances/{instance_uid(CONTROLLED, 0, 0)}"


@pytest.fixture
def ada(stores, frames):
    """Who may see the controlled dataset, a token, and the grant."""
    person, token = add_person(stores, "ada")
    return person, token, grant(stores, person)


def happened(stores, *actions):
    with stores.records.read() as connection:
        return connection.execute(
            select(events).where(events.c.action.in_(actions)).order_by(events.c.seq)
        ).all()


@pytest.mark.parametrize(
    "rest", ["/metadata", "/frames/1", "/rendered", "/thumbnail", "/frames/1/rendered"]
)
def test_a_look_is_one_event(client, stores, ada, rest):
    person, token, given = ada
    assert client.get(INSTANCE + rest, token=token).status_code == 200
    (event,) = happened(stores, "image:read")
    assert (event.actor, event.subject) == (person.id, image_name(CONTROLLED, 0))
    assert event.details == {"dataset": CONTROLLED, "grant": given.id}


def test_metadata_of_a_study_are_an_event_an_image(client, stores, ada):
    assert client.get(f"{STUDY}/metadata", token=ada[1]).status_code == 200
    read = {event.subject for event in happened(stores, "image:read")}
    assert read == {image_name(CONTROLLED, 0), image_name(CONTROLLED, 1)}


@pytest.mark.parametrize(
    ("path", "count"),
    [(STUDY, 4), (SERIES, 2), (INSTANCE, 1), (f"{INSTANCE}?accept=application/dicom", 1)],
)
def test_each_instance_that_is_taken_away_is_on_record(client, stores, ada, path, count):
    person, token, given = ada
    answer = client.get(path, token=token)
    assert answer.status_code == 200
    begun, ended = happened(stores, "file:deliver"), happened(stores, "file:delivered")
    assert len(begun) == len(ended) == count
    assert {event.actor for event in begun} == {person.id}
    assert {event.details["grant"] for event in begun} == {given.id}
    assert sum(event.details["bytes"] for event in ended) <= len(answer.content)
    assert sum(event.details["bytes"] for event in ended) > 0.9 * len(answer.content)


def test_a_head_delivers_nothing(client, stores, ada):
    for path in (STUDY, INSTANCE, f"{INSTANCE}?accept=application/dicom"):
        assert client.ask("HEAD", path, token=ada[1]).status_code == 200
    assert happened(stores, "file:deliver") == []


@pytest.mark.parametrize("rest", ["", "/metadata", "/frames/1", "/rendered", "/pixeldata"])
def test_where_nothing_can_be_recorded_nothing_goes_out(client, ada, monkeypatch, rest):
    def fail(*_, **__):
        raise StorageError("the disk is full.")

    for module in ("bigpicture.access.reads", "bigpicture.access.deliveries"):
        monkeypatch.setattr(f"{module}.record", fail)
    assert ledger.record is not fail
    answer = client.get(INSTANCE + rest, token=ada[1])
    assert answer.status_code == 503
    assert len(answer.content) < 1000


@pytest.mark.parametrize("rest", ["", "/metadata", "/frames/1", "/rendered", "/bulkdata/00282000"])
def test_a_revoked_grant_shuts_the_door(client, stores, node, ada, rest):
    client.get(INSTANCE + rest, token=ada[1])
    with stores.records.write() as connection:
        revoke_grant(connection, ada[2].id, reason="over", by="node")
    node.decisions._epochs.outdate()
    assert client.get(INSTANCE + rest, token=ada[1]).status_code == 403
    assert client.get(f"{STUDY}/series", token=ada[1]).status_code == 204


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", [STUDY, f"{STUDY}/metadata"])
def test_a_grant_that_ends_breaks_a_long_answer(stores, node, ada, monkeypatch, path, way):
    """The client takes the first piece, the grant ends, and no more comes."""
    monkeypatch.setattr(still, "SECONDS", 0.0)
    person, token, given = ada
    sent = []

    async def send(message):
        sent.append(message)
        if message["type"] == "http.response.body" and len(sent) == 2:
            end_access(way, stores, given)
            node.decisions._epochs.outdate()
            node.seals.outdate()

    async def receive():
        await asyncio.sleep(30)
        return {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "scheme": "http",
        "headers": [(b"authorization", f"Bearer {token}".encode()), (b"host", b"node.test")],
    }
    asyncio.new_event_loop().run_until_complete(build(node)(scope, receive, send))
    assert sent[0]["status"] == 200
    assert sent[1]["body"]
    assert len(sent) < 8
    assert all(message.get("more_body") for message in sent[1:])  # never an end
    assert person.id in {event.actor for event in happened(stores, "image:read", "file:deliver")}


def test_a_search_is_within_what_its_asker_may_open(client, ada):
    assert OPEN != CONTROLLED
    for kind in ("studies", "series", "instances"):
        everybody = client.get(f"/dicomweb/{kind}").json()
        theirs = client.get(f"/dicomweb/{kind}", token=ada[1]).json()
        names = {each["0020000D"]["Value"][0] for each in everybody}
        assert SHUT["StudyInstanceUID"] not in names
        assert SHUT["StudyInstanceUID"] in {each["0020000D"]["Value"][0] for each in theirs}
        asked = f"/dicomweb/{kind}?PatientID={SHUT['PatientID']}"
        assert client.get(asked).status_code == 204
        assert len(client.get(asked, token=ada[1]).json()) > 0
