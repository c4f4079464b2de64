"""A checkpoint (C2SP tlog-checkpoint): how many entries the record had, and their root, signed."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bigpicture.ledger.note import Signer, VerifierKey, open_note
from bigpicture.model.errors import IntegrityError

_ROOT = re.compile(r"[A-Za-z0-9+/]{43}=")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`size` entries whose Merkle root is `root` (32 bytes), of the log named `origin`."""

    origin: str
    size: int
    root: bytes

    def sign(self, signer: Signer) -> str:
        """The signed note."""
        root = base64.b64encode(self.root).decode()
        return signer.sign(f"{self.origin}\n{self.size}\n{root}\n")


def open_checkpoint(note: str, keys: Iterable[VerifierKey]) -> Checkpoint:
    """Read a checkpoint that one of the `keys` signed; raises `IntegrityError`."""
    keys = tuple(keys)
    read = read_checkpoint(open_note(note, keys))
    if read.origin not in {key.name for key in keys}:
        raise IntegrityError(
            "this checkpoint is of another log than its key.",
            place=read.origin,
            rule="C2SP tlog-checkpoint",
        )
    return read


def read_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint, or a whole note, without looking at who signed it.

    Raises `IntegrityError`. Lines after the third are the log's own and are passed over.
    """
    origin, _, rest = text.partition("\n")
    size, _, rest = rest.partition("\n")
    root, newline, _ = rest.partition("\n")
    if not origin or not newline or not _SIZE.fullmatch(size) or not _ROOT.fullmatch(root):
        raise IntegrityError(
            "this is no checkpoint: origin, size and root stand on its first three lines.",
            rule="C2SP tlog-checkpoint",
        )
    return Checkpoint(origin, int(size), base64.b64decode(root))
