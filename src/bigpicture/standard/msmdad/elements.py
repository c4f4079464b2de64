"""The rows of MSMdad that are elements of XML: held by the exchange format or by cross-checks."""

from __future__ import annotations

from dataclasses import dataclass

from bigpicture.model.entity import EntityKind
from bigpicture.standard.rule import Audience

FORMAT = "MetaFleX"


@dataclass(frozen=True, slots=True)
class ElementRule:
    """`found_as` is the rule that a finding bears; None of them states a value of its own."""

    number: str
    kind: EntityKind
    tag: str
    asks: str
    found_as: str = FORMAT
    audience: Audience = Audience.EVERYONE


def _alias(number: str, kind: EntityKind) -> ElementRule:
    return ElementRule(number, kind, "@alias", "an alias, once in its class")


def _one(number: str, kind: EntityKind, tag: str, target: str) -> ElementRule:
    return ElementRule(number, kind, tag, f"one reference to a {target}")


_NODE = EntityKind

ELEMENT_RULES: tuple[ElementRule, ...] = (
    _alias("1.1.1", _NODE.DATASET),
    ElementRule(
        "1.1.4",
        _NODE.DATASET,
        "COMPLEMENTS_DATASET_REF",
        "another dataset, by its accession",
        found_as="1.1.4",
    ),
    ElementRule(
        "1.1.5",
        _NODE.DATASET,
        "METADATA_STANDARD",
        "2.0 or 3.0 and a number, such as 2.0.0; all documents of a folder are of that version",
    ),
    ElementRule(
        "BIGPICTURE_NODE",
        _NODE.DATASET,
        "BIGPICTURE_NODE",
        "in 3.0 the node that was agreed for the dataset; 2.0 has none",
    ),
    ElementRule(
        "LANDING_PAGE_REF",
        _NODE.DATASET,
        "LANDING_PAGE_REF",
        "in 3.0 at most one reference to a landing page; 2.0 has none",
    ),
    *(
        ElementRule(number, _NODE.DATASET, tag, f"each {what}", found_as="constraint 5")
        for number, tag, what in (
            ("1.1.9", "IMAGE_REF", "image"),
            ("1.1.10", "OBSERVATION_REF", "observation"),
            ("1.1.11", "ANNOTATION_REF", "annotation"),
        )
    ),
    _alias("2.1.1", _NODE.BEING),
    _alias("3.1.1", _NODE.SPECIMEN),
    _one("3.1.2", _NODE.SPECIMEN, "EXTRACTED_FROM_REF", "biological being"),
    ElementRule(
        "3.1.3",
        _NODE.SPECIMEN,
        "PART_OF_CASE_REF",
        "one reference to a case",
        found_as="3.1.3",
        audience=Audience.CLINICAL,
    ),
    _alias("4.1.1", _NODE.BLOCK),
    ElementRule("4.1.2", _NODE.BLOCK, "SAMPLED_FROM_REF", "references to one or more specimens"),
    _alias("5.1.1", _NODE.SLIDE),
    _one("5.1.2", _NODE.SLIDE, "CREATED_FROM_REF", "block"),
    _one("5.1.3", _NODE.SLIDE, "STAINING_INFORMATION_REF", "staining"),
    _alias("6.1.1", _NODE.IMAGE),
    ElementRule(
        "6.1.2", _NODE.IMAGE, "IMAGE_OF", "references to one or more slides; in 3.0 to one"
    ),
    _alias("7.1.1", _NODE.ANNOTATION),
    _one("7.1.2", _NODE.ANNOTATION, "IMAGE_REF", "image"),
    _alias("9.1.1", _NODE.POLICY),
    _one("9.1.2", _NODE.POLICY, "DATASET_REF", "dataset"),
    ElementRule(
        "9.1.4",
        _NODE.POLICY,
        "type_of_dataset",
        "Non-Clinical/Obscured; Non-Clinical/Cryptonymised; Clinical/Anonymized; "
        "Clinical/Pseudonymized; Clinical/Scrambled",
        found_as="9.1.4",
    ),
    _alias("10.1.1", _NODE.REMS),
    _one("10.1.4", _NODE.REMS, "DATASET_REF", "dataset"),
    _alias("12.1.1", _NODE.STAINING),
    _alias("13.1.1", _NODE.CASE),
    _one("13.1.2", _NODE.CASE, "BIOLOGICAL_BEING_REF", "biological being"),
    _alias("14.1.1", _NODE.OBSERVER),
    _alias("15.1.1", _NODE.OBSERVATION),
    ElementRule(
        "15.1.2",
        _NODE.OBSERVATION,
        "OBSERVER_REF",
        "references to observers that are there",
        found_as="BP-reference",
    ),
    ElementRule(
        "15.1.3",
        _NODE.OBSERVATION,
        "CASE_REF … IMAGE_REF",
        "exactly one reference to what was observed; in 3.0 never an annotation",
    ),
    ElementRule("15.3.1", _NODE.OBSERVATION, "STATEMENT", "one statement"),
    ElementRule(
        "15.3.1.1",
        _NODE.OBSERVATION,
        "STATEMENT_TYPE",
        "Diagnosis; Macroscopic Description; Microscopic Description; Finding",
    ),
    ElementRule("15.3.1.2", _NODE.OBSERVATION, "STATEMENT_STATUS", "Summary; Distinct"),
    ElementRule("15.3.1.3", _NODE.OBSERVATION, "CODE_ATTRIBUTES", "code attributes, or nil"),
    ElementRule("15.3.1.4", _NODE.OBSERVATION, "CUSTOM_ATTRIBUTES", "attributes, or nil"),
    ElementRule("15.3.1.5", _NODE.OBSERVATION, "FREETEXT", "text, or nil"),
    _alias("16.1.1", _NODE.ORGANISATION),
    _one("16.1.5", _NODE.ORGANISATION, "DATASET_REF", "dataset"),
    _alias("17.1.1", _NODE.LANDING_PAGE),
    _one("17.1.2", _NODE.LANDING_PAGE, "DATASET_REF", "dataset"),
    ElementRule("17.1.9", _NODE.LANDING_PAGE, "SAMPLE_IMAGE_FILES", "at most 5 JPEG or PNG"),
)
