"""STOW-RS as PS3.18 10.5 has it: what is stored, what is refused, and who may store."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import func, select

from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.storage.records.tables import objects, submission_files, submissions
from bigpicture.submission.files import file_of, open_file
from published import Client, add_person, made_uid, make_level
from published import make_stores as make_plain
from submitting import make_stores

KIND = 'multipart/related; type="application/dicom"; boundary="b o+u-n"'


@pytest.fixture
def stores(tmp_path):
    made = make_plain(tmp_path / "data")
    yield made
    made.records.close()


@pytest.fixture
def client(stores):
    with Client(build(Node.open(stores, start_work=lambda _: None))) as made:
        yield made


@pytest.fixture
def token(stores):
    return add_person(stores, "sender", "contributor")[1]


def instance(study, series=None, columns=200, **more):
    """A DICOM file, and what it is called."""
    named = {
        "StudyInstanceUID": study,
        "SeriesInstanceUID": series or made_uid(),
        "SOPInstanceUID": made_uid(),
    } | more
    return make_level(columns, 130, **named)[0], named


def body(*files, kind="application/dicom"):
    parts = [f"--b o+u-n\r\nContent-Type: {kind}\r\n\r\n".encode() + data for data in files]
    return b"preamble\r\n" + b"\r\n".join(parts) + b"\r\n--b o+u-n--\r\nepilogue"


def store(client, token, *files, to="", kind=KIND, **more):
    return client.ask(
        "POST",
        f"/dicomweb/studies{to}",
        token=token,
        headers={"Content-Type": kind, "Accept": "application/dicom+json"},
        content=more.get("content") or body(*files),
    )


def held(stores):
    """Each received file: submission's alias, path, and bytes as they can be read again."""
    question = select(submission_files.c.id, submissions.c.alias, submission_files.c.path).join(
        submissions, submissions.c.accession == submission_files.c.submission
    )
    with stores.records.read() as connection:
        rows = connection.execute(question.order_by(submission_files.c.path)).all()
    found = {}
    for row in rows:
        source = open_file(stores, file_of(stores, row.id))
        found[row.alias, row.path] = source.read(0, source.size)
    return found


def path_of(named):
    return f"IMAGES/IMAGE_{named['SeriesInstanceUID']}/{named['SOPInstanceUID']}.dcm"


def reasons(answer):
    return [one["00081197"]["Value"][0] for one in answer.json()["00081198"]["Value"]]


def test_instances_go_into_the_submission_of_their_study(client, stores, token):
    study, other = made_uid(), made_uid()
    sent = [instance(study), instance(study, columns=100), instance(other)]
    answer = store(client, token, *(data for data, _ in sent))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/dicom+json"
    stored = answer.json()["00081199"]["Value"]
    assert [one["00081155"]["Value"][0] for one in stored] == [
        named["SOPInstanceUID"] for _, named in sent
    ]
    assert stored[0]["00081150"]["Value"] == ["1.2.840.10008.5.1.4.1.1.77.1.6"]
    assert held(stores) == {
        (f"study {named['StudyInstanceUID']}", path_of(named)): data for data, named in sent
    }
    listed = client.get("/api/v1/submissions", token=token).json()["items"]
    assert {one["state"] for one in listed} == {"receiving"}
    with stores.records.read() as connection:
        digests = set(connection.scalars(select(submission_files.c.sha256)))
    assert digests == {hashlib.sha256(data).hexdigest() for data, _ in sent}


def test_a_named_submission_and_one_study(client, stores, token):
    study = made_uid()
    (data, named), (wrong, _) = instance(study), instance(made_uid())
    answer = store(client, token, data, wrong, to=f"/{study}?submission=lung%20set")
    assert answer.status_code == 202
    assert reasons(answer) == [0x0110]
    assert answer.json()["00081190"]["Value"] == [f"http://node.test/dicomweb/studies/{study}"]
    assert held(stores) == {("lung set", path_of(named)): data}


