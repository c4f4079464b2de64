"""Working copies are private, and gone with the step or with its process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bigpicture.model.errors import IntegrityError, StorageFullError
from bigpicture.settings import Settings
from bigpicture.submission.spool import spool, sweep_working_folders, working_folder
from published import BytesSource


def test_a_copy_is_private_and_goes_with_the_step(tmp_path):
    settings = Settings(data=tmp_path)
    with working_folder(settings) as folder:
        path = spool(BytesSource(b"invented"), folder / "x")
        assert path.read_bytes() == b"invented"
        assert path.stat().st_mode & 0o077 == 0
        assert folder.stat().st_mode & 0o077 == 0
        assert folder.parent.stat().st_mode & 0o077 == 0
    assert not folder.exists()


def test_a_sweep_takes_only_what_the_dead_left(tmp_path):
    settings = Settings(data=tmp_path)
    code = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from bigpicture.settings import Settings\n"
        "from bigpicture.submission.spool import working_folder\n"
        f"with working_folder(Settings(data=Path({str(tmp_path)!r}))) as folder:\n"
        "    (folder / 'plain').write_text('Rabenhorst')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    (left,) = (tmp_path / "tmp").iterdir()
    with working_folder(settings) as living:
        assert sweep_working_folders(settings) == 1
        assert not left.exists()
        assert living.exists()
    assert sweep_working_folders(settings) == 0


def test_a_full_disk_is_told_as_such(tmp_path):
    class Full(BytesSource):
        def read(self, offset, length):
            raise OSError(28, "No space left on device")

    with pytest.raises(StorageFullError, match="working copy"):
        spool(Full(b"x"), tmp_path / "x")


def test_other_errors_pass(tmp_path):
    class Damaged(BytesSource):
        def read(self, offset, length):
            raise IntegrityError("damaged")

    with pytest.raises(IntegrityError):
        spool(Damaged(b"x"), tmp_path / "x")
