"""Our Crypt4GH against the reference implementation, and against others' vectors.

Only whole files are compared: the reference package (1.8.6) answers ranges past 64 KiB wrongly.
"""

from __future__ import annotations

import io
import random
import shutil

import pytest
from crypt4gh import header as reference_header
from crypt4gh import keys as reference_keys
from crypt4gh import lib as reference

from bigpicture.model.errors import IntegrityError, SettingsError
from bigpicture.sealing.header import header_size
from bigpicture.sealing.keys import (
    KeyPair,
    load_key_pair,
    make_key_pair,
    save_key_pair,
)
from bigpicture.sealing.open import RangeOpener, open_body, open_header
from bigpicture.sealing.public_key import load_public_key
from bigpicture.sealing.reseal import reseal
from bigpicture.sealing.seal import Sealer
from bigpicture.sealing.segments import SEGMENT
from places import shared

SIZES = [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 5 * SEGMENT + 777]


class Bytes:
    def __init__(self, body):
        self.body = body
        self.size = len(body)

    def read(self, offset, length):
        return self.body[offset : offset + length]

    async def aread(self, offset, length):
        return self.read(offset, length)

    async def aread_many(self, ranges):
        return [self.read(*each) for each in ranges]

    is_near = True


def plaintext(size):
    return random.Random(size).randbytes(size)


def decrypted_by_reference(sealed, pair):
    out = io.BytesIO()
    reference.decrypt([(0, pair.private, None)], io.BytesIO(sealed), out)
    return out.getvalue()


def encrypted_by_reference(plain, recipients):
    out = io.BytesIO()
    sender = make_key_pair()
    keys = [(0, sender.private, recipient) for recipient in recipients]
    reference.encrypt(keys, io.BytesIO(plain), out)
    return out.getvalue()


@pytest.mark.parametrize("size", SIZES)
def test_the_reference_opens_what_we_sealed(size):
    pairs = [make_key_pair() for _ in range(3)]
    sealer = Sealer([pair.public for pair in pairs])
    sealed = b"".join(sealer.seal([plaintext(size)]))
    for pair in pairs:
        assert decrypted_by_reference(sealer.header + sealed, pair) == plaintext(size)


@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_the_reference_sealed(size):
    other, pair = make_key_pair(), make_key_pair()
    sealed = encrypted_by_reference(plaintext(size), [other.public, pair.public])
    start = header_size(sealed[:1000])
    data_key = open_header(sealed[:start], pair)
    opened = b"".join(open_body([sealed[start:]], data_key, size, is_ours=False))
    assert opened == plaintext(size)
    opener = RangeOpener(Bytes(sealed[start:]), data_key, size, is_ours=False)
    assert opener.read(size // 2, size - size // 2) == plaintext(size)[size // 2 :]


def test_what_others_sealed_is_not_taken_for_ours():
    """Their nonces are random, so the order of their segments proves nothing."""
    pair = make_key_pair()
    sealed = encrypted_by_reference(plaintext(SEGMENT), [pair.public])
    start = header_size(sealed)
    with pytest.raises(IntegrityError, match="not in its place"):
        list(open_body([sealed[start:]], open_header(sealed[:start], pair), SEGMENT))


def test_the_reference_opens_what_was_resealed():
    node, researcher = make_key_pair(), make_key_pair()
    sealer = Sealer([node.public])
    sealed = b"".join(sealer.seal([plaintext(100_000)]))
    header = reseal(sealer.header, node, [researcher.public])
    assert decrypted_by_reference(header + sealed, researcher) == plaintext(100_000)
    with pytest.raises(ValueError, match="No supported encryption method"):
        decrypted_by_reference(header + sealed, node)


def test_the_reference_reads_our_key_files(tmp_path):
    pair = make_key_pair()
    save_key_pair(pair, tmp_path / "node.key")
    assert reference_keys.get_private_key(tmp_path / "node.key", lambda: "") == pair.private
    assert reference_keys.get_public_key(tmp_path / "node.key.pub") == pair.public


def test_we_read_the_key_files_of_the_reference(tmp_path):
    reference_keys.c4gh.generate(tmp_path / "a.sec", tmp_path / "a.pub", b"", None)
    pair = load_key_pair(tmp_path / "a.sec")
    assert pair.public == load_public_key(tmp_path / "a.pub")


def test_edit_lists_are_refused_clearly():
    """They would hide parts of the plaintext from a reader who ignores them."""
    pair = make_key_pair()
    keys = [(0, make_key_pair().private, pair.public)]
    packets = [
        packet
        for content in (
            reference_header.make_packet_data_enc(0, b"k" * 32),
            reference_header.make_packet_data_edit_list([10, 20]),
        )
        for packet in reference_header.encrypt(content, keys)
    ]
    with pytest.raises(IntegrityError, match="edit list"):
        open_header(reference_header.serialize(packets), pair)


def copied(path, tmp_path):
    """Key files of the shared data are read-only for all: what we refuse."""
    copy = tmp_path / "copied.sec"
    shutil.copyfile(shared(path), copy)
    copy.chmod(0o600)
    return copy


@pytest.mark.parametrize(("name", "passphrase"), [("reader", "password"), ("writer", "asdf")])
def test_encrypted_private_keys_of_others_open(tmp_path, name, passphrase):
    secret = copied(f"testdata/crypt4gh/uio/{name}.sec", tmp_path)
    public = load_public_key(shared(f"testdata/crypt4gh/uio/{name}.pub"))
    assert load_key_pair(secret, passphrase=passphrase).public == public
    with pytest.raises(SettingsError, match="passphrase is wrong"):
        load_key_pair(secret, passphrase="guess")
    with pytest.raises(SettingsError, match="needs a passphrase"):
        load_key_pair(secret)


def test_the_empty_file_of_another_implementation_opens(tmp_path):
    secret = copied("testdata/crypt4gh/uio/reader.sec", tmp_path)
    pair = load_key_pair(secret, passphrase="password")
    sealed = shared("testdata/crypt4gh/uio/empty.python.txt.c4gh").read_bytes()
    assert header_size(sealed) == len(sealed) == 124
    assert list(open_body([], open_header(sealed, pair), 0, is_ours=False)) == []


@pytest.mark.parametrize("name", ["testfile.abbbc", "testfile.abcd"])
def test_real_plaintexts_go_there_and_back(tmp_path, name):
    plain = shared(f"testdata/crypt4gh/ega/{name}").read_bytes()
    secret = copied("testdata/crypt4gh/uio/reader.sec", tmp_path)
    reader = load_key_pair(secret, passphrase="password")
    sealer = Sealer([load_public_key(shared("testdata/crypt4gh/uio/reader.pub"))])
    sealed = b"".join(sealer.seal(plain[at : at + 1000] for at in range(0, len(plain), 1000)))
    assert decrypted_by_reference(sealer.header + sealed, reader) == plain


def test_keys_we_cannot_read_are_told_apart(tmp_path):
    bare = copied("testdata/crypt4gh/samtools/alice.sec", tmp_path)
    with pytest.raises(SettingsError, match="c4gh-v1"):
        load_key_pair(bare)
    bcrypt = copied("testdata/crypt4gh/ega/alice.sec", tmp_path)
    with pytest.raises(SettingsError, match="key derivation is not supported"):
        load_key_pair(bcrypt, passphrase="alice")


def test_the_public_half_is_the_published_one():
    """RFC 7748, section 6.1: Bob's key pair."""
    private = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
    public = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
    assert KeyPair.of(bytes.fromhex(private)).public.hex() == public
