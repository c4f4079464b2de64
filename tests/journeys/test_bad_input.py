"""What goes wrong is told with its place and a remedy, and the node stays up."""

from __future__ import annotations

import hashlib
import re
import secrets

import httpx
import pydicom
import pytest

from bigpicture.client.node import Node
from bigpicture.client.prepare import prepare
from bigpicture.client.submit import digest_all, send
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.metaflex.submission import read_submission
from bigpicture.standard.files import METADATA_FILES
from running import PASSWORD, STEWARD, settled
from small_dataset import IMAGE, write_dataset


def refused(node, folder, keys):
    done = node.submit(folder, keys, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def edit(folder, path, old, new):
    place = folder / path
    text = place.read_text()
    assert old in text
    place.write_text(text.replace(old, new))


@pytest.fixture
def node(shared_node):
    return shared_node


@pytest.fixture
def folder(tmp_path):
    """A dataset of an alias that no other test has."""
    return write_dataset(tmp_path, side=500, alias=f"dataset-{secrets.token_hex(8)}")


def test_a_truncated_slide(node, folder, tmp_path):
    slide = folder / IMAGE / "slide.svs"
    data = slide.read_bytes()[:-40_000]
    slide.write_bytes(data)
    edit(folder, "METADATA/image.xml", _digest_in(folder), hashlib.sha256(data).hexdigest())
    told = refused(node, folder, tmp_path / "site")
    assert "truncated" in told or "past the end" in told or "outside the file" in told


def _digest_in(folder):
    text = (folder / "METADATA/image.xml").read_text()
    return re.search(r'checksum="([0-9a-f]{64})"', text)[1]


def test_a_missing_slide(node, folder, tmp_path):
    (folder / IMAGE / "slide.svs").unlink()
    told = refused(node, folder, tmp_path / "site")
    assert "METADATA/image.xml" in told
    assert "not in the folder" in told


def test_xml_that_does_not_parse(node, folder, tmp_path):
    edit(folder, "METADATA/sample.xml", "</SAMPLE_SET>", "")
    told = refused(node, folder, tmp_path / "site")
    assert "METADATA/sample.xml" in told


def test_a_reference_to_an_alias_that_does_not_exist(node, folder, tmp_path):
    edit(folder, "METADATA/sample.xml", '_REF alias="block-1"', '_REF alias="block-9"')
    told = refused(node, folder, tmp_path / "site")
    assert re.search(r"METADATA/sample\.xml", told)
    assert "block-9" in told
    assert "Nothing was sent" in told


def test_a_checksum_that_differs_on_the_way(node):
    """Another client announces one digest and sends other bytes: the node finds it."""
    data = b"<DATASET_SET/>"
    announced = {"path": "METADATA/dataset.xml", "size": len(data), "sha256": "0" * 64}
    with node.client() as client:
        opened = client.post("/api/v1/submissions", json={"alias": "x", "files": [announced]})
        accession = opened.json()["accession"]
        (file,) = client.get(f"/api/v1/submissions/{accession}/files").json()["items"]
        headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        assert client.patch(file["upload"], content=data, headers=headers).status_code == 204
        assert client.post(f"/api/v1/submissions/{accession}/complete", json={}).status_code == 202
        final = settled(client, accession)
        assert final["state"] == "refused"
        assert final["problem"]["place"] == "METADATA/dataset.xml"
        assert "SHA-256" in final["problem"]["rule"]
        (file,) = client.get(f"/api/v1/submissions/{accession}/files").json()["items"]
        assert file["state"] == "refused"


def prepared(folder, work):
    """What `submit` would send: every path with the local file that stands for it."""
    documents = {
        path: (folder / path).read_bytes() for path in METADATA_FILES if (folder / path).exists()
    }
    pseudonyms = Pseudonyms(b"k" * 32)
    made = prepare(folder, read_submission(documents), work=work, pseudonyms=pseudonyms)
    return dict(made.places)


def send_unchecked(node, folder, places):
    """Send as a client would that skips its own check; returns how it ended."""
    alias = folder.name.removeprefix("DATASET_")
    with Node(node.address) as door:
        door.sign_in(STEWARD, PASSWORD)
        accession = send(
            door, alias=alias, title="", files=digest_all(places), progress=lambda *_: None
        )
    with node.client() as client:
        return settled(client, accession)


def test_identifying_dicom_is_found_by_the_node_itself(node, folder, tmp_path):
    """A contributor's own tool left a name in the header and lists the file correctly."""
    places = prepared(folder, tmp_path / "work")
    path = next(path for path in places if path.endswith("level-0.dcm"))
    dataset = pydicom.dcmread(places[path])
    dataset.OperatorsName = "Rabenhorst^Aurelia"
    before = hashlib.sha256(places[path].read_bytes()).hexdigest()
    dataset.save_as(places[path])
    after = hashlib.sha256(places[path].read_bytes()).hexdigest()
    document = places["METADATA/image.xml"]
    document.write_text(document.read_text().replace(before, after))
    final = send_unchecked(node, folder, places)
    assert final["state"] == "refused"
    assert final["problem"]["place"].startswith(path)
    assert "OperatorsName" in final["problem"]["place"]
    assert "Rabenhorst" not in str(final)
    assert "Rabenhorst" not in node.log()


def test_a_mended_submission_continues_with_what_is_there(node, folder, tmp_path):
    """Refused by the node for its metadata: mended, it goes on, and only what changed is sent."""
    places = prepared(folder, tmp_path / "work")
    good = places["METADATA/sample.xml"]
    bad = tmp_path / "sample.xml"
    bad.write_text(good.read_text().replace('_REF alias="block-1"', '_REF alias="block-9"'))
    final = send_unchecked(node, folder, {**places, "METADATA/sample.xml": bad})
    assert final["state"] == "refused"
    assert final["findings"][0]["file"] == "METADATA/sample.xml"
    assert final["findings"][0]["line"] > 1
    with node.client() as client:
        address = f"/api/v1/submissions/{final['accession']}/files"
        before = {row["path"]: row["id"] for row in client.get(address).json()["items"]}
        again = send_unchecked(node, folder, places)
        after = {row["path"]: row["id"] for row in client.get(address).json()["items"]}
    assert again["state"] == "published"
    assert again["accession"] == final["accession"]
    assert {path for path in before if before[path] != after[path]} == {"METADATA/sample.xml"}


def test_scanner_files_are_not_taken_by_default(node):
    files = [{"path": f"{IMAGE}/Rabenhorst.svs", "size": 10, "sha256": "0" * 64}]
    with node.client() as client:
        answer = client.post("/api/v1/submissions", json={"alias": "x", "files": files})
    assert answer.status_code == 422
    problem = answer.json()
    assert "intake" in problem["rule"]
    assert "Rabenhorst" not in answer.text


def test_paths_that_lead_out_of_the_folder(node):
    for path in ("../x.xml", "/etc/passwd", "METADATA/../../x.xml", "METADATA/a\u202exml", "C:/x"):
        files = [{"path": path, "size": 1, "sha256": "0" * 64}]
        with node.client() as client:
            answer = client.post("/api/v1/submissions", json={"alias": "x", "files": files})
        assert answer.status_code == 422, path
        assert answer.json()["place"] == "file 1 of 1"


def test_another_contributor_sees_nothing_of_it(node, folder, tmp_path):
    node.submit(folder, tmp_path / "site")
    with node.client() as steward:
        accession = steward.get("/api/v1/submissions").json()["items"][0]["accession"]
        other = {
            "name": "other", "display_name": "O", "organisation": "", "roles": ["contributor"],
            "password": "another long password",
        }  # fmt: skip
        assert steward.post("/api/v1/people", json=other).status_code == 201
    with httpx.Client(base_url=node.address) as client:
        client.headers["X-Requested-With"] = "bigpicture"
        client.post("/api/v1/sessions", json={"name": "other", "password": other["password"]})
        assert client.get("/api/v1/submissions").json()["items"] == []
        assert client.get(f"/api/v1/submissions/{accession}").status_code == 404
        assert client.delete(f"/api/v1/submissions/{accession}").status_code == 404
        assert client.get(f"/api/v1/submissions/{accession}/events").status_code == 404
