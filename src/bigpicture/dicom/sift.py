"""Sifts the fields of a source through the allow-list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bigpicture.dicom.slide import VendorSlide
from bigpicture.dicom.subject import Subject
from bigpicture.model.allowance import Action, AllowList
from bigpicture.model.errors import SlideError

_NUMBER = re.compile(r"\d{3,}")
_TAG = re.compile(r"[A-Za-z]+\.\d{1,5}")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Removal:
    """Something of the source that the output does not have as it was; never its value."""

    place: str
    name: str
    action: Action


def told_name(name: str, known: Iterable[str] = ()) -> str:
    """A field's name as an error may repeat it: where a name was damaged it may end in its value.

    After a `known` name and a blank nothing is told, for a value of words looks like a name. Runs
    of three digits or more become #, but for the number of a tag (TIFF.65421).
    """
    cut = max((each for each in known if name.startswith(f"{each} ")), key=len, default="")
    if cut:
        return f"{cut} with more behind it"
    return name if _TAG.fullmatch(name) else _NUMBER.sub("#", name)[:_LONGEST]


def sift(
    slide: VendorSlide, allowed: AllowList, subject: Subject
) -> tuple[Mapping[str, str], tuple[Removal, ...]]:
    """Values that may go on, by field name (the first of a name wins), and what was removed.

    Pseudonyms take the value's place here. Dates never go on: the header's come from `subject`.
    Raises `SlideError` on the first field without a rule: what is not known may identify.
    """
    if allowed.format != slide.format:
        raise SlideError(
            f"the allow-list is for {allowed.format}, the slide is {slide.format}.",
            place=slide.place,
        )
    kept: dict[str, str] = {}
    removed: list[Removal] = []
    for field in slide.fields:
        action = allowed.action_for(field)
        if action is None:
            raise SlideError(
                f"it carries {told_name(field.name, allowed.actions)}, for which there is no rule.",
                place=field.place,
                rule="only what a rule names may pass",
                remedy="Add a rule for it to the tables of allowed fields, or remove it.",
            )
        if action is Action.KEEP:
            kept.setdefault(field.name, field.value)
            continue
        if action is Action.PSEUDONYM and subject.pseudonym and field.value.strip():
            domain = allowed.domain(field.name)
            kept.setdefault(field.name, subject.pseudonym(domain, field.value.strip()))
        removed.append(Removal(field.place, field.name, action))
    return kept, tuple(removed)
