"""Opens an export: one file or a folder of them, each read member by member."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from bigpicture.model.errors import InputError
from bigpicture.preparation.sources.json_stream import Member, read_lines, read_members

_LINES = {".ndjson", ".jsonl"}
_WHOLE = {".json"}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def files_of(export: Path) -> list[Path]:
    """The files of an export in the order of their names; raises `InputError` for none."""
    if export.is_file():
        return [export]
    if not export.is_dir():
        raise InputError("there is no such file or folder.", place=export.name)
    found = sorted(
        path
        for path in export.rglob("*")
        if path.suffix.lower() in _LINES | _WHOLE and path.is_file()
    )
    if not found:
        raise InputError(
            "the folder holds no export.",
            place=export.name,
            rule="files end in .ndjson, .jsonl or .json",
            remedy="Unpack it first, if it is packed.",
        )
    return found


def members_of(path: Path, wanted: frozenset[str] | None) -> Iterator[Member]:
    """The members of one file; of a file of lines, every line is one of the list ""."""
    with path.open("rb") as file:
        start = file.read(4096)
        file.seek(0)
        if start.startswith(_UTF16) or b"\0" in start:
            raise InputError(
                "this is UTF-16, or no text at all.",
                place=path.name,
                rule="RFC 8259, section 8.1: JSON is UTF-8",
                remedy="Save it as UTF-8 (iconv -f UTF-16 -t UTF-8), unpack it if it is packed.",
            )
        if path.suffix.lower() in _LINES:
            yield from read_lines(file, path.name)
        else:
            yield from read_members(file, path.name, wanted)


def fhir_members(path: Path) -> Iterator[Member]:
    """The resources of one file: lines, entries of a bundle, members of a list, or itself."""
    if path.suffix.lower() in _LINES:
        yield from members_of(path, None)
        return
    with path.open("rb") as file:
        is_list = file.read(4096).removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"[")
    is_bundle = False
    for member in members_of(path, frozenset(("" if is_list else "entry",))):
        is_bundle = True
        yield member
    if not is_bundle and not is_list:
        yield from members_of(path, frozenset(("",)))
