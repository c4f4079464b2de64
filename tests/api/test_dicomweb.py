"""DICOMweb as PS3.18 has it; dicomweb-client, wsidicom and Orthanc ask in tests/peers."""

from __future__ import annotations

import hashlib
from email import message_from_bytes
from io import BytesIO

import numpy as np
import pydicom
import pytest
import simplejpeg
from PIL import Image
from sqlalchemy import update

from bigpicture.api.dicomweb_frames import FRAMES_AT_ONCE
from bigpicture.storage.records.tables import images
from published import (
    CONTROLLED,
    OPEN,
    add_person,
    grant,
    image_name,
    insert_image,
    insert_instances,
    instance_uid,
    make_level,
)
from published import named_series as named

# 200 x 130 pixels in 12 JPEG tiles of 64; 100 x 65 in 4 native ones
HE = named(OPEN, 0)
STUDY = f"/dicomweb/studies/{HE['StudyInstanceUID']}"
SERIES = f"{STUDY}/series/{HE['SeriesInstanceUID']}"
JPEG, LITTLE = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.1"
OCTETS = 'multipart/related; type="application/octet-stream"'


def even(frame):
    return frame + b"\0" * (len(frame) % 2)


@pytest.fixture
def instances(frames):
    """Addresses of the two instances of the first open image."""
    return [f"{SERIES}/instances/{instance_uid(OPEN, 0, level)}" for level in (0, 1)]


def parts(answer):
    """Headers and body of each part, as Python's own reader of MIME finds them."""
    assert answer.status_code == 200, answer.text
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    message = message_from_bytes(head + answer.content)
    assert message.get_content_type() == "multipart/related"
    found = []
    for part in message.get_payload():
        assert part.get_content_type() == message.get_param("type")
        body = part.get_payload(decode=True)
        at = answer.content.find(b"Content-Location: " + part["Content-Location"].encode())
        start = answer.content.find(b"\r\n\r\n", at) + 4
        length = int(part["Content-Length"])
        assert answer.content[start + length :].startswith(b"\r\n--")
        assert body is not None
        found.append((part, answer.content[start : start + length]))
    return found


def test_frames_leave_as_they_are_stored(client, frames, instances):
    answer = client.get(f"{instances[0]}/frames/2,12")
    got = parts(answer)
    stored = frames[image_name(OPEN, 0), 0]
    assert [body for _, body in got] == [even(stored[1]), even(stored[11])]
    assert got[0][0]["Content-Type"] == f"image/jpeg; transfer-syntax={JPEG}"
    assert got[1][0]["Content-Location"] == f"http://node.test{instances[0]}/frames/12"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["vary"] == "accept, cookie, authorization"
    assert answer.headers["cache-control"] == "private, max-age=0, must-revalidate"


def test_one_frame_alone(client, frames, instances):
    answer = client.get(f"{instances[0]}/frames/3", headers={"Accept": "image/jpeg"})
    assert answer.headers["content-type"] == f"image/jpeg; transfer-syntax={JPEG}"
    assert answer.content == even(frames[image_name(OPEN, 0), 0][2])
    several = client.get(f"{instances[0]}/frames/3,4", headers={"Accept": "image/jpeg"})
    assert several.status_code == 406
    assert several.json()["title"] == "Not acceptable"
    asked = client.get(f"{instances[0]}/frames/3?accept=image/jpeg", headers={"Accept": "text/css"})
    assert asked.content == answer.content


def test_decoded_frames_are_pixels(client, frames, instances):
    (part, body) = parts(client.get(f"{instances[0]}/frames/5", headers={"Accept": OCTETS}))[0]
    assert part["Content-Type"] == f"application/octet-stream; transfer-syntax={LITTLE}"
    pixels = simplejpeg.decode_jpeg(frames[image_name(OPEN, 0), 0][4], "RGB")
    assert np.array_equal(np.frombuffer(body, np.uint8).reshape(64, 64, 3), pixels)
    (_, native) = parts(client.get(f"{instances[1]}/frames/4"))[0]
    assert native == frames[image_name(OPEN, 0), 1][3]


