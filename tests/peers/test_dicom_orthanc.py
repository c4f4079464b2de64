"""Orthanc receives converted slides by C-STORE from dcmtk, and gives back equal frames.

Neither program is ours: storescu checks the header before it sends, Orthanc parses what it gets.
"""

from __future__ import annotations

import io
import shutil
import subprocess

import httpx
import pydicom
import pytest
from pydicom.encaps import generate_frames

from peers.orthanc import ORTHANC, running_orthanc
from slides_of_every_format import EVERY_CASE

STORESCU = shutil.which("storescu")
pytestmark = pytest.mark.skipif(
    ORTHANC is None or STORESCU is None,
    reason="needs Orthanc and storescu (Debian packages orthanc and dcmtk), not installed",
)

PROPOSED = {
    "1.2.840.10008.1.2.1": "--propose-little",
    "1.2.840.10008.1.2.4.50": "--propose-jpeg8",
    "1.2.840.10008.1.2.4.80": "--propose-jls-lossless",
    "1.2.840.10008.1.2.4.90": "--propose-j2k-lossless",
    "1.2.840.10008.1.2.4.91": "--propose-j2k-lossy",
}


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    """A server of its own, with nothing in it; its web address and DICOM port."""
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as started:
        yield started


@EVERY_CASE
def test_what_is_sent_comes_back(case, orthanc, converted):
    """storescu sends it; where it does not know the syntax, Orthanc is handed the file by HTTP."""
    address, port = orthanc
    for instance in converted(case).conversion.instances:
        if instance.transfer_syntax in PROPOSED:
            sent = subprocess.run(
                [STORESCU, "--required", PROPOSED[instance.transfer_syntax], "-aec", "ARCHIVE",
                 "127.0.0.1", str(port), instance.path],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert sent.returncode == 0, sent.stderr
        else:
            data = instance.path.read_bytes()
            httpx.post(f"{address}/instances", content=data).raise_for_status()
        found = httpx.post(f"{address}/tools/lookup", content=instance.sop_instance_uid).json()
        assert len(found) == 1
        back = httpx.get(f"{address}/instances/{found[0]['ID']}/file").content
        assert _frames(back) == _frames(instance.path.read_bytes())


def _frames(data: bytes) -> list[bytes]:
    """The stored frames as pydicom finds them."""
    dataset = pydicom.dcmread(io.BytesIO(data))
    count = int(dataset.NumberOfFrames)
    if not dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        return [dataset.PixelData]
    return list(generate_frames(dataset.PixelData, number_of_frames=count))
