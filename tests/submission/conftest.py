"""What the tests of the steps of a submission share."""

from __future__ import annotations

import pytest

from bigpicture.client.prepare import prepare
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.metaflex.submission import read_submission
from bigpicture.standard.files import METADATA_FILES
from nurseries import staying_nurseries
from small_dataset import write_dataset
from submitting import contributor, here, stores

__all__ = ["contributor", "here", "staying_nurseries", "stores"]


@pytest.fixture(scope="session")
def clean_contents(tmp_path_factory):
    """Path to bytes of a small dataset as `bigpicture submit` sends it: DICOM made at the site."""
    folder = tmp_path_factory.mktemp("clean")
    root = write_dataset(folder, side=600)
    documents = {
        path: (root / path).read_bytes() for path in METADATA_FILES if (root / path).is_file()
    }
    made = prepare(
        root, read_submission(documents), work=folder / "work", pseudonyms=Pseudonyms(b"k" * 32)
    )
    return {path: place.read_bytes() for path, place in made.places.items()}


@pytest.fixture(scope="session")
def raw_folder(tmp_path_factory):
    """A small dataset with a scanner's own file in it."""
    return write_dataset(tmp_path_factory.mktemp("raw"), side=600, seed=5)
