"""A small text file of groups in brackets and lines of `key=value`, as Windows programs write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bigpicture.dicom.file import FileSource
from bigpicture.model.errors import SlideError

MAXIMUM_BYTES = 256 << 10


class Entry(NamedTuple):
    """One line; `key` is empty where the line has no sign of equality."""

    group: str
    key: str
    value: str


def has_group(head: bytes, *groups: str) -> bool:
    """Whether a file of this beginning starts with one of the groups."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(tuple(f"[{group}]".encode() for group in groups))


def read_key_file(source: FileSource, *, place: str) -> tuple[Entry, ...]:
    """Every line but comments and empty ones, in file order; raises `SlideError`."""
    if source.size > MAXIMUM_BYTES:
        raise SlideError(
            f"its index is {source.size} bytes long.",
            place=place,
            rule=f"at most {MAXIMUM_BYTES} bytes",
            remedy="The file is damaged: copy it again from its origin.",
        )
    raw = source.read(0, source.size)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return tuple(_entries(text))


def _entries(text: str) -> Iterator[Entry]:
    group = ""
    for line in map(str.strip, text.replace("\0", "\n").splitlines()):
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1]
        elif line and line[0] not in ";#":
            key, sign, value = line.partition("=")
            yield Entry(group, key.strip(), value.strip()) if sign else Entry(group, "", line)
