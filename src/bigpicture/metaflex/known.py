"""An attribute's element that is read and checked already, shared by all who state the same."""

from __future__ import annotations

from dataclasses import dataclass, field

from bigpicture.metaflex.tree import Element
from bigpicture.model.attribute import Attribute


@dataclass(frozen=True, slots=True)
class KnownAttribute(Element):
    """`line` and the lines of what it holds are those of the first object that stated it."""

    read: Attribute = field(kw_only=True, compare=False)
    is_sound: bool = field(kw_only=True, compare=False)
    """Whether nothing in it departs from the schema."""
