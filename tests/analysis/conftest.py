"""What tests of algorithms share: the generated suite, rendered once for a whole run."""

from __future__ import annotations

import pickle

import pytest
from filelock import FileLock

from bigpicture.phantom.suite import SMALL, suite


@pytest.fixture(scope="session")
def rendered(tmp_path_factory, worker_id):
    """The bases of the small suite with their overviews; workers share one rendering."""
    folder = tmp_path_factory.getbasetemp()
    place = (folder if worker_id == "master" else folder.parent) / "overviews.pickle"
    with FileLock(f"{place}.lock"):
        if not place.exists():
            place.write_bytes(pickle.dumps([(base, base.render()) for base in SMALL]))
    return pickle.loads(place.read_bytes())


@pytest.fixture(scope="session")
def generated(rendered):
    """The small suite."""
    return list(suite(rendered))
