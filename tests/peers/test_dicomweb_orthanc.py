"""Orthanc as a client of DICOMweb: it searches here, takes a slide, and sends one here."""

from __future__ import annotations

from pathlib import Path

import httpx
import pydicom
import pytest
from sqlalchemy import select

from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.storage.records.tables import submissions
from bigpicture.submission.files import files_in, open_file
from peers.orthanc import ORTHANC, running_orthanc
from published import (
    CONTROLLED,
    add_person,
    grant,
    insert_instances,
    make_stores,
    publish_two,
    served,
)
from slides_of_every_format import CASES, EVERY_CASE

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
pytestmark = pytest.mark.skipif(
    ORTHANC is None or not PLUGIN.exists(),
    reason="needs Orthanc and its DICOMweb plugin (Debian packages orthanc, orthanc-dicomweb)",
)
NUMBER = 5


class Meeting:
    """A node and an Orthanc that knows its address and bears a token for it."""

    def __init__(self, stores, orthanc):
        self.stores = stores
        self.orthanc = httpx.Client(base_url=orthanc, timeout=60)

    def ask(self, what, **given):
        answer = self.orthanc.post(f"/dicom-web/servers/node/{what}", json=given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def file(self, uid):
        """What Orthanc holds of an instance, as it would give it back."""
        (found,) = self.orthanc.post("/tools/lookup", content=uid).json()
        return self.orthanc.get(f"/instances/{found['ID']}/file").content


@pytest.fixture
def meeting(tmp_path):
    stores = make_stores(tmp_path / "data")
    publish_two(stores)
    ada, token = add_person(stores, "ada", "contributor")
    grant(stores, ada)
    with served(build(Node.open(stores, start_work=lambda _: None))) as node:
        server = {
            "Url": f"http://{node}/dicomweb/",
            "HttpHeaders": {"Authorization": f"Bearer {token}"},
        }
        settings = {
            "Plugins": [str(PLUGIN)],
            "DicomWeb": {"Enable": True, "Servers": {"node": server}},
        }
        (tmp_path / "orthanc").mkdir()
        with running_orthanc(tmp_path / "orthanc", **settings) as (address, _):
            yield Meeting(stores, address)
    stores.records.close()


@EVERY_CASE
def test_it_takes_a_slide_whole(case, converted, meeting):
    instances = [one.path for one in converted(case).conversion.instances]
    files = [path.read_bytes() for path in instances]
    insert_instances(meeting.stores, CONTROLLED, NUMBER, files)
    header = pydicom.dcmread(instances[0], stop_before_pixels=True)
    named = {"StudyInstanceUID": header.StudyInstanceUID}
    found = meeting.ask("qido", Uri="/studies", Arguments=named)
    assert header.StudyInstanceUID in str(found), found
    wanted = {"Study": header.StudyInstanceUID, "Series": header.SeriesInstanceUID}
    meeting.ask("retrieve", Resources=[wanted], Synchronous=True)
    for path, data in zip(instances, files, strict=True):
        uid = pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID
        assert meeting.file(uid) == data


def test_it_sends_a_slide(meeting, converted):
    instances = [one.path for one in converted(CASES[0]).conversion.instances]
    for path in instances:
        sent = meeting.orthanc.post("/instances", content=path.read_bytes())
        sent.raise_for_status()
    study = meeting.orthanc.get("/studies").json()
    meeting.ask("stow", Resources=study, Synchronous=True)
    with meeting.stores.records.read() as connection:
        (accession,) = connection.scalars(
            select(submissions.c.accession).where(submissions.c.state == "receiving")
        )
    arrived = files_in(meeting.stores, accession)
    got = []
    for file in arrived:
        source = open_file(meeting.stores, file)
        got.append(source.read(0, source.size))
    assert sorted(got) == sorted(path.read_bytes() for path in instances)
