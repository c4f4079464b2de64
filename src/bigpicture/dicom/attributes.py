"""Attributes by their keywords: what DICOM's dictionary says of them, and their JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword

_WHOLE = frozenset({"IS", "SL", "SS", "SV", "UL", "US", "UV"})
_REAL = frozenset({"DS", "FD", "FL"})


def vr_of(keyword: str) -> str:
    """The value representation of an attribute of the dictionary."""
    return dictionary_VR(keyword)


def keyword_of(attribute: str) -> str | None:
    """The keyword of an attribute that is named by it or by its tag, if it is DICOM's."""
    if tag_for_keyword(attribute) is not None:
        return attribute
    try:
        return keyword_for_tag(int(attribute, 16)) or None if len(attribute) == 8 else None
    except ValueError:
        return None


def tell_all(texts: Mapping[str, str]) -> dict[str, Any]:
    """Attributes in the DICOM JSON Model (PS3.18 annex F), in the order of their tags.

    Several values stand in one text, between backslashes.
    """
    return dict(sorted(_tell(keyword, text) for keyword, text in texts.items()))


def _tell(keyword: str, text: str) -> tuple[str, dict[str, Any]]:
    tag = tag_for_keyword(keyword)
    assert tag is not None, keyword
    vr = dictionary_VR(tag)
    values = [_value(vr, each) for each in text.split("\\")] if text else []
    return f"{tag:08X}", {"vr": vr, "Value": values} if values else {"vr": vr}


def _value(vr: str, text: str) -> object:
    if vr == "PN":
        groups = zip(("Alphabetic", "Ideographic", "Phonetic"), text.split("="), strict=False)
        return {name: part for name, part in groups if part}
    if vr in _WHOLE:
        return int(text)
    return float(text) if vr in _REAL else text
