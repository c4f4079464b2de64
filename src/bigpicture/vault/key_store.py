"""The key store: one key for each subject, kept apart from the records and from their backups."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress

from bigpicture.model.bounded import Bounded
from bigpicture.model.errors import ConflictError, ErasedError, IntegrityError
from bigpicture.sealing.header import open_any, opens, write_header
from bigpicture.sealing.keys import KeyPair
from bigpicture.storage.objects import Objects

_KEYS, _GONE = "keys", "destroyed"
_KEY_BYTES = 32
_KEPT = 4096
FRESH_SECONDS = 2.0
"""How long a process goes by what it read of a key: longer, and it would miss a destruction."""


class KeyStore:
    """Keys of 32 bytes in a folder or a bucket of their own. Threads and processes may share one.

    Each lies sealed for the node's key (a Crypt4GH header), so that neither of the two opens
    anything alone. Destroying one leaves a mark first, then removes the key: what finds the mark
    knows that the key will not come back, also where a backup brought the records back that name
    it. Whoever copies this store must be able to destroy in the copy too.
    """

    def __init__(
        self,
        objects: Objects,
        pair: KeyPair,
        *,
        earlier: Sequence[KeyPair] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`earlier` pairs of the node still open keys, while it goes from one to the next."""
        self._objects = objects
        self._pair = pair
        self._earlier = earlier
        self._clock = clock
        self._known: Bounded[str, tuple[bytes, float]] = Bounded(_KEPT)

    def make(self) -> str:
        """Make a key, durable when this returns; returns its name."""
        name = secrets.token_hex(16)
        self._put(name, secrets.token_bytes(_KEY_BYTES), if_absent=True)
        return name

    def read(self, name: str) -> bytes:
        """A key; raises `ErasedError` where it was destroyed, `IntegrityError` where it is lost."""
        known = self._known.get(name)
        if known is not None and self._clock() - known[1] < FRESH_SECONDS:
            return known[0]
        began = self._clock()
        key = self._read(name)
        self._known.put(name, (key, began))
        return key

    def read_all(self, names: Iterable[str]) -> dict[str, bytes]:
        """Several keys by name; raises as `read`."""
        return {name: self.read(name) for name in names}

    def destroy(self, name: str) -> None:
        """Destroy a key for good; doing so again finishes what a kill left."""
        with suppress(ConflictError):  # marked before
            self._objects.put(_gone(name), b"")
        self._objects.delete(_key(name))
        self.forget()

    def is_destroyed(self, name: str) -> bool:
        return self._objects.exists(_gone(name))

    def destroyed(self) -> Iterator[str]:
        """The names of all destroyed keys."""
        for stored in self._objects.list(_GONE):
            yield stored.key.rpartition("/")[2]

    def reseal(self, name: str) -> None:
        """Seal a key that an earlier pair opens for the present one; any other stays as it is."""
        if self.is_destroyed(name):
            return
        sealed = self._objects.get(_key(name))
        if not opens(sealed, self._pair):
            self._put(name, open_any(sealed, self._earlier), if_absent=False)

    def forget(self) -> None:
        """Let go of the keys that this process remembers."""
        self._known.forget()

    def _read(self, name: str) -> bytes:
        if self.is_destroyed(name):
            raise ErasedError("this was erased: the key of its subject was destroyed.")
        if not self._objects.exists(_key(name)):
            raise IntegrityError(
                "the key of a subject is missing from the key store, and was not destroyed.",
                place=name,
                remedy="Name the store by BIGPICTURE_KEY_STORE, or put the key back.",
            )
        try:
            return open_any(self._objects.get(_key(name)), (self._pair, *self._earlier))
        except IntegrityError as error:
            raise IntegrityError(
                "the key of a subject is damaged, or sealed for another node's key.",
                place=name,
                remedy="Put the file back from a copy of the key store, or the node's key back.",
            ) from error

    def _put(self, name: str, key: bytes, *, if_absent: bool) -> None:
        self._objects.put(_key(name), write_header(key, [self._pair.public]), if_absent=if_absent)


def _key(name: str) -> str:
    return f"{_KEYS}/{name[:2]}/{name}"


def _gone(name: str) -> str:
    return f"{_GONE}/{name[:2]}/{name}"
