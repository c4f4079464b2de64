"""Seal: plaintext in, a Crypt4GH header and body out, in flat memory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from bigpicture.sealing.header import write_header
from bigpicture.sealing.segments import KEY, SEGMENT, nonce, regroup

_BATCH = 16  # segments handed on at once: about 1 MiB


class Sealer:
    """Seals one body, once: a second would repeat the nonces of the first.

    `header` is ready at once; `size` (bytes of plaintext), `sha256` (of the plaintext) and
    `body_sha256` (of the sealed body) are final when `seal` has been read to its end.
    """

    def __init__(self, recipients: Sequence[bytes]) -> None:
        data_key = os.urandom(KEY)
        self.header = write_header(data_key, recipients)
        self.size = 0
        self._cipher = ChaCha20Poly1305(data_key)
        self._digest = hashlib.sha256()
        self._body_digest = hashlib.sha256()
        self._is_used = False

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    @property
    def body_sha256(self) -> str:
        return self._body_digest.hexdigest()

    def seal(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The sealed body, in pieces of about 1 MiB, as `chunks` of any size come in."""
        if self._is_used:
            raise RuntimeError("a sealer seals one body only")
        self._is_used = True
        return self._digested(self._seal(chunks))

    def _digested(self, body: Iterable[bytes]) -> Iterator[bytes]:
        for piece in body:
            self._body_digest.update(piece)
            yield piece

    def _seal(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        batch: list[bytes] = []
        for index, segment in enumerate(regroup(chunks, SEGMENT)):
            self._digest.update(segment)
            self.size += len(segment)
            number = nonce(index)
            batch += (number, self._cipher.encrypt(number, segment, None))
            if len(batch) == 2 * _BATCH:
                yield b"".join(batch)
                batch.clear()
        if batch:
            yield b"".join(batch)
