"""A bundle verifies by itself, and every change to it is told or refused."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigpicture.ledger.bundle import write_bundle
from bigpicture.ledger.checkpoint import Checkpoint, open_checkpoint
from bigpicture.ledger.entry import Part
from bigpicture.ledger.erase import erase_parts
from bigpicture.ledger.kept import KeptCheckpoint
from bigpicture.ledger.note import Signer
from bigpicture.ledger.record import record
from bigpicture.ledger.sequence import Sequencer
from bigpicture.ledger.tampering import Kind
from bigpicture.ledger.tree import Tiles, find_head
from bigpicture.ledger.verify_bundle import verify_bundle
from bigpicture.model.errors import BigpictureError, InputError
from migrated import open_migrated


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A record of 30 entries in three batches."""
    folder = tmp_path_factory.mktemp("log")
    records = open_migrated(f"sqlite:///{folder / 'records.sqlite'}")
    signer = Signer("node.example/ledger", Ed25519PrivateKey.generate())
    sequencer = Sequencer(records, signer, KeptCheckpoint(folder / "kept"))
    for _ in range(3):
        with records.write() as connection:
            for n in range(10):
                record(
                    connection,
                    actor=f"person-{n}",
                    action="test:done",
                    subject="x",
                    details={"n": n, "float": 1e20, "deep": [{"ö": None}]},
                )
        sequencer.run()
    yield records, sequencer
    records.close()


@pytest.fixture
def bundle(log, tmp_path):
    def bundle(**more):
        write_bundle(log[0], tmp_path / "bundle", **more)
        return tmp_path / "bundle"

    return bundle


@pytest.fixture
def verify(log):
    def verify(path, *trusted):
        return verify_bundle(path, keys=[log[1].signer.verifier], trusted=trusted)

    return verify


HEADING = (
    b'{"format": "bigpicture-ledger/1", "kind": "range", "first": %b, "size": 1, "peaks": %b}\n'
)


def at(log, size):
    """The checkpoint of so many entries."""
    with log[0].read() as connection:
        return Checkpoint("node.example/ledger", size, Tiles(connection).root(size))


def edited(path, edit):
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(edit(lines)), encoding="utf-8")
    return path


def relined(number, change):
    def edit(lines):
        line = json.loads(lines[number])
        change(line)
        return [*lines[:number], json.dumps(line) + "\n", *lines[number + 1 :]]

    return edit


def test_a_bundle_holds_leaves_and_every_checkpoint(log, bundle, verify):
    path = bundle()
    verdict = verify(path, at(log, 10), at(log, 17), at(log, 30))
    assert verdict.is_whole
    assert (verdict.entries, verdict.checkpoints, verdict.trusted) == (30, 3, 3)
    assert verdict.root == at(log, 30).root.hex()


@pytest.mark.parametrize("since", [0, 1, 10, 13, 29, 30])
def test_a_bundle_goes_on_from_a_checkpoint(log, bundle, verify, since):
    verdict = verify(bundle(since=since, is_open=True), at(log, since))
    assert verdict.is_whole
    assert verdict.entries == 30 - since
    forged = Checkpoint("node.example/ledger", since, bytes(32))
    assert set(verify(bundle(since=since), forged).counts) == {Kind.REWRITTEN}


def test_what_a_bundle_cannot_say_is_not_said(log, bundle, verify):
    with pytest.raises(InputError, match="begins at entry 20"):
        verify(bundle(since=20), at(log, 10))
    with pytest.raises(InputError, match="proves nothing about your checkpoint"):
        verify(bundle(chosen=[3]), at(log, 10))
    assert verify(bundle(chosen=[3, 30]), at(log, 30)).is_whole
    later = Checkpoint("node.example/ledger", 31, bytes(32))
    assert set(verify(bundle(), later).counts) == {Kind.ROLLED_BACK}
    with pytest.raises(InputError, match="none after 31"):
        bundle(since=31)


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (relined(5, lambda line: line["leaf"].update(action="test:undone")), Kind.REWRITTEN),
        (relined(5, lambda line: line["leaf"].update(more=1)), Kind.REWRITTEN),
        (lambda lines: [*lines[:5], *lines[6:]], Kind.REWRITTEN),
        (lambda lines: [*lines[:5], lines[4], *lines[5:]], Kind.REORDERED),
        (lambda lines: [*lines[:5], lines[6], lines[5], *lines[7:]], Kind.REORDERED),
        (lambda lines: lines[:-1], Kind.DELETED),
        (lambda lines: lines[:12], Kind.DELETED),
        (lambda lines: [*lines[:11], *lines[12:]], None),  # a checkpoint less is a checkpoint less
        (relined(11, lambda line: line.update(checkpoint="x")), Kind.FORGED),
        (lambda lines: [*lines, lines[-1]], None),
        (
            relined(5, lambda line: line["openings"]["actor"].update(value="person-9")),
            Kind.UNOPENED,
        ),
        (relined(5, lambda line: line["openings"]["actor"].update(salt="00" * 32)), Kind.UNOPENED),
        (relined(5, lambda line: line["openings"]["actor"].update(salt=None)), Kind.UNOPENED),
        (relined(5, lambda line: line["openings"]["actor"].update(salt=7)), Kind.UNOPENED),
        (relined(5, lambda line: line["openings"].pop("actor")), Kind.UNOPENED),
        (relined(5, lambda line: line.update(openings=[])), Kind.UNOPENED),
    ],
)
def test_a_change_is_told(bundle, verify, edit, kind):
    verdict = verify(edited(bundle(is_open=True), edit))
    assert (kind in verdict.counts) if kind else verdict.is_whole


