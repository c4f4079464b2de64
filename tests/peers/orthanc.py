"""Orthanc, a DICOM archive that no one here wrote, started for a test."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from contextlib import contextmanager

import httpx

from running import free_port

ORTHANC = shutil.which("Orthanc", path="/usr/sbin:/usr/local/sbin:/usr/bin")


@contextmanager
def running_orthanc(folder, **settings):
    """A server with nothing in it; yields its web address and DICOM port."""
    web, dicom = free_port(), free_port()
    told = {
        "StorageDirectory": str(folder / "store"),
        "IndexDirectory": str(folder / "store"),
        "HttpPort": web,
        "DicomPort": dicom,
        "DicomAet": "ARCHIVE",
        "DicomAlwaysAllowStore": True,
        "AuthenticationEnabled": False,
        "RemoteAccessAllowed": False,
        "Plugins": [],
    } | settings
    (folder / "orthanc.json").write_text(json.dumps(told), encoding="utf-8")
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
        process.kill()  # asked to end, it takes seconds to put away what nobody needs
        process.wait()
