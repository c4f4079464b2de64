"""A rule of MSMdad as data: what a class of the standard must state, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bigpicture.model.attribute import Attribute, AttributeType
from bigpicture.model.entity import EntityKind
from bigpicture.model.finding import Severity
from bigpicture.standard.form import Form
from bigpicture.standard.vocabulary import Vocabulary


class Audience(StrEnum):
    """Whom a rule binds."""

    EVERYONE = "E"
    CLINICAL = "C"
    NON_CLINICAL = "N"


class Nil(StrEnum):
    """Whether "not available" may be said."""

    NEVER = "never"
    IF_CLINICAL = "if clinical"
    ALWAYS = "always"
    OMITTED = "omitted"
    """The attribute may be left out altogether."""

    def allows(self, audience: Audience) -> bool:
        if self is Nil.IF_CLINICAL:
            return audience is not Audience.NON_CLINICAL
        return self is not Nil.NEVER


@dataclass(frozen=True, slots=True)
class When:
    """A condition on what stands beside an attribute; `text` says it to a person."""

    text: str
    holds: Callable[[Sequence[Attribute]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeRule:
    """One row of MSMdad.

    `path` leads through sets (`pixel_spacing/vertical`); what an absent set should hold is not
    reported beside it. The attribute must be there `when` says so, if anything does; what is there
    is judged in any case. `vocabulary` is of codes, `values` and `form` of text, `units` of
    measurements. One that does not `repeat` stands once in its set.
    """

    number: str
    kind: EntityKind
    path: str
    types: tuple[AttributeType, ...]
    audience: Audience = Audience.EVERYONE
    nil: Nil = Nil.NEVER
    values: tuple[str, ...] = ()
    vocabulary: Vocabulary | None = None
    form: Form | None = None
    units: tuple[str, ...] = ()
    when: When | None = None
    repeats: bool = False
    severity: Severity = Severity.WARNING

    @property
    def tag(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    def binds(self, audience: Audience) -> bool:
        """Whether it holds for a dataset of that context."""
        return self.audience in (Audience.EVERYONE, audience)

    @property
    def expected(self) -> str:
        """What should stand there, in words."""
        kinds = " or ".join(f"{each} attribute" for each in self.types)
        of = [
            f": {'; '.join(self.values)}" if self.values else "",
            f": {self.form.text}" if self.form else "",
            f", {self.vocabulary.text}" if self.vocabulary else "",
            f", in {' or '.join(self.units)}" if self.units else "",
        ]
        nil = {
            Nil.ALWAYS: ", may be nil",
            Nil.IF_CLINICAL: ", may be nil if clinical",
            Nil.OMITTED: ", may be left out",
        }
        when = f", {self.when.text}" if self.when else ""
        return kinds + "".join(of) + nil.get(self.nil, "") + when


def rules(kind: EntityKind, rows: Iterable[dict[str, object]]) -> tuple[AttributeRule, ...]:
    """Make the rules of one class."""
    return tuple(AttributeRule(kind=kind, **row) for row in rows)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class FieldRule:
    """A rule on an element of its own; `field` is the noun's, `pattern` must match all of it."""

    number: str
    kind: EntityKind
    field: str
    pattern: str
    expected: str
    severity: Severity = Severity.WARNING


ANY_TAG = "*"
"""In a path: whatever tag a member has."""

STRING = (AttributeType.STRING,)
NUMERIC = (AttributeType.NUMERIC,)
MEASUREMENT = (AttributeType.MEASUREMENT,)
CODE = (AttributeType.CODE,)
SET = (AttributeType.SET,)
CODE_OR_STRING = (AttributeType.CODE, AttributeType.STRING)
TRUTH = ("True", "False")
