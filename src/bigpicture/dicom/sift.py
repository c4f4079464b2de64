"""Sifts the fields of a source through the allow-list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bigpicture.dicom.slide import VendorSlide
from bigpicture.dicom.subject import Subject
from bigpicture.model.allowance import Action, AllowList
from bigpicture.model.errors import SlideError


@dataclass(frozen=True, slots=True)
class Removal:
    """Something of the source that the output does not have as it was; never its value."""

    place: str
    name: str
    action: Action


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
        action = allowed.action(field.name)
        if action is None:
            raise SlideError(
                f"it carries {_told(field.name, allowed)}, for which there is no rule.",
                place=field.place,
                rule="only what a rule names may pass",
                remedy="Add a rule for it to the tables of allowed fields, or remove it.",
            )
        if action is Action.KEEP:
            kept.setdefault(field.name, field.value)
            continue
        if action is Action.PSEUDONYM and subject.pseudonym and field.value:
            kept.setdefault(field.name, subject.pseudonym(field.name, field.value))
        removed.append(Removal(field.place, field.name, action))
    return kept, tuple(removed)


def _told(name: str, allowed: AllowList) -> str:
    """A field's name without what may be a value: damage can run a value into the name before it.

    Names of tags are numbers of the standard, not the file's own words, and told as they are.
    """
    known = max((each for each in allowed.actions if name.startswith(each)), key=len, default="")
    if known:
        return f"{known} with more behind it"
    return name if name.startswith(("DICOM.", "TIFF.")) else re.sub(r"\d{3,}", "…", name)[:80]