def test_bytes_in_any_syntax_are_the_stored_frame(client, frames, instances):
    """As Slim asks for them."""
    stored = even(frames[image_name(OPEN, 0), 0][4])
    for syntax in ("*", JPEG):
        asked = {"Accept": f"{OCTETS}; transfer-syntax={syntax}"}
        ((part, body),) = parts(client.get(f"{instances[0]}/frames/5", headers=asked))
        assert part["Content-Type"] == f"application/octet-stream; transfer-syntax={JPEG}"
        assert body == stored
    asked = {"Accept": f"{OCTETS}; transfer-syntax={LITTLE}"}
    ((part, body),) = parts(client.get(f"{instances[0]}/frames/5", headers=asked))
    assert len(body) == 64 * 64 * 3


def test_an_unchanged_frame_is_not_sent_again(client, instances):
    first = client.get(f"{instances[0]}/frames/1")
    tag = first.headers["etag"]
    again = client.get(f"{instances[0]}/frames/1", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(f"{instances[0]}/frames/1", headers={"If-None-Match": tag, "Accept": OCTETS})
    assert other.status_code == 200
    head = client.ask("HEAD", f"{instances[0]}/frames/1")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == tag


@pytest.mark.parametrize(
    ("rest", "status"),
    [
        ("frames/13", 404),
        ("frames/0", 400),
        ("frames/1,,2", 400),
        ("frames/-1", 400),
        ("frames/a", 400),
        ("frames/99999999999", 400),
        ("frames/1/other", 404),
        ("frames/0/rendered", 400),
        ("frames/13/rendered", 404),
        ("rendered?viewport=1", 400),
        ("rendered?viewport=0,5", 400),
        ("rendered?viewport=10,10,300,0,5,5", 400),
        ("rendered?quality=0", 400),
        ("rendered?quality=high", 400),
        ("rendered?iccprofile=rommrgb", 400),
        ("rendered?viewport=99999,99999", 413),
        ("bulkdata/00280002", 404),
        ("bulkdata/7FE00010", 404),
        ("bulkdata/00480105/9/00282000", 404),
        ("bulkdata/////////", 404),
        ("other", 404),
    ],
)
def test_what_is_asked_wrongly(client, instances, rest, status):
    answer = client.get(f"{instances[0]}/{rest}")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/dicomweb/",
        "/dicomweb/patients",
        f"{STUDY}/frames/1",
        f"{SERIES}/frames/1",
        f"{SERIES}/bulkdata/00282000",
        f"{STUDY}/series/1.2.3",
        f"{STUDY}/series/1.2.3/metadata",
        f"{SERIES}/instances/1.2.3/frames/1",
        "/dicomweb/studies/1.2.3/metadata",
        "/dicomweb/studies/x/metadata",
        # a series of another study than is named
        f"/dicomweb/studies/{named(OPEN, 2)['StudyInstanceUID']}/series/{HE['SeriesInstanceUID']}",
    ],
)
def test_what_is_not_there(client, path):
    assert client.get(path).status_code == 404


def test_metadata_of_a_study_are_those_of_its_instances(client, instances):
    whole = client.get(f"{STUDY}/metadata")
    assert whole.headers["content-type"] == "application/dicom+json"
    told = whole.json()
    assert len(told) == 4
    alone = [client.get(f"{address}/metadata").json()[0] for address in instances]
    assert told[:2] == alone == client.get(f"{SERIES}/metadata").json()
    assert alone[0]["7FE00010"]["BulkDataURI"] == f"http://node.test{instances[0]}/pixeldata"
    assert "00020010" not in alone[0]
    tag = whole.headers["etag"]
    assert client.get(f"{STUDY}/metadata", headers={"If-None-Match": tag}).status_code == 304
    plain = client.get(f"{STUDY}/metadata", headers={"Accept": "application/json"})
    assert plain.headers["content-type"] == "application/json"
    xml = 'multipart/related; type="application/dicom+xml"'
    assert client.get(f"{STUDY}/metadata", headers={"Accept": xml}).status_code == 406


