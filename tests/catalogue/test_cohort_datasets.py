"""What cohorts and their exports know of a dataset's policy: its words, and nobody it names."""

from __future__ import annotations

from sqlalchemy import update

from bigpicture.catalogue.cohort_datasets import read_datasets
from bigpicture.model.data_use import DataUseTerm
from bigpicture.storage.records import tables as t
from data_uses import policy
from published import CONTROLLED, frames, stores

__all__ = ["frames", "stores"]


def test_the_policy_as_data_is_not_handed_on(stores, frames):
    named = policy("GRU", DataUseTerm.of("US", "cleo"))
    said = {"title": "Terms", "use": named.as_json()}
    with stores.records.write() as connection:
        connection.execute(
            update(t.datasets).where(t.datasets.c.accession == CONTROLLED).values(policy=said)
        )
        known = read_datasets(connection)
    assert known[CONTROLLED].policy == {"title": "Terms"}
