"""Check what each object states against the attribute rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bigpicture.model.attribute import Attribute, find, find_all
from bigpicture.model.code import Code
from bigpicture.model.entity import Entity, EntityKind
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.observation import Observation
from bigpicture.model.place import Place
from bigpicture.model.scheme import canonical_scheme
from bigpicture.model.staining import Staining, canonical_method
from bigpicture.model.study import Study
from bigpicture.standard.rules import (
    ATTRIBUTE_RULES,
    CODE,
    FIELD_RULES,
    STAIN_RULES,
    AttributeRule,
    Audience,
    Nil,
)

_NOT_AVAILABLE = frozenset({"n/a", "na", "unknown", ""})


def check_attributes(study: Study) -> Iterator[Finding]:
    """Yield missing, mistyped and unknown values, and spellings that were read as another."""
    audience = _audience(study)
    by_kind = _grouped(rule for rule in ATTRIBUTE_RULES if _binds(rule, audience))
    for entity in study.entities:
        yield from _fields(entity)
        rules = by_kind.get(entity.kind, ())
        yield from _stated(entity, entity.stated, rules, audience=audience)
        if isinstance(entity, Staining):
            for part in entity.parts:
                yield from _stated(entity, part, STAIN_RULES, audience=audience)
                yield from _schemes(entity, part)
            yield from _staining(entity)
        if isinstance(entity, Observation):
            yield from _schemes(entity, (*entity.coded, *entity.custom))
        yield from _schemes(entity, entity.stated)
    for specimen in study.specimens:
        yield from _site(specimen, audience)
        if audience == Audience.CLINICAL and specimen.case is None:
            yield _missing(specimen, "3.1.3", "PART_OF_CASE_REF")


def _audience(study: Study) -> Audience:
    """Whom the rules bind here; everyone's only where the type of dataset cannot be read."""
    policy = study.terms[0].policy if study.terms else None
    if policy is None:
        return Audience.EVERYONE
    return Audience.CLINICAL if policy.dataset_type.is_clinical else Audience.NON_CLINICAL


def _binds(rule: AttributeRule, audience: Audience) -> bool:
    return rule.audience in {Audience.EVERYONE, audience}


def _grouped(rules: Iterable[AttributeRule]) -> Mapping[EntityKind, list[AttributeRule]]:
    grouped: dict[EntityKind, list[AttributeRule]] = {}
    for rule in rules:
        grouped.setdefault(rule.kind, []).append(rule)
    return grouped


def _stated(
    entity: Entity,
    stated: Sequence[Attribute],
    rules: Iterable[AttributeRule],
    *,
    audience: Audience,
) -> Iterator[Finding]:
    for rule in rules:
        *above, tag = rule.path
        sets = [each.members for each in find_all(stated, *above)] if above else []
        scopes = [members for members in sets if members] if above else [stated]
        for scope in scopes:
            found = find_all(scope, tag)
            if not found and rule.nil != Nil.OMITTED:
                yield _missing(
                    entity, rule.number, tag, expected=_expected(rule), severity=rule.severity
                )
            for attribute in found:
                yield from _value(entity, rule, attribute, audience)


def _value(
    entity: Entity, rule: AttributeRule, attribute: Attribute, audience: Audience
) -> Iterator[Finding]:
    if attribute.type not in rule.types:
        yield _at(
            entity,
            attribute,
            rule,
            f"{attribute.tag} is a {attribute.type}.",
            "a " + " or ".join(rule.types),
        )
    elif attribute.value is None:
        may_be_nil = rule.nil in {Nil.ALWAYS, Nil.OMITTED} or (
            rule.nil == Nil.IF_CLINICAL and audience != Audience.NON_CLINICAL
        )
        if not may_be_nil:
            yield _at(entity, attribute, rule, f"{attribute.tag} is nil.", "a value")
    elif rule.values and isinstance(attribute.value, str) and not _is_in(rule, attribute.value):
        yield _at(
            entity,
            attribute,
            rule,
            f"{attribute.tag} is {attribute.value[:40]!r}.",
            "one of " + "; ".join(rule.values),
        )


