"""Header: what an image's metadata state, against what the headers of its slide say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bigpicture.model.attribute import Attribute, AttributeType, find_all
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.image_metadata import Image
from bigpicture.model.slide_facts import ImageFacts
from bigpicture.standard.agree import COMPARED, PATH, STEP
from bigpicture.standard.msmdad.image import IMAGE

HEADER_RULE = "BP-header"
_NUMBERS = {rule.path: rule.number for rule in IMAGE}
_EXTENDED = "extended_depth_of_field"
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Difference:
    """`stated` is an attribute of an image that means something else than the slide `said`."""

    path: str
    stated: Attribute
    said: str
    is_certain: bool = True

    @property
    def number(self) -> str:
        return _NUMBERS[self.path]


def check_header(image: Image, facts: ImageFacts) -> Iterator[Finding]:
    """Yield where the metadata of an image and the headers of its slide contradict each other.

    What either leaves out, or calls not available, is no contradiction.
    """
    yield from (_finding(image, each) for each in contradictions(image.stated, facts))


def contradictions(stated: Sequence[Attribute], facts: ImageFacts) -> Iterator[Difference]:
    """Yield what is stated otherwise than the slide says."""
    yield from _differences(stated, facts.attributes, "")
    yield from _planes(stated, facts)


def _differences(
    stated: Sequence[Attribute], said: Sequence[Attribute], above: str
) -> Iterator[Difference]:
    for tag in dict.fromkeys(each.tag for each in said):
        path = f"{above}/{tag}" if above else tag
        theirs = [each for each in find_all(stated, tag) if says_something(each)]
        ours = [each for each in find_all(said, tag) if says_something(each)]
        if theirs and ours:
            yield from _of_one_tag(theirs, ours, path)


def _of_one_tag(
    theirs: Sequence[Attribute], ours: Sequence[Attribute], path: str
) -> Iterator[Difference]:
    if path in {PATH, STEP} and len(theirs) != len(ours):
        yield Difference(path, theirs[0], f"{len(ours)} of them, where {len(theirs)} are stated")
        return
    if ours[0].type is AttributeType.SET:
        for one, other in zip(theirs, ours, strict=False):
            yield from _differences(one.members, other.members, path)
        return
    comparison = COMPARED.get(path)
    if comparison is None or theirs[0].type is not ours[0].type:
        return
    if not any(comparison.agrees(one, other) for one in theirs for other in ours):
        told = "another" if comparison.masked else repr(shown(ours[0]))
        yield Difference(path, theirs[0], told, comparison.is_certain)


def _planes(stated: Sequence[Attribute], facts: ImageFacts) -> Iterator[Difference]:
    """Focal planes that were merged into one, or lie one over the other, where none are told."""
    if any(says_something(each) for each in find_all(facts.attributes, _EXTENDED)):
        return
    for planes in find_all(stated, _EXTENDED, "number_of_focal_planes"):
        if planes.number is not None and planes.number != facts.focal_planes:
            told = f"'{facts.focal_planes}'" if facts.focal_planes > 1 else "one plane, not merged"
            yield Difference(f"{_EXTENDED}/number_of_focal_planes", planes, told, False)


def says_something(attribute: Attribute) -> bool:
    """Whether it is neither nil nor a word for "not available"."""
    if attribute.value is None:
        return False
    return (attribute.text or "").strip().lower() not in {"", "n/a", "na", "unknown"} or bool(
        attribute.members
    )


def shown(attribute: Attribute) -> str:
    """A value as a message shows it."""
    text = attribute.text or ""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _finding(image: Image, difference: Difference) -> Finding:
    tag = difference.path.rsplit("/", 1)[-1]
    stated = repr(shown(difference.stated)) if difference.stated.text else "something else"
    remedy = (
        "If the files are those of this slide, let `bigpicture validate --fix` write what they say."
        if difference.is_certain
        else "See which of the two is right, and correct it."
    )
    return Finding(
        difference.number,
        Severity.WARNING,
        image.place_of(difference.stated),
        f"{tag} is stated as {stated}, and the slide says otherwise.",
        f"{difference.said}, as the slide's header says",
        remedy,
        entity=str(image),
    )
