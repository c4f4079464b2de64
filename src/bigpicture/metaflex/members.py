"""Read a document that is too large to hold, one element of its container after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

from bigpicture.metaflex.read import Reader, broken, unknown_encoding
from bigpicture.metaflex.schema import CONTAINERS
from bigpicture.metaflex.tree import Comment, Element, Instruction
from bigpicture.model.entity import Entity

LARGE = 4 << 20
"""Documents of more bytes are read this way."""

WINDOW = 1 << 20
"""Bytes read at once."""


class NotPlainError(Exception):
    """The document has something in it that must be read in another way."""


_NOTHING = Element("")


@dataclass(frozen=True, slots=True)
class Member:
    """An element and the name of the container that holds it; the container itself comes last."""

    container: str
    element: Element = _NOTHING
    asides: tuple[Comment | Instruction, ...] = ()
    """The document's comments and instructions, with its container."""
    is_sound: bool = False
    """Whether it is known already that nothing in it departs from the schema."""
    learn: Callable[[], None] | None = None
    """Who finds it sound calls this, so that the like need not be checked again."""
    noun: Entity | None = None
    """What it is, where that is known already and nothing in it is to be checked: no element."""

    @property
    def is_container(self) -> bool:
        return not self.container


def read_members(stream: BinaryIO, *, name: str) -> Iterator[Member]:
    """Yield the members of a document of any form, then the container without them.

    Comments among members are left out. Raises `MetadataError` as `read_document` does, after the
    members before that place were given; `NotPlainError` where the root is no container.
    """
    elements: list[Element] = []
    reader = Reader(name, members=elements)
    container, above, window = "", 0, b"first"
    while window:
        window = stream.read(WINDOW)
        try:
            reader.parser.Parse(window, not window)
        except expat.ExpatError as error:
            raise broken(name, window, error, above=above) from None
        except (ValueError, LookupError) as error:
            raise unknown_encoding(name) from error
        above += window.count(b"\n")
        container = container or reader.root_tag
        if container and container not in CONTAINERS:
            raise NotPlainError
        for element in elements:
            yield Member(container, element)
        elements.clear()
    document = reader.document()
    yield Member("", document.root, document.asides)