def test_all_frames_in_one_answer(client, stores, frames):
    """More than are read at once."""
    pixels = np.zeros((64 * 10, 64 * 9, 3), np.uint8)
    pixels[..., 0] = np.arange(64 * 9) // 3
    made = insert_image(stores, OPEN, 6, [pixels])[image_name(OPEN, 6), 0]
    assert len(made) > FRAMES_AT_ONCE
    found = client.get(
        "/dicomweb/instances?SeriesInstanceUID=" + named(OPEN, 6)["SeriesInstanceUID"]
    )
    address = found.json()[0]["00081190"]["Value"][0].removeprefix("http://node.test")
    got = parts(client.get(f"{address}/pixeldata"))
    assert [body for _, body in got] == [even(each) for each in made]


def test_an_instance_alone_is_a_file_with_ranges(client, instances):
    whole = client.get(instances[0], headers={"Accept": "application/dicom"})
    assert whole.headers["content-type"] == "application/dicom"
    assert pydicom.dcmread(BytesIO(whole.content)).SOPInstanceUID in instances[0]
    digest = hashlib.sha256(whole.content).hexdigest()
    assert whole.headers["etag"] == f'"{digest}"'
    asked = {"Accept": f"application/dicom; transfer-syntax={JPEG}", "Range": "bytes=128-131"}
    part = client.get(instances[0], headers=asked)
    assert (part.status_code, part.content) == (206, b"DICM")
    assert part.headers["content-range"] == f"bytes 128-131/{len(whole.content)}"
    assert part.headers["access-control-allow-origin"] == "*"
    (_, body) = parts(client.get(instances[0]))[0]
    assert body == whole.content
    for accept in (
        f"application/dicom; transfer-syntax={LITTLE}",
        f'multipart/related; type="application/dicom"; transfer-syntax={LITTLE}',
        'multipart/related; type="image/jpeg"',
    ):
        assert client.get(instances[0], headers={"Accept": accept}).status_code == 406
    assert client.get(SERIES, headers={"Accept": "application/dicom"}).status_code == 406


def test_instances_of_a_study(client, instances):
    asked = {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
    got = [pydicom.dcmread(BytesIO(body)) for _, body in parts(client.get(STUDY, headers=asked))]
    assert len(got) == 4
    assert {each.StudyInstanceUID for each in got} == {HE["StudyInstanceUID"]}
    assert client.ask("HEAD", STUDY).content == b""


def shown(answer):
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(BytesIO(answer.content)).convert("RGB")).astype(int)


def test_rendered_pictures(client, frames, instances):
    whole = shown(client.get(f"{instances[0]}/rendered", headers={"Accept": "image/png"}))
    assert whole.shape == (130, 200, 3)
    tile = simplejpeg.decode_jpeg(frames[image_name(OPEN, 0), 0][5]).astype(int)
    assert np.abs(whole[64:128, 64:128] - tile).max() <= 1
    # the same tile, as a frame, as a part of the picture, as it is stored
    frame = client.get(f"{instances[0]}/frames/6/rendered")
    assert frame.headers["content-type"] == "image/jpeg"
    assert frame.content == even(frames[image_name(OPEN, 0), 0][5])
    part = shown(client.get(f"{instances[0]}/rendered?viewport=64,64,64,64,64,64&accept=image/png"))
    assert np.abs(part - tile).max() <= 1
    assert shown(client.get(f"{instances[0]}/rendered?viewport=50,50")).shape == (32, 50, 3)
    assert shown(client.get(f"{instances[0]}/frames/6/rendered?viewport=32,99")).shape == (
        32,
        32,
        3,
    )
    assert shown(client.get(f"{instances[1]}/rendered")).shape == (65, 100, 3)
    assert shown(client.get(f"{SERIES}/rendered")).shape == (130, 200, 3)
    assert shown(client.get(f"{STUDY}/thumbnail?viewport=20,20")).shape == (13, 20, 3)
    assert shown(client.get(f"{instances[0]}/frames/6/thumbnail")).shape == (64, 64, 3)
    worse, better = (
        len(client.get(f"{instances[0]}/rendered?quality={quality}").content)
        for quality in (5, 100)
    )
    assert worse < better
    window = client.get(f"{SERIES}/rendered?window=1,2,linear")
    assert window.headers["warning"].startswith("299 bigpicture")
    tag = window.headers["etag"]
    assert client.get(f"{SERIES}/rendered", headers={"If-None-Match": tag}).status_code == 304
    assert client.get(f"{SERIES}/rendered", headers={"Accept": "image/gif"}).status_code == 406