def _is_in(rule: AttributeRule, text: str) -> bool:
    if rule.nil != Nil.NEVER and text.lower() in _NOT_AVAILABLE:
        return True
    return text in rule.values or canonical_method(text) in rule.values


def _fields(entity: Entity) -> Iterator[Finding]:
    for rule in FIELD_RULES:
        if rule.kind == entity.kind and not re.fullmatch(
            rule.pattern, str(getattr(entity, rule.field)), re.ASCII if r"\d" in rule.pattern else 0
        ):
            yield Finding(
                rule.number,
                rule.severity,
                entity.place,
                f"the {rule.field.replace('_', ' ')} does not fit.",
                rule.expected,
                "Correct it.",
                entity=str(entity),
            )


def _staining(staining: Staining) -> Iterator[Finding]:
    """What is stained with what: spellings of old releases, and what targeted stains need."""
    for part in staining.parts:
        method = find(part, "staining_method")
        if method and method.text and canonical_method(method.text) != method.text:
            yield Finding(
                "12.2.3",
                Severity.REPAIRED,
                Place(staining.place.file, method.line),
                f"staining_method is {method.text[:40]!r}.",
                canonical_method(method.text),
                "It is read as release 2.0 spells it.",
                entity=str(staining),
            )
        if not find(part, "staining_procedure") and not find(part, "staining_compound"):
            yield _missing(staining, "12.2.1", "staining_compound or staining_procedure")
        is_targeted = method and method.text and canonical_method(method.text) != "chemical"
        if is_targeted and not find(part, "staining_target"):
            yield _missing(staining, "12.2.2", "staining_target")


def _site(specimen: Entity, audience: Audience) -> Iterator[Finding]:
    """3.3.1: one site, or a list of them (3.3.2) where specimens cannot be split by organ."""
    sites = [
        *find_all(specimen.stated, "anatomical_site"),
        *find_all(specimen.stated, "anatomical_site_list", "anatomical_site"),
    ]
    if not sites:
        yield _missing(specimen, "3.3.1", "anatomical_site")
    rule = AttributeRule(
        "3.3.1", EntityKind.SPECIMEN, ("anatomical_site",), CODE, nil=Nil.IF_CLINICAL
    )
    for site in sites:
        yield from _value(specimen, rule, site, audience)


def _schemes(entity: Entity, stated: Iterable[Attribute]) -> Iterator[Finding]:
    for attribute in stated:
        if isinstance(attribute.value, Code):
            written = attribute.value.scheme
            if canonical_scheme(written) != written:
                yield Finding(
                    "BP-scheme",
                    Severity.REPAIRED,
                    Place(entity.place.file, attribute.line),
                    f"SCHEME is {written[:40]!r}.",
                    canonical_scheme(written),
                    "It is read as the usual spelling.",
                    entity=str(entity),
                )
        yield from _schemes(entity, attribute.members)


def _missing(
    entity: Entity,
    number: str,
    tag: str,
    *,
    expected: str = "present",
    severity: Severity = Severity.WARNING,
) -> Finding:
    return Finding(
        number,
        severity,
        entity.place,
        f"{tag} is missing.",
        expected,
        "Add it.",
        entity=str(entity),
    )


def _expected(rule: AttributeRule) -> str:
    kind = " or ".join(f"{each} attribute" for each in rule.types)
    values = f": {'; '.join(rule.values)}" if rule.values else ""
    nil = {Nil.ALWAYS: ", may be nil", Nil.IF_CLINICAL: ", may be nil if clinical"}
    return f"{kind}{values}{nil.get(rule.nil, '')}"


def _at(
    entity: Entity, attribute: Attribute, rule: AttributeRule, what: str, expected: str
) -> Finding:
    return Finding(
        rule.number,
        rule.severity,
        Place(entity.place.file, attribute.line),
        what,
        expected,
        "Correct it.",
        entity=str(entity),
    )
