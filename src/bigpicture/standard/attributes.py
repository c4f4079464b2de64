"""Check what each object states against the attribute rules."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence

from bigpicture.model.attribute import Attribute, Measurement, find
from bigpicture.model.code import Code
from bigpicture.model.entity import Entity
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.observation import Observation
from bigpicture.model.scheme import canonical_scheme
from bigpicture.model.staining import Staining, canonical_method
from bigpicture.model.study import Study
from bigpicture.model.units import canonical_unit
from bigpicture.standard.rule import ANY_TAG, AttributeRule, Audience, Nil
from bigpicture.standard.rules import FIELD_RULES, Node, Scope, scopes
from bigpicture.standard.site_terms import NO_TERMS, SiteTerms
from bigpicture.standard.tags import meant_by
from bigpicture.standard.value import problem_of

_FIELDS = {
    kind: tuple(rule for rule in FIELD_RULES if rule.kind == kind)
    for kind in {rule.kind for rule in FIELD_RULES}
}


def check_attributes(study: Study, terms: SiteTerms = NO_TERMS) -> Iterator[Finding]:
    """Yield missing, mistyped and unknown values, and spellings that were read as another.

    The `terms` of a site count beside those that the standard names.
    """
    audience = _audience(study)
    by_kind = scopes(audience, terms)
    sound, usual, right = _Sound(), _Sound(), _Sound()
    for entity in study.entities:
        yield from _fields(entity)
        scope = by_kind.get(entity.kind, _NO_RULES)
        if isinstance(entity, Staining):
            for part in entity.parts:
                yield from _stated(entity, part, scope, audience)
                yield from _schemes(entity, part)
            yield from _methods(entity)
        elif (id(entity.stated), id(scope)) not in right:
            findings = list(_stated(entity, entity.stated, scope, audience, sound=sound))
            yield from findings
            if not findings:
                right.add((id(entity.stated), id(scope)))
        if isinstance(entity, Observation):
            yield from _schemes(entity, (*entity.coded, *entity.custom), usual=usual)
        yield from _schemes(entity, entity.stated, usual=usual)
    if audience is Audience.CLINICAL:
        for specimen in study.specimens:
            if specimen.case is None:
                yield _missing(specimen, "3.1.3", "PART_OF_CASE_REF", "present")


def _audience(study: Study) -> Audience:
    """Whom the rules bind here; everyone's only where the type of dataset cannot be read."""
    policy = study.terms[0].policy if study.terms else None
    if policy is None:
        return Audience.EVERYONE
    return Audience.CLINICAL if policy.dataset_type.is_clinical else Audience.NON_CLINICAL


_NO_RULES: Scope = {}
_REMEMBERED = 20_000
"""What is right is remembered up to this; beyond, things are rather all different."""


class _Sound(set[Hashable]):
    """What nothing is wrong with, and what it was judged by, as addresses.

    The objects of a large document share what they state alike (`metaflex.shared`): it is judged
    once.
    """

    def add(self, element: Hashable, /) -> None:
        if len(self) < _REMEMBERED:
            super().add(element)


def _stated(
    entity: Entity,
    stated: Sequence[Attribute],
    scope: Scope,
    audience: Audience,
    *,
    sound: _Sound | None = None,
) -> Iterator[Finding]:
    """Judge what stands in one set, then what is missing from it."""
    seen: dict[str, int] = {}
    of_any_tag = scope.get(ANY_TAG)
    for attribute in stated:
        node = scope.get(attribute.tag, of_any_tag)
        if node is None:
            meant = meant_by(attribute.tag, scope)
            if meant is not None:
                seen[meant] = seen.get(meant, 0) + 1  # said once is enough
                yield _misspelled(entity, attribute, scope[meant].rule)
            continue
        times = seen[attribute.tag] = seen.get(attribute.tag, 0) + 1
        if times == 2 and not node.rule.repeats:
            yield _repeated(entity, attribute, node.rule)
        key = (id(attribute), id(node))
        if sound is None or key not in sound:
            findings = list(_value(entity, attribute, node, audience))
            yield from findings
            if sound is not None and not findings:
                sound.add(key)
    for tag, node in scope.items():
        rule = node.rule
        if tag in seen or rule.nil is Nil.OMITTED:
            continue
        if rule.when is None or rule.when.holds(stated):
            yield _missing(entity, rule.number, tag, rule.expected, severity=rule.severity)


