"""`bigpicture quality`, against a node that serves."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from bigpicture.api.application import build
from bigpicture.api.node import Node
from published import CONTROLLED, OPEN, add_person, make_stores, publish_two, served
from results_kept import keep_results


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    stores = make_stores(tmp_path_factory.mktemp("node"))
    publish_two(stores)
    with served(build(Node.open(stores, start_work=lambda _: None))) as place:
        yield f"http://{place}", stores


def quality(address, *words):
    variables = {**os.environ, "COLUMNS": "120", "BIGPICTURE_TOKEN": ""}
    return subprocess.run(
        [sys.executable, "-m", "bigpicture", "quality", *words, "--node", address[0]],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_what_is_known_of_a_dataset_is_printed(address):
    told = quality(address, OPEN)
    assert told.returncode == 0, told.stderr
    assert "3 generated images of 1 being\n" in told.stdout
    assert "not stated" in told.stdout
    assert "bigpicture run core.quality" in told.stdout
    keep_results(address[1], OPEN, add_person(address[1], "rita")[0].id)
    told = quality(address, OPEN).stdout
    (line,) = [line for line in told.splitlines() if "org.example.all" in line]
    assert line.split() == ["Area", "org.example.all", "mm2", *["1.5"] * 5, "2"]
    shown = json.loads(quality(address, OPEN, "--json").stdout)
    assert (shown["images"], shown["quality"][0]["counts"].count(1)) == (3, 1)


@pytest.mark.parametrize(("ending", "start"), [("html", "<!doctype html>"), ("md", "# ")])
def test_it_is_written_as_a_file(address, tmp_path, ending, start):
    place = tmp_path / f"report.{ending}"
    told = quality(address, OPEN, "--out", str(place))
    assert told.returncode == 0, told.stderr
    assert place.read_text("utf-8").startswith(start)


def test_what_is_asked_wrongly_is_refused_with_the_reason(address, tmp_path):
    told = quality(address, OPEN, "--out", str(tmp_path / "report.pdf"))
    assert (told.returncode, ".md or .html" in told.stderr) == (1, True)
    assert quality(address, CONTROLLED).returncode == 1
