"""The rules: for each format, what happens to every field a slide may carry.

They lie as tables in `tables/*.toml`, one row a field: action, name, reason, and of what is kept
the form that its value must have (`values.FORMS`). A name that no table knows has no rule, and the
caller stops the slide: what nobody has judged is not let through.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files

from bigpicture.deidentify.values import FORMS, Form
from bigpicture.model.allowance import Action, AllowList, Field
from bigpicture.model.errors import SlideError

TEXT_LENGTH = 64
"""DICOM's long string (PS3.5 6.2, VR LO); no kept text needs more."""


class Section(StrEnum):
    """The sections of a table. `number` and `text` keep a field whose value has a form."""

    KEEP = "keep"
    NUMBER = "number"
    TEXT = "text"
    PSEUDONYM = "pseudonym"
    DATE = "date"
    DROP = "drop"
    GIVEN = "given"
    """Dropped from the source; what the output carries there comes from the caller."""


_ACTIONS = {
    Section.KEEP: Action.KEEP,
    Section.NUMBER: Action.KEEP,
    Section.TEXT: Action.KEEP,
    Section.PSEUDONYM: Action.PSEUDONYM,
    Section.DATE: Action.DATE,
    Section.DROP: Action.DROP,
    Section.GIVEN: Action.DROP,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: the field's full name (`*` for any ending), its section, why, and its form."""

    name: str
    section: Section
    reason: str
    form: str = ""

    @property
    def action(self) -> Action:
        return _ACTIONS[self.section]

    @property
    def _form(self) -> Form | None:
        return FORMS[self.form] if self.form else None

    @property
    def is_needed(self) -> bool:
        """Whether a value of another form stops the slide; else it is dropped."""
        return self._form is None or self._form.is_needed

    def holds(self, value: str) -> bool:
        """Whether a value of a source is what the row says, so far as it may be carried on."""
        return self._form is None or self._form.only_checked or self.may_be_written(value)

    def may_be_written(self, value: str) -> bool:
        """Whether a value of an output is what the row says; one without a form says nothing."""
        return self._form is None or self._form.fits(value.strip("\0 \r\n\t"))


@dataclass(frozen=True)
class Rules(Mapping[str, Action]):
    """The rules of a format as a mapping from a field's name to its action.

    Exact names win over endings, longer beginnings over shorter ones; `otherwise` answers for
    the rest of its prefix (DICOM only, and only with DROP).
    """

    exact: Mapping[str, Rule]
    beginnings: tuple[Rule, ...]
    otherwise: str = ""

    def rule(self, name: str) -> Rule | None:
        """The row for `name`, or None where there is none."""
        if name in self.exact:
            return self.exact[name]
        for rule in self.beginnings:
            if name == rule.name or name.startswith(rule.name[:-1]):
                return rule
        if self.otherwise and name.startswith(self.otherwise):
            return Rule(name, Section.DROP, "stands in no table")
        return None

    def rule_for(self, field: Field) -> Rule | None:
        """The row for a field; where it keeps and the value is not worth stopping for, a drop."""
        rule = self.rule(field.name)
        if rule is None or rule.is_needed or rule.holds(field.value):
            return rule
        return replace(rule, section=Section.DROP, reason=f"holds no {rule.form} that we know")

    def __getitem__(self, name: str) -> Action:
        found = self.rule(name)
        if found is None:
            raise KeyError(name)
        return found.action

    def __iter__(self) -> Iterator[str]:
        return iter(self.exact)

    def __len__(self) -> int:
        return len(self.exact)


@cache
def tables() -> Mapping[str, tuple[Mapping[str, object], ...]]:
    """The tables of each format, its own first: what a table says of itself decides.

    `format` is the format that a table is of, `with` names the tables that count there as well.
    """
    folder = files("bigpicture.deidentify").joinpath("tables")
    read = {
        each.name.removesuffix(".toml"): tomllib.loads(each.read_text("utf-8"))
        for each in folder.iterdir()
        if each.name.endswith(".toml")
    }
    return {
        str(table["format"]): (table, *(read[name] for name in table.get("with", ())))
        for table in read.values()
    }


def allow_list(slide_format: str) -> AllowList:
    """The allow-list of a format; raises `SlideError` where we have no rules for it."""
    rules = rules_of(slide_format)
    forms = {name: rule.holds for name, rule in rules.exact.items() if not rule.is_needed}
    return AllowList(slide_format, rules, devices_of(slide_format), forms)


def devices_of(slide_format: str) -> frozenset[str]:
    """The fields of a format that name the scanner (`devices` of its table)."""
    return frozenset(
        f"{table['prefix']}{name}"
        for table in tables().get(slide_format, ())
        for name in table.get("devices", ())  # pyright: ignore[reportGeneralTypeIssues]
    )


@cache
def rules_of(slide_format: str) -> Rules:
    """The rules of a format with their reasons; raises `SlideError` where there are none."""
    known = tables()
    if slide_format not in known:
        raise SlideError(
            f"there are no de-identification rules for the format {slide_format}.",
            remedy="Convert it to one of: " + ", ".join(sorted(known)) + ".",
        )
    exact: dict[str, Rule] = {}
    beginnings: list[Rule] = []
    otherwise = ""
    for content in known[slide_format]:
        prefix = str(content["prefix"])
        otherwise = prefix if "otherwise" in content else otherwise
        for rule in _rows(content, prefix):
            if rule.name.endswith("*"):
                beginnings.append(rule)
            else:
                exact[rule.name] = rule
    beginnings.sort(key=lambda rule: -len(rule.name))
    return Rules(exact, tuple(beginnings), otherwise)


def _rows(content: Mapping[str, object], prefix: str) -> Iterator[Rule]:
    for section in Section:
        rows = content.get(section.value, {})
        assert isinstance(rows, dict)
        for name, row in rows.items():
            told: dict[str, str] = row if isinstance(row, dict) else {"why": str(row)}
            default = "number" if section is Section.NUMBER else ""
            yield Rule(prefix + str(name), section, told["why"], told.get("form", default))


def check_forms(slide_format: str, fields: Iterable[Field]) -> None:
    """Stop the slide where a kept field that is needed does not hold what its rule says.

    A name typed into a field that is meant for a number would otherwise be carried on. Raises
    `SlideError` naming the field, never its value.
    """
    rules = rules_of(slide_format)
    for field in fields:
        rule = rules.rule_for(field)
        if rule is None or rule.section is Section.DROP or rule.holds(field.value):
            continue
        raise SlideError(
            f"the field {field.name} does not hold a {rule.form}.",
            place=field.place,
            rule=f"it is kept only as a {rule.form}: {rule.reason}",
            remedy="Look at the slide: something was typed where the scanner writes.",
        )
