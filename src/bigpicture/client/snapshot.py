"""A snapshot of what is open at a node: taken once, asked on this machine as often as you like."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from platformdirs import user_cache_dir

from bigpicture.client.node import Node, UnreachedError
from bigpicture.model.errors import IntegrityError, SettingsError, UnknownError

_PATH = "/api/v1/snapshot.parquet"
_ENDS = b"PAR1"
"""What a Parquet file begins and ends with."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One row an image of every open dataset; docs/snapshot.md names the columns.

    `is_fresh` is False where the node could not be reached, and this is the one taken before.
    """

    path: Path
    tag: str
    is_fresh: bool

    def open(self) -> Any:  # noqa: ANN401 - the reader's own type
        """Open it lazily with what is installed: DuckDB, else Polars, else PyArrow.

        Raises `SettingsError` where none is.
        """
        for name, opened in (
            ("duckdb", self.duckdb),
            ("polars", self.polars),
            ("pyarrow", self.pyarrow),
        ):
            if find_spec(name):
                return opened()
        raise SettingsError(
            "there is no library here that reads Parquet.",
            place=self.path.name,
            remedy="pip install duckdb (or polars, or pyarrow).",
        )

    def duckdb(self) -> Any:  # noqa: ANN401
        """A relation of DuckDB: `.filter("list_contains(organ, 'Liver')").fetchall()`."""
        return import_module("duckdb").read_parquet(str(self.path))

    def polars(self) -> Any:  # noqa: ANN401
        """A LazyFrame of Polars."""
        return import_module("polars").scan_parquet(self.path)

    def pyarrow(self) -> Any:  # noqa: ANN401
        """A dataset of PyArrow."""
        return import_module("pyarrow.dataset").dataset(self.path)


def snapshot(node: str, *, folder: Path | None = None) -> Snapshot:
    """Take the snapshot of a node into your cache, or find that it is still the newest.

    It holds what anyone may see, whoever asks. Without a connection the one taken before is
    given; raises `UnreachedError` where there is none.
    """
    kept = folder or Path(user_cache_dir("bigpicture")) / "snapshots"
    kept.mkdir(parents=True, exist_ok=True)
    file = kept / f"{_name(node)}.parquet"
    noted = file.with_suffix(".etag")
    tag = noted.read_text("utf-8") if noted.exists() and file.exists() else ""
    try:
        with Node(node) as door:
            tag = _take(door, file, noted, tag)
    except UnreachedError:
        if not tag:
            raise
        return Snapshot(file, tag, is_fresh=False)
    return Snapshot(file, tag, is_fresh=True)


def _take(door: Node, file: Path, noted: Path, tag: str) -> str:
    asked = {"If-None-Match": f'"{tag}"'} if tag else {}
    written = file.with_name(f".{file.name}.{secrets.token_hex(6)}")
    try:
        with door.stream(_PATH, headers=asked) as answer:
            if answer.status_code == 304:
                return tag
            with written.open("wb") as out:
                for piece in answer.iter_bytes():
                    out.write(piece)
            new = answer.headers.get("ETag", "").removeprefix("W/").strip('"')
        _check(written, door.url)
        noted.unlink(missing_ok=True)  # file and tag never say different things
        os.replace(written, file)  # noqa: PTH105  atomic, and says so
        noted.write_text(new, "utf-8", newline="\n")
        return new
    finally:
        written.unlink(missing_ok=True)


def _check(file: Path, url: str) -> None:
    with file.open("rb") as opened:
        head = opened.read(4)
        opened.seek(-min(4, file.stat().st_size), os.SEEK_END)
        foot = opened.read(4)
    if head == foot == _ENDS:
        return
    if head != _ENDS:
        raise UnknownError(
            "what answers there gives no snapshot.",
            place=url,
            remedy="Is it a Bigpicture node of this release?",
        )
    raise IntegrityError("the snapshot came cut short.", place=url)


def _name(url: str) -> str:
    """A file name for a node: readable, and one for each address."""
    host = re.sub(r"[^a-z0-9.-]+", "-", url.lower().partition("://")[2])[:60].strip("-")
    return f"{host}-{hashlib.sha256(url.rstrip('/').encode()).hexdigest()[:8]}"
