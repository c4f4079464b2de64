"""Reads a mapping file, and refuses what would let a person's name or birthday through."""

from __future__ import annotations

import difflib
import re
from importlib.resources import files
from pathlib import Path

from bigpicture.model.errors import InputError
from bigpicture.preparation.sources.columns import COLUMNS, ColumnKind
from bigpicture.preparation.sources.expression import Expression, compile_expression
from bigpicture.preparation.sources.fhir import RESOURCES
from bigpicture.preparation.sources.mapping import (
    ColumnRule,
    Join,
    Levels,
    Mapping,
    MappingTest,
    Several,
    Show,
    Source,
    Step,
)
from bigpicture.preparation.sources.mapping_age import read_age
from bigpicture.preparation.sources.person import first_of_kind
from bigpicture.preparation.sources.person_fields import FieldKind
from bigpicture.preparation.sources.toml_table import TomlTable, parse_toml, read_toml

FORMAT = 1
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_REFUSED = frozenset((FieldKind.NEVER, FieldKind.BIRTH))


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file; raises `InputError` that names line, key, rule and remedy."""
    return _mapping(read_toml(path))


def parse_mapping(text: str, name: str) -> Mapping:
    """Read a mapping that is a text already; `name` stands for its file."""
    return _mapping(parse_toml(text, name))


def default_fhir() -> str:
    """The mapping file for plain FHIR R4 and R5 that comes with this package."""
    return files("bigpicture.preparation.sources").joinpath("fhir.toml").read_text("utf-8")


def _mapping(table: TomlTable) -> Mapping:
    if table.number("format", 0) != FORMAT:
        raise table.wrong("format", f"{FORMAT}, the only one so far")
    if not table.has("source"):
        raise table.wrong("source", "'fhir' or 'lis'")
    source = table.choice("source", Source.FHIR)
    is_fhir = source is Source.FHIR
    mapping = Mapping(
        file=table.file,
        source=source,
        columns=tuple(_column(each, is_fhir=is_fhir) for each in table.tables("columns")),
        joins=tuple(_join(each, is_fhir=is_fhir) for each in table.tables("join")),
        steps=_steps(table.tables("rows")),
        levels=_levels(table),
        tests=tuple(_test(each) for each in table.tables("test")),
    )
    table.finish()
    if not mapping.columns:
        raise table.wrong("columns", "at least one [columns.name]")
    if is_fhir == bool(mapping.steps):
        expected = "only of a laboratory system" if is_fhir else "the lists that hold the slides"
        raise table.wrong("rows", expected)
    _check_names(mapping, table)
    return mapping


def _column(table: TomlTable, *, is_fhir: bool) -> ColumnRule:
    name = table.name.rpartition(".")[2]
    if name not in COLUMNS:
        near = difflib.get_close_matches(name, COLUMNS, 1)
        raise InputError(
            f"the table of slides has no column {name!r}.",
            place=table.place,
            rule=f"its columns are {', '.join(COLUMNS)}",
            remedy=f"Did you mean {near[0]!r}?" if near else "Take one of these.",
        )
    kind = COLUMNS[name]
    rule = ColumnRule(
        name=name,
        kind=kind,
        place=table.place,
        paths=expressions(table, "path"),
        constant=table.text("constant"),
        default=table.text("default"),
        values=table.translations("values"),
        several=table.choice("several", Several.PROBLEM),
        show=table.choice("show", Show.CODE),
        match=_pattern(table),
        age=read_age(table) if kind is ColumnKind.AGE else None,
        allow_free_text=table.flag("allow_free_text"),
        allow_fields=frozenset(table.texts("allow_fields")),
    )
    table.finish()
    sources = bool(rule.paths) + bool(rule.constant) + (rule.age is not None)
    if sources != 1:
        raise table.wrong("path", "given, or a constant is: one of the two")
    _check_paths(rule, is_fhir=is_fhir)
    return rule


def _check_paths(rule: ColumnRule, *, is_fhir: bool) -> None:
    """Refuse a path that reads what names a person, whatever the export holds."""
    refused = _REFUSED
    if rule.kind is not ColumnKind.IDENTIFIER:
        refused |= {FieldKind.IDENTIFIER}
        if not rule.allow_free_text:
            refused |= {FieldKind.FREE_TEXT}
    elif not is_fhir:
        refused = frozenset((FieldKind.BIRTH,))
    if rule.kind is ColumnKind.TEXT and not rule.allow_free_text and rule.paths:
        raise _refusal(rule, rule.paths[0], "the column itself", FieldKind.FREE_TEXT)
    for path in rule.paths:
        found = first_of_kind(path.fields, refused, is_fhir=is_fhir, but=rule.allow_fields)
        if found is not None:
            raise _refusal(rule, path, *found)
        if path.reads_all and rule.kind is ColumnKind.IDENTIFIER:
            raise _refusal(rule, path, "*", FieldKind.NEVER)


def _refusal(rule: ColumnRule, path: Expression, field: str, kind: FieldKind) -> InputError:
    remedy = {
        FieldKind.BIRTH: "An age is made of it: [columns.age] birth = …, at = …, band = 10.",
        FieldKind.IDENTIFIER: "It may stand in file, slide, block, specimen, case and being only.",
        FieldKind.FREE_TEXT: "Take a coded field. Where it must be: allow_free_text = true.",
        FieldKind.NEVER: f"Where {field!r} names no person: allow_fields = ['{field}'].",
    }[kind]
    return InputError(
        f"the path {path.text!r} reads {field!r}, which {kind}.",
        place=rule.place,
        rule="what names a person does not leave the export",
        remedy=remedy,
    )


def _join(table: TomlTable, *, is_fhir: bool) -> Join:
    join = Join(
        name=table.text("name"),
        kind=table.text("resource" if is_fhir else "list"),
        key=expressions(table, "key"),
        source=expressions(table, "from"),
        all=table.flag("all"),
    )
    table.finish()
    if not _NAME.fullmatch(join.name):
        raise table.wrong("name", "small letters, digits and _")
    if is_fhir and join.kind not in RESOURCES:
        raise table.wrong("resource", f"one of {', '.join(sorted(RESOURCES))}")
    if not join.source:
        raise table.wrong("from", "the path that leads to the other record")
    if not is_fhir and not join.key:
        raise table.wrong("key", "the path, in the other record, of what it is found by")
    return join


def _steps(tables: list[TomlTable]) -> tuple[Step, ...]:
    steps: list[Step] = []
    for table in tables:
        path = table.text("list")
        where = expressions(table, "where")
        name = table.text("name")
        inner = compile_expression(path, place=table.place) if steps else None
        steps.append(Step(name=name, path=path, inner=inner, where=where[0] if where else None))
        table.finish()
        if not _NAME.fullmatch(name):
            raise table.wrong("name", "small letters, digits and _")
    return tuple(steps)


def _levels(table: TomlTable) -> Levels:
    if not table.has("levels"):
        return Levels()
    found = {each.name.rpartition(".")[2]: each for each in table.tables("levels")}
    for name, each in found.items():
        if name not in ("slide", "block"):
            raise each.wrong(name, "levels.slide or levels.block")
    codes = {name: frozenset(each.texts("codes")) for name, each in found.items()}
    for each in found.values():
        each.finish()
    return Levels(slide=codes.get("slide", frozenset()), block=codes.get("block", frozenset()))


def _test(table: TomlTable) -> MappingTest:
    test = MappingTest(
        name=table.text("name", "without a name"),
        place=table.place,
        context=table.text("context"),
        export=table.text("export"),
        expect=table.translations("expect") or {},
    )
    table.finish()
    if bool(test.context) == bool(test.export):
        raise table.wrong("context", "the records of one row as JSON; or export, a whole export")
    if not test.expect:
        raise table.wrong("expect", "a table of columns and their cells")
    return test


def _check_names(mapping: Mapping, table: TomlTable) -> None:
    names = [each.name for each in (*mapping.steps, *mapping.joins)]
    for name in names:
        if names.count(name) > 1:
            raise table.wrong("name", f"given once; {name!r} is given twice")


def _pattern(table: TomlTable) -> re.Pattern[str] | None:
    text = table.text("match")
    if not text:
        return None
    try:
        pattern = re.compile(text)
    except re.error:
        raise table.wrong("match", "a regular expression") from None
    if pattern.groups != 1:
        raise table.wrong("match", "a regular expression with one ( ) around what is taken")
    return pattern


def expressions(table: TomlTable, key: str) -> tuple[Expression, ...]:
    """The path expressions of a key, compiled."""
    return tuple(compile_expression(each, place=table.place) for each in table.texts(key))
