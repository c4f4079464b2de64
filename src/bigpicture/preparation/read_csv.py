"""Reads a CSV as spreadsheets and hospital systems write them: encoding and separator are found."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter

from bigpicture.model.errors import InputError, LimitError
from bigpicture.preparation.table import Row, Table

MOST_BYTES = 512 << 20
MOST_ROWS = 1_048_576
"""As many as a spreadsheet has."""
_FIELD = 1 << 20
_SEPARATORS = ",;\t|"
_LOOKED_AT = 40
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_csv(data: bytes, *, file: str) -> Table:
    """Read a CSV in UTF-8, UTF-16 or Windows-1252, its fields apart by comma, semicolon, tab or |.

    Raises `InputError` where it is no text, or a quotation is never closed; `LimitError` where it
    is larger than `MOST_BYTES` or has more than `MOST_ROWS` rows.
    """
    if len(data) > MOST_BYTES:
        raise LimitError(
            "the file is too large.",
            place=file,
            rule=f"at most {MOST_BYTES >> 20} MB",
            remedy="Split it into several.",
        )
    text, notes = _decoded(data, file)
    separator, text = _separator(text)
    rows = _rows(text, separator, file)
    return Table(file, rows=rows, notes=notes)


def _decoded(data: bytes, file: str) -> tuple[str, tuple[str, ...]]:
    try:
        for mark, encoding in _MARKS:
            if data.startswith(mark):
                return data.decode(encoding), ()
        if b"\0" in data[:4096]:
            little = data[1:4096:2].count(0) >= data[0:4096:2].count(0)
            return data.decode("utf-16-le" if little else "utf-16-be"), ()
        return data.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        if b"\0" in data[:4096]:
            raise _no_text(file) from error
    try:
        return data.decode("cp1252"), ("It is not in UTF-8 and was read as Windows-1252.",)
    except UnicodeDecodeError as error:
        raise _no_text(file) from error


def _no_text(file: str) -> InputError:
    return InputError(
        "it is no text that can be read.",
        place=file,
        rule="UTF-8, UTF-16 or Windows-1252",
        remedy="Export it again as “CSV UTF-8”, or give the XLSX.",
    )


def _separator(text: str) -> tuple[str, str]:
    """The separator that cuts the first lines into the same number of parts, more than one."""
    first, _, rest = text.partition("\n")
    told = first.strip().strip('"')
    if told.lower().startswith("sep=") and len(told) == 5:
        return told[-1], rest
    lines = _unquoted(text[:65536]).splitlines()[:_LOOKED_AT]
    lines = [line for line in lines if line.strip()]
    counts = {each: Counter(line.count(each) for line in lines) for each in _SEPARATORS}

    def merit(separator: str) -> tuple[int, int]:
        there = {n: times for n, times in counts[separator].items() if n}
        common = max(there.values(), default=0)
        return common, max((n for n, times in there.items() if times == common), default=0)

    best = max(_SEPARATORS, key=merit)
    return (best if merit(best)[0] else ","), text


def _unquoted(text: str) -> str:
    """The text without what stands in quotation marks."""
    return "".join(text.split('"')[::2])


def _rows(text: str, separator: str, file: str) -> tuple[Row, ...]:
    csv.field_size_limit(_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[Row] = []
    kept: dict[str, str] = {}
    try:
        for number, fields in enumerate(reader, start=1):
            if number > MOST_ROWS:
                raise LimitError(
                    "there are too many rows.",
                    place=file,
                    rule=f"at most {MOST_ROWS:,}",
                    remedy="Split it into several.",
                )
            texts = tuple(kept.setdefault(each, each) for each in (f.strip() for f in fields))
            if any(texts):
                rows.append(Row(number, texts))
    except csv.Error as error:
        raise InputError(
            f"the row that begins before line {reader.line_num} cannot be read ({error}).",
            place=f"{file}:{reader.line_num}",
            rule='a field in quotation marks ends with one; a mark within is doubled: ""',
            remedy="Look for a quotation mark that is never closed.",
        ) from error
    return tuple(rows)
