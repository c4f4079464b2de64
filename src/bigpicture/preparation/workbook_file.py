"""What an XLSX says that a reader of its values does not tell, and whether it is safe to read."""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree

from bigpicture.model.errors import InputError, LimitError

MOST_BYTES = 1 << 30
"""Of a workbook when it is unpacked."""
MOST_CELLS = 20_000_000
"""Rows times columns of one sheet: what a reader of values lays out in memory."""
_PIECE = 1 << 20
_LONGEST_ROW = 64 << 20
_MOST_COLUMNS = 16_384
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_ROW_END = re.compile(rb"</(?:\w+:)?row>|<(?:\w+:)?row\b[^>]*/>|<(?:\w+:)?sheetData\b[^>]*>")
_NUMBER = re.compile(rb"\br=[\"'](\d{1,7})[\"']")
_HIDDEN = re.compile(rb"\bhidden=[\"'](?:1|true)[\"']")
_FAR = re.compile(rb"\br=[\"']([A-Z]{2,3})\d")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^>/])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_ERROR = re.compile(rb"<(?:\w+:)?c\b([^>]*\bt=[\"']e[\"'][^>]*)>")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is)>[^<]|<(?:\w+:)?is>")
_ATTRIBUTE = re.compile(rb"\b(\w+)=[\"']([^\"']*)[\"']")
_REFERENCE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(slots=True)
class SheetFacts:
    """Rows from 1, columns from 0. `unvalued` are formulas whose result was never stored."""

    hidden_rows: set[int] = field(default_factory=set[int])
    hidden_columns: set[int] = field(default_factory=set[int])
    unvalued: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    errors: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])


def check_zip(data: bytes, *, file: str) -> None:
    """Unpack every member without keeping it; raise where they are too large or damaged."""
    total = 0
    for _, size in _sizes(data, file):
        total += size
        if total > MOST_BYTES:
            raise LimitError(
                "the workbook unpacks to more than any table needs.",
                place=file,
                rule=f"at most {MOST_BYTES >> 20} MB unpacked",
                remedy="Save the sheet alone, as a new workbook or as CSV.",
            )


def sheet_facts(data: bytes, *, file: str) -> dict[str, SheetFacts]:
    """Return the facts of each sheet of an XLSX by name; raise where a sheet is too wide."""
    with _opened(data, file) as archive:
        names = set(archive.namelist())
        return {
            title: _facts(archive, path, file, title)
            for title, path in _sheets(archive)
            if path in names
        }


def _opened(data: bytes, file: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, struct.error) as error:
        raise damaged(file) from error


def damaged(file: str) -> InputError:
    return InputError(
        "the workbook is cut off or damaged.",
        place=file,
        remedy="Copy it again, or open it in the spreadsheet and save it anew.",
    )


def _sizes(data: bytes, file: str) -> Iterator[tuple[str, int]]:
    """Each member and its true size: what the archive declares is not believed."""
    with _opened(data, file) as archive:
        for member in archive.infolist():
            if member.flag_bits & 1:
                raise InputError(
                    "the workbook is locked with a password.",
                    place=file,
                    remedy="Save it without a password.",
                )
            yield member.filename, _true_size(data, member, file)


def _true_size(data: bytes, member: zipfile.ZipInfo, file: str) -> int:
    head = data[member.header_offset : member.header_offset + 30]
    if len(head) < 30 or head[:4] != b"PK\x03\x04":
        raise damaged(file)
    name, extra = struct.unpack("<HH", head[26:30])
    start = member.header_offset + 30 + name + extra
    packed = data[start : start + member.compress_size]
    if len(packed) < member.compress_size:
        raise damaged(file)
    if member.compress_type == zipfile.ZIP_STORED:
        return len(packed)
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise damaged(file)
    return _inflated(packed, file)


def _inflated(packed: bytes, file: str) -> int:
    engine, size = zlib.decompressobj(-15), 0
    try:
        while packed and not engine.eof:
            size += len(engine.decompress(packed, _PIECE))
            packed = engine.unconsumed_tail
            if size > MOST_BYTES:
                break
    except zlib.error as error:
        raise damaged(file) from error
    return size


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Title and path of each sheet; an unusual workbook yields none, and loses only the facts."""
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - see _read_xml
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except (KeyError, ElementTree.ParseError, zipfile.BadZipFile):
        return
    targets = {each.get("Id", ""): each.get("Target", "") for each in links}
    for sheet in book.iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(_LINK, ""), "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
        yield sheet.get("name", ""), posixpath.normpath(path)


def _facts(archive: zipfile.ZipFile, path: str, file: str, title: str) -> SheetFacts:
    walk = _Walk(SheetFacts())
    with archive.open(path) as stream:
        for part in _parts(stream, f"{file}, {title}"):
            walk.take(part)
            if walk.rows * walk.columns > MOST_CELLS:
                raise _too_wide(f"{file}, {title}")
    return walk.facts


def _too_wide(place: str) -> LimitError:
    return LimitError(
        "the sheet reaches too far to the right and down.",
        place=place,
        rule=f"at most {MOST_CELLS:,} cells from A1 to the last one used",
        remedy="Delete what stands far away from the table, and save it.",
    )


def _parts(stream: IO[bytes], place: str) -> Iterator[bytes]:
    """The sheet in pieces that end where a row does."""
    kept = b""
    while piece := stream.read(_PIECE):
        text = kept + piece
        ends = [each.end() for each in _ROW_END.finditer(text)]
        cut = ends[-1] if ends else 0
        if len(text) - cut > _LONGEST_ROW:
            raise _too_wide(place)
        kept = text[cut:]
        if cut:
            yield text[:cut]
    yield kept


@dataclass(slots=True)
class _Walk:
    """How far the sheet reaches; everything else is looked for only where it can be."""

    facts: SheetFacts
    rows: int = 0
    columns: int = 26
    """Columns of one letter are not told apart: counting them all would take a second a million."""

    def take(self, part: bytes) -> None:
        for row in _ROW.finditer(part):
            self._row(row[1])
        for letters in _FAR.findall(part):
            self.columns = max(self.columns, _index(letters) + 1)
        for column in _COLUMN.findall(part):
            self._column(dict(_ATTRIBUTE.findall(column)))
        if _FORMULA.search(part):
            self._formulas(part)
        for cell in _ERROR.findall(part):
            where = _REFERENCE.search(cell)
            if where:
                self.facts.errors.add((int(where[2]), _index(where[1])))

    def _row(self, told: bytes) -> None:
        number = _NUMBER.search(told)
        self.rows = max(self.rows, int(number[1])) if number else self.rows + 1
        if _HIDDEN.search(told):
            self.facts.hidden_rows.add(int(number[1]) if number else self.rows)

    def _column(self, told: dict[bytes, bytes]) -> None:
        if told.get(b"hidden") in (b"1", b"true"):
            first, last = int(told.get(b"min", b"1")), int(told.get(b"max", b"1"))
            self.facts.hidden_columns.update(range(first - 1, min(last, _MOST_COLUMNS)))

    def _formulas(self, part: bytes) -> None:
        for cell in _CELL.finditer(part):
            where = _REFERENCE.search(cell[1])
            if where and _FORMULA.search(cell[2]) and not _VALUE.search(cell[2]):
                self.facts.unvalued.add((int(where[2]), _index(where[1])))


def _index(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
