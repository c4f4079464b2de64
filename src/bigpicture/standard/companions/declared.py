"""What a dictionary declares: its lines as variables, or what is wrong with each line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bigpicture.model.code import Code
from bigpicture.model.companion import (
    KEYED,
    OTHER,
    Category,
    Dictionary,
    Established,
    Missing,
    MissingMeaning,
    Variable,
    VariableType,
)
from bigpicture.model.entity import EntityKind
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.place import Place
from bigpicture.model.scheme import canonical_scheme
from bigpicture.standard.companions.units import is_unit

EMPTY = "(empty)"
"""Names the empty cell as a marker."""
ALL = "*"
"""In place of a variable: a marker of every one."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,59}")
_LONGEST = 2000
_LONGEST_UNIT = 60
_KINDS = ", ".join(VariableType)
_ENTITIES = {each.value: each for each in KEYED} | {"biological being": EntityKind.BEING}
_YES_NO = {"yes": True, "true": True, "no": False, "false": False, "": None}


@dataclass(frozen=True, slots=True)
class Line:
    """Cells by their columns; `number` is 0 where the file has no lines to speak of."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Declared:
    """`dictionary` is None where the findings leave nothing to go by."""

    dictionary: Dictionary | None
    findings: tuple[Finding, ...]


def declare(name: str, lines: Iterable[Line]) -> Declared:
    """Read the lines of the dictionary called `name`."""
    declaring = _Declaring(name)
    for line in lines:
        declaring.take(line)
    return declaring.end()


@dataclass(slots=True)
class _Declaring:
    name: str
    keys: list[tuple[str, EntityKind]] = field(default_factory=list[tuple[str, EntityKind]])
    variables: dict[str, Variable] = field(default_factory=dict[str, Variable])
    shared: list[Missing] = field(default_factory=list[Missing])
    findings: list[Finding] = field(default_factory=list[Finding])

    def take(self, line: Line) -> None:
        name = line["variable"]
        if any(len(cell) > _LONGEST or not _is_plain(cell) for cell in line.cells.values()):
            self._tell(
                line,
                "a cell is too long, or holds what cannot be seen.",
                f"at most {_LONGEST} characters that can be",
            )
        elif name == ALL:
            self._take_marker(line)
        elif not _NAME.fullmatch(name):
            self._tell(
                line,
                "the name of the variable cannot be used.",
                "a letter, then letters, digits, _ . or -; at most 60",
                "Rename it here and in the table.",
            )
        elif line["value"]:
            self._take_value(line)
        elif name in self.variables or name in (key for key, _ in self.keys):
            self._tell(line, "this variable is declared twice.", "one line for each variable")
        elif line["type"].casefold() == "key":
            self._take_key(line)
        else:
            self._take_variable(line)

    def end(self) -> Declared:
        if len(self.keys) != 1:
            self._tell(
                Line(0, {}),
                f"{len(self.keys)} of the columns are the key." if self.keys
                else "no column is declared as the key.",
                "one line of type key, with the entity whose aliases it holds",
            )  # fmt: skip
        for each in self.variables.values():
            if each.type is VariableType.CATEGORY and not each.categories:
                self._tell(Line(each.line, {"variable": each.name}), "no category is declared.",
                           "a line for each category, with its value and label")  # fmt: skip
        if not self.variables:
            self._tell(Line(0, {}), "no variable is declared.", "one line for each column")
        if any(each.is_error for each in self.findings) or len(self.keys) != 1:
            return Declared(None, tuple(self.findings))
        [(key, entity)] = self.keys
        variables = tuple(
            replace(each, missing=(*each.missing, *self._others(each)))
            for each in self.variables.values()
        )
        return Declared(
            Dictionary(file=self.name, entity=entity, key=key, variables=variables),
            tuple(self.findings),
        )

    def _others(self, variable: Variable) -> Iterable[Missing]:
        own = {each.value for each in variable.missing}
        return (each for each in self.shared if each.value not in own)

    def _take_key(self, line: Line) -> None:
        entity = _ENTITIES.get(line["entity"].casefold())
        if entity is None:
            self._tell(line, "the key does not say whose aliases it holds.",
                       f"entity: {', '.join(_ENTITIES)}")  # fmt: skip
        else:
            self.keys.append((line["variable"], entity))

    def _take_variable(self, line: Line) -> None:
        kind = next((each for each in VariableType if each == line["type"].casefold()), None)
        established = _established(line["established"])
        low, high = _bound(line["minimum"]), _bound(line["maximum"])
        quasi = line["quasi_identifier"].casefold()
        wrong = [
            (kind is None, "its type is none that we know.", f"one of {_KINDS}"),
            (not line["label"], "it has no label.", "words that a reader understands"),
            (
                not established,
                "how it was established is not said.",
                f"one of {', '.join(Established)}, or {OTHER} and words",
            ),
            (low is _BAD or high is _BAD, "a bound is no number.", "a number, or nothing"),
            (
                isinstance(low, float) and isinstance(high, float) and low > high,
                "the minimum is larger than the maximum.",
                "minimum ≤ maximum",
            ),
            (quasi not in _YES_NO, "quasi_identifier is neither yes nor no.", "yes, no, or empty"),
            (_is_half_coded(line), "the code lacks its scheme, or the other way round.",
             "code, scheme and meaning, or none"),
        ]  # fmt: skip
        for is_wrong, what, expected in wrong:
            if is_wrong:
                self._tell(line, what, expected)
        if kind is None or any(is_wrong for is_wrong, _, _ in wrong):
            return
        self._check_unit(line, kind)
        self.variables[line["variable"]] = Variable(
            name=line["variable"],
            label=line["label"],
            description=line["description"],
            type=kind,
            established=established,
            unit=line["unit"],
            code=_code(line),
            minimum=low if isinstance(low, float) else None,
            maximum=high if isinstance(high, float) else None,
            is_quasi_identifier=_YES_NO[quasi],
            line=line.number,
        )

    def _check_unit(self, line: Line, kind: VariableType) -> None:
        unit = line["unit"]
        if kind.is_measured and not unit:
            self._tell(line, "the unit is missing.", "a unit of UCUM; 1 for a count or a ratio",
                       rule="BP-companion-unit")  # fmt: skip
        elif unit and not kind.is_measured:
            self._tell(line, f"a variable of type {kind} has no unit.", "no unit",
                       rule="BP-companion-unit")  # fmt: skip
        elif len(unit) > _LONGEST_UNIT:
            self._tell(line, "the unit is too long.", f"at most {_LONGEST_UNIT} characters",
                       rule="BP-companion-unit")  # fmt: skip
        elif unit and not is_unit(unit):
            self._tell(line, "this is no unit of UCUM that we know.", "such as mm, %, mo, ng/mL, 1",
                       rule="BP-companion-unit", severity=Severity.WARNING)  # fmt: skip

    def _take_value(self, line: Line) -> None:
        if line["type"].casefold() == "missing":
            self._take_marker(line)
            return
        variable = self.variables.get(line["variable"])
        if variable is None or variable.type is not VariableType.CATEGORY:
            self._tell(line, "a value is declared of what is no category.",
                       "the variable's own line first, of type category")  # fmt: skip
        elif variable.category(line["value"]) or variable.marker(line["value"]):
            self._tell(line, "this value is declared twice.", "one line for each value")
        elif line["type"] not in ("", "category") or _is_half_coded(line):
            self._tell(line, "the line of a category is wrong.",
                       "no type; code and scheme, or neither")  # fmt: skip
        else:
            found = Category(line["value"], line["label"] or line["value"], _code(line))
            self.variables[variable.name] = replace(
                variable, categories=(*variable.categories, found)
            )

    def _take_marker(self, line: Line) -> None:
        words = line["label"].casefold()
        meaning = next((each for each in MissingMeaning if words.startswith(each)), None)
        value = "" if line["value"] == EMPTY else line["value"]
        variable = self.variables.get(line["variable"])
        if line["type"].casefold() != "missing" or not line["value"] or meaning is None:
            self._tell(
                line,
                "what stands for no value is not said, or what it means.",
                f"type missing, a value ({EMPTY} for none), as label one of "
                + ", ".join(MissingMeaning),
            )
        elif line["variable"] == ALL:
            self.shared.append(Missing(value, meaning, line["label"]))
        elif variable is None:
            self._tell(line, "this marker is of no declared variable.", "the variable's line first")
        elif variable.marker(value) or variable.category(value):
            self._tell(line, "this value is declared twice.", "one line for each value")
        else:
            self.variables[variable.name] = replace(
                variable, missing=(*variable.missing, Missing(value, meaning, line["label"]))
            )

    def _tell(
        self, line: Line, what: str, expected: str, remedy: str = "Correct the dictionary.",
        *, rule: str = "BP-companion-dictionary", severity: Severity = Severity.ERROR,
    ) -> None:  # fmt: skip
        name = line["variable"]
        shown = f"column {name}" if _NAME.fullmatch(name) else ""
        self.findings.append(
            Finding(rule, severity, Place(self.name, line.number), what, expected, remedy, shown)
        )


def _is_plain(cell: str) -> bool:
    return " ".join(cell.split()).isprintable()


class _Bad:
    """What is no number."""


_BAD = _Bad()


def _bound(text: str) -> float | _Bad | None:
    if not text:
        return None
    return float(text) if re.fullmatch(r"[+-]?\d{1,18}(\.\d{1,18})?", text, re.ASCII) else _BAD


def _established(text: str) -> str:
    """The usual spelling; empty where the words are none of ours and not marked as others."""
    known = {each.casefold(): str(each) for each in Established}
    if text.casefold().startswith(OTHER) and text[len(OTHER) :].strip():
        return f"{OTHER} {text[len(OTHER) :].strip()}"
    return known.get(text.casefold(), "")


def _is_half_coded(line: Line) -> bool:
    return bool(line["code"]) != bool(line["scheme"])


def _code(line: Line) -> Code | None:
    if not line["code"]:
        return None
    return Code(line["code"], canonical_scheme(line["scheme"]), line["meaning"] or line["label"])
