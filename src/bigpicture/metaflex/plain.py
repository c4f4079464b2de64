"""Read a large document object by object, in bounded memory and without reading the like twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from bigpicture.metaflex.mark import cut, marked
from bigpicture.metaflex.members import WINDOW, Member, NotPlainError
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.recipe import Recipe, recipe
from bigpicture.metaflex.schema import BY_TAG, CONTAINERS
from bigpicture.metaflex.shared import Shared
from bigpicture.metaflex.structure import is_sound_attribute
from bigpicture.metaflex.tree import Element
from bigpicture.model.errors import MetadataError
from bigpicture.model.place import Place

RECIPES = 512
"""Skeletons kept; documents made by a program have a few dozen."""

_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?"
    rb'(?:<\?xml version="1\.0"(?: encoding="(?:UTF|utf)-8")?(?: standalone="yes")?\s*\?>)?'
    rb'\s*(<([A-Z_]+)((?:\s+xmlns:[a-z]+="[^"<&]*")*)\s*>)'
)
_TAG = re.compile(rb"<([A-Z_]+)[\s/>]")
_LONGEST_HEAD = _LONGEST_FOOT = 4096
_LONGEST_TAG = 64
_FORBIDDEN = bytes(each for each in range(32) if each not in b"\t\n\r")
_BLANK = re.compile(rb"[ \t\r\n]*")


def plain_members(stream: BinaryIO, *, name: str, shared: Shared) -> Iterator[Member]:
    """Yield the members of a document as `read_members` does, many times as fast.

    A document is plain if it is UTF-8, its root is a container of MetaFleX without attributes,
    and it has no comments, instructions or marked sections: then every `<` begins a tag, and an
    object ends where its end tag stands. It is well-formed if its skeletons are, which expat
    reads, and its values hold nothing but characters that XML allows. Objects that are sound come
    as their nouns. Raises `NotPlainError` for what is not plain or not well-formed, after members
    before it were given: the other reader tells the place and the remedy.
    """
    reader = _Reader(name, shared)
    while window := stream.read(WINDOW):
        if len(window.translate(None, _FORBIDDEN)) != len(window):
            raise NotPlainError
        yield from reader.take(window)
    yield reader.end()


def _after_blank(data: bytes, at: int) -> int:
    blank = _BLANK.match(data, at)
    return blank.end() if blank else at


@dataclass(slots=True)
class _Reader:
    """Cuts objects out of the bytes that have come, and makes them."""

    name: str
    shared: Shared
    _rest: bytes = b""
    _line: int = 1
    _root_line: int = 0
    _head: bytes = b""
    container: str = ""
    _close: bytes = b""
    _is_closed: bool = False
    _recipes: dict[str, _Known] = field(default_factory=dict[str, "_Known"])

    def take(self, window: bytes) -> Iterator[Member]:
        """Yield the objects that are whole now."""
        data, at = self._rest + window, 0
        if not self._head:
            at = self._root(data)
        while self._head and not self._is_closed:
            start = _after_blank(data, at)
            self._is_closed = data.startswith(self._close, start)
            end = 0 if self._is_closed else self._end(data, start)
            if not end:
                break
            self._line += data.count(b"\n", at, start)
            yield self._object(data[start:end])
            at = end
        self._rest = data[at:]
        if self._is_closed and len(self._rest) > _LONGEST_FOOT:
            raise NotPlainError

    def end(self) -> Member:
        """The container, when all has come."""
        if not self._recipes or not re.fullmatch(rb"\s*%s\s*>\s*" % self._close, self._rest):
            raise NotPlainError
        return Member("", Element(self.container, line=self._root_line))

    def _root(self, data: bytes) -> int:
        """Where the first object may begin; 0 where the root has not come."""
        found = _ROOT.match(data)
        if found is None and len(data) < _LONGEST_HEAD:
            return 0
        if found is None or found[2].decode() not in CONTAINERS:
            raise NotPlainError
        self._head, self.container = found[1], found[2].decode()
        self._close = b"</" + found[2]
        self._line += data.count(b"\n", 0, found.start(1))
        self._root_line = self._line
        self._line += found[1].count(b"\n")
        return found.end()

    def _end(self, data: bytes, start: int) -> int:
        """Where the object ends that starts here; 0 where its end has not come."""
        tag = _TAG.match(data, start)
        if tag is None and len(data) - start < _LONGEST_TAG:
            return 0
        if tag is None or tag[1].decode() not in BY_TAG:
            raise NotPlainError
        opened = data.find(b">", start)
        if opened > 0 and data[opened - 1 : opened] == b"/":
            return opened + 1
        close = b"</" + tag[1] + b">"
        found = data.find(close, start)
        return found + len(close) if found >= 0 else 0

    def _object(self, data: bytes) -> Member:
        line, text = self._line, _text(data)
        pieces = cut(text)
        if pieces is None:
            self._line += text.count("\n")
            return Member(self.container, self._read(text, line))
        skeleton, values = pieces
        known = self._recipes.get(skeleton) or self._know(skeleton, text)
        self._line += known.lines
        if known.recipe is None:
            return Member(self.container, self._read(text, line))
        noun = known.recipe.noun(values, Place(self.name, line))
        if noun is not None:
            return Member(self.container, noun=noun)
        element, is_sound = known.recipe.element(values, line)
        return Member(self.container, element, (), is_sound, partial(known.recipe.learn, values))

    def _know(self, skeleton: str, text: str) -> _Known:
        if len(self._recipes) >= RECIPES:
            self._recipes.clear()
        like = self._read(marked(text), self._line)
        made = recipe(like, line=self._line, is_sound=is_sound_attribute, shared=self.shared)
        known = self._recipes[skeleton] = _Known(made, skeleton.count("\n"))
        return known

    def _read(self, text: str, line: int) -> Element:
        if "<!" in text or "<?" in text:
            raise NotPlainError
        head = _text(self._head).replace("\n", " ")
        whole = f"{head}{text}</{self.container}>".encode()
        try:
            [element] = read_document(whole, name=self.name, line=line).root.children
        except (MetadataError, ValueError) as error:
            raise NotPlainError from error
        if not isinstance(element, Element) or element.tail:
            raise NotPlainError
        return element


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a skeleton: how its objects are made, and over how many lines they go."""

    recipe: Recipe | None
    lines: int


def _text(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise NotPlainError from error
    if "\ufffe" in text or "\uffff" in text:
        raise NotPlainError
    return text
