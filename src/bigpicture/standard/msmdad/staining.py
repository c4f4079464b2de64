"""Staining (MSMdad 12): what holds inside each `STAIN` and in `PROCEDURE_INFORMATION`."""

from __future__ import annotations

from collections.abc import Sequence

from bigpicture.model.attribute import Attribute, find
from bigpicture.model.entity import EntityKind
from bigpicture.model.staining import canonical_method
from bigpicture.standard.rule import CODE_OR_STRING, SET, STRING, Nil, When, rules
from bigpicture.standard.vocabularies import GENE, STAIN, STAIN_METHOD

METHODS = ("chemical", "immunostaining", "in situ hybridization")
COLOURS = ("brown", "red", "black", "teal", "purple", "green", "yellow")


def _method(beside: Sequence[Attribute]) -> str:
    stated = find(beside, "staining_method")
    return canonical_method(stated.text) if stated and stated.text else ""


def _is_targeted(beside: Sequence[Attribute]) -> bool:
    return _method(beside) not in ("", "chemical")


def _has_no_procedure(beside: Sequence[Attribute]) -> bool:
    return find(beside, "staining_procedure") is None


def _has_no_compound(beside: Sequence[Attribute]) -> bool:
    return find(beside, "staining_compound") is None


_TARGETED = When("of a targeted stain", _is_targeted)

STAINING = rules(
    EntityKind.STAINING,
    [
        {
            "number": "12.2.1",
            "path": "staining_compound",
            "types": CODE_OR_STRING,
            "vocabulary": STAIN,
            "when": When("unless staining_procedure is given", _has_no_procedure),
        },
        {
            "number": "12.2.2",
            "path": "staining_target",
            "types": CODE_OR_STRING,
            "vocabulary": GENE,
            "when": _TARGETED,
        },
        {"number": "12.2.3", "path": "staining_method", "types": STRING, "values": METHODS},
        {
            "number": "12.2.4",
            "path": "staining_reporter_type",
            "types": STRING,
            "when": _TARGETED,
        },
        {
            "number": "12.2.5",
            "path": "staining_reporter_color",
            "types": STRING,
            "values": COLOURS,
            "when": _TARGETED,
        },
        {
            "number": "12.2.6",
            "path": "staining_procedure",
            "types": CODE_OR_STRING,
            "vocabulary": STAIN_METHOD,
            "when": When("unless staining_compound is given", _has_no_compound),
        },
        {
            "number": "12.2.7",
            "path": "antibody_information",
            "types": SET,
            "nil": Nil.ALWAYS,
            "when": When("of immunostaining", lambda beside: _method(beside) == METHODS[1]),
        },
        {
            "number": "12.2.7.1",
            "path": "antibody_information/commercial_name",
            "types": STRING,
            "nil": Nil.ALWAYS,
        },
        {
            "number": "12.2.7.2",
            "path": "antibody_information/antibody_vendor",
            "types": STRING,
            "nil": Nil.ALWAYS,
        },
    ],
)
