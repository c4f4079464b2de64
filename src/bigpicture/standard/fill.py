"""Fill: what an image leaves out or states wrongly, as the headers of its slide say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bigpicture.metaflex.restate import restated
from bigpicture.metaflex.tree import Document
from bigpicture.model.attribute import Attribute, AttributeType, find_all
from bigpicture.model.entity import EntityKey
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.image_metadata import Image
from bigpicture.model.slide_facts import ImageFacts
from bigpicture.standard.agree import COMPARED, NOT_FILLED, PATH, STEP
from bigpicture.standard.header import HEADER_RULE, says_something
from bigpicture.standard.msmdad.image import IMAGE
from bigpicture.standard.rule import AttributeRule, Nil

_NO_DAY = "1970-01-01"
_RULES: Mapping[str, AttributeRule] = {rule.path: rule for rule in IMAGE}

Filling = Mapping[EntityKey, Sequence[Attribute]]
"""What should be written into which image: all attributes of each tag that changes."""


def filling_of(image: Image, facts: ImageFacts) -> tuple[Attribute, ...]:
    """What should be written into an image; nothing where it says all that it should.

    What is stated as not available where the standard allows it stays so: that is a choice. What
    the standard lets anyone leave out is not added.
    """
    made: list[Attribute] = []
    for tag in dict.fromkeys(each.tag for each in facts.attributes):
        theirs, ours = find_all(image.stated, tag), find_all(facts.attributes, tag)
        merged = list(_merged(theirs, ours, tag))
        if merged != theirs:
            made += merged
    return tuple(made)


def filled(documents: Mapping[str, Document], filling: Filling) -> dict[str, Document]:
    """The documents that change."""
    done = {name: restated(each, filling) for name, each in documents.items()} if filling else {}
    return {name: each for name, each in done.items() if each.root != documents[name].root}


def told_filling(image: Image, filling: Sequence[Attribute]) -> Finding:
    """What a node writes into an image by itself."""
    numbers = {_RULES[each.tag].number: each.tag for each in filling}
    return Finding(
        next(iter(numbers)) if len(numbers) == 1 else HEADER_RULE,
        Severity.REPAIRED,
        image.place,
        f"left out, or not as the slide says: {', '.join(numbers.values())}.",
        "what the header of its slide says",
        "It is published as the slide says it.",
        entity=str(image),
    )


def _merged(
    theirs: Sequence[Attribute], ours: Sequence[Attribute], path: str
) -> Sequence[Attribute]:
    """What is stated under one path, with what the slide says where that is missing or wrong."""
    rule = _RULES.get(path)
    is_optional = rule is not None and rule.nil is Nil.OMITTED
    if not theirs:
        is_untold = path == "acquisition_datetime" and ours[0].text == _NO_DAY
        return () if is_optional or (path in NOT_FILLED and not is_untold) else ours
    if not any(map(says_something, theirs)):
        is_choice = rule is not None and rule.nil is not Nil.NEVER
        return theirs if is_choice or not any(map(says_something, ours)) else ours
    if not any(map(says_something, ours)) or theirs[0].type is not ours[0].type:
        return theirs
    if ours[0].type is not AttributeType.SET:
        return theirs if _agree(theirs, ours, path) else ours
    if path in {PATH, STEP} and len(theirs) != len(ours):
        return ours
    if len(theirs) != len(ours):
        return theirs
    return [
        replace(one, value=_members(one.members, other.members, path))
        for one, other in zip(theirs, ours, strict=True)
    ]


def _members(
    theirs: Sequence[Attribute], ours: Sequence[Attribute], above: str
) -> tuple[Attribute, ...]:
    made: list[Attribute] = []
    tags = dict.fromkeys(each.tag for each in (*theirs, *ours))
    for tag in tags:
        there, here = find_all(theirs, tag), find_all(ours, tag)
        made += _merged(there, here, f"{above}/{tag}") if here else there
    return tuple(made)


def _agree(theirs: Sequence[Attribute], ours: Sequence[Attribute], path: str) -> bool:
    comparison = COMPARED.get(path)
    if comparison is None or not comparison.is_certain:
        return True
    return any(comparison.agrees(one, other) for one in theirs for other in ours)