def test_sent_again_it_is_stored_once_and_another_of_its_name_is_refused(client, stores, token):
    study = made_uid()
    data, named = instance(study)
    assert store(client, token, data).status_code == 200
    assert store(client, token, data).status_code == 200
    changed = data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]
    answer = store(client, token, changed)
    assert (answer.status_code, reasons(answer)) == (409, [0x0111])
    assert held(stores) == {(f"study {study}", path_of(named)): data}
    with stores.records.read() as connection:
        states = connection.execute(select(objects.c.state, func.count()).group_by(objects.c.state))
        assert [tuple(row) for row in states] == [("durable", 1)]  # nothing is left behind


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no DICOM at all", 0xC000),
        (b"\0" * 128 + b"DICM" + b"\0" * 40, 0xC000),
        (instance("1.2.3")[0][:300], 0xC000),
        (instance("1.2.3", SOPClassUID="1.2.840.10008.5.1.4.1.1.2")[0], 0x0122),
        (instance("1.2./../3")[0], 0xC000),
    ],
)
def test_what_is_no_whole_slide_image_is_refused(client, stores, token, data, reason):
    """And what comes after it is taken."""
    good, named = instance(made_uid())
    answer = store(client, token, data, good)
    assert (answer.status_code, reasons(answer)) == (202, [reason])
    assert list(held(stores).values()) == [good]
    assert answer.json()["00081199"]["Value"][0]["00081155"]["Value"] == [named["SOPInstanceUID"]]


def test_limits(tmp_path):
    stores = make_stores(tmp_path / "data", upload_chunk_bytes=65536, max_file_bytes=100_000)
    token = add_person(stores, "sender", "contributor")[1]
    with Client(build(Node.open(stores, start_work=lambda _: None))) as client:
        small, _ = instance(made_uid())
        large, _ = instance(made_uid(), columns=2000, is_native=True)
        assert len(large) > 100_000
        answer = store(client, token, large, small)
        assert (answer.status_code, reasons(answer)) == (202, [0xA700])
        assert list(held(stores).values()) == [small]
    stores.executor.close()
    stores.records.close()


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("application/dicom", b"x", 415),
        ('multipart/related; type="application/dicom+json"; boundary=b', b"x", 415),
        ('multipart/related; type="application/dicom"', b"x", 415),
        (KIND, b"no boundary", 400),
        (KIND, b"--b o+u-n--\r\n", 400),
        (KIND, b"--b o+u-n\r\nContent-Type: application/dicom\r\n\r\ncut", 400),
        (KIND, b"--b o+u-n\r\nX: " + b"x" * 20_000 + b"\r\n\r\n\r\n--b o+u-n--", 400),
        (KIND, body(b"<x/>", kind="text/xml"), 415),
    ],
)
def test_bodies_that_cannot_be_read(client, stores, token, kind, content, status):
    assert store(client, token, kind=kind, content=content).status_code == status
    assert held(stores) == {}


def test_who_may_store(client, stores, token):
    data, _ = instance(made_uid())
    assert store(client, None, data).status_code == 401
    assert store(client, add_person(stores, "ada", "researcher")[1], data).status_code == 403
    assert held(stores) == {}
    assert store(client, token, data, to="?submission=mine").status_code == 200
    other = add_person(stores, "other", "contributor")[1]
    answer = store(client, other, instance(made_uid())[0], to="?submission=mine")
    assert (answer.status_code, reasons(answer)) == (409, [0x0110])
    assert len(held(stores)) == 1


def test_what_was_stored_is_announced_with_the_metadata_and_not_sent_again(client, token):
    study = made_uid()
    data, named = instance(study)
    store(client, token, data, to="?submission=set")
    xml = {"path": "METADATA/dataset.xml", "size": 3, "sha256": "0" * 64}
    image = {"path": path_of(named), "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    answer = client.post(
        "/api/v1/submissions", {"alias": "set", "files": [xml, image]}, token=token
    )
    assert answer.status_code == 201, answer.text
    files = client.get(f"/api/v1/submissions/{answer.json()['accession']}/files", token=token)
    received = {one["path"]: one["received"] for one in files.json()["items"]}
    assert received == {xml["path"]: 0, image["path"]: len(data)}
