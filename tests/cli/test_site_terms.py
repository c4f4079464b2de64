"""A site's own codes, at the command line: `validate --terms` and `submit --terms`."""

from __future__ import annotations

import json

import pytest

from bigpicture.client.submit import check_local, digest_all
from bigpicture.metaflex import build
from bigpicture.metaflex.write import write_document
from bigpicture.model.code import Code
from bigpicture.standard.read_terms import read_terms
from editing import with_attribute
from invented_submission import CONTENTS, submission
from preloaded import ran

CELLOIDIN = build.code_attribute("block_preparation", Code("L-17", "LOCAL", "Celloidin"))


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "DATASET_livers"
    documents = with_attribute(submission(), "METADATA/sample.xml", "block_preparation", CELLOIDIN)
    contents = {name: write_document(each) for name, each in documents.items()} | CONTENTS
    for path, data in contents.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(data)
    return place


@pytest.fixture
def terms(tmp_path):
    file = tmp_path / "site.csv"
    file.write_text("vocabulary,code,scheme,meaning\nEMBEDDING,L-17,LOCAL,Celloidin\n")
    return file


def embedding(found):
    return [each for each in found if each["rule"] == "4.2.1"]


def test_validate_takes_them(folder, terms):
    def told(*more):
        done = ran("validate", folder, "--json", *more)
        return embedding(json.loads(done.stdout)["findings"])

    assert told()
    assert told("--terms", terms) == []


def test_what_is_about_to_be_sent_is_checked_with_them(folder, terms):
    places = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    files = digest_all(places)
    assert embedding([each.as_json() for each in check_local(files)])
    assert embedding([each.as_json() for each in check_local(files, read_terms(terms))]) == []