def test_a_large_value_lies_at_an_address_of_its_own(client, stores, frames):
    profile = np.random.default_rng(3).bytes(9000)
    small = b"acsp" * 100
    path = pydicom.Dataset()
    path.OpticalPathIdentifier, path.ICCProfile = "0", profile
    other = pydicom.Dataset()
    other.OpticalPathIdentifier, other.ICCProfile = "1", small
    given = named(OPEN, 6) | {"OpticalPathSequence": [path, other]}
    insert_instances(stores, OPEN, 6, [make_level(64, 64, **given)[0]])
    series = f"/dicomweb/studies/{given['StudyInstanceUID']}/series/{given['SeriesInstanceUID']}"
    (told,) = client.get(f"{series}/metadata").json()
    first, second = (item["00282000"] for item in told["00480105"]["Value"])
    assert "InlineBinary" in second
    address = first["BulkDataURI"]
    assert address.endswith("/bulkdata/00480105/1/00282000")
    ((part, body),) = parts(client.get(address.removeprefix("http://node.test")))
    assert (part.get_content_type(), body) == ("application/octet-stream", profile)
    alone = client.get(
        address.removeprefix("http://node.test"), headers={"Accept": "application/octet-stream"}
    )
    assert alone.content == profile


def test_other_sites_may_ask(client):
    answer = client.ask("OPTIONS", f"{STUDY}/metadata", headers={"Origin": "https://viewer.test"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    for name in ("authorization", "accept"):
        assert name in answer.headers["access-control-allow-headers"]


def test_what_two_datasets_hold_is_shown_from_the_one_that_opens(client, stores, frames):
    """The controlled dataset, published last, has a slide of the same name as the open one."""
    ada, token = add_person(stores, "ada")
    grant(stores, ada)
    with stores.records.write() as connection:
        connection.execute(
            update(images)
            .where(images.c.accession == image_name(CONTROLLED, 0))
            .values(study_uid=HE["StudyInstanceUID"], series_uid=HE["SeriesInstanceUID"])
        )
    for shown, dataset in ((None, OPEN), (token, CONTROLLED)):
        told = client.get(f"{SERIES}/metadata", token=shown).json()
        names = [each["00080018"]["Value"][0] for each in told]
        assert names == [instance_uid(dataset, 0, level) for level in (0, 1)]
        found = client.get(f"{STUDY}/series", token=shown).json()
        assert len(found) == 2
    # neither who asks without a token nor a search tells of the other one's instances
    told = client.get("/dicomweb/instances").text
    assert instance_uid(CONTROLLED, 0, 0) not in told


def test_an_instance_of_what_does_not_open_is_refused(client, stores, frames):
    """Even where its series is open elsewhere."""
    with stores.records.write() as connection:
        connection.execute(
            update(images)
            .where(images.c.accession == image_name(CONTROLLED, 0))
            .values(study_uid=HE["StudyInstanceUID"], series_uid=HE["SeriesInstanceUID"])
        )
    answer = client.get(f"{SERIES}/instances/{instance_uid(CONTROLLED, 0, 0)}/frames/1")
    assert answer.status_code == 401
