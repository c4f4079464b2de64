"""Orthanc receives converted slides by C-STORE from dcmtk, and gives back equal frames.

Neither program is ours: storescu checks the header before it sends, Orthanc parses what it gets.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import time

import httpx
import pydicom
import pytest
import tifffile
from pydicom.encaps import generate_frames

from places import shared
from running import free_port
from slide_making import convert_all, pattern, write_jpeg_tiff

ORTHANC = shutil.which("Orthanc", path="/usr/sbin:/usr/local/sbin:/usr/bin")
STORESCU = shutil.which("storescu")
pytestmark = pytest.mark.skipif(
    ORTHANC is None or STORESCU is None,
    reason="needs Orthanc and storescu (Debian packages orthanc and dcmtk), not installed",
)

PROPOSED = {
    "1.2.840.10008.1.2.1": "--propose-little",
    "1.2.840.10008.1.2.4.50": "--propose-jpeg8",
    "1.2.840.10008.1.2.4.90": "--propose-j2k-lossless",
    "1.2.840.10008.1.2.4.91": "--propose-j2k-lossy",
}


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    """A server of its own, with nothing in it; yields its web address and DICOM port."""
    folder = tmp_path_factory.mktemp("orthanc")
    web, dicom = free_port(), free_port()
    settings = {
        "StorageDirectory": str(folder / "store"),
        "IndexDirectory": str(folder / "store"),
        "HttpPort": web,
        "DicomPort": dicom,
        "DicomAet": "ARCHIVE",
        "DicomAlwaysAllowStore": True,
        "AuthenticationEnabled": False,
        "RemoteAccessAllowed": False,
        "Plugins": [],
    }
    (folder / "orthanc.json").write_text(json.dumps(settings), encoding="utf-8")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([ORTHANC, folder / "orthanc.json"], stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{web}"
        for _ in range(200):
            try:
                httpx.get(f"{address}/system").raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.1)
        yield address, dicom
    finally:
        process.terminate()
        process.wait()


def _real(name):
    return lambda _: shared(f"testdata/{name}")


def _lossless(folder):
    tifffile.imwrite(folder / "slide.tif", pattern(300, 400), tile=(64, 64), photometric="rgb",
                     compression="lzw", resolution=(20000, 20000),
                     resolutionunit="CENTIMETER")  # fmt: skip
    return folder / "slide.tif"


def _native(folder):
    tifffile.imwrite(folder / "slide.tif", pattern(130, 190), tile=(64, 64), photometric="rgb",
                     resolution=(20000, 20000), resolutionunit="CENTIMETER")  # fmt: skip
    return folder / "slide.tif"


def _ycbcr(folder):
    write_jpeg_tiff(folder / "slide.tif")
    return folder / "slide.tif"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(_real("wsi_svs/libvips__CMU-1-Small-Region.svs"), id="svs"),
        pytest.param(_real("dicom_wsi/cmu-1-small-region"), id="dicom"),
        pytest.param(_ycbcr, id="ycbcr"),
        pytest.param(_lossless, id="jpeg-2000"),
        pytest.param(_native, id="native"),
    ],
)
def test_what_is_sent_comes_back(make, orthanc, tmp_path):
    address, port = orthanc
    conversion = convert_all(make(tmp_path), tmp_path / "out", image=tmp_path.name)
    for instance in conversion.instances:
        sent = subprocess.run(
            [STORESCU, "--required", PROPOSED[instance.transfer_syntax], "-aec", "ARCHIVE",
             "127.0.0.1", str(port), instance.path],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert sent.returncode == 0, sent.stderr
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
