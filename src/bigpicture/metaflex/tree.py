"""The lossless tree of an exchange document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

XSI = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True, slots=True)
class Element:
    """One element, names as written (prefixes included).

    `text` is what stands before the first child, `tail` what follows the element; both are empty
    where they were only layout. `namespaces` are the declarations made here (prefix, address) that
    were not in force already. `line` takes no part in equality.
    """

    tag: str
    text: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Node, ...] = ()
    namespaces: tuple[tuple[str, str], ...] = ()
    tail: str = ""
    line: int = field(default=0, compare=False)
    is_nil: bool = False
    """Says `xsi:nil="true"`: the value is not available."""

    def get(self, name: str) -> str | None:
        """Return an attribute's value, or None where it is absent."""
        for key, value in self.attributes:
            if key == name:
                return value
        return None

    @property
    def elements(self) -> Sequence[Element]:
        """The child elements, without comments and instructions."""
        return [child for child in self.children if isinstance(child, Element)]

    def child(self, tag: str) -> Element | None:
        """Return the first child element of that name."""
        for child in self.children:
            if isinstance(child, Element) and child.tag == tag:
                return child
        return None

    def all(self, tag: str) -> list[Element]:
        """Return every child element of that name."""
        return [each for each in self.children if isinstance(each, Element) and each.tag == tag]


@dataclass(frozen=True, slots=True)
class Comment:
    text: str
    tail: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Instruction:
    """A processing instruction."""

    target: str
    text: str
    tail: str = ""
    line: int = field(default=0, compare=False)


Node: TypeAlias = "Element | Comment | Instruction"


@dataclass(frozen=True, slots=True)
class Document:
    """One XML file. `name` is its path in the dataset folder and takes no part in equality.

    `before` and `after` are the comments and instructions around the root. `asides` are all that
    were met while it was read, wherever they stand; they take no part in equality either.
    """

    name: str = field(compare=False)
    root: Element
    before: tuple[Comment | Instruction, ...] = ()
    after: tuple[Comment | Instruction, ...] = ()
    asides: tuple[Comment | Instruction, ...] = field(default=(), compare=False)