def _value(
    entity: Entity, attribute: Attribute, node: Node, audience: Audience
) -> Iterator[Finding]:
    rule = node.rule
    if attribute.type not in rule.types:
        what, expected = f"{rule.tag} is a {attribute.type}.", "a " + " or ".join(rule.types)
        yield _at(entity, attribute, rule, what, expected)
    elif attribute.value is None:
        if not rule.nil.allows(audience):
            yield _at(entity, attribute, rule, f"{rule.tag} is nil.", "a value")
    elif node.members:
        yield from _stated(entity, attribute.members, node.members, audience)
    else:
        problem = problem_of(attribute, rule)
        if problem is not None:
            yield _at(entity, attribute, rule, *problem)
        elif isinstance(attribute.value, Measurement):
            yield from _unit(entity, attribute, attribute.value.units)


def _fields(entity: Entity) -> Iterator[Finding]:
    for rule in _FIELDS.get(entity.kind, ()):
        value = getattr(entity, rule.field)
        values = value if isinstance(value, tuple) else (value or "",)
        flags = re.ASCII if r"\d" in rule.pattern else 0
        if not values or any(re.fullmatch(rule.pattern, str(one), flags) is None for one in values):
            yield Finding(
                rule.number,
                rule.severity,
                entity.place,
                f"the {rule.field.replace('_', ' ')} does not fit.",
                rule.expected,
                "Correct it.",
                entity=str(entity),
            )


def _methods(staining: Staining) -> Iterator[Finding]:
    """Spellings of old releases."""
    for part in staining.parts:
        method = find(part, "staining_method")
        if method and method.text and canonical_method(method.text) != method.text:
            yield Finding(
                "12.2.3",
                Severity.REPAIRED,
                staining.place_of(method),
                f"staining_method is {method.text[:40]!r}.",
                canonical_method(method.text),
                "It is read as release 2.0 spells it.",
                entity=str(staining),
            )


def _schemes(
    entity: Entity, stated: Iterable[Attribute], *, usual: _Sound | None = None
) -> Iterator[Finding]:
    for attribute in stated:
        if usual is not None:
            key = id(attribute)
            if key not in usual:
                findings = list(_schemes(entity, (attribute,)))
                yield from findings
                if not findings:
                    usual.add(key)
            continue
        if isinstance(attribute.value, Code):
            written = attribute.value.scheme
            if canonical_scheme(written) != written:
                yield Finding(
                    "BP-scheme",
                    Severity.REPAIRED,
                    entity.place_of(attribute),
                    f"SCHEME is {written[:40]!r}.",
                    canonical_scheme(written),
                    "It is read as the usual spelling.",
                    entity=str(entity),
                )
        yield from _schemes(entity, attribute.members)


def _unit(entity: Entity, attribute: Attribute, written: str) -> Iterator[Finding]:
    if canonical_unit(written) != written:
        yield Finding(
            "BP-unit",
            Severity.REPAIRED,
            entity.place_of(attribute),
            f"UNITS is {written[:40]!r}.",
            canonical_unit(written),
            "It is read as the standard spells it.",
            entity=str(entity),
        )


def _misspelled(entity: Entity, attribute: Attribute, rule: AttributeRule) -> Finding:
    return Finding(
        "BP-tag",
        Severity.WARNING,
        entity.place_of(attribute),
        f"the standard has no tag {attribute.tag[:60]!r}.",
        f"{rule.tag} ({rule.number})",
        "Rename the tag, so that the value is found.",
        entity=str(entity),
    )


def _repeated(entity: Entity, attribute: Attribute, rule: AttributeRule) -> Finding:
    return _at(entity, attribute, rule, f"{rule.tag} is stated more than once.", "one of it")


def _missing(
    entity: Entity,
    number: str,
    tag: str,
    expected: str,
    *,
    severity: Severity = Severity.WARNING,
) -> Finding:
    what = f"{tag} is missing."
    return Finding(number, severity, entity.place, what, expected, "Add it.", entity=str(entity))


def _at(
    entity: Entity, attribute: Attribute, rule: AttributeRule, what: str, expected: str
) -> Finding:
    place = entity.place_of(attribute)
    return Finding(
        rule.number, rule.severity, place, what, expected, "Correct it.", entity=str(entity)
    )
