"""A field of the table that describes a dataset as a whole: a name and what may stand there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bigpicture.standard.form import TEXT, Form
from bigpicture.standard.rule import Audience


class Step(StrEnum):
    """A step of choosing the terms of use, in the order in which people ask."""

    DATA = "data"
    ACCESS = "access"
    USES = "uses"
    LIMITS = "limits"
    RETURN = "return"
    HOUSE = "house"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. `default` is taken where nothing is said; `many` values stand apart by `;`."""

    name: str
    heading: str
    help: str
    example: str = ""
    audience: Audience | None = None
    """Whom it is required of; None where nobody needs it."""
    values: tuple[str, ...] = ()
    form: Form = TEXT
    default: str = ""
    many: bool = False
    other_names: tuple[str, ...] = ()
    step: Step | None = None
    """Of the wizard that leads through the terms of use; None for what is no term."""

    def is_required(self, audience: Audience) -> bool:
        return self.audience in (Audience.EVERYONE, audience)
