"""`bigpicture seal`, `seals` and `unseal`: at the machine itself, with a database and without."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bigpicture.access.password import hash_password
from bigpicture.access.people import add_hashed_person
from bigpicture.cli import build
from bigpicture.ledger.read import events_after
from bigpicture.model.errors import ConflictError, ForbiddenError, SignInError, UnknownError
from bigpicture.model.person import Role
from bigpicture.settings import Settings
from bigpicture.storage.records import open_records

PASSWORD = "a long enough password"
WHY = ("--reason", "an invented breach")


def run(*words, status=0):
    done = CliRunner().invoke(build(words[0]), [*map(str, words)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == status, done.output
    return done


def told(data):
    return json.loads(run("seals", "--data", data, "--json").stdout)


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("BIGPICTURE_PASSWORD", PASSWORD)
    run("init", "--data", tmp_path / "data")
    records = open_records(Settings(data=tmp_path / "data").records_url)
    with records.write() as connection:
        for name, role in (("cora", Role.COMMITTEE), ("ada", Role.RESEARCHER)):
            add_hashed_person(
                connection,
                name=name,
                display_name=name.title(),
                organisation="",
                roles=[role],
                password_hash=hash_password(PASSWORD),
                by="node",
            )
    records.close()
    return tmp_path / "data"


def actions(data):
    records = open_records(Settings(data=data).records_url)
    with records.read() as connection:
        found = [each.action for each in events_after(connection, 0, 100)]
    records.close()
    return [each for each in found if each.startswith("seal:")]


def test_one_command_seals_and_two_people_unseal(data, monkeypatch):
    run("seal", "node", *WHY, "--data", data)
    ((seal),) = told(data)
    assert (seal["scope"], seal["reason"], seal["by"]) == ("node", "an invented breach", "node")
    assert actions(data) == ["seal:set"]
    more = (*WHY, "--data", data)
    run("unseal", seal["id"], "--user", "steward", *more)
    with pytest.raises(ConflictError):
        run("unseal", seal["id"], "--user", "steward", *more)
    with pytest.raises(ForbiddenError):
        run("unseal", seal["id"], "--user", "ada", *more)
    monkeypatch.setenv("BIGPICTURE_PASSWORD", "a wrong password")
    with pytest.raises(SignInError):
        run("unseal", seal["id"], "--user", "cora", *more)
    assert told(data) == [seal]
    monkeypatch.setenv("BIGPICTURE_PASSWORD", PASSWORD)
    run("unseal", seal["id"], "--user", "cora", *more)
    assert told(data) == []
    assert actions(data) == ["seal:set", "seal:agree", "seal:open"]


def test_sealing_needs_no_database_and_makes_none(tmp_path):
    data = tmp_path / "lost"
    done = run("seal", "dataset", "bb-dataset-aaaaaa-aaaaaa", *WHY, "--data", data)
    assert "cannot be reached" in done.output
    assert [each["of"] for each in told(data)] == ["bb-dataset-aaaaaa-aaaaaa"]
    assert not (data / "records.sqlite").exists()


def test_an_unknown_seal_is_not_opened(data):
    with pytest.raises(UnknownError):
        run("unseal", "none", "--user", "steward", *WHY, "--data", data)
    assert "Nothing is sealed." in run("seals", "--data", data).stdout
