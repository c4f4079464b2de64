"""A study without the places it was read from: two of them are equal where they say the same."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

from bigpicture.model.place import Place
from bigpicture.model.study import Study

NOWHERE = Place("", 0)


def placeless(value):
    """The same with every place taken out, without findings and what is no object."""
    if isinstance(value, Place):
        return NOWHERE
    if isinstance(value, tuple):
        return tuple(placeless(each) for each in value)
    if isinstance(value, Study):
        value = replace(value, findings=(), unread=(), asides=(), datacite=())
    if not is_dataclass(value):
        return value
    changed = {each.name: placeless(getattr(value, each.name)) for each in fields(value)}
    return replace(value, **changed)
