"""Objects: immutable bytes under a key, in a folder or in a bucket."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bigpicture.model.errors import IntegrityError, SettingsError, StorageError
from bigpicture.storage.cloud import CloudPlace
from bigpicture.storage.disk import DiskPlace
from bigpicture.storage.place import Place, Range, Stored

KEY_LENGTH = 200

_SEGMENT = r"[A-Za-z0-9_=+@-][A-Za-z0-9._=+@-]*"
_KEY = re.compile(rf"{_SEGMENT}(/{_SEGMENT})*")


class Objects:
    """A store of objects at `file:///folder`, `s3://bucket/prefix`, `gs://…` or `az://…`.

    What `put` returned from is durable. Keys are ours, never a contributor's: segments of
    letters, digits and `. _ = + @ -`, not beginning with a dot, at most 200 characters in all.
    Credentials come from the environment (AWS_ACCESS_KEY_ID …). An `endpoint` names an
    S3-compatible server, addressed path-style; plain http only on this machine.

    Errors: `ConflictError` where the key is taken, `StorageError` where the object is missing
    or the store fails, `StorageFullError` without room, `IntegrityError` past an object's end.
    """

    def __init__(self, url: str, *, endpoint: str = "") -> None:
        self._place = _open(url, endpoint)

    @property
    def is_near(self) -> bool:
        """Whether objects lie on this machine, where a read takes microseconds."""
        return isinstance(self._place, DiskPlace)

    def put(
        self,
        key: str,
        body: bytes | bytearray | memoryview | Iterable[bytes],
        *,
        if_absent: bool = True,
    ) -> int:
        """Keep bytes, or a stream of them in flat memory, and return how many.

        Nothing is visible under `key` until all of it is. An exception from the stream passes
        through. Unless `if_absent` is false, an existing object stays and `ConflictError` is
        raised.
        """
        chunks = (bytes(body),) if isinstance(body, bytes | bytearray | memoryview) else body
        return self._place.put(_check(key), chunks, if_absent=if_absent)

    def get(self, key: str) -> bytes:
        """The whole object, in memory."""
        return self._place.get(_check(key))

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from `offset`."""
        return self.get_ranges(key, ((offset, length),))[0]

    def get_ranges(self, key: str, ranges: Sequence[Range]) -> list[bytes]:
        """Several ranges (offset, length); neighbours travel together."""
        return self._place.get_ranges(_check(key), _check_ranges(key, ranges))

    async def get_async(self, key: str) -> bytes:
        return await self._place.get_async(_check(key))

    async def get_range_async(self, key: str, offset: int, length: int) -> bytes:
        return (await self.get_ranges_async(key, ((offset, length),)))[0]

    async def get_ranges_async(self, key: str, ranges: Sequence[Range]) -> list[bytes]:
        return await self._place.get_ranges_async(_check(key), _check_ranges(key, ranges))

    def stream(self, key: str) -> Iterator[bytes]:
        """The whole object in pieces of about 1 MiB."""
        return self._place.stream(_check(key))

    def size(self, key: str) -> int:
        """Length in bytes."""
        size = self._place.size(_check(key))
        if size is None:
            raise StorageError("this object is not in the store.", place=key)
        return size

    def exists(self, key: str) -> bool:
        return self._place.size(_check(key)) is not None

    def delete(self, key: str) -> None:
        """Remove an object for good; it is no error if there is none."""
        self._place.delete(_check(key))

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Every object below `prefix` (whole segments of keys), in no particular order."""
        return self._place.list(_check(prefix) if prefix else "")

    def source(self, key: str) -> ObjectSource:
        """The object as a byte source; asks the store for its size once."""
        return ObjectSource(self, key, self.size(key))

    def sweep(self) -> int:
        """Remove what dead writers left unfinished, and return how many; safe at any time."""
        return self._place.sweep()


class ObjectSource:
    """An object read by ranges: a `ByteSource`, also asynchronously."""

    def __init__(self, objects: Objects, key: str, size: int) -> None:
        self._objects = objects
        self._key = key
        self.size = size

    def read(self, offset: int, length: int) -> bytes:
        return self._objects.get_range(self._key, offset, length)

    async def aread(self, offset: int, length: int) -> bytes:
        return await self._objects.get_range_async(self._key, offset, length)

    async def aread_many(self, ranges: Sequence[Range]) -> list[bytes]:
        return await self._objects.get_ranges_async(self._key, ranges)

    @property
    def is_near(self) -> bool:
        return self._objects.is_near


def _open(url: str, endpoint: str) -> Place:
    parts = urlsplit(url)
    if parts.scheme == "file":
        if parts.netloc not in {"", "localhost"} or not parts.path.startswith("/"):
            raise SettingsError("a file URL needs three slashes.", place="object_store")
        return DiskPlace(Path(unquote(parts.path)))
    return CloudPlace(url, endpoint=endpoint)


def _check(key: str) -> str:
    if len(key) > KEY_LENGTH or not _KEY.fullmatch(key):
        raise StorageError("this is not a key of an object.", place=key[:KEY_LENGTH])
    return key


def _check_ranges(key: str, ranges: Sequence[Range]) -> Sequence[Range]:
    for offset, length in ranges:
        if offset < 0 or length < 0:
            raise IntegrityError("a range cannot be negative.", place=key)
    return ranges
