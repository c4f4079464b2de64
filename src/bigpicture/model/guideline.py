"""A guideline: sections of statements, each marked as law, standard or our advice, with its source.

One statement is one item of a Markdown list: `- **Law.** What holds. *(GDPR, Art. 33(2))*`, further
lines indented. No item goes without a mark and a source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bigpicture.model.errors import InputError


class Mark(StrEnum):
    """How far a statement binds."""

    LAW = "law"
    STANDARD = "standard"
    ADVICE = "our advice"


UNCHECKED = "not checked against the text"
"""Stands among the sources of a rule that was stated from knowledge."""


@dataclass(frozen=True, slots=True)
class Statement:
    """`sources` are short names with their place; `is_checked` is whether the text was compared."""

    mark: Mark
    text: str
    sources: tuple[str, ...]
    is_checked: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """`name` stands in addresses: the heading in small letters, with hyphens."""

    name: str
    heading: str
    intro: tuple[str, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Guideline:
    name: str
    title: str
    intro: tuple[str, ...]
    sections: tuple[Section, ...]


_ITEM = re.compile(r"- \*\*(Law|Standard|Our advice)\.\*\* (\S.*\S) \*\((\S.*\S)\)\*")
_SOURCE = re.compile(r"- \*\*([^*]+)\.\*\* (\S.*)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")


def read_guideline(name: str, text: str) -> Guideline:
    """Read a guideline; raises `InputError` naming the line of an item without mark or source."""
    title = ""
    intro: list[str] = []
    sections: list[tuple[str, list[str], list[Statement]]] = []
    for number, block in _blocks(text):
        if block.startswith("# "):
            title = block.removeprefix("# ")
        elif block.startswith("## "):
            sections.append((block.removeprefix("## "), [], []))
        elif block.startswith("- "):
            if not sections:
                raise _refuse(name, number, "stands above the first section")
            sections[-1][2].append(_statement(name, number, block))
        else:
            (sections[-1][1] if sections else intro).append(_plain(block))
    return Guideline(
        name,
        title,
        tuple(intro),
        tuple(
            Section(_named(heading), heading, tuple(said), tuple(statements))
            for heading, said, statements in sections
        ),
    )


def read_sources(text: str) -> dict[str, str]:
    """Read the list of sources: short name to what it is."""
    found = (_SOURCE.fullmatch(block) for _, block in _blocks(text))
    return {each[1]: _plain(each[2]) for each in found if each}


def source_of(cited: str) -> str:
    """The short name of a citation: `GDPR` of `GDPR, Art. 33(2)`."""
    return cited.partition(",")[0].strip()


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Headings, items and paragraphs with the line where each begins; their lines are joined."""
    held: list[str] = []
    first = 0
    for number, line in enumerate(text.splitlines(), start=1):
        starts = not held or line.startswith(("- ", "#")) or held[0].startswith("#")
        if held and (starts or not line.strip()):
            yield first, " ".join(held)
            held = []
        if line.strip():
            first = first if held else number
            held.append(line.strip())
    if held:
        yield first, " ".join(held)


def _statement(name: str, number: int, block: str) -> Statement:
    found = _ITEM.fullmatch(block)
    if not found:
        raise _refuse(name, number, "has no mark or no source")
    cited = [each.strip() for each in found[3].split(";")]
    sources = tuple(each for each in cited if each != UNCHECKED)
    if not sources:
        raise _refuse(name, number, "has no source")
    mark = Mark(found[1].lower())
    return Statement(mark, _plain(found[2]), sources, is_checked=UNCHECKED not in cited)


def _refuse(name: str, number: int, what: str) -> InputError:
    return InputError(
        f"an item of a guideline {what}.",
        place=f"{name}, line {number}",
        rule="- **Law.** text *(source, place)*; or Standard, or Our advice",
        remedy="Mark it, and cite what it rests on.",
    )


def _named(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def _plain(text: str) -> str:
    """Without the marks of Markdown, which the guidelines use for links and emphasis only."""
    return re.sub(r"[*`]|(?<=\W)<(?=https?://)|(?<=\S)>(?=\W|$)", "", _LINK.sub(r"\1", text))
