"""Explain: what each rule that a finding may name asks for, in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bigpicture.model.entity import EntityKind
from bigpicture.standard.msmdad.elements import ELEMENT_RULES
from bigpicture.standard.rule import Audience
from bigpicture.standard.rules import ATTRIBUTE_RULES, FIELD_RULES, STAIN_RULES


@dataclass(frozen=True, slots=True)
class Explained:
    """One rule; `where` is the class and the tag, `found_as` the name its findings bear."""

    number: str
    where: str
    asks: str
    binds: str = ""
    found_as: str = ""


_BINDS: Mapping[Audience, str] = {
    Audience.EVERYONE: "",
    Audience.CLINICAL: "clinical",
    Audience.NON_CLINICAL: "non-clinical",
}

CROSS_CHECKS: Mapping[str, str] = {
    "constraint 1": "Exactly one dataset, policy, organisation, REMS entry and landing page; at "
    "least one image, slide, staining, block, specimen, biological being and observation.",
    "constraint 5": "The dataset refers to each image, annotation and observation.",
    "constraint 7": "Each observer is named by an observation.",
    "MetaFleX": "The XML holds what the exchange format says, in its order.",
    "XML": "The document is well-formed XML without a document type declaration.",
    "BP-access-tier": "access_tier, where it is stated, is open, registered, controlled or "
    "compute-only.",
    "BP-policy": "A policy does not contradict itself: pseudonymised clinical data are not open, "
    "and indirect access and a permit of the EHDS, which has a number, are compute-only.",
    "BP-data-use": "data_use, where it is stated, holds codes of DUO, one permission among them, "
    "each with its values.",
    "BP-alias": "An alias is given once in its class.",
    "BP-reference": "A reference leads to an object of the submission.",
    "BP-same-being": "A specimen and its case are of one biological being.",
    "BP-scheme": "A coding scheme bears its usual name.",
    "BP-tag": "A tag is spelled as the standard spells it.",
    "BP-unit": "A unit is spelled as the standard spells it.",
    "BP-companion-alias": "A row of a companion table is about an entity of the submission.",
    "BP-companion-category": "A cell of a category holds one that its dictionary declares.",
    "BP-companion-column": "The columns of a companion table are those that its dictionary "
    "declares, each once.",
    "BP-companion-date": "No companion table holds a calendar date to the day.",
    "BP-companion-dictionary": "A dictionary says of each column what it means, of which type it "
    "is, how it was established, and what stands for no value.",
    "BP-companion-file": "COMPANIONS holds tables, each with its dictionary, and nothing else.",
    "BP-companion-encoding": "A companion table or dictionary is UTF-8.",
    "BP-companion-form": "A companion table is CSV, or Parquet of plain columns, and of bounded "
    "size.",
    "BP-companion-key": "An entity has one row in a companion table.",
    "BP-companion-missing": "What stands for no value is declared, with why there is none.",
    "BP-companion-range": "A number lies within the range that its dictionary declares.",
    "BP-companion-rare": "Beings share what companion tables tell of them with at least four "
    "others.",
    "BP-companion-text": "Free text in a companion table is read by a person before it leaves.",
    "BP-companion-type": "A cell is of the type that its dictionary declares.",
    "BP-companion-unit": "A number has a unit of UCUM.",
    "BP-checksum": "A file has the SHA-256 that is listed.",
    "BP-file-empty": "A listed file has content.",
    "BP-file-ignored": "Nothing stands beside the files of the standard.",
    "BP-file-missing": "A listed file is in the folder.",
    "BP-file-once": "A file is listed by one object.",
    "BP-file-unlisted": "A file in IMAGES, ANNOTATIONS or LANDING_PAGE is listed.",
    "BP-header": "The files of an image are whole-slide images, and their headers say what is "
    "stated; what contradicts a row bears the row's number.",
    "BP-duplicate": "Each slide is there once: no other image, here or published, has its pixels.",
    "BP-name": "No text, alias or file name holds a person's name.",
    "BP-birth-date": "No text holds a date of birth.",
    "BP-age": "An age above 89 is not stated to the year.",
    "BP-national-number": "No text holds a number by which a country knows a person.",
    "BP-contact": "No text holds a person's e-mail address, telephone number or street.",
    "BP-k-anonymity": "Of a clinical dataset, at least five beings share each combination of age, "
    "anatomical site, diagnosis, sex and centre.",
    "5.4.17": "PRIVATE/datacite.xml, where there is one, is a record of DataCite kernel 4.5 and "
    "says what the dataset says.",
    "BP-mapping": "A word of the site's own is decided in the mapping file, once and readably.",
    "BP-table": "A table that describes a dataset says each thing once, where it is looked for.",
    "BP-path": "A path means the same on every machine, and stays inside the folder.",
    "BP-path-case": "No two paths differ only in case or in the form of their accents.",
}
"""Rules that are no row of the standard: its constraints, its format, and ours."""


def explained() -> Iterator[Explained]:
    """Yield every rule: the rows of the standard in its order, then the others."""
    rows = [*_of_attributes(), *_of_fields(), *_of_elements()]
    yield from sorted(rows, key=lambda each: _natural(each.number))
    for name, asks in CROSS_CHECKS.items():
        yield Explained(name, "", asks, found_as=name)


def asks_for(rule: str) -> str:
    """What the rule that a finding names asks for; empty where nobody knows it."""
    return next(
        (
            f"{each.where}: {each.asks}".removeprefix(": ")
            for each in explained()
            if each.found_as == rule
        ),
        "",
    )


def _of_attributes() -> Iterator[Explained]:
    for rule in (*ATTRIBUTE_RULES, *STAIN_RULES):
        where = f"{_label(rule.kind)}, {rule.path.replace('/', ' / ')}"
        yield Explained(rule.number, where, rule.expected, _BINDS[rule.audience], rule.number)


def _of_fields() -> Iterator[Explained]:
    for rule in FIELD_RULES:
        where = f"{_label(rule.kind)}, {rule.field.replace('_', ' ')}"
        yield Explained(rule.number, where, rule.expected, found_as=rule.number)


def _of_elements() -> Iterator[Explained]:
    for rule in ELEMENT_RULES:
        where = f"{_label(rule.kind)}, {rule.tag}"
        yield Explained(rule.number, where, rule.asks, _BINDS[rule.audience], rule.found_as)


def _label(kind: EntityKind) -> str:
    return "biological being" if kind == EntityKind.BEING else kind.label


def _natural(number: str) -> list[tuple[int, str]]:
    """6.2.9 before 6.2.10, words after numbers."""
    return [(int(part), "") if part.isdigit() else (10**6, part) for part in number.split(".")]
