"""A report's signature is one of OpenSSH: its own program makes and checks the same bytes."""

from __future__ import annotations

import base64
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bigpicture.deidentify.derive import fingerprint_of, public_key, signing_key
from bigpicture.deidentify.signature import (
    NAMESPACE,
    fingerprint_told,
    parse_public_line,
    public_line,
    sign,
    verify_report,
)
from bigpicture.model.errors import InputError, IntegrityError

KEY = bytes(range(32))
OTHER = KEY[::-1]
DATA = b'{"image": "GEZDGNBVGY3TQOJQ"}\n'
NAME = fingerprint_of(KEY)

openssh = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs OpenSSH")


def keygen(*words, data=DATA):
    return subprocess.run(["ssh-keygen", *map(str, words)], input=data, capture_output=True,
                          check=False)  # fmt: skip


@openssh
def test_openssh_checks_it_with_what_the_site_publishes(tmp_path):
    (tmp_path / "site.pub").write_text(public_line(KEY))
    (tmp_path / "report.sig").write_bytes(sign(DATA, KEY))
    words = ["-Y", "verify", "-f", tmp_path / "site.pub", "-I", NAME, "-s", tmp_path / "report.sig"]
    assert keygen(*words, "-n", NAMESPACE).returncode == 0
    assert keygen(*words, "-n", NAMESPACE, data=DATA + b" ").returncode != 0
    assert keygen(*words, "-n", "git").returncode != 0
    (tmp_path / "site.pub").write_text(public_line(OTHER))
    assert keygen(*words, "-n", NAMESPACE).returncode != 0


@openssh
def test_openssh_makes_the_same_signature(tmp_path):
    """Ed25519 has no chance in it: equal keys and bytes give equal signatures."""
    private = signing_key(KEY).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    (tmp_path / "key").write_bytes(private)
    (tmp_path / "key").chmod(0o600)
    made = keygen("-Y", "sign", "-f", tmp_path / "key", "-n", NAMESPACE)
    assert made.returncode == 0, made.stderr
    assert made.stdout == sign(DATA, KEY)


def test_it_tells_who_signed():
    assert verify_report(DATA, sign(DATA, KEY)) == NAME
    assert verify_report(DATA, sign(DATA, KEY), public_key(KEY)) == NAME


def test_what_was_changed_or_signed_by_another_is_refused():
    with pytest.raises(IntegrityError, match="not the one that was signed"):
        verify_report(DATA[:-1], sign(DATA, KEY))
    with pytest.raises(IntegrityError, match="another key"):
        verify_report(DATA, sign(DATA, OTHER), public_key(KEY))


def test_every_flipped_bit_of_a_signature_is_found():
    lines = sign(DATA, KEY).decode().splitlines()
    blob = bytearray(base64.b64decode("".join(lines[1:-1])))
    for at in range(len(blob)):
        flipped = bytearray(blob)
        flipped[at] ^= 1
        text = base64.b64encode(flipped).decode()
        try:
            signer = verify_report(DATA, "\n".join([lines[0], text, lines[-1]]).encode())
        except IntegrityError:
            continue
        raise AssertionError((at, signer))


@pytest.mark.parametrize(
    "signature",
    [b"", b"SSHSIG", sign(DATA, KEY)[:200], sign(DATA, KEY).replace(b"BEGIN", b"START"),
     b"-----BEGIN SSH SIGNATURE-----\n\n-----END SSH SIGNATURE-----",
     b"-----BEGIN SSH SIGNATURE-----\n!!!!\n-----END SSH SIGNATURE-----"],
)  # fmt: skip
def test_what_is_no_signature_is_told(signature):
    with pytest.raises(IntegrityError, match="no signature"):
        verify_report(DATA, signature)


def test_a_fingerprint_is_told_in_any_spelling_or_by_a_file(tmp_path):
    (tmp_path / "site.pub").write_text(public_line(KEY))
    for told in (NAME, NAME.lower(), NAME.replace("-", " "), str(tmp_path / "site.pub")):
        assert fingerprint_told(told) == NAME
    for told in ("ABCD", str(tmp_path), str(tmp_path / "none")):
        with pytest.raises(InputError, match="neither"):
            fingerprint_told(told)


@pytest.mark.parametrize(
    "line",
    ["", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-rsa AAAA", "ssh-ed25519 !", public_line(KEY)[:-9]],
)
def test_what_is_no_public_key_is_told(line):
    assert parse_public_line(public_line(KEY)) == public_key(KEY)
    with pytest.raises(InputError, match="no public key"):
        parse_public_line(line)
