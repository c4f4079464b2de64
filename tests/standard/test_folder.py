"""A dataset folder is read and digested, and links out of it are refused."""

from __future__ import annotations

import hashlib

import pytest

from bigpicture.model.errors import InputError
from bigpicture.standard import folder as folder_module
from bigpicture.standard.folder import read_folder


def test_documents_and_digests(tmp_path):
    (tmp_path / "METADATA").mkdir()
    (tmp_path / "METADATA/dataset.xml").write_bytes(b"<DATASET_SET/>")
    (tmp_path / "IMAGES").mkdir()
    (tmp_path / "IMAGES/a.dcm").write_bytes(b"x" * (3 << 20))
    heard = []
    folder = read_folder(tmp_path, progress=lambda done, total: heard.append((done, total)))
    assert folder.documents == {"METADATA/dataset.xml": b"<DATASET_SET/>"}
    assert folder.files["IMAGES/a.dcm"] == (
        3 << 20,
        hashlib.sha256(b"x" * (3 << 20)).hexdigest(),
    )
    assert heard[-1][0] == heard[-1][1] == (3 << 20) + 14
    assert heard == sorted(heard)


@pytest.mark.parametrize("target", ["/etc", "/etc/hostname", "nowhere"])
def test_a_link_is_refused(tmp_path, target):
    (tmp_path / "IMAGES").mkdir()
    (tmp_path / "IMAGES/link").symlink_to(target)
    with pytest.raises(InputError, match="IMAGES/link"):
        read_folder(tmp_path)


def test_no_folder(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        read_folder(tmp_path / "absent")


def test_what_cannot_be_listed_is_not_left_out_in_silence(tmp_path, monkeypatch):
    (tmp_path / "IMAGES").mkdir()
    listing = folder_module.os.scandir

    def scandir(path):
        if str(path).endswith("IMAGES"):
            raise PermissionError(13, "Permission denied", str(path))
        return listing(path)

    monkeypatch.setattr(folder_module.os, "scandir", scandir)
    with pytest.raises(InputError, match="IMAGES"):
        read_folder(tmp_path)
