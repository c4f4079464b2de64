"""A node to describe datasets at, and a sheet with two mistakes."""

from __future__ import annotations

import pytest

from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.settings import Intake
from published import Client, add_person, make_stores

HERE = "/api/v1/preparations"
NAME = "Mustermann-Erika-19620512"
"""An identifying value that no error and no log may repeat."""
DIAGNOSIS = "SNOMED CT:408645001 Adenocarcinoma of colon"
COLUMNS = ["file", "being", "sex", "anatomical_site", "stain", "diagnosis"]
ROWS = [
    ["1.svs", NAME, "w", "Kolon", "HE", "kein pathologischer Befund"],
    ["2.svs", NAME, "m", "Bauchdecke", "HE", "kein pathologischer Befund"],
]


@pytest.fixture
def asked(tmp_path):
    """A client of a node that takes identified data, and the tokens of two contributors."""
    yield from _asked(tmp_path, Intake.IDENTIFIED)


@pytest.fixture
def apart(tmp_path):
    """The same of a node that takes only de-identified data."""
    yield from _asked(tmp_path, Intake.DEIDENTIFIED)


def _asked(folder, intake):
    stores = make_stores(folder / "data")
    settings = stores.settings.model_copy(update={"intake": intake})
    object.__setattr__(stores, "settings", settings)
    tokens = {
        name: add_person(stores, name, "contributor", organisation=f"Hospital of {name}")[1]
        for name in ("ada", "berta")
    }
    with Client(build(Node.open(stores, start_work=lambda _: None))) as client:
        yield client, tokens
    stores.records.close()


def sheet(**more):
    return {"columns": COLUMNS, "rows": ROWS, "fields": {}, "mapping": []} | more


def read(client, token, data):
    return client.ask("POST", f"{HERE}/read?name=export.xlsx", token=token, content=data)
