"""What the objects of a submission have in common, kept once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bigpicture.metaflex.reference import read_alias
from bigpicture.metaflex.traits import traits_of
from bigpicture.model.attribute import Attribute
from bigpicture.model.entity import EntityKind
from bigpicture.model.identifiers import Alias

_LISTS = 4096
"""Lists of attributes kept to be shared; where there are more, they are rather all different."""

Stated: TypeAlias = tuple[tuple[Attribute, ...], Mapping[str, Any]]
"""Attributes, and the fields of their noun that follow from them."""


@dataclass(slots=True)
class Shared:
    """Aliases, and lists of the very same attributes."""

    _names: dict[str, Alias] = field(default_factory=dict[str, Alias])
    _lists: dict[tuple[EntityKind | int, ...], Stated] = field(
        default_factory=dict[tuple[EntityKind | int, ...], Stated]
    )

    def alias(self, written: str) -> Alias | None:
        """The alias, or None where what is written is none."""
        known = self._names.get(written)
        if known is None:
            known = read_alias(written)
            if known is not None:
                self._names[known] = known
        return known

    def name(self, written: str) -> str:
        """The alias that is referred to, as written where it is none."""
        return self._names.get(written) or self.alias(written) or written

    def stated(self, kind: EntityKind, attributes: tuple[Attribute, ...]) -> Stated:
        """The list itself, or the one before it of the very same attributes."""
        key = (kind, *map(id, attributes))
        found = self._lists.get(key)
        if found is None:
            if len(self._lists) >= _LISTS:
                self._lists.clear()
            found = self._lists[key] = (attributes, traits_of(kind, attributes))
        return found
