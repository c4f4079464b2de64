"""Files at their door: ranges as RFC 9110 has them, and sealed files for any Crypt4GH tool."""

from __future__ import annotations

import base64
import hashlib
import io
import socket

import pytest
from crypt4gh import lib as reference
from sqlalchemy import select

from bigpicture.api.application import build
from bigpicture.sealing.keys import make_key_pair
from bigpicture.storage.records.tables import events
from ending import WAYS, end_access
from published import (
    CONTROLLED,
    OPEN,
    add_person,
    grant,
    image_name,
    insert_file,
    served,
)

READER = make_key_pair()
BIG = 3 << 20


def listed(client, dataset=OPEN, **more):
    answer = client.get(f"/api/v1/datasets/{dataset}/files", **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def one_file(client):
    """An image file of the open dataset, and what is in it."""
    file = next(each for each in listed(client)["items"] if each["path"].endswith("0/0.dcm"))
    return file, client.get(file["address"]).content


def recipient(pair=READER):
    return base64.urlsafe_b64encode(pair.public).decode().rstrip("=")


def happened(stores, action):
    with stores.records.read() as connection:
        return connection.execute(select(events).where(events.c.action == action)).all()


@pytest.fixture
def large(stores, frames):
    """An address with 3 MiB of chance behind it, in the controlled dataset; the bytes; the key."""
    import numpy as np

    data = np.random.default_rng(7).bytes(BIG)
    kept = stores.vault.keep([data], owner=CONTROLLED)
    with stores.records.write() as connection:
        stores.vault.settle(connection, kept)
        insert_file(connection, CONTROLLED, "large", "IMAGES/IMAGE_large/0.dcm", kept)
    return f"/files/{CONTROLLED}/large", data, kept.key


def test_each_file_is_what_the_list_says(client):
    page = listed(client)
    assert page["folder"] == f"DATASET_{OPEN}"
    paths = [each["path"] for each in page["items"]]
    assert paths[0] == "METADATA/dataset.xml"
    assert paths[1:] == sorted(paths[1:])
    assert len(paths) == 7  # three images of two levels
    for file in page["items"]:
        body = client.get(file["address"]).content
        assert (len(body), hashlib.sha256(body).hexdigest()) == (file["size"], file["sha256"])


def test_what_is_private_is_not_listed(client):
    assert not [each for each in listed(client)["items"] if "PRIVATE" in each["path"]]
    assert client.get(f"/files/{OPEN}/document-rems").status_code == 404


def test_a_file_of_another_dataset_is_not_there(client):
    assert client.get(f"/files/{OPEN}/cntrzz-0-0").status_code == 404


def test_pages_join_to_the_whole_list(client):
    whole = listed(client)["items"]
    joined, after = [], ""
    while after is not None:
        page = client.get(f"/api/v1/datasets/{OPEN}/files?limit=2&after={after}").json()
        joined += page["items"]
        after = page["next"]
    assert joined == whole


def test_one_image_brings_its_own_files_and_the_documents(client):
    page = client.get(f"/api/v1/datasets/{OPEN}/files?image={image_name(OPEN, 1)}").json()
    paths = [each["path"] for each in page["items"]]
    assert paths == [
        "METADATA/dataset.xml",
        "IMAGES/IMAGE_image 1/0.dcm",
        "IMAGES/IMAGE_image 1/1.dcm",
    ]


# RFC 9110, section 14.1.2, on a representation of `size` bytes.
@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-499", 0, 500),
        ("bytes=500-999", 500, 1000),
        ("bytes=-500", -500, None),
        ("bytes=500-", 500, None),
        ("bytes=0-0", 0, 1),
        ("bytes=9-99999999999", 9, None),
        ("bytes=-99999999999", 0, None),
    ],
)
def test_a_range_is_the_bytes_that_the_standard_says(client, asked, first, last):
    file, whole = one_file(client)
    answer = client.get(file["address"], headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == whole[first:last]
    start = first % len(whole)
    end = (last or len(whole)) - 1
    assert answer.headers["content-range"] == f"bytes {start}-{end}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "lines=1-2", "bytes=9-3", "bytes=", "nonsense"])
def test_what_is_no_single_range_gets_the_whole(client, asked):
    file, whole = one_file(client)
    answer = client.get(file["address"], headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, whole)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_range_behind_the_end_is_not_there(client, asked):
    file, whole = one_file(client)
    answer = client.get(file["address"], headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(whole)}"


def test_tag_digest_and_conditions(client):
    file, whole = one_file(client)
    answer = client.get(file["address"])
    tag = answer.headers["etag"]
    digest = base64.b64encode(hashlib.sha256(whole).digest()).decode()
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert answer.headers["content-type"] == "application/dicom"
    assert client.get(file["address"], headers={"If-None-Match": tag}).status_code == 304
    some = {"Range": "bytes=1-2"}
    assert client.get(file["address"], headers={**some, "If-Range": tag}).status_code == 206
    assert client.get(file["address"], headers={**some, "If-Range": '"other"'}).status_code == 200
    head = client.ask("HEAD", file["address"])
    assert (head.content, int(head.headers["content-length"])) == (b"", len(whole))


def test_a_sealed_file_opens_with_the_reference_implementation(client):
    file, whole = one_file(client)
    sealed = client.get(f"{file['address']}?recipient={recipient()}")
    assert sealed.status_code == 200
    opened = io.BytesIO()
    reference.decrypt([(0, READER.private, None)], io.BytesIO(sealed.content), opened)
    assert opened.getvalue() == whole


def test_a_sealed_file_is_the_same_each_time_and_in_parts(client):
    file, _ = one_file(client)
    address = f"{file['address']}?recipient={recipient()}"
    whole = client.get(address)
    again = client.get(address)
    assert (whole.content, whole.headers["etag"]) == (again.content, again.headers["etag"])
    for cut in (1, 123, 124, 125, 4000):
        parts = [
            client.get(address, headers={"Range": f"bytes={span}"}).content
            for span in (f"0-{cut - 1}", f"{cut}-")
        ]
        assert b"".join(parts) == whole.content


def test_the_list_tells_size_and_digest_of_sealed_files(client):
    for file in listed(client, OPEN, params={"recipient": recipient()})["items"]:
        assert file["path"].endswith(".c4gh")
        body = client.get(file["address"]).content
        assert len(body) == file["size"]
        assert hashlib.sha256(body[file["header_size"] :]).hexdigest() == file["sha256"]


def test_only_the_recipient_opens_it(client):
    file, _ = one_file(client)
    other = make_key_pair()
    mine = client.get(f"{file['address']}?recipient={recipient()}").content
    theirs = client.get(f"{file['address']}?recipient={recipient(other)}").content
    assert mine[124:] == theirs[124:]
    assert mine[:124] != theirs[:124]
    with pytest.raises(ValueError, match="No supported encryption method"):
        reference.decrypt([(0, other.private, None)], io.BytesIO(mine), io.BytesIO())


@pytest.mark.parametrize("key", ["short", "A" * 44, "!" * 43, base64.b64encode(bytes(32)).decode()])
def test_what_is_no_public_key_is_refused(client, key):
    """The last is 32 zero bytes: a point of low order, on which X25519 agrees on nothing."""
    file, _ = one_file(client)
    answer = client.get(file["address"], params={"recipient": key})
    assert answer.status_code == 422
    assert "key" in answer.json()["detail"]


def test_what_went_to_whom_is_on_record(stores, client, large):
    address, data, _ = large
    person, secret = add_person(stores, "reader", "researcher")
    given = grant(stores, person)
    client.get(address, token=secret, headers={"Range": "bytes=100-"})
    client.get(f"{address}?recipient={recipient()}", token=secret)
    begun, ended = happened(stores, "file:deliver"), happened(stores, "file:delivered")
    assert [event.actor for event in begun] == [person.id] * 2
    assert [event.subject for event in begun] == [CONTROLLED] * 2
    assert begun[0].details == {"file": "large", "image": "large", "grant": given.id, "from": 100}
    assert begun[1].details["recipient"] == base64.b64encode(READER.public).decode()
    assert ended[0].details["bytes"] == len(data) - 100


def test_a_refusal_is_no_delivery(stores, client, large):
    _, secret = add_person(stores, "stranger", "researcher")
    assert client.get(large[0], token=secret).status_code == 403
    assert not happened(stores, "file:deliver")


def test_without_a_record_nothing_goes_out(stores, client, large, monkeypatch):
    from bigpicture.model.errors import StorageError

    def refuse(*_args, **_more):
        raise StorageError("the records are away.")

    person, secret = add_person(stores, "reader", "researcher")
    grant(stores, person)
    monkeypatch.setattr("bigpicture.access.deliveries.record", refuse)
    answer = client.get(large[0], token=secret)
    assert answer.status_code == 503
    assert large[1][:64] not in answer.content


def test_viewers_keep_their_segments_while_files_go_out(node, client):
    file, _ = one_file(client)
    before = node.vault.memory.use
    client.get(file["address"])
    assert node.vault.memory.use == before


@pytest.mark.parametrize("place", [100, 2 << 20])
def test_a_damaged_file_never_arrives_whole(stores, node, large, place):
    address, data, key = large
    person, secret = add_person(stores, "reader", "researcher")
    grant(stores, person)
    source = stores.vault._objects.source(key)
    body = bytearray(source.read(0, source.size))
    body[place] ^= 1
    stores.vault._objects.put(key, bytes(body), if_absent=False)
    got = fetch(build(node), address, secret)
    if place == 100:
        assert got.startswith(b"HTTP/1.1 500")
    else:
        assert got.startswith(b"HTTP/1.1 200")
        assert 0 < len(got.partition(b"\r\n\r\n")[2]) < len(data)


def fetch(application, address, secret):
    """All that a server sends before it closes."""
    with served(application) as place:
        host, port = place.split(":")
        with socket.create_connection((host, int(port)), timeout=20) as line:
            head = f"GET {address} HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n"
            line.sendall(f"{head}Authorization: Bearer {secret}\r\n\r\n".encode())
            got = b""
            while piece := line.recv(1 << 16):
                got += piece
    return got


@pytest.mark.parametrize("way", WAYS)
def test_the_end_of_a_grant_breaks_a_download(stores, node, way):
    """The reader takes nothing for a while, so that the answer cannot be over before."""
    import numpy as np

    data = np.random.default_rng(3).bytes(48 << 20)
    kept = stores.vault.keep([data], owner=CONTROLLED)
    with stores.records.write() as connection:
        stores.vault.settle(connection, kept)
        insert_file(connection, CONTROLLED, "huge", "IMAGES/IMAGE_huge/0.dcm", kept)
    person, secret = add_person(stores, "reader", "researcher")
    given = grant(stores, person)
    with served(build(node)) as place:
        host, port = place.split(":")
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
            line.settimeout(20)
            line.connect((host, int(port)))
            line.sendall(
                f"GET /files/{CONTROLLED}/huge HTTP/1.1\r\nHost: {place}\r\n"
                f"Authorization: Bearer {secret}\r\n\r\n".encode()
            )
            got = len(line.recv(1 << 16))
            end_access(way, stores, given)
            import time

            time.sleep(2.5)
            while piece := line.recv(1 << 20):
                got += len(piece)
    assert 0 < got < len(data) // 2
