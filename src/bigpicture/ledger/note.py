"""Signed notes (C2SP signed-note): a text with signatures under it, by keys that have names."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bigpicture.model.errors import InputError, IntegrityError

LONGEST_NOTE = 1 << 20
_MOST_SIGNATURES = 100
_ED25519 = b"\x01"
_ID_BYTES = 4
_LINE = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+=*)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name and the public half of an Ed25519 key, 32 bytes."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a vkey, `name+hash+key`; raises `InputError`."""
        name, _, rest = text.strip().partition("+")
        identity, _, encoded = rest.partition("+")
        try:
            material = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise _no_key() from error
        found = cls(name, material[1:])
        is_one = is_key_name(name) and material[:1] == _ED25519 and len(material) == 33
        if not is_one or found.identity.hex() != identity:
            raise _no_key()
        return found

    @property
    def identity(self) -> bytes:
        """The key ID: four bytes, no more than a hint."""
        hashed = sha256(self.name.encode() + b"\n" + _ED25519 + self.public)
        return hashed.digest()[:_ID_BYTES]

    def __str__(self) -> str:
        encoded = base64.b64encode(_ED25519 + self.public).decode()
        return f"{self.name}+{self.identity.hex()}+{encoded}"


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A name and a private key, which signs notes under it. Raises `InputError` for a bad name."""

    name: str
    key: Ed25519PrivateKey

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise InputError(
                "a key's name has no spaces, no plus sign and no control characters.",
                place="ledger_origin",
                rule="C2SP signed-note",
            )

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self.key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The note of a text, which ends in a newline."""
        signature = base64.b64encode(self.verifier.identity + self.key.sign(text.encode()))
        return f"{text}\n— {self.name} {signature.decode()}\n"


def is_key_name(name: str) -> bool:
    return bool(name) and name.isprintable() and not re.search(r"[\s+]", name)


def open_note(note: str, keys: Iterable[VerifierKey]) -> str:
    """The text of a note that one of the `keys` signed; raises `IntegrityError`.

    Signatures of other keys are passed over, as the specification asks; a wrong one of a key that
    is known refuses the whole note.
    """
    if len(note) > LONGEST_NOTE or _CONTROL.search(note):
        raise _no_note()
    at = note.rfind("\n\n")
    text, signed = note[: at + 1], note[at + 2 :]
    lines = signed.split("\n")
    if at < 1 or lines.pop() != "" or not 0 < len(lines) <= _MOST_SIGNATURES:
        raise _no_note()
    known = {(key.name, key.identity): key for key in keys}
    is_signed = False
    for line in lines:
        name, identity, signature = _signature(line)
        key = known.get((name, identity))
        if key is not None:
            _check(key, text, signature)
            is_signed = True
    if not is_signed:
        raise IntegrityError(
            "no key that is trusted signed this checkpoint.",
            rule="C2SP signed-note",
            remedy="Ask the node for its key by another way, and give it with --key.",
        )
    return text


def _signature(line: str) -> tuple[str, bytes, bytes]:
    found = _LINE.fullmatch(line)
    try:
        blob = base64.b64decode(found["signature"], validate=True) if found else b""
    except binascii.Error as error:
        raise _no_note() from error
    if found is None or len(blob) <= _ID_BYTES:
        raise _no_note()
    return found["name"], blob[:_ID_BYTES], blob[_ID_BYTES:]


def _check(key: VerifierKey, text: str, signature: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except InvalidSignature as error:
        raise IntegrityError(
            "the signature under this checkpoint is not of its text.",
            place=key.name,
            rule="C2SP signed-note",
            remedy="The checkpoint was altered or forged: keep it, and tell the node's auditor.",
        ) from error


def _no_note() -> IntegrityError:
    return IntegrityError("this is no signed note.", rule="C2SP signed-note")


def _no_key() -> InputError:
    return InputError(
        "this is no verifier key.",
        rule="C2SP signed-note, Verifier keys",
        remedy="It reads NAME+HASH+KEY in one line, as `bigpicture ledger key` prints it.",
    )