@pytest.mark.parametrize(
    "edit",
    [
        relined(1, lambda line: line.update(index=5)),
        relined(1, lambda line: line.update(index=-1)),
        relined(1, lambda line: line["leaf"].update(seq=4)),
        relined(1, lambda line: line["proof"].pop()),
        relined(1, lambda line: line["proof"].append("A" * 43 + "=")),
        relined(1, lambda line: line["proof"].append("?")),
        relined(1, lambda line: line.update(proof=[])),
    ],
)
def test_a_change_to_a_single_entry_is_told(bundle, verify, edit):
    assert set(verify(edited(bundle(chosen=[3]), edit)).counts) == {Kind.ALTERED}


def test_a_bundle_under_another_checkpoint(log, bundle, verify):
    forger = Signer("node.example/ledger", Ed25519PrivateKey.generate())
    note = at(log, 30).sign(forger)
    path = edited(bundle(chosen=[3]), relined(0, lambda line: line.update(checkpoint=note)))
    assert set(verify(path).counts) == {Kind.FORGED}
    note = at(log, 29).sign(log[1].signer)
    path = edited(bundle(chosen=[3]), relined(0, lambda line: line.update(checkpoint=note)))
    assert set(verify(path).counts) == {Kind.ALTERED}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"[]\n",
        b"{}\n",
        b'{"format": "bigpicture-ledger/2", "kind": "range"}\n',
        HEADING % (b"-1", b"[]"),
        HEADING % (b"1", b"[]"),
        HEADING % (b"0", b"7"),
        HEADING % (b"0", b'["?"]'),
        HEADING % (b"0", b"[]") + b'{"leaf": {"a": 1e999}}\n',
        HEADING % (b"0", b"[]") + b'{"leaf": {}',
        HEADING % (b"0", b"[]") + b'{"leaf": 1}\n',
        b"[" * 100_000,
        b"\xff\xfe\x00",
        bytes(5 << 20),
    ],
)
def test_what_is_no_bundle_is_refused(tmp_path, verify, content):
    (tmp_path / "bundle").write_bytes(content)
    with pytest.raises(InputError, match="no whole bundle"):
        verify(tmp_path / "bundle")


def test_a_bundle_that_is_not_there(tmp_path, verify):
    with pytest.raises(InputError, match="cannot be read"):
        verify(tmp_path / "none")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_no_byte_of_a_bundle_can_be_changed_unnoticed(bundle, verify, data):
    path = bundle(chosen=[3], is_open=True)
    whole = json.loads(path.read_bytes().splitlines()[1])
    body = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(body)
    try:
        verdict = verify(path)
    except BigpictureError:
        return
    if verdict.is_whole:  # what was changed proves nothing, such as a name beside
        told = json.loads(path.read_bytes().splitlines()[1])
        assert (told["leaf"], verdict.entries) == (whole["leaf"], 1)
        assert told.get("openings") in (None, whole["openings"])


def test_erased_parts_are_counted(log, bundle, verify):
    records, sequencer = log
    with records.write() as connection:
        erase_parts(connection, 3, [Part.DETAILS], actor="node", reason="asked")
    sequencer.run()
    with records.read() as connection:
        newest = open_checkpoint(find_head(connection).note, [sequencer.signer.verifier])
    verdict = verify(bundle(is_open=True), newest, at(log, 30))
    assert verdict.is_whole
    assert verdict.erased == 1
