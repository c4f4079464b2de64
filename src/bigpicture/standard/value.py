"""One value against its rule: the words, the form, the unit, the code."""

from __future__ import annotations

from dataclasses import replace

from bigpicture.model.attribute import Attribute, Measurement
from bigpicture.model.code import Code
from bigpicture.model.scheme import canonical_scheme
from bigpicture.model.staining import canonical_method
from bigpicture.model.units import canonical_unit
from bigpicture.standard.rule import AttributeRule, Nil
from bigpicture.standard.vocabulary import Problem

_NOT_AVAILABLE = frozenset({"n/a", "na", "unknown", ""})
_SHOWN = 40


def problem_of(attribute: Attribute, rule: AttributeRule) -> Problem | None:
    """What is wrong with a value that is there and of the right type; None if nothing is."""
    match attribute.value:
        case Code() as code:
            return _of_code(code, rule)
        case Measurement(value=number, units=units):
            if rule.units and canonical_unit(units) not in rule.units:
                told = f"{rule.tag} is in {units[:_SHOWN]!r}."
                return told, " or ".join(rule.units)
            return _of_text(format(number, "f"), rule)
        case None | tuple():
            return None
        case value:
            return _of_text(value if isinstance(value, str) else format(value, "f"), rule)


def _of_text(text: str, rule: AttributeRule) -> Problem | None:
    if rule.nil is not Nil.NEVER and text.strip().lower() in _NOT_AVAILABLE:
        return None
    if rule.values and text not in rule.values and canonical_method(text) not in rule.values:
        return f"{rule.tag} is {text[:_SHOWN]!r}.", "one of " + "; ".join(rule.values)
    if rule.form is not None and not rule.form.fits(text):
        return f"{rule.tag} is {text[:_SHOWN]!r}.", rule.form.text
    if not text.strip():
        return f"{rule.tag} is empty.", rule.expected
    return None


def _of_code(code: Code, rule: AttributeRule) -> Problem | None:
    if rule.vocabulary is None:
        return None
    usual = replace(code, scheme=canonical_scheme(code.scheme))
    found = rule.vocabulary.problem(usual)
    return None if found is None else (f"{rule.tag}: {found[0]}", found[1])
