"""Check companion tables: files, dictionaries, every cell, and how rare people become by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bigpicture.model.companion import (
    COMPANION_FOLDER,
    CompanionFiles,
    Dictionary,
    Variable,
    VariableType,
)
from bigpicture.model.errors import MetadataError
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.place import Place
from bigpicture.model.study import Study
from bigpicture.standard.anonymity import traits_of
from bigpicture.standard.companions.above import beings_above
from bigpicture.standard.companions.dictionary import read_dictionary, told
from bigpicture.standard.companions.files import check_companion_files, companion_files
from bigpicture.standard.companions.parquet import as_csv
from bigpicture.standard.companions.rare import Classes, Held, K, classes_of, is_quasi, join
from bigpicture.standard.companions.read_value import Wrong, read_value, shape_of
from bigpicture.standard.companions.rows import Columns
from bigpicture.standard.companions.table import open_table

_SHOWN = 10
"""Findings of one rule and column; the rest are counted."""

_COARSE = (VariableType.CATEGORY, VariableType.BOOLEAN)


def check_companions(study: Study, places: Mapping[str, Path]) -> list[Finding]:
    """Return every finding; `places` gives the local file of each path below COMPANIONS."""
    findings = list(check_companion_files(places))
    declared: dict[str, str] = {}
    signatures: dict[str, int] = {}
    counted: list[str] = []
    for files in companion_files(places):
        if not files.is_whole:
            continue
        read = read_dictionary(places[files.dictionary], name=files.dictionary)
        findings += read.findings
        if read.dictionary is None:
            continue
        findings += _declared_before(read.dictionary, declared)
        checking = _Checking(study, files, read.dictionary, places[files.table])
        findings += checking.run()
        counted += checking.count(signatures)
    findings += _rare(study, signatures, counted)
    return findings


def _declared_before(dictionary: Dictionary, declared: dict[str, str]) -> Iterator[Finding]:
    """A variable has one meaning in a dataset: it is what a filter names."""
    for each in dictionary.variables:
        before = declared.setdefault(each.name.casefold(), dictionary.file)
        if before != dictionary.file:
            yield Finding(
                "BP-companion-dictionary",
                Severity.ERROR,
                Place(dictionary.file, each.line),
                f"{before} declares a variable of this name already.",
                "names that differ within a dataset, not by case alone",
                "Rename one of the two, here and in its table.",
                f"column {each.name}",
            )


def _rare(study: Study, signatures: Mapping[str, int], counted: Sequence[str]) -> Iterator[Finding]:
    """How many beings the tables make rare, and how many with what the metadata state of them."""
    classes = classes_of(signatures)
    both = classes_of(_joined(study, signatures)) if counted else classes
    if counted and both.rare:
        yield Finding(
            "BP-companion-rare",
            Severity.WARNING,
            Place(COMPANION_FOLDER),
            f"{classes.rare} of {classes.beings} biological beings share what these columns tell "
            f"with fewer than {K - 1} others: {', '.join(counted)}. The smallest class holds "
            f"{classes.smallest}. {_together(classes, both)}".rstrip(),
            f"classes of at least {K} beings",
            "Widen the bands, join rare categories, or leave a column out; quasi_identifier says "
            "what counts.",
        )


def _joined(study: Study, signatures: Mapping[str, int]) -> dict[str, int]:
    """The signatures with age, site, diagnosis and sex, where the dataset is of people."""
    policy = study.terms[0].policy if study.terms else None
    joined = dict(signatures)
    if policy is not None and policy.dataset_type.is_clinical:
        for alias, traits in traits_of(study).items():
            told = (sorted(each) for each in (traits.age, traits.site, traits.diagnosis))
            join(joined, (alias,), "METADATA", traits.sex, *map(str, told))
    return joined


def _together(tables: Classes, both: Classes) -> str:
    if both == tables:
        return ""
    return (
        f"By age, site, diagnosis and sex in METADATA as well, it is {both.rare} of {both.beings}."
    )


@dataclass(slots=True)
class _Told:
    """Findings of one table, a few of each kind and the number of the others."""

    file: str
    found: list[Finding] = field(default_factory=list[Finding])
    counts: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    last: dict[tuple[str, str], Finding] = field(default_factory=dict[tuple[str, str], Finding])

    def add(
        self, line: int, column: str, wrong: Wrong, severity: Severity = Severity.ERROR
    ) -> None:
        key = (wrong.rule, column)
        self.counts[key] += 1
        finding = Finding(
            wrong.rule,
            severity,
            Place(self.file, line),
            wrong.what,
            wrong.expected,
            wrong.remedy,
            f"column {column}" if column else "",
        )
        if self.counts[key] <= _SHOWN:
            self.found.append(finding)
        self.last[key] = finding

    def all(self) -> list[Finding]:
        more = [
            replace(
                self.last[key],
                place=Place(self.file),
                what=f"and {count - _SHOWN} more rows like it.",
            )
            for key, count in self.counts.items()
            if count > _SHOWN
        ]
        return self.found + more


class _Checking:
    """One table against its dictionary and the study."""

    def __init__(
        self, study: Study, files: CompanionFiles, dictionary: Dictionary, place: Path
    ) -> None:
        self._files, self._dictionary, self._place = files, dictionary, place
        self._beings = beings_above(study, dictionary.entity)
        self._told = _Told(files.table)
        self._held: dict[str, Held] = {
            each.name: Held() for each in dictionary.variables if each.type in _COARSE
        }
        self._seen: set[str] = set()

    def run(self) -> list[Finding]:
        for each in self._dictionary.variables:
            if each.type is VariableType.STRING:
                self._told.add(0, each.name, _FREE_TEXT, Severity.WARNING)
        try:
            with (
                as_csv(self._place, name=self._files.table) as rows,
                open_table(rows, name=self._files.table) as table,
            ):
                columns = Columns.of(table.headings, self._dictionary)
                self._check_columns(columns)
                for line, cells in table.rows:
                    self._check_row(columns, line, cells)
        except MetadataError as error:
            return [*self._told.all(), told(error, self._files.table)]
        return self._told.all()

    def count(self, signatures: dict[str, int]) -> list[str]:
        """Join the quasi-identifiers of a sound table to the signatures; returns their names."""
        if any(each.is_error for each in self._told.found):
            return []
        quasi = {
            each.name
            for each in self._dictionary.variables
            if is_quasi(each, self._held.get(each.name))
        }
        if not quasi:
            return []
        with (
            as_csv(self._place, name=self._files.table) as rows,
            open_table(rows, name=self._files.table) as table,
        ):
            columns = Columns.of(table.headings, self._dictionary)
            key = columns.headings.index(self._dictionary.key)
            places = [at for at, each in columns.places if each.name in quasi]
            for _, cells in table.rows:
                values = (self._files.name, *(cells[at] for at in places))
                join(signatures, self._beings[cells[key]], *values)
        return sorted(quasi)

    def _check_columns(self, columns: Columns) -> None:
        known = {self._dictionary.key, *(each.name for each in self._dictionary.variables)}
        headings = Counter(columns.headings)
        for heading, times in headings.items():
            if heading not in known:
                self._told.add(1, "", _column(f"the column {shape_of(heading)} is not declared."))
            elif times > 1:
                self._told.add(1, heading, _column("the column stands there twice."))
        for name in known - headings.keys():
            self._told.add(1, name, _column("the column is declared, and is not in the table."))

    def _check_row(self, columns: Columns, line: int, cells: list[str]) -> None:
        if len(cells) != len(columns.headings):
            self._told.add(line, "", _cells(len(cells), len(columns.headings)))
            return
        if columns.key is None:
            return
        alias = cells[columns.key]
        self._check_key(line, alias)
        beings = self._beings.get(alias, ())
        for at, variable in columns.places:
            self._check_cell(line, variable, cells[at], beings)

    def _check_key(self, line: int, alias: str) -> None:
        entity, key = self._dictionary.entity.label, self._dictionary.key
        if not alias:
            self._told.add(line, key, _key("the row does not say whom it is about.", entity))
        elif alias not in self._beings:
            self._told.add(line, key, Wrong(
                "BP-companion-alias",
                f"{shape_of(alias)} is the alias of no {entity} of this dataset.",
                f"an alias of a {entity} in METADATA/sample.xml or image.xml",
                "Correct the alias, or remove the row. Never use a number of the hospital here.",
            ))  # fmt: skip
        elif alias in self._seen:
            self._told.add(line, key, _key(f"a row above is about the same {entity}.", entity))
        self._seen.add(alias)

    def _check_cell(self, line: int, variable: Variable, cell: str, beings: Iterable[str]) -> None:
        value = read_value(variable, cell)
        if isinstance(value, Wrong):
            self._told.add(line, variable.name, value)
        elif value is not None and variable.name in self._held:
            self._held[variable.name].add(cell, beings)


_FREE_TEXT = Wrong(
    "BP-companion-text",
    "this column holds free text, in which names, places and dates may hide.",
    "categories, numbers or durations",
    "Make it a category if its values repeat; else read every line of it before you submit.",
)


def _column(what: str) -> Wrong:
    return Wrong(
        "BP-companion-column",
        what,
        "the columns that the dictionary declares, each once",
        "Correct the heading, the table or the dictionary.",
    )


def _key(what: str, entity: str) -> Wrong:
    return Wrong(
        "BP-companion-key",
        what,
        f"one row for each {entity}, under its alias",
        "Join the rows, or make a table of another kind of entity.",
    )


def _cells(found: int, expected: int) -> Wrong:
    return Wrong(
        "BP-companion-form",
        f"the line has {found} cells, and the heading {expected}.",
        f"{expected} cells",
        "Look for a comma or a quotation mark too many.",
    )
