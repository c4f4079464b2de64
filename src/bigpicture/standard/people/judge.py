"""Judge every text of a submission: what in it tells who somebody is, and how grave that is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace

from bigpicture.model.finding import Finding, Severity
from bigpicture.model.mask import mask
from bigpicture.model.specimen import Specimen
from bigpicture.model.study import Study
from bigpicture.standard.people.look import look
from bigpicture.standard.people.sighting import Kind, Sighting
from bigpicture.standard.people.texts import Text, Voice, texts

_REMEMBERED = 50_000
"""Texts of which the sightings are kept: most values of a large dataset repeat."""
_EXPECTED: Mapping[Kind, tuple[str, str]] = {
    Kind.NAME: ("no person's name", "Take the name out, or put a pseudonym in its place."),
    Kind.BIRTH: ("no date of birth", "Take it out; state an age interval at extraction instead."),
    Kind.AGE: ("90 years or more as one group", 'Write "90 or over", or P90Y and P30Y.'),
    Kind.NUMBER: ("no number of a national register", "Take it out, or put a pseudonym there."),
    Kind.CONTACT: ("no address of a person", "Take it out, or give a function's generic address."),
}  # fmt: skip
_DOUBT = "Read it: if it is none, leave it as it is; else take it out."
_YEARS = re.compile(r"P(\d+)Y")
_OLDEST = 90
_DECADE = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found, and the stretches of text that no report may repeat."""

    findings: tuple[Finding, ...] = ()
    stretches: frozenset[str] = field(default=frozenset[str]())


@dataclass(slots=True)
class _Tally:
    sightings: int = 0


def judge(study: Study, *, known_tags: Set[str]) -> Judged:
    """Judge every text; `known_tags` are the standard's own, which say nothing of a person."""
    findings: list[Finding] = []
    stretches: set[str] = set()
    remembered: dict[tuple[str, str], tuple[Sighting, ...]] = {}
    tally = _Tally()
    for text in texts(study, known_tags, lambda: tally.sightings):
        key = (text.context, text.text)
        seen = None if text.is_label else remembered.get(key)
        if seen is None:
            seen = _look(text)
            if not text.is_label:
                if len(remembered) >= _REMEMBERED:
                    remembered.clear()
                remembered[key] = seen
        tally.sightings += len(seen)
        for sighting in seen:
            stretches.add(sighting.of(text.text))
            findings.extend(_finding(text, sighting))
    findings.extend(_great_ages(study))
    return Judged(tuple(findings), frozenset(stretches))


def _look(text: Text) -> tuple[Sighting, ...]:
    """Look at a text behind its context; what is seen in the context alone is left out."""
    if not text.context:
        return look(text.text, is_label=text.is_label)
    ahead = len(text.context)
    seen = look(text.context + text.text, is_label=text.is_label)
    return tuple(
        replace(each, start=max(0, each.start - ahead), end=each.end - ahead)
        for each in seen
        if each.end > ahead
    )


def _finding(text: Text, seen: Sighting) -> Iterator[Finding]:
    severity = _severity(seen, text.voice)
    if severity is None:
        return
    expected, remedy = _EXPECTED[seen.kind]
    what = f"{text.where} holds what looks like {seen.label}: {mask(seen.of(text.text))}."
    yield Finding(
        seen.kind,
        severity,
        text.place,
        what,
        expected,
        remedy if severity is Severity.ERROR or seen.is_sure else _DOUBT,
        entity=str(text.entity) if text.entity else "",
    )


def _severity(seen: Sighting, voice: Voice) -> Severity | None:
    """None where what is seen is at home there: authors, vendors, institutes."""
    if seen.kind is Kind.NAME:
        if voice is Voice.CITED or (voice is Voice.BODY and not seen.is_sure):
            return None
        is_makers = voice is not Voice.RECORD and not seen.is_labelled
        return Severity.WARNING if is_makers or not seen.is_sure else Severity.ERROR
    if seen.kind is Kind.CONTACT and voice is Voice.CITED:
        return None
    graves = {Kind.BIRTH, Kind.NUMBER}
    return Severity.ERROR if seen.is_sure and seen.kind in graves else Severity.WARNING


def _great_ages(study: Study) -> Iterator[Finding]:
    """Ages above 89 at extraction that are stated more exactly than by the decade."""
    policy = study.terms[0].policy if study.terms else None
    if policy is None or not policy.dataset_type.is_clinical:
        return
    for specimen in study.specimens:
        if _is_great(specimen):
            expected, remedy = _EXPECTED[Kind.AGE]
            what = "the age at extraction is above 89 and stated exactly."
            yield Finding(
                Kind.AGE,
                Severity.WARNING,
                specimen.place,
                what,
                expected,
                remedy,
                entity=str(specimen),
            )


def _is_great(specimen: Specimen) -> bool:
    start, length = (_YEARS.match(each or "") for each in (specimen.age_start, specimen.age_length))
    if start is None or int(start[1][:4]) < _OLDEST:
        return False
    return length is None or int(length[1][:4]) < _DECADE
