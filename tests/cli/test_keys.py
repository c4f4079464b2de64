"""`bigpicture keys`: what a steward types, on a node with a published dataset."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from bigpicture.app.open import open_stores
from bigpicture.cli import build
from bigpicture.model.errors import InputError, UnknownError
from bigpicture.sealing.keys import load_key_pair
from bigpicture.sealing.public_key import load_public_key
from bigpicture.settings import Settings
from bigpicture.storage.records import tables as t
from published import OPEN, publish_two


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The folder of a node; its beings have keys of the name that its samples bear."""
    monkeypatch.setenv("BIGPICTURE_PASSWORD", "a long enough password")
    run("init", "--data", tmp_path / "data")
    stores = open_stores(Settings(data=tmp_path / "data"))
    publish_two(stores)
    stores.records.close()
    return tmp_path / "data"


def run(*words, status=0, **more):
    done = CliRunner().invoke(build(words[0]), [*map(str, words)], **more)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == status, done.output
    return done


def being(data):
    stores = open_stores(Settings(data=data))
    with stores.records.read() as connection:
        found = connection.scalar(select(t.beings.c.accession).where(t.beings.c.dataset == OPEN))
    stores.records.close()
    return found


def test_show_tells_how_many_and_the_public_key(data):
    told = json.loads(run("keys", "show", "--data", data, "--json").stdout)
    assert (told["arrivals"], told["beings"], told["destroyed"], told["bare"]) == (2, 0, 0, 0)
    public = load_public_key(data / "keys/node.c4gh.pub")
    assert public == load_key_pair(data / "keys/node.c4gh").public
    assert told["public_key"] == (data / "keys/node.c4gh.pub").read_text()
    assert "Keys of arrivals           2" in run("keys", "show", "--data", data).stdout


def test_rotate_says_what_to_do_next(data):
    before = load_key_pair(data / "keys/node.c4gh")
    done = run("keys", "rotate", "--data", data)
    assert "Back its folder up now" in " ".join(done.output.split())
    assert load_key_pair(data / "keys/node.c4gh") != before
    run("keys", "show", "--data", data)


def test_wrap_has_nothing_to_do(data):
    assert "0 headers were wrapped" in run("keys", "wrap", "--data", data).output


def test_destroy_wants_the_name_twice(data):
    name = being(data)
    with pytest.raises(InputError, match="naming it twice"):
        run("keys", "destroy", name, "--reason", "consent withdrawn", "--data", data)
    with pytest.raises(InputError, match="differ"):
        run("keys", "destroy", name, "--reason", "x", "--confirm", name + "x", "--data", data)
    with pytest.raises(UnknownError):
        run("keys", "destroy", "no", "--reason", "x", "--confirm", "no", "--data", data)
