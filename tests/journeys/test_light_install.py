"""The light install submits what is DICOM already, without a library for pixels or servers."""

from __future__ import annotations

import shutil
import subprocess
import sys

from bigpicture.client.prepare import prepare
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.metaflex.submission import read_submission
from bigpicture.standard.files import METADATA_FILES
from small_dataset import write_dataset

HEAVY = (
    "numpy", "pydicom", "cv2", "tifffile", "imagecodecs", "simplejpeg", "openslide", "zxingcpp",
    "cryptography", "hyperscan", "sqlalchemy", "alembic", "fastapi", "uvicorn", "dbos",
    "obstore", "argon2", "structlog", "prometheus_client", "starlette", "anyio.to_thread",
)  # fmt: skip
LIGHT = f"""
import sys
sys.modules.update(dict.fromkeys({HEAVY!r}))
from bigpicture.cli import run
run()
"""


def dicom_dataset(tmp_path):
    """A dataset folder whose image is DICOM: what `prepare` made, laid out as a folder."""
    vendor = write_dataset(tmp_path / "vendor", side=400)
    present = [path for path in METADATA_FILES if (vendor / path).exists()]
    study = read_submission({path: (vendor / path).read_bytes() for path in present})
    made = prepare(vendor, study, work=tmp_path / "work", pseudonyms=Pseudonyms(b"k" * 32))
    folder = tmp_path / vendor.name
    for path, place in made.places.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place, folder / path)
    return folder


def test_dicom_is_submitted_without_the_libraries_for_pixels(node, tmp_path):
    folder = dicom_dataset(tmp_path)
    words = node.submit_words(folder, tmp_path / "site")
    told = subprocess.run(
        [sys.executable, "-c", LIGHT, *words],
        env=node.variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert "only the node checks" in " ".join(told.stderr.split())
    assert "Published" in told.stderr


def test_a_scanner_file_says_which_library_is_missing(node, tmp_path):
    folder = write_dataset(tmp_path, side=400)
    words = node.submit_words(folder, tmp_path / "site")
    told = subprocess.run(
        [sys.executable, "-c", LIGHT, *words],
        env=node.variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 1
    assert "bigpicture[slides]" in told.stderr
    assert "Traceback" not in told.stderr
