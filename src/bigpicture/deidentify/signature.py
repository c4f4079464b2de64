"""Signature: Ed25519 in the form of OpenSSH, so that everybody's `ssh-keygen -Y verify` checks it.

A signature is made over the digest of the bytes, under a name of its own (`NAMESPACE`), and holds
the public key; whose key that is says its fingerprint, which the site tells by another way.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bigpicture.deidentify.derive import (
    fingerprint_of,
    fingerprint_of_public,
    grouped,
    public_key,
    signing_key,
)
from bigpicture.model.errors import InputError, IntegrityError

NAMESPACE = "bigpicture-report"
_MAGIC, _VERSION = b"SSHSIG", 1
_KIND, _DIGEST = b"ssh-ed25519", b"sha512"
_ARMOUR = re.compile(
    rb"\s*-----BEGIN SSH SIGNATURE-----\s(.+?)-----END SSH SIGNATURE-----\s*", re.DOTALL
)
_WIDTH = 70


def sign(data: bytes, secret: bytes) -> bytes:
    """The signature of `data` by the site whose secret this is; equal data give equal ones."""
    signed = signing_key(secret).sign(_signed_part(data))
    blob = b"".join(
        (
            _MAGIC,
            struct.pack(">I", _VERSION),
            _string(_string(_KIND) + _string(public_key(secret))),
            _string(NAMESPACE.encode("ascii")),
            _string(b""),
            _string(_DIGEST),
            _string(_string(_KIND) + _string(signed)),
        )
    )
    text = base64.b64encode(blob).decode("ascii")
    lines = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
    whole = ["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]
    return "\n".join(whole).encode("ascii")


def verify_report(data: bytes, signature: bytes, key: bytes | None = None) -> str:
    """Check a signature; returns the fingerprint of the site that made it.

    With a `key` (32 bytes) it must be the one that signed. Raises `IntegrityError`.
    """
    signer, signed = _parsed(signature)
    if key is not None and signer != key:
        raise IntegrityError("the report is signed with another key.")
    try:
        Ed25519PublicKey.from_public_bytes(signer).verify(signed, _signed_part(data))
    except (InvalidSignature, ValueError) as error:
        raise IntegrityError(
            "the report is not the one that was signed.",
            remedy="It was changed after it was made, or another site signed it: ask for it again.",
        ) from error
    return fingerprint_of_public(signer)


def public_line(secret: bytes) -> str:
    """The public key as a line of OpenSSH's `allowed_signers`, under the site's fingerprint."""
    blob = base64.b64encode(_string(_KIND) + _string(public_key(secret))).decode("ascii")
    return f'{fingerprint_of(secret)} namespaces="{NAMESPACE}" {_KIND.decode()} {blob}\n'


def parse_public_line(text: str) -> bytes:
    """The public key of such a line; raises `InputError` where it is none."""
    words = text.split()
    try:
        blob = base64.b64decode(words[words.index(_KIND.decode()) + 1], validate=True)
        kind, rest = _take(blob)
        key, rest = _take(rest)
    except (ValueError, IndexError, struct.error) as error:
        raise _no_key() from error
    if kind != _KIND or len(key) != 32 or rest:
        raise _no_key()
    return key


def fingerprint_told(text: str) -> str:
    """The fingerprint that a person named: itself, in any spelling, or a file of a public key."""
    letters = re.sub(r"[\s\-]", "", text).upper()
    if re.fullmatch(r"[A-Z2-7]{32}", letters):
        return grouped(letters)
    try:
        return fingerprint_of_public(parse_public_line(Path(text).read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "this is neither a fingerprint nor the file of a public key.",
            remedy="A fingerprint is eight groups of four letters: `bigpicture site show`.",
        ) from error


def _no_key() -> InputError:
    return InputError(
        "this is no public key of a site.",
        remedy="Take the file that `bigpicture site show --public` wrote.",
    )


def _signed_part(data: bytes) -> bytes:
    """What is signed in place of the data (PROTOCOL.sshsig of OpenSSH, 3)."""
    told = (NAMESPACE.encode("ascii"), b"", _DIGEST, hashlib.sha512(data).digest())
    return _MAGIC + b"".join(map(_string, told))


def _parsed(signature: bytes) -> tuple[bytes, bytes]:
    """The public key and the bare signature (PROTOCOL.sshsig, 1)."""
    try:
        armoured = _ARMOUR.fullmatch(signature)
        blob = base64.b64decode(b"".join(armoured.group(1).split()) if armoured else b"")
        if blob[:6] != _MAGIC or struct.unpack_from(">I", blob, 6) != (_VERSION,):
            raise _no_signature()
        public, rest = _take(blob[10:])
        told: list[bytes] = []
        for _ in range(4):
            part, rest = _take(rest)
            told.append(part)
        kind, key = _pair(public)
        other, signed = _pair(told[3])
    except (ValueError, struct.error) as error:
        raise _no_signature() from error
    wanted = [NAMESPACE.encode("ascii"), b"", _DIGEST]
    if rest or told[:3] != wanted or (kind, other) != (_KIND, _KIND):
        raise _no_signature()
    return key, signed


def _no_signature() -> IntegrityError:
    return IntegrityError("this is no signature of a report.", rule="SSHSIG, Ed25519")


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _take(data: bytes) -> tuple[bytes, bytes]:
    """The first string and what follows it."""
    (length,) = struct.unpack_from(">I", data)
    if length > len(data) - 4:
        raise ValueError("truncated")
    return data[4 : 4 + length], data[4 + length :]


def _pair(data: bytes) -> tuple[bytes, bytes]:
    first, rest = _take(data)
    second, rest = _take(rest)
    if rest:
        raise ValueError("more than two")
    return first, second
