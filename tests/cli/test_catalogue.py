"""`bigpicture catalogue`: through the real command."""

from __future__ import annotations

import os

import pyarrow.parquet as pq
import pytest
from sqlalchemy import func, select

from bigpicture.storage.records import open_records
from bigpicture.storage.records import tables as t
from preloaded import ran


def bigpicture(*words, **changed):
    return ran(*words, env={**os.environ, "BIGPICTURE_PASSWORD": "a long password", **changed})


@pytest.fixture
def data(tmp_path):
    made = bigpicture("init", "--data", tmp_path / "node")
    assert made.returncode == 0, made.stderr
    return tmp_path / "node"


def test_records_are_made_grow_and_go(data):
    made = bigpicture("catalogue", "synth", "--slides", 300, "--datasets", 3, "--data", data)
    assert made.returncode == 0, made.stderr
    assert "Wrote 3 datasets" in made.stderr
    assert "[Term]" in (data / "synthetic" / "synthetic.obo").read_text()

    again = bigpicture("catalogue", "synth", "--slides", 300, "--datasets", 3, "--data", data)
    assert "3 were there" in again.stderr

    more = bigpicture("catalogue", "synth", "--publish", 2, "--slides", 40, "--data", data)
    assert "Wrote 2 datasets" in more.stderr
    assert counted(data) == (5, 380)

    gone = bigpicture("catalogue", "synth", "--remove", "--data", data)
    assert "Removed 5 datasets" in gone.stderr
    assert counted(data) == (0, 0)


def test_another_plan_is_told(data):
    bigpicture("catalogue", "synth", "--slides", 300, "--datasets", 3, "--data", data)

    told = bigpicture("catalogue", "synth", "--slides", 500, "--datasets", 3, "--data", data)

    assert told.returncode == 1
    assert "--remove" in told.stderr


def test_none_to_add_to_is_told(data):
    told = bigpicture("catalogue", "synth", "--publish", 1, "--slides", 5, "--data", data)

    assert told.returncode == 1
    assert "--publish" in told.stderr


def counted(data):
    records = open_records(f"sqlite:///{data / 'records.sqlite'}")
    with records.read() as connection:
        found = tuple(
            connection.scalar(select(func.count()).select_from(table))
            for table in (t.datasets, t.images)
        )
    records.close()
    return found


def test_a_snapshot_holds_the_open_ones(data, tmp_path):
    bigpicture("catalogue", "synth", "--slides", 400, "--datasets", 8, "--data", data)

    made = bigpicture("catalogue", "snapshot", tmp_path / "open.parquet", "--data", data)

    assert made.returncode == 0, made.stderr
    records = open_records(f"sqlite:///{data / 'records.sqlite'}")
    with records.read() as connection:
        wanted = set(
            connection.scalars(
                select(t.images.c.accession)
                .join(t.datasets, t.datasets.c.accession == t.images.c.dataset)
                .where(t.datasets.c.tier == "open")
            )
        )
    records.close()
    table = pq.read_table(tmp_path / "open.parquet")
    assert set(table["accession"].to_pylist()) == wanted
    assert 0 < len(wanted) < 400
    assert set(table["tier"].to_pylist()) == {"Open"}
