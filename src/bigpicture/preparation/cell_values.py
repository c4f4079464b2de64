"""Reads what the cells under a column mean, by the standard's words and the site's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bigpicture.model.attribute import AttributeType
from bigpicture.model.code import Code
from bigpicture.model.entity import EntityKind
from bigpicture.model.finding import Severity
from bigpicture.model.identifiers import ALIAS_LENGTH
from bigpicture.preparation.age import EXPECTED, read_age
from bigpicture.preparation.column import Column, ColumnKind
from bigpicture.preparation.columns import BY_NAME
from bigpicture.preparation.mapping import LocalTerms, Unmapped, propose
from bigpicture.preparation.meaning import NA, Meaning, fold, is_not_available, read_code
from bigpicture.preparation.notes import Notes
from bigpicture.preparation.table import Cell, Mark
from bigpicture.preparation.words import known, meaning_of_code
from bigpicture.standard.vocabulary import Problem

_LONGEST_TEXT = 32_767
_MARKED = {
    Mark.ERROR: ("the spreadsheet shows an error.", "a value"),
    Mark.FORMULA: ("a formula's result was never stored.", "its value"),
    Mark.MERGED_ACROSS: ("it is merged over several columns.", "a cell of its own"),
}
_DATED = "a date stands here."
_REMEDIES = {
    Mark.ERROR: "Correct the formula, or write the value.",
    Mark.FORMULA: "Open the file in the spreadsheet and save it, or write the value.",
    Mark.MERGED_ACROSS: "Undo the merging.",
}


@dataclass(slots=True)
class _Undecided:
    local: str
    cells: list[Cell]
    count: int = 0


@dataclass(slots=True)
class CellReader:
    """Reads cells one after the other; what is wrong goes to `notes`, unknown words are kept."""

    terms: LocalTerms
    notes: Notes
    _read: dict[tuple[str, str], Meaning | None] = field(
        default_factory=dict[tuple[str, str], Meaning | None]
    )
    _problems: dict[tuple[str, Code], Problem | None] = field(
        default_factory=dict[tuple[str, Code], Problem | None]
    )
    _undecided: dict[tuple[str, str], _Undecided] = field(
        default_factory=dict[tuple[str, str], _Undecided]
    )

    def text(self, column: Column, text: str, cell: Cell, mark: Mark | None) -> str:
        """The text of a cell after a look at its mark; empty where it cannot be used."""
        if mark is not None and mark in _MARKED and not (mark is Mark.MERGED_ACROSS and not text):
            what, expected = _MARKED[mark]
            self.notes.say(
                cell, what, expected=expected, remedy=_REMEDIES[mark], column=column.name
            )
            return ""
        if mark is Mark.DATE and text and column.kind is not ColumnKind.TEXT:
            self._dated(column, cell)
            return ""
        if mark is Mark.LONG_NUMBER and column.kind is ColumnKind.IDENTIFIER:
            self.notes.say(
                cell,
                "a number of more than 15 digits: the spreadsheet has rounded it.",
                expected="the identifier as text",
                remedy="Format the column as text, and enter it anew.",
                column=column.name,
            )
            return ""
        if mark is Mark.MERGED and text:
            self.notes.say(
                cell,
                "cells are merged: the first one's value was read for each row.",
                remedy="Nothing, if that is right.",
                column=column.name,
                severity=Severity.REPAIRED,
            )
        return text

    def identifier(self, column: Column, text: str, cell: Cell) -> str:
        """A local identifier; empty where there is none or it cannot be one."""
        limit = 1000 if column.name == "file" else ALIAS_LENGTH
        if len(text) > limit or not text.isprintable():
            self.notes.say(
                cell,
                "this can be no identifier.",
                expected=f"at most {limit} printable characters, on one line",
                column=column.name,
            )
            return ""
        return text

    def value(self, column: Column, text: str, cell: Cell) -> Meaning | None:
        """What a cell means; None where it is empty, or cannot be told (a finding says so)."""
        if not text:
            return None
        if column.kind is ColumnKind.TEXT:
            return self._words(column, text, cell)
        key = (column.name, text)
        if key in self._read:
            found = self._read[key]
        else:
            found = self._read[key] = self._meant(column, text)
        if found is not None:
            self._judge(column, found, cell)
        elif column.kind is ColumnKind.NUMBER:
            self.notes.say(
                cell,
                "this is no age.",
                expected=EXPECTED,
                column=column.name,
                rule=column.rule.number if column.rule else "",
            )
        else:
            self._ask(column, text, cell)
        return found

    def asks_about(self, kind: EntityKind) -> bool:
        """Whether a word about entities of that kind waits for a decision."""
        return any(BY_NAME[column].entity is kind for column, _ in self._undecided)

    @property
    def unmapped(self) -> tuple[Unmapped, ...]:
        """The words that nobody has decided about, with proposals."""
        return tuple(
            Unmapped(
                column,
                each.local,
                tuple(each.cells),
                each.count,
                propose(column, each.local, beside=self.terms),
            )
            for (column, _), each in self._undecided.items()
        )

    def _meant(self, column: Column, text: str) -> Meaning | None:
        if column.kind is ColumnKind.NUMBER:
            return NA if is_not_available(text) else read_age(text)
        decided = self.terms.get(column.name, text)
        if decided is not None:
            return decided
        usual = known(column.name).get(fold(text))
        if usual is not None:
            return usual
        if is_not_available(text):
            return NA
        return None if column.values else _coded(column, text)

    def _judge(self, column: Column, meaning: Meaning, cell: Cell) -> None:
        """Whether a code is one that the column may hold."""
        rule = column.rule
        if not isinstance(meaning, Code):
            self._judge_text(column, meaning, cell)
            return
        if rule is None or rule.vocabulary is None or column.name == "stain":
            return
        key = (column.name, meaning)
        if key not in self._problems:
            self._problems[key] = rule.vocabulary.problem(meaning)
        problem = self._problems[key]
        if problem:
            self.notes.say(
                cell,
                problem[0],
                expected=problem[1],
                remedy="Correct the cell or the mapping.",
                column=column.name,
                rule=rule.number,
                severity=rule.severity,
            )

    def _judge_text(self, column: Column, meaning: Meaning, cell: Cell) -> None:
        rule = column.rule
        takes_text = rule is not None and AttributeType.STRING in rule.types
        if isinstance(meaning, str) and not column.values and not takes_text:
            self.notes.say(
                cell,
                "words stand where a code is needed.",
                expected="a code with its scheme and meaning",
                column=column.name,
                rule=rule.number if rule else "BP-table",
            )

    def _words(self, column: Column, text: str, cell: Cell) -> Meaning | None:
        if len(text) > _LONGEST_TEXT:
            self.notes.say(
                cell,
                "the text is too long.",
                expected=f"at most {_LONGEST_TEXT:,} characters",
                column=column.name,
            )
            return None
        return NA if is_not_available(text) else text

    def _dated(self, column: Column, cell: Cell) -> None:
        is_age = column.kind is ColumnKind.NUMBER
        self.notes.say(
            cell,
            _DATED,
            expected=EXPECTED if is_age else "words or numbers",
            remedy=(
                "Write the age: days of birth and of removal identify, and stay at the site."
                if is_age
                else "Format the column as text and write it anew: it was taken for a day."
            ),
            column=column.name,
        )

    def _ask(self, column: Column, text: str, cell: Cell) -> None:
        held = self._undecided.setdefault((column.name, fold(text)), _Undecided(text, []))
        held.count += 1
        if held.count <= self.notes.shown:
            held.cells.append(cell)


def _coded(column: Column, text: str) -> Meaning | None:
    """A cell that carries a code itself; its meaning is completed where we know it."""
    read = read_code(text)
    if not isinstance(read, Code) or read.meaning:
        return read or None
    meaning = meaning_of_code(column.name, read.scheme, read.code)
    if not meaning and read.scheme == "SEND":
        meaning = read.code
    return Code(read.code, read.scheme, meaning) if meaning else None


def ask_about(unmapped: Iterable[Unmapped], notes: Notes) -> None:
    """Say of each word that it needs a decision."""
    for each in unmapped:
        closest = f" Perhaps {each.closest}?" if each.closest else ""
        times = f" ({each.count:,} cells)" if each.count > 1 else ""
        notes.say(
            each.cells[0],
            f"what {each.local[:60]!r} means is not decided.{times}{closest}",
            expected="a known word, a code, or a line in the mapping file",
            remedy="Decide it once in the mapping file.",
            column=each.column,
            rule="BP-mapping",
        )
