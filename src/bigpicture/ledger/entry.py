"""An entry of the tree: what its leaf tells of an event, and what it only commits to.

A leaf tells number, id, time and act. Who did it, to what, and the details may be personal data:
of these it holds SHA-256 over 32 random bytes and the value, so that whoever erases the bytes and
the value has erased them for good, and every proof stays as it was.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

from bigpicture.model.canonical import canonical_json

SALT_BYTES = 32
FORMAT = 1
"""Of leaves; a later one would be told in them."""


class Part(StrEnum):
    """What a leaf commits to."""

    ACTOR = "actor"
    SUBJECT = "subject"
    DETAILS = "details"


PARTS = tuple(Part)
ERASED: Mapping[Part, object] = {Part.ACTOR: "", Part.SUBJECT: "", Part.DETAILS: {}}
"""What an event row holds in the place of an erased part."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """`seq`, `id` and `time` are the event's; `digests` are its commitments, 32 bytes each."""

    seq: int
    id: str
    time: str
    action: str
    digests: Mapping[Part, bytes]

    def told(self) -> dict[str, object]:
        """The leaf as a JSON object."""
        return {
            "format": FORMAT,
            "seq": self.seq,
            "id": self.id,
            "time": self.time,
            "action": self.action,
            **{part: self.digests[part].hex() for part in PARTS},
        }

    def to_bytes(self) -> bytes:
        """What is hashed: canonical JSON (RFC 8785)."""
        return canonical_json(self.told())


def write_time(time: datetime) -> str:
    """A moment as leaves tell it: UTC, to the microsecond."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def octets(value: object) -> bytes:
    """Bytes out of the records; nothing where something else was put there."""
    return bytes(value) if isinstance(value, bytes | memoryview) else b""


def make_salts(count: int) -> Iterator[bytes]:
    """So many salts, of random bytes that are asked for once."""
    drawn = secrets.token_bytes(count * SALT_BYTES)
    return (drawn[at : at + SALT_BYTES] for at in range(0, len(drawn), SALT_BYTES))


def commit(salt: bytes, value: object) -> bytes:
    """The commitment to a value: 32 bytes."""
    return sha256(salt + _to_bytes(value)).digest()


def _to_bytes(value: object) -> bytes:
    """Canonical JSON; where a row holds what that cannot carry, Python's own text of it.

    An integer past 2^53, or what somebody wrote past `record`, must neither stop the tree nor
    escape it. A canonical text never begins with a tilde.
    """
    try:
        return canonical_json(value)
    except ValueError:
        return b"~" + json.dumps(value, sort_keys=True, default=repr).encode("ascii")
