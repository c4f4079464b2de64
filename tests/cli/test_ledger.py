"""`bigpicture ledger`: what a steward and an auditor type, and how tampering looks to them."""

from __future__ import annotations

import json
import sqlite3

import pytest
from typer.testing import CliRunner

from bigpicture.cli import build
from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, InputError, IntegrityError, UnknownError
from bigpicture.settings import Settings
from bigpicture.storage.records import open_records


def run(*words, status=0):
    done = CliRunner().invoke(build(words[0]), [*map(str, words)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == status, done.output
    return done


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("BIGPICTURE_PASSWORD", "a long enough password")
    run("init", "--data", tmp_path / "data")
    act(tmp_path / "data", 4)
    run("ledger", "sequence", "--data", tmp_path / "data")
    return tmp_path / "data"


def act(data, count):
    records = open_records(Settings(data=data).records_url)
    with records.write() as connection:
        for n in range(count):
            record(
                connection,
                actor=f"person-{n}",
                action="test:done",
                subject=f"thing-{n}",
                details={"word": "Invented"},
            )
    records.close()


def change(data, statement):
    with sqlite3.connect(data / "records.sqlite") as connection:
        connection.execute(statement)
    connection.close()


def ledger(data, *words, **more):
    return run("ledger", words[0], "--data", data, *words[1:], **more)


@pytest.fixture
def key(data):
    return ledger(data, "key").stdout.strip()


@pytest.fixture
def kept(data, tmp_path):
    """What an auditor kept."""
    path = tmp_path / "kept.txt"
    path.write_text(ledger(data, "checkpoint").stdout, encoding="utf-8")
    return path


def test_a_whole_record_is_told_so(data, kept):
    told = ledger(data, "verify")
    assert "The record is whole" in told.stdout
    assert "no checkpoint of your own" in " ".join(told.stdout.split())
    assert "no checkpoint" not in ledger(data, "verify", "--checkpoint", kept).stdout
    told = json.loads(ledger(data, "verify", "--json").stdout)
    assert (told["is_whole"], told["entries"], told["waiting"], told["trusted"]) == (True, 5, 0, 1)
    assert told["origin"].endswith(".invalid/ledger")


def test_tampering_is_told_with_place_rule_and_remedy(data):
    change(data, "UPDATE events SET actor = 'nobody' WHERE seq = 3")
    change(data, "DELETE FROM events WHERE seq = 2")
    told = " ".join(ledger(data, "verify", status=3).stdout.split())
    assert "tampered" in told
    found = json.loads(ledger(data, "verify", "--json", status=3).stdout)
    assert found["counts"] == {"deleted": 1, "unopened": 1}
    assert found["finds"][1] == {
        "kind": "unopened",
        "what": "its actor is not what was recorded.",
        "place": "event 3 (entry 2)",
        "rule": "a value opens the commitment in its leaf",
        "remedy": found["finds"][0]["remedy"],
    }
    assert "person" not in json.dumps(found)


def test_records_that_were_put_back_are_told_by_what_was_kept(data, kept, tmp_path, key):
    """The database alone is put back; the node's own memory and the auditor's see it."""
    before = (tmp_path / "before.sqlite").as_posix()
    with sqlite3.connect(data / "records.sqlite") as connection:
        connection.execute(f"VACUUM INTO '{before}'")
    connection.close()
    act(data, 3)
    ledger(data, "sequence")
    kept.write_text(ledger(data, "checkpoint").stdout, encoding="utf-8")
    for old in data.glob("records.sqlite*"):
        old.unlink()
    (tmp_path / "before.sqlite").rename(data / "records.sqlite")
    assert "rolled-back" in ledger(data, "verify", status=3).stdout
    (data / "ledger/checkpoint").rename(tmp_path / "node.txt")
    assert "whole" in ledger(data, "verify").stdout
    words = ("verify", "--checkpoint", kept, "--key", key)
    assert "rolled-back" in ledger(data, *words, status=3).stdout
    (tmp_path / "node.txt").rename(data / "ledger/checkpoint")
    act(data, 5)
    with pytest.raises(IntegrityError, match="put back to an earlier state"):
        ledger(data, "sequence")
    with pytest.raises(InputError, match="needs a reason"):
        ledger(data, "sequence", "--origin", "node.example/2")
    ledger(data, "sequence", "--origin", "node.example/2", "--reason", "the disk was lost")
    assert ledger(data, "checkpoint").stdout.startswith("node.example/2\n11\n")
    assert "whole" in ledger(data, "verify").stdout
    with pytest.raises(ConflictError, match="had that name"):
        ledger(data, "sequence", "--origin", "node.example/2", "--reason", "again")


def test_a_bundle_verifies_without_the_node(data, kept, tmp_path, key):
    act(data, 300)
    ledger(data, "sequence")
    for words, entries in (((), 305), (("--since", kept), 300), (("--event", 3), 1)):
        bundle = tmp_path / f"bundle-{entries}"
        ledger(data, "export", bundle, *words)
        assert "person-" not in bundle.read_text(encoding="utf-8")
        assert "Invented" not in bundle.read_text(encoding="utf-8")
        told = json.loads(run("ledger", "verify", bundle, "--key", key, "--json").stdout)
        assert (told["is_whole"], told["entries"]) == (True, entries)
    words = ("verify", tmp_path / "bundle-300", "--key", key, "--checkpoint", kept)
    assert "whole" in run("ledger", *words).stdout
    ledger(data, "export", tmp_path / "open", "--open")
    assert "Invented" in (tmp_path / "open").read_text(encoding="utf-8")
    assert run("ledger", "verify", tmp_path / "open", "--key", key).exit_code == 0
    with pytest.raises(InputError, match="with the node's key"):
        run("ledger", "verify", tmp_path / "open")
    with pytest.raises(InputError, match="exclude"):
        ledger(data, "export", tmp_path / "x", "--since", kept, "--event", 3)


def test_what_is_not_there_is_not_exported(data, kept, tmp_path):
    with pytest.raises(UnknownError):
        ledger(data, "export", tmp_path / "x", "--event", 99)
    act(data, 1)
    with pytest.raises(ConflictError, match="not in the tree"):
        ledger(data, "export", tmp_path / "x", "--event", 6)
    change(data, "DELETE FROM ledger_entries WHERE leaf = 2")
    with pytest.raises(IntegrityError, match="entries are gone"):
        ledger(data, "export", tmp_path / "x")
    assert {each.name for each in tmp_path.iterdir()} == {"data", "kept.txt"}


def test_erasing_is_told(data, kept):
    ledger(data, "erase", 3, "--part", "actor", "--part", "details", "--reason", "asked")
    ledger(data, "sequence")
    told = json.loads(ledger(data, "verify", "--checkpoint", kept, "--json").stdout)
    assert (told["is_whole"], told["erased"]) == (True, 2)
    body = (data / "records.sqlite").read_bytes()
    assert b"person-1" not in body  # event 3 is the second of ours; secure_delete wrote over it


def test_a_forged_checkpoint_is_refused(data, kept, key):
    kept.write_text(kept.read_text(encoding="utf-8").replace("\n5\n", "\n6\n"), encoding="utf-8")
    with pytest.raises(IntegrityError, match="not of its text"):
        ledger(data, "verify", "--checkpoint", kept)
    kept.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="no text"):
        ledger(data, "verify", "--checkpoint", kept)
    with pytest.raises(InputError, match="cannot be read"):
        ledger(data, "verify", "--checkpoint", data / "none")


def test_a_node_without_events_in_the_tree_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("BIGPICTURE_PASSWORD", "a long enough password")
    run("init", "--data", tmp_path / "data")
    with pytest.raises(UnknownError, match="nothing has been sequenced"):
        ledger(tmp_path / "data", "checkpoint")
    assert "1 events wait" in ledger(tmp_path / "data", "verify").stdout


def test_the_log_has_the_name_under_which_the_world_reaches_it(tmp_path, monkeypatch):
    monkeypatch.setenv("BIGPICTURE_PASSWORD", "a long enough password")
    monkeypatch.setenv("BIGPICTURE_PUBLIC_URL", "https://node.example/")
    run("init", "--data", tmp_path / "data")
    ledger(tmp_path / "data", "sequence")
    monkeypatch.setenv("BIGPICTURE_PUBLIC_URL", "https://moved.example/")
    assert ledger(tmp_path / "data", "key").stdout.startswith("node.example/ledger+")


@pytest.mark.parametrize("note", ["", "x", "evil\n9\n" + "A" * 43 + "=\n\n— evil AAAA\n"])
def test_a_forged_checkpoint_in_the_records_is_told_and_not_an_error(data, note):
    change(data, f"UPDATE ledger_checkpoints SET note = '{note}'")
    found = json.loads(ledger(data, "verify", "--json", status=3).stdout)
    assert found["counts"] == {"forged": 1}


def test_an_altered_event_of_a_new_name_is_told_and_not_an_error(data):
    ledger(data, "sequence", "--origin", "node.example/2", "--reason", "moved")
    assert "whole" in ledger(data, "verify").stdout
    change(data, "UPDATE events SET details = '{' WHERE action = 'ledger:begin'")
    found = json.loads(ledger(data, "verify", "--json", status=3).stdout)
    assert found["counts"] == {"unopened": 1, "forged": 1}  # the old name is known no more
