"""Notes and checkpoints are those of C2SP: its examples verify, and nothing else does."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bigpicture.ledger.checkpoint import Checkpoint, open_checkpoint, read_checkpoint
from bigpicture.ledger.note import Signer, VerifierKey, open_note
from bigpicture.model.errors import InputError, IntegrityError

# C2SP signed-note, section Verifier keys, Example.
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3m"
    "FXmRKuwHjG1Yu72IneyaQM=\n"
)
# C2SP tlog-checkpoint, the example; whose key it is is not told there.
CHECKPOINT = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcy\
v2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""


@pytest.fixture
def signer():
    return Signer("node.example/ledger", Ed25519PrivateKey.generate())


def test_the_example_of_the_specification_verifies():
    key = VerifierKey.parse(VKEY)
    assert str(key) == VKEY
    assert key.identity.hex() == "530d903a"
    assert open_note(NOTE, [key]) == "This is an example message.\n"


def test_the_example_of_a_checkpoint_is_read():
    read = read_checkpoint(CHECKPOINT)
    assert (read.origin, read.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert read.root == base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")


@pytest.mark.parametrize(
    "note",
    [
        NOTE.replace("example message", "Example message"),
        NOTE.replace("Uw2QOkn8", "Uw2QOkn9"),
        NOTE[:-1],
        NOTE + "\n",
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("— example.com/foo ", "— example.com/foo  "),
        NOTE.partition("—")[0],
        NOTE.replace("This", "\x00This"),
        NOTE.replace("\n", "\r\n"),
        "— example.com/foo AAAA\n",
        "\n\n— example.com/foo AAAA\n",
        "",
        "\n",
        NOTE + NOTE.split("\n\n")[1] * 100,
        "x" * (1 << 21) + NOTE,
    ],
)
def test_what_is_not_that_note_is_refused(note):
    with pytest.raises(IntegrityError):
        open_note(note, [VerifierKey.parse(VKEY)])


def test_signatures_of_others_are_passed_over(signer):
    other = Signer("witness.example", Ed25519PrivateKey.generate())
    text = "a\nb\n"
    both = signer.sign(text) + other.sign(text).rpartition("\n\n")[2]
    assert open_note(both, [signer.verifier]) == open_note(both, [other.verifier]) == text
    third = Signer("node.example/ledger", Ed25519PrivateKey.generate())
    with pytest.raises(IntegrityError, match="no key that is trusted"):
        open_note(both, [third.verifier])
    with pytest.raises(IntegrityError, match="no key that is trusted"):
        open_note(both, [])


def test_a_wrong_signature_of_a_known_key_refuses_the_note(signer):
    other = Signer("witness.example", Ed25519PrivateKey.generate())
    forged = signer.sign("a\n") + other.sign("b\n").rpartition("\n\n")[2]
    with pytest.raises(IntegrityError, match="not of its text"):
        open_note(forged, [signer.verifier, other.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "a+b",
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("foo", "bar"),
        VKEY.replace("Aeky", "Beky"),
        VKEY[:-4],
        VKEY.replace("foo", "f oo"),
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)
def test_what_is_no_verifier_key_is_refused(text):
    with pytest.raises(InputError, match="no verifier key"):
        VerifierKey.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b"])
def test_names_of_keys_hold_no_spaces_and_no_plus(name):
    with pytest.raises(InputError, match="no spaces"):
        Signer(name, Ed25519PrivateKey.generate())


def test_a_checkpoint_is_read_as_it_was_signed(signer):
    made = Checkpoint(signer.name, 7, bytes(range(32)))
    note = made.sign(signer)
    assert note.splitlines()[:3] == [
        "node.example/ledger",
        "7",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    ]
    assert open_checkpoint(note, [signer.verifier]) == made


def test_a_checkpoint_of_another_log_under_the_same_key_is_refused(signer):
    note = Checkpoint("another.example/log", 7, bytes(32)).sign(signer)
    with pytest.raises(IntegrityError, match="another log"):
        open_checkpoint(note, [signer.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n",
        "o\n1\n",
        "o\n1\nAA==\n",
        "o\n01\n" + "A" * 43 + "=\n",
        "o\n-1\n" + "A" * 43 + "=\n",
        "o\n1e3\n" + "A" * 43 + "=\n",
        "o\n" + "9" * 30 + "\n" + "A" * 43 + "=\n",
        "\n1\n" + "A" * 43 + "=\n",
        "o\n1\n" + "A" * 43 + "=",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(IntegrityError, match="no checkpoint"):
        read_checkpoint(text)
