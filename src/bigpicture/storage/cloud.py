"""Objects in a bucket: S3, Google Cloud Storage or Azure, through obstore."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import ObjectStore, from_url

from bigpicture.model.errors import SettingsError, StorageError
from bigpicture.storage.place import Range, Stored, full, missing, short, taken

PART = 8 << 20
"""Bytes of a part of a large object. S3 allows 10,000 parts: 80 GiB."""

_PARTS_AT_ONCE = 4
_COALESCE = 128 << 10  # ranges nearer than this travel in one request
_SAYS_FULL = ("QuotaExceeded", "XMinioStorageFull", "507 Insufficient")


class CloudPlace:
    """A bucket, or a prefix of one. Bytes are durable when the store acknowledges them.

    Put-if-absent is the store's own (If-None-Match) up to one part of 8 MiB. Longer streams are
    checked before they start and again before the last part: two of them racing for one key may
    both succeed, so a key should be random or a digest.
    """

    def __init__(self, url: str, *, endpoint: str) -> None:
        self._store = _open(url, endpoint)

    def put(self, key: str, chunks: Iterable[bytes], *, if_absent: bool) -> int:
        parts = _in_parts(chunks)
        first = next(parts, b"")
        if len(first) == PART:
            return self._put_parts(key, first, parts, if_absent=if_absent)
        with _told(key):
            mode = "create" if if_absent else "overwrite"
            obstore.put(self._store, key, first, mode=mode, use_multipart=False)
        return len(first)

    def _put_parts(self, key: str, first: bytes, rest: Iterator[bytes], *, if_absent: bool) -> int:
        """A multipart upload, completed by `close`; abandoned, it never becomes visible.

        The stream runs between calls of obstore, never inside one, so that it may itself read
        from a store.
        """
        self._refuse_taken(key, if_absent=if_absent)
        size = 0
        with _told(key):
            writer = obstore.open_writer(
                self._store, key, buffer_size=PART, max_concurrency=_PARTS_AT_ONCE
            )
        for part in chain((first,), rest):  # what the stream raises is the caller's, not ours
            with _told(key):
                writer.write(part)
            size += len(part)
        self._refuse_taken(key, if_absent=if_absent)
        with _told(key):
            writer.close()
        return size

    def _refuse_taken(self, key: str, *, if_absent: bool) -> None:
        if if_absent and self.size(key) is not None:
            raise taken(key)

    def get(self, key: str) -> bytes:
        with _told(key):
            return bytes(obstore.get(self._store, key).bytes())

    def get_ranges(self, key: str, ranges: Sequence[Range]) -> list[bytes]:
        wanted = [(offset, length) for offset, length in ranges if length]
        try:
            with _told(key):
                got = obstore.get_ranges(
                    self._store,
                    key,
                    starts=[offset for offset, _ in wanted],
                    lengths=[length for _, length in wanted],
                    coalesce=_COALESCE,
                )
        except StorageError as error:
            raise self._judge(key, wanted, error) from error
        return _match(key, ranges, [bytes(part) for part in got])

    def _judge(self, key: str, wanted: Sequence[Range], error: StorageError) -> Exception:
        """Stores answer a range past the end in many ways: look at the size instead."""
        size = self.size(key)
        reach = max((offset + length for offset, length in wanted), default=0)
        return short(key) if size is not None and reach > size else error

    def stream(self, key: str) -> Iterator[bytes]:
        with _told(key):
            for chunk in obstore.get(self._store, key).stream(min_chunk_size=1 << 20):
                yield bytes(chunk)

    def size(self, key: str) -> int | None:
        try:
            with _told(key):
                return obstore.head(self._store, key)["size"]
        except StorageError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return None
            raise

    def delete(self, key: str) -> None:
        try:
            with _told(key):
                obstore.delete(self._store, key)
        except StorageError as error:
            if not isinstance(error.__cause__, FileNotFoundError):
                raise

    def list(self, prefix: str) -> Iterator[Stored]:
        with _told(prefix):
            for batch in obstore.list(self._store, prefix or None):
                for found in batch:
                    yield Stored(found["path"], found["size"], found["last_modified"])

    def sweep(self) -> int:
        """Nothing to do: parts of abandoned uploads are the bucket's lifecycle rule to remove."""
        return 0

    async def get_async(self, key: str) -> bytes:
        with _told(key):
            return bytes(await (await obstore.get_async(self._store, key)).bytes_async())

    async def get_ranges_async(self, key: str, ranges: Sequence[Range]) -> list[bytes]:
        wanted = [(offset, length) for offset, length in ranges if length]
        try:
            with _told(key):
                got = await obstore.get_ranges_async(
                    self._store,
                    key,
                    starts=[offset for offset, _ in wanted],
                    lengths=[length for _, length in wanted],
                    coalesce=_COALESCE,
                )
        except StorageError as error:
            raise self._judge(key, wanted, error) from error
        return _match(key, ranges, [bytes(part) for part in got])


def _match(key: str, ranges: Sequence[Range], got: Sequence[bytes]) -> list[bytes]:
    """Put empty answers back where nothing was asked, and refuse short ones."""
    answers = iter(got)
    matched = [next(answers) if length else b"" for _, length in ranges]
    if any(len(part) != length for part, (_, length) in zip(matched, ranges, strict=True)):
        raise short(key)
    return matched


def _in_parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Regroup into parts of exactly `PART` bytes; only the last is shorter, and may be empty."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= PART:
            yield bytes(memoryview(waiting)[:PART])
            del waiting[:PART]
    if waiting:
        yield bytes(waiting)


def _open(url: str, endpoint: str) -> ObjectStore:
    retry = {"max_retries": 5, "retry_timeout": timedelta(seconds=60)}
    options: dict[str, object] = {}
    if url.startswith("s3://"):
        options["region"] = (
            os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        )
    if endpoint:
        options["endpoint"] = endpoint
        options["virtual_hosted_style_request"] = False
        options["client_options"] = {"allow_http": _may_be_plain(endpoint)}
    try:
        return from_url(url, retry_config=retry, **options)  # pyright: ignore[reportCallIssue, reportArgumentType]  # the overloads differ by scheme
    except (BaseError, ValueError, TypeError) as error:
        raise SettingsError(
            f"this object store cannot be opened: {_first_line(error)}",
            place="object_store",
            remedy="Use file:///folder, s3://bucket/prefix, gs://… or az://…",
        ) from error


def _may_be_plain(endpoint: str) -> bool:
    """Plain HTTP only to this machine: bodies are sealed, credentials are not."""
    parts = urlsplit(endpoint)
    if parts.scheme == "https":
        return False
    if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return True
    raise SettingsError(
        "an object store elsewhere must be reached over https.", place="object_store_endpoint"
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def _told(place: str) -> Generator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise missing(place) from error
    except (AlreadyExistsError, PreconditionError) as error:
        raise taken(place) from error
    except (BaseError, OSError, ValueError) as error:
        if any(sign in str(error) for sign in _SAYS_FULL):
            raise full(place) from error
        raise StorageError(f"the object store failed: {_first_line(error)}", place=place) from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
