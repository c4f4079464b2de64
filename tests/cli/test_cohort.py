"""`bigpicture cohort` and `bigpicture.cohort`, against a node that serves."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile

import pyarrow.parquet as pq
import pytest

import bigpicture
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.client.cohort import find_cohort, save_cohort
from bigpicture.client.node import Node as Door
from bigpicture.model.cohort import Sharing
from bigpicture.model.errors import ConflictError, InputError, UnknownError
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
ALL = [image_name(CONTROLLED, number) for number in range(2)] + OPENED


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    stores = make_stores(tmp_path_factory.mktemp("node"))
    publish_two(stores)
    person, token = add_person(stores, "ada", "researcher")
    _, other = add_person(stores, "berta", "researcher")
    grant(stores, person)
    with served(build(Node.open(stores, start_work=lambda _: None))) as place:
        yield f"http://{place}", token, other


def run(address, *words, token=1, check=True):
    variables = {
        **os.environ,
        "COLUMNS": "160",
        "BIGPICTURE_TOKEN": address[token] if token else "",
    }
    told = ran("cohort", *words, "--node", address[0], env=variables)
    assert not check or told.returncode == 0, told.stderr
    return told


def test_from_a_question_to_a_split_and_an_accession(address, tmp_path):
    saved = run(address, "save", "Two organs", "organ:liver,lung", "--notes", "A [bold] study")
    assert "5 images" in saved.stdout
    assert "A [bold] study" in saved.stdout
    frozen = json.loads(run(address, "freeze", "two organs", "--json").stdout)
    digest = hashlib.sha256("".join(f"{each}\n" for each in sorted(ALL)).encode()).hexdigest()
    assert frozen["digest"] == digest
    shown = run(address, "show", "Two organs").stdout
    assert digest[:12] in shown
    assert "Two organs" in run(address, "list").stdout
    split = run(
        address, "split", "Two organs", "--parts", "fit:0.6,hold:0.4", "--to", str(tmp_path)
    ).stdout
    assert "60.0%" in split
    assert "█" in split
    kept = {
        part: [
            line
            for line in (tmp_path / f"{part}.txt").read_text().splitlines()
            if not line.startswith("#")
        ]
        for part in ("fit", "hold")
    }
    assert kept == {"fit": OPENED, "hold": ALL[:2]}
    told = run(address, "accession", "Two organs").stdout
    accession = told.split()[0]
    assert accession.startswith("bb-cohort-")
    assert run(address, "accession", "Two organs").stdout == told
    assert run(address, "compare", "Two organs").stdout.startswith("Version 1 and now: 5 images")
    assert "nothing to ask for" in run(address, "request", "Two organs").stdout


def test_every_format_leaves(address, tmp_path):
    run(address, "save", "Formats")  # and what was never frozen is, when it is used
    listed = run(address, "export", "Formats").stdout
    assert [line for line in listed.splitlines() if not line.startswith("#")] == ALL
    run(address, "export", "Formats", "--form", "parquet", "--to", str(tmp_path / "a.parquet"))
    assert pq.read_table(tmp_path / "a.parquet").num_rows == 5
    run(address, "export", "Formats", "--form", "ro-crate", "--to", str(tmp_path / "a.zip"))
    assert "ro-crate-metadata.json" in zipfile.ZipFile(tmp_path / "a.zip").namelist()
    told = json.loads(run(address, "export", "Formats", "--form", "croissant").stdout)
    assert told["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    split = ("--parts", "a:1,b:1", "--seed", "3")
    rows = json.loads(run(address, "export", "Formats", "--form", "json", *split).stdout)
    assert {each["split"] for each in rows["images"]} == {"a", "b"}
    assert len(list(tmp_path.iterdir())) == 2  # no part of a file is left


def test_what_is_shared_opens_by_its_link_and_says_what_is_missing(address):
    shared = json.loads(run(address, "save", "Shared", "--share", "link", "--json").stdout)
    run(address, "freeze", shared["id"])
    link = f"{address[0]}/cohorts/{shared['id']}"
    shown = run(address, "show", link, token=2).stdout
    assert "of Ada" in shown
    assert "3 open of over 3" in shown
    exported = run(address, "export", link, token=2)
    assert [line for line in exported.stdout.splitlines() if not line.startswith("#")] == OPENED
    assert "Not all of it" in exported.stderr
    asked = run(address, "request", link, token=2).stdout
    assert "access@example.org" in asked
    assert "<5" in asked
    refused = run(address, "freeze", link, token=2, check=False)
    assert refused.returncode == 1
    assert "only the owner" in refused.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "No such name"), "no cohort of this name"),
        (("show", "0" * 32), "no such cohort"),
        (("save", "x", "colour:red"), "no field 'colour'"),
        (("split", "x", "--parts", "a:1"), "2 to 20"),
        (("compare", "Asked wrongly", "--earlier", "9"), "no version 9"),
    ],
)
def test_what_is_asked_wrongly_is_told_in_a_line(address, words, told):
    if "Asked wrongly" in words:
        run(address, "save", "Asked wrongly", "organ:liver")
        run(address, "freeze", "Asked wrongly")
    done = run(address, *words, check=False)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_nobody_signed_in_has_none(address):
    assert "nobody is signed in" in run(address, "list", token=0, check=False).stderr


def test_python_asks_the_same(address):
    place, token, other = address
    with Door(place, token=token) as door:
        saved = save_cohort(door, "In Python", "organ:liver,lung", sharing=Sharing.NODE)
        with pytest.raises(InputError):
            save_cohort(door, "In Python", "(")
        save_cohort(door, "Twice", "organ:liver")
        save_cohort(door, "Twice", "organ:liver")
        with pytest.raises(ConflictError):
            find_cohort(door, "Twice")
        identity = saved.id
    with bigpicture.cohort("in python", node=place, token=token) as found:
        assert (found.id, found.question) == (identity, "organ:liver,lung")
        frozen = found.freeze()
        assert frozen.is_whole
        assert [each["accession"] for each in frozen.images()] == ALL
        sides = frozen.split("fit:0.6,hold:0.4", by="stain")
        assert sides == {"fit": OPENED, "hold": ALL[:2]}
        assert [each.number for each in found.versions()] == [1]
        assert frozen.mint() == found.version().accession
    with bigpicture.cohort(identity, node=place, token=other) as found:
        assert not found.version().is_whole
        assert [each["accession"] for each in found.version().images()] == OPENED
    with pytest.raises(UnknownError):
        bigpicture.cohort("0" * 32, node=place, token=token)
