"""The mapping file: what a site's own words mean, decided once and kept for the next batch."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from bigpicture.model.code import Code
from bigpicture.model.finding import Severity
from bigpicture.preparation.cell_finding import CellFinding, about
from bigpicture.preparation.column import ColumnKind
from bigpicture.preparation.columns import BY_NAME
from bigpicture.preparation.headings import column_of
from bigpicture.preparation.meaning import (
    NA,
    TEXT,
    Meaning,
    fold,
    is_not_available,
    read_code,
    write_code,
)
from bigpicture.preparation.table import Cell, Row, Table
from bigpicture.preparation.words import known, meaning_of_code, near, terms_of

HEADINGS = ("column", "local", "code", "scheme", "meaning", "proposals")
"""`proposals` are for people; what stands there is not read."""
_PROPOSALS = 4
_ALIKE = 0.6
_SLIP = 0.8
Key = tuple[str, str]
"""Column and folded word."""


@dataclass(frozen=True, slots=True)
class LocalTerms:
    """`decided` is what each word means; `undecided` words are listed and not decided yet.

    Both by column and folded word; `spelled` keeps each word as it was first written.
    """

    decided: Mapping[Key, Meaning] = field(default_factory=dict[Key, Meaning])
    undecided: frozenset[Key] = frozenset()
    spelled: Mapping[Key, str] = field(default_factory=dict[Key, str])
    findings: tuple[CellFinding, ...] = ()

    def get(self, column: str, text: str) -> Meaning | None:
        return self.decided.get((column, fold(text)))


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A word that nobody has decided about: where it stands, the known meanings most like it."""

    column: str
    local: str
    cells: tuple[Cell, ...]
    """The first of them."""
    count: int
    proposals: tuple[Meaning, ...]

    @property
    def closest(self) -> Meaning | None:
        """The first proposal, where it is so alike that a slip of the keyboard explains it."""
        first = next(iter(self.proposals), None)
        words = next((w for m, w in terms_of(self.column) if m == first), ())
        alike = max((_merit(fold(self.local), fold(word)) for word in words), default=0)
        return first if alike >= _SLIP else None


def read_mapping(tables: Iterable[Table]) -> LocalTerms:
    """Read the mapping out of a file's tables; `findings` tell lines that cannot be read."""
    decided: dict[Key, Meaning] = {}
    spelled: dict[Key, str] = {}
    listed: dict[Key, Cell] = {}
    findings: list[CellFinding] = []
    for table in tables:
        columns, rows = _under_headings(table)
        if not columns and table.rows and not table.is_hidden:
            findings.append(_no_headings(table))
        for row in rows:
            told = {name: _at(row.texts, index) for name, index in columns.items()}
            _read_line(table, columns, row, told, _Reading(decided, spelled, listed, findings))
    return LocalTerms(decided, frozenset(set(listed) - set(decided)), spelled, tuple(findings))


@dataclass(frozen=True, slots=True)
class _Reading:
    decided: dict[Key, Meaning]
    spelled: dict[Key, str]
    listed: dict[Key, Cell]
    findings: list[CellFinding]


def _read_line(
    table: Table, columns: Mapping[str, int], row: Row, told: Mapping[str, str], into: _Reading
) -> None:
    name, local = told.get("column", ""), told.get("local", "")
    cell = table.cell(row.number, columns["local"])
    column = BY_NAME.get(name) or column_of(name)
    if column is None or column.kind is not ColumnKind.TERM or not local:
        into.findings.append(
            about(
                table.cell(row.number, columns["column"]),
                "the line names no column whose words can be mapped, or no word.",
                expected=", ".join(each for each in BY_NAME if BY_NAME[each].kind == "term"),
                rule="BP-mapping",
            )
        )
        return
    key = (column.name, fold(local))
    into.spelled.setdefault(key, local)
    into.listed.setdefault(key, cell)
    meaning = _meaning(column.name, told)
    if meaning is None:
        if told.get("code") or told.get("scheme") or told.get("meaning"):
            into.findings.append(_unclear(table, columns, row, column.name))
        return
    earlier = into.decided.setdefault(key, meaning)
    if earlier != meaning:
        into.findings.append(
            about(
                (cell, into.listed[key]),
                "the same word is decided twice, in different ways.",
                expected="one line for each word of a column",
                remedy="Delete one of the two lines.",
                column=column.name,
                rule="BP-mapping",
            )
        )


