"""`bigpicture search` and `bigpicture.query`, against a node that serves."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys

import pytest

import bigpicture
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.model.errors import InputError
from preloaded import ran
from published import (
    CONTROLLED,
    OPEN,
    add_person,
    grant,
    image_name,
    make_stores,
    publish_two,
    served,
)

OPENED = [image_name(OPEN, number) for number in range(3)]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    stores = make_stores(tmp_path_factory.mktemp("node"))
    publish_two(stores)
    person, token = add_person(stores, "ada", "researcher")
    grant(stores, person)
    with served(build(Node.open(stores, start_work=lambda _: None))) as place:
        yield f"http://{place}", token


def search(address, *words, token=""):
    variables = {**os.environ, "COLUMNS": "120", "BIGPICTURE_TOKEN": token}
    return ran("search", *words, "--node", address, env=variables)


def test_a_table_tells_how_many_and_of_what(address):
    told = search(address[0], "organ:liver").stdout
    assert "3 images of 1 being for organ:liver" in told
    assert "1 further dataset opens under a grant" in told
    assert all(name in told for name in OPENED)
    assert "█" in told


def test_nothing_found_says_what_was_near(address):
    told = search(address[0], "organ:livr").stdout
    assert "0 images" in told
    assert "Perhaps Liver?" in told


def test_a_list_is_a_manifest_for_download(address):
    told = search(address[0], "stain:H&E", "--form", "list")
    assert told.stdout.split() == [OPENED[0], OPENED[2]]
    assert search(address[0], "--form", "list", "--limit", "1").stdout.split() == OPENED[:1]


def test_csv_and_json_hold_every_image(address):
    rows = list(csv.DictReader(io.StringIO(search(address[0], "--form", "csv").stdout)))
    assert [row["accession"] for row in rows] == OPENED
    assert "Fibrosis?" in rows[1]["diagnoses"]  # a candidate
    told = json.loads(search(address[0], "confirmed:adenoma", "--form", "json").stdout)
    assert (told["total"], told["question"]) == (1, "confirmed:adenoma")
    assert told["images"][0]["accession"] == OPENED[0]


def test_a_wrong_question_is_refused_before_anything_is_asked(address):
    told = search("http://127.0.0.1:9", "colour:red")
    assert told.returncode == 1
    assert "letter 1 of the question" in told.stderr
    assert "no field 'colour'" in told.stderr


def test_a_token_opens_more(address):
    place, token = address
    told = search(place, "tier:controlled", "--form", "list", token=token)
    assert told.stdout.split() == [image_name(CONTROLLED, number) for number in range(2)]


def test_python_asks_the_same(address):
    place, token = address
    found = list(bigpicture.query("organ:liver,lung mpp>0", node=place, token=token))
    assert len(found) == 5
    assert {each.organ for each in found} == {"Liver", "Lung"}
    with pytest.raises(InputError):
        next(bigpicture.query("(", node=place))


def test_the_package_itself_loads_nothing():
    loaded = (
        "import sys, bigpicture; print(sorted(n for n in sys.modules if n.startswith('httpx')))"
    )
    told = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"
