"""A column: what a cell under it means, and whether a dataset can do without it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bigpicture.model.entity import EntityKind
from bigpicture.standard.rule import AttributeRule, Audience, Nil
from bigpicture.standard.rules import ATTRIBUTE_RULES, STAIN_RULES
from bigpicture.standard.vocabulary import Vocabulary


class ColumnKind(StrEnum):
    IDENTIFIER = "identifier"
    """A local name, which leaves the site as a pseudonym only."""
    TERM = "term"
    """A word of a vocabulary, of a closed list, or a local one that the mapping file knows."""
    NUMBER = "number"
    TEXT = "text"
    """Free words, carried over as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`rule` is the standard's row that the column fills, if it fills one; `also` binds it further.

    `values` are a closed list, where there is one. A `sheet` of an entity has the columns of its
    `entity`.
    """

    name: str
    heading: str
    help: str
    example: str = ""
    animal_example: str = ""
    entity: EntityKind
    kind: ColumnKind
    rule: AttributeRule | None = None
    own_values: tuple[str, ...] = ()
    required: Audience | None = None
    """Whom the sheet cannot do without it, beyond what the rule says."""
    other_names: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        return self.own_values or (self.rule.values if self.rule else ())

    @property
    def vocabulary(self) -> Vocabulary | None:
        return self.rule.vocabulary if self.rule else None

    @property
    def is_identifying(self) -> bool:
        """Whether its cells are never repeated in a finding."""
        return self.kind in (ColumnKind.IDENTIFIER, ColumnKind.TEXT)

    def is_required(self, audience: Audience) -> bool:
        """Whether each entity needs a value, which may be N/A where `may_be_unknown`."""
        if self.required is not None:
            return self.required in (Audience.EVERYONE, audience)
        rule = self.rule
        if rule is None or rule.when is not None or not rule.binds(audience):
            return False
        return rule.nil is not Nil.OMITTED and not rule.nil.allows(audience)

    def is_used(self, audience: Audience) -> bool:
        """Whether the column says anything in datasets of that context."""
        return self.rule is None or self.rule.binds(audience)

    def may_be_unknown(self, audience: Audience) -> bool:
        """Whether N/A may stand there."""
        return self.rule is None or self.rule.nil.allows(audience)


def rule_at(kind: EntityKind, path: str) -> AttributeRule:
    """The standard's row of a path, of a class or of a stain."""
    rows = STAIN_RULES if kind is EntityKind.STAINING else ATTRIBUTE_RULES
    return next(each for each in rows if each.kind == kind and each.path == path)
