"""An allow-list: what may stay when a slide is converted; the seam between pixels and privacy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

DEVICE = "device"
"""The domain of pseudonyms of scanners."""


class Action(StrEnum):
    """What happens to a field of the source."""

    KEEP = "keep"
    DROP = "drop"
    PSEUDONYM = "pseudonym"
    """Replaced by a keyed HMAC; the key never leaves the site."""
    DATE = "date"
    """Replaced by the standard's 1970-01-01, or shifted."""


@dataclass(frozen=True, slots=True)
class Field:
    """One piece of metadata found in a source.

    `place` is where in the file (`IFD 0 ImageDescription`, `(0010,0010)`), `name` the field's own
    name as the rules know it, `value` its text. A value never goes into a log or a report.
    """

    place: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class AllowList:
    """The action for each field name of one format. A name that is absent has no rule.

    `devices` are the fields that name a scanner: the same serial number gets the same pseudonym
    in whichever of them, and in whichever format, it stands. `forms` tell of some fields that are
    kept whether a value may be: another one is dropped.
    """

    format: str
    actions: Mapping[str, Action]
    devices: frozenset[str] = frozenset()
    forms: Mapping[str, Callable[[str], bool]] = field(
        default_factory=dict[str, Callable[[str], bool]]
    )

    def action(self, name: str) -> Action | None:
        """The action for `name`, or None where no rule names it (the caller stops the slide)."""
        return self.actions.get(name)

    def action_for(self, found: Field) -> Action | None:
        """The action for a field with its value."""
        action = self.action(found.name)
        fits = self.forms.get(found.name)
        is_kept = action is not Action.KEEP or fits is None or fits(found.value)
        return action if is_kept else Action.DROP

    def domain(self, name: str) -> str:
        """The domain of pseudonyms that the values of this field belong to."""
        return DEVICE if name in self.devices else name
