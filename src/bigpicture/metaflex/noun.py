"""How a noun is made of an object's values alone, without its elements.

A noun is read once, by the reader of all nouns (`entities.py`), of an object with marks in the
place of its values: where a mark is found in it, there belongs the value of the next object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from operator import itemgetter
from typing import Any, TypeAlias, cast

from bigpicture.metaflex.attributes import TYPES
from bigpicture.metaflex.entities import read_entity
from bigpicture.metaflex.known import KnownAttribute
from bigpicture.metaflex.mark import slot_of
from bigpicture.metaflex.reference import data_file
from bigpicture.metaflex.schema import BY_TAG
from bigpicture.metaflex.shared import Shared
from bigpicture.metaflex.stated import MakeAttribute, NotSoundError, Stated, Values
from bigpicture.metaflex.traits import traits_of
from bigpicture.metaflex.tree import Element
from bigpicture.model.attribute import Attribute
from bigpicture.model.data_file import DataFile
from bigpicture.model.entity import Entity, EntityKind, Reference
from bigpicture.model.place import Place

MakeNoun: TypeAlias = Callable[[Values, Place], Entity]
_Fill: TypeAlias = Callable[[Values, Place], Any]
"""Values and the object's place to what stands in one field."""

_MANY = frozenset(
    {
        EntityKind.BEING,
        EntityKind.CASE,
        EntityKind.SPECIMEN,
        EntityKind.BLOCK,
        EntityKind.SLIDE,
        EntityKind.STAINING,
        EntityKind.IMAGE,
        EntityKind.ANNOTATION,
        EntityKind.OBSERVATION,
        EntityKind.OBSERVER,
    }
)
"""Kinds of which there may be many. Their fields are as written, or follow by `traits_of`."""


def noun(element: Element, *, line: int, wanted: Iterable[int], shared: Shared) -> MakeNoun | None:
    """Return how to make the noun of a sound object like this one, whose values are marks.

    `wanted` are the values that a noun has. None where it cannot be made so: each of them and each
    attribute has to be found again, once. It raises `NotSoundError` where a value cannot
    be what should stand there.
    """
    alias = slot_of(element.get("alias") or "")
    if alias is None or element.tag not in BY_TAG or BY_TAG[element.tag].kind not in _MANY:
        return None
    stated = Stated(line)
    caster = _Caster(shared)
    try:
        like = read_entity(caster.numbered(element, stated), name="", shared=Shared())
    except NotSoundError:
        return None
    if like is None:
        return None
    make = caster.noun(like, alias)
    found = sorted([alias, *stated.used, *caster.used])
    if found != sorted(wanted) or sorted(caster.numbers) != list(range(len(caster.attributes))):
        return None
    return make


class _Caster:
    """Finds the marks of values and the numbers of attributes in a noun."""

    def __init__(self, shared: Shared) -> None:
        self.used: list[int] = []
        self.numbers: list[int] = []
        self.attributes: list[MakeAttribute] = []
        self._shared = shared

    def numbered(self, element: Element, stated: Stated) -> Element:
        """The object under another alias, with a number in the place of each attribute."""
        return replace(self._below(element, stated), attributes=(("alias", "any"),))

    def _below(self, element: Element, stated: Stated) -> Element:
        if element.tag not in TYPES:
            below = tuple(self._below(each, stated) for each in element.elements)
            return replace(element, children=below)
        read = Attribute(str(len(self.attributes)), TYPES[element.tag], None)
        self.attributes.append(stated.attribute(element))
        return KnownAttribute(element.tag, line=element.line, read=read, is_sound=True)

    def noun(self, like: Entity, alias: int) -> MakeNoun:
        kind, of, shared = like.kind, type(like), self._shared
        stated = self._list(like.stated)
        told = {"alias", "place", "stated", *traits_of(kind, ())}
        fills = {
            each.name: self._fill(getattr(like, each.name))
            for each in fields(like)
            if each.name not in told
        }
        others = tuple(fills.items())

        def make(values: Values, place: Place) -> Entity:
            own = shared.alias(values[alias])
            if own is None:
                raise NotSoundError
            attributes, traits = shared.stated(kind, stated(values, place))
            return of(
                alias=own,
                place=place,
                stated=attributes,
                **traits,
                **{name: fill(values, place) for name, fill in others},
            )

        return make

    def _fill(self, value: object) -> _Fill:
        match value:
            case str():
                text = self._text(value)
                return lambda values, _: text(values).strip()
            case Reference():
                return self._reference(value)
            case DataFile():
                return self._file(value)
            case (Attribute(), *_):
                return self._list(cast("tuple[Attribute, ...]", value))
            case (_, *_):
                fills = [self._fill(each) for each in value]
                return lambda values, place: tuple([fill(values, place) for fill in fills])
            case _:
                return lambda *_: value

    def _text(self, text: str) -> Callable[[Values], str]:
        slot = slot_of(text)
        if slot is None:
            return lambda _: text
        self.used.append(slot)
        return itemgetter(slot)

    def _reference(self, like: Reference) -> _Fill:
        kind, accession, below = like.kind, like.accession, like.below
        alias, name = self._text(like.alias), self._shared.name
        return lambda values, place: Reference(kind, name(alias(values)), accession, place, below)

    def _file(self, like: DataFile) -> _Fill:
        filename, checksum = self._text(like.filename), self._text(like.checksum)
        unencrypted, filetype = self._text(like.unencrypted_checksum), self._text(like.filetype)
        below = like.below
        return lambda values, place: data_file(
            filename(values), checksum(values), unencrypted(values), filetype(values), place, below
        )

    def _list(self, like: Iterable[Attribute]) -> _Fill:
        numbers = [int(each.tag) for each in like]
        self.numbers += numbers
        makes = [self.attributes[number] for number in numbers]
        return lambda values, _: tuple([make(values) for make in makes])