def _meaning(column: str, told: Mapping[str, str]) -> Meaning | None:
    """What a line decides; a meaning alone will do where it is a known one."""
    code, scheme, meaning = (told.get(name, "") for name in ("code", "scheme", "meaning"))
    values = BY_NAME[column].values
    if values:
        word = code or meaning
        return known(column).get(fold(word)) if word else None
    if code and scheme:
        read = read_code(f"{scheme}:{code} {meaning}")
        return _complete(column, read)
    if fold(scheme) == TEXT:
        return meaning or None
    for text in (code, meaning):
        read = read_code(text) if text else None
        if read is not None:
            return _complete(column, read)
    alone = meaning or code
    if not alone:
        return None
    found = known(column).get(fold(alone))
    return found if found is not None else NA if is_not_available(alone) else None


def _complete(column: str, read: Code | str | None) -> Meaning | None:
    if not isinstance(read, Code) or read.meaning:
        return read
    meaning = meaning_of_code(column, read.scheme, read.code)
    if not meaning and read.scheme == "SEND":
        meaning = read.code
    return Code(read.code, read.scheme, meaning) if meaning else None


def _unclear(table: Table, columns: Mapping[str, int], row: Row, column: str) -> CellFinding:
    index = columns.get("code", columns.get("meaning", columns["local"]))
    values = BY_NAME[column].values
    return about(
        table.cell(row.number, index),
        "what the word means cannot be read.",
        expected=(
            "; ".join(values)
            if values
            else "a code with its scheme and meaning, a known meaning alone, or N/A"
        ),
        remedy="Copy one of the proposals into the column meaning, or look the code up.",
        column=column,
        rule="BP-mapping",
    )


def _no_headings(table: Table) -> CellFinding:
    return about(
        table.cell(table.rows[0].number, 0),
        "these are not the headings of a mapping.",
        expected=", ".join(HEADINGS[:5]),
        remedy="Keep the first line as it was written.",
        rule="BP-mapping",
        severity=Severity.ERROR,
    )


def _under_headings(table: Table) -> tuple[dict[str, int], tuple[Row, ...]]:
    for place, row in enumerate(table.rows[:5]):
        columns = {
            text.lower(): index for index, text in enumerate(row.texts) if text.lower() in HEADINGS
        }
        if {"column", "local"} <= set(columns):
            return columns, tuple(table.rows[place + 1 :])
    return {}, ()


def _at(texts: tuple[str, ...], index: int) -> str:
    return texts[index] if index < len(texts) else ""


def propose(column: str, word: str, *, beside: LocalTerms) -> tuple[Meaning, ...]:
    """The known meanings of a column that are most like a word, the most alike first."""
    folded = fold(word)
    merits: dict[Meaning, float] = {}
    candidates: list[tuple[Meaning, str]] = [
        (meaning, fold(each)) for meaning, words in terms_of(column) for each in words
    ]
    candidates += [(meaning, fold(each)) for meaning, each in near(column)]
    candidates += [(m, local) for (name, local), m in beside.decided.items() if name == column]
    candidates += [(m, fold(str(m))) for (name, _), m in beside.decided.items() if name == column]
    for meaning, candidate in candidates:
        merits[meaning] = max(merits.get(meaning, 0), _merit(folded, candidate))
    best = sorted(merits, key=lambda meaning: -merits[meaning])
    return tuple(each for each in best if merits[each] >= _ALIKE)[:_PROPOSALS]


def _merit(word: str, candidate: str) -> float:
    if len(candidate) > 3 and (candidate in word.split() or word in candidate.split()):
        return 0.9
    matcher = SequenceMatcher(None, word, candidate, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= _ALIKE else 0.0


def write_mapping(terms: LocalTerms, unmapped: Iterable[Unmapped]) -> bytes:
    """Write the mapping as CSV (UTF-8 with a mark, which spreadsheets need): old lines, then new.

    A new line is empty but for its word and the proposals: nobody but a person decides.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    new = {(each.column, fold(each.local)): each for each in unmapped}
    for key, local in terms.spelled.items():
        if key in terms.decided:
            writer.writerow([key[0], _inert(local), *_parts(terms.decided[key]), ""])
        elif key not in new:
            writer.writerow([key[0], _inert(local), "", "", "", ""])
    for each in new.values():
        told = " ; ".join(write_code(meaning) for meaning in each.proposals)
        writer.writerow([each.column, _inert(each.local), "", "", "", told])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def _parts(meaning: Meaning) -> tuple[str, str, str]:
    if isinstance(meaning, Code):
        return meaning.code, meaning.scheme, meaning.meaning
    if meaning is NA:
        return "", "", str(NA)
    return "", TEXT, str(meaning)


def _inert(text: str) -> str:
    """A word that a spreadsheet would take for a formula, with a blank that `fold` ignores."""
    return f" {text}" if text[:1] in "=+-@" else text
