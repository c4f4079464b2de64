"""A data file that metadata list, with its digest."""

from __future__ import annotations

from dataclasses import dataclass

from bigpicture.model.place import Place


@dataclass(frozen=True, slots=True)
class DataFile:
    """BP.common FileBaseType.

    `filename` is relative to the dataset folder. `checksum` is of the encrypted file where
    `unencrypted_checksum` is given too, else of the file as it is. Both are SHA-256 in hex, empty
    where none is given.
    """

    filename: str
    checksum: str
    unencrypted_checksum: str
    filetype: str
    place: Place

    @property
    def sha256(self) -> str:
        """The digest of the readable bytes."""
        return self.unencrypted_checksum or self.checksum

    @property
    def encrypted_sha256(self) -> str:
        """The digest of the encrypted file; empty where none is given."""
        return self.checksum if self.unencrypted_checksum else ""
