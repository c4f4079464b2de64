"""Check: is one DICOM instance clean by the allow-list? The node asks it of every instance.

It trusts no contributor: what our own converter writes passes, and whatever else may be clean is
refused with a reason rather than believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bigpicture.deidentify.finding import Finding
from bigpicture.deidentify.look import look_at
from bigpicture.deidentify.pseudonyms import is_pseudonym
from bigpicture.deidentify.rules import Rule, Section, rules_of
from bigpicture.dicom.code import MODIFIED_DATES
from bigpicture.dicom.header import UNTOLD
from bigpicture.dicom.index import build_index
from bigpicture.dicom.read import Instance, read_instance
from bigpicture.dicom.tiles import open_tiles
from bigpicture.model.errors import SlideError
from bigpicture.model.fluorophore import known_fluorophore
from bigpicture.model.image import Flavour
from bigpicture.model.source import ByteSource

PREAMBLE_BYTES = 128
DUMMY_DAY = "19700101"
_REFUSED_KINDS = frozenset({"LABEL", "LOCALIZER"})
_MUST_BE = {
    "BurnedInAnnotation": "NO",
    "SpecimenLabelInImage": "NO",
    "PatientIdentityRemoved": "YES",
}
_OUR_ROOT = "2.25."
_SPECIMEN_IDENTIFIER = "121041"
"""DCM 121041, Specimen Identifier (PS3.16 TID 8001)."""
_NAMED = frozenset({"PatientName"})
"""Elements that hold a pseudonym, though the source's own value is dropped."""
_SEXES = frozenset({"M", "F", "O"})


def check_instance(source: ByteSource, name: str) -> list[Finding]:
    """What in this instance does not stand on the allow-list; empty where it is clean.

    `name` is how the findings call the file; none repeats a value. Raises `SlideError` where the
    file is no readable whole-slide instance.
    """
    instance = read_instance(source, place=name)
    header = instance.header
    return [
        *_frame_of_file(source, instance, name),
        *check_header(header, name),
        *(_overview(source, name) if instance.flavour is Flavour.OVERVIEW else ()),
    ]


def check_header(header: Any, name: str) -> Iterator[Finding]:  # noqa: ANN401 - a pydicom dataset
    """What in the header of a file, a slide or not, does not stand on the allow-list."""
    yield from _declarations(header, name)
    yield from _elements(getattr(header, "file_meta", None) or [], name, shifted=False)
    yield from _elements(header, name, shifted=_is_shifted(header))
    yield from _texts(header, name)


def _overview(source: ByteSource, name: str) -> Iterator[Finding]:
    """A picture of the glass is clean where nothing is written or stuck on what it shows."""
    for mark in look_at(open_tiles(source, place=name)):
        x, y, width, height = mark.box
        yield Finding(
            f"the overview shows what looks like a {mark.kind}, {width} × {height} pixels.",
            f"{name} pixel {x}, {y}",
            "an overview stays where the detector finds no writing, label or code",
        )


def _frame_of_file(source: ByteSource, instance: Instance, name: str) -> Iterator[Finding]:
    """What no element holds: the preamble, and bytes after the pixel data."""
    if any(source.read(0, PREAMBLE_BYTES)):
        yield Finding(
            "the first 128 bytes are not zero.", f"{name} preamble", "PS3.10 7.1: no hidden file"
        )
    end = end_of_pixels(source, instance)
    if end < source.size:
        yield Finding(
            f"{source.size - end} bytes follow the pixel data.",
            f"{name} byte {end}",
            "the pixel data is the last element",
        )


def end_of_pixels(source: ByteSource, instance: Instance) -> int:
    """The offset after the pixel data element; raises `SlideError` where it is damaged."""
    element = instance.pixel_element
    if element.length >= 0:
        return element.value + element.length
    pairs = build_index(source, instance)
    ends = pairs.offsets + pairs.lengths
    last = pairs.base + int(ends.max()) if len(pairs) else element.value
    last += last % 2
    closed = source.read(last, 8) if last + 8 <= source.size else b""
    if closed[:4] != b"\xfe\xff\xdd\xe0":
        raise SlideError(
            "the pixel data does not end with its delimiter after the last frame.",
            place=instance.place,
            rule="PS3.5 A.4",
            remedy="It is truncated or damaged: copy it again from its origin.",
        )
    return last + 8


def _declarations(header: Any, name: str) -> Iterator[Finding]:  # noqa: ANN401 - a pydicom dataset
    kinds = {str(kind).upper() for kind in header.get("ImageType", None) or []}
    for kind in sorted(kinds & _REFUSED_KINDS):
        yield Finding(
            f"Image Type says {kind}.",
            f"{name} (0008,0008)",
            "images that may show the label are not taken",
        )
    for keyword, wanted in _MUST_BE.items():
        if str(header.get(keyword, "")).strip().upper() != wanted:
            yield Finding(
                f"{keyword} does not say {wanted}.",
                f"{name} {keyword}",
                "PS3.15 E.1.1, PS3.3 C.8.12.4.1",
            )


def _elements(dataset: Any, place: str, *, shifted: bool) -> Iterator[Finding]:  # noqa: ANN401 - a pydicom dataset
    rules = rules_of("dicom")
    for element in dataset:
        where = f"{place} {element.tag} {element.keyword or 'unknown'}"
        if element.tag.is_private:
            yield Finding("a private element is present.", where, "PS3.15 E.1: X")
            continue
        rule = rules.rule(f"DICOM.{element.keyword}")
        assert rule is not None  # the DICOM rules answer for every name
        if element.VR != "SQ":
            problem = _judge(rule, element, shifted=shifted)
            if problem:
                yield Finding(problem, where, rule.reason)
        elif rule.section is Section.DROP and len(element.value):
            yield Finding("a sequence that no rule keeps is present.", where, rule.reason)
        else:
            for number, item in enumerate(element.value):
                yield from _elements(item, f"{where}[{number}]", shifted=shifted)


def _judge(rule: Rule, element: Any, *, shifted: bool) -> str:  # noqa: ANN401 - pydicom's own
    """Why this element is not clean, or nothing."""
    text = _as_text(element.value)
    if not text:
        return ""
    if rule.section is Section.DROP:
        return "an element that no rule keeps has a value."
    if rule.section is Section.PSEUDONYM or element.keyword in _NAMED:
        return _judge_name(text, element.VR)
    if rule.section is Section.DATE:
        return _judge_date(text, element.VR, shifted=shifted)
    if not rule.may_be_written(text):
        return f"the element does not hold a {rule.form}."
    if element.keyword == "OpticalPathDescription" and known_fluorophore(text) != text:
        return "the element names no known fluorophore."
    if element.keyword == "PatientSex" and text not in _SEXES:
        return "the element holds something else than M, F or O."
    return ""


def _judge_name(text: str, representation: str) -> str:
    """A pseudonym of ours has a form that no name has: what has another is not known to be one."""
    if representation == "UI":
        is_ours = all(part.startswith(_OUR_ROOT) for part in text.split("\\"))
        return "" if is_ours else "a unique identifier is not one of ours (2.25.…)."
    return "" if is_pseudonym(text) or text == UNTOLD else "it is none of our pseudonyms."


def _judge_date(text: str, representation: str, *, shifted: bool) -> str:
    if _is_dummy(text, representation):
        return ""
    if not shifted:
        return "a date or time is neither the dummy nor declared as shifted (113107)."
    is_day = _is_midnight(text, representation)
    return "" if is_day else "a shifted time tells more than the day."


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return "bytes" if value.strip(b"\0") else ""
    if isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue":
        return "\\".join(str(part) for part in value)  # pyright: ignore[reportGeneralTypeIssues]
    return str(value).strip()


def _is_dummy(text: str, representation: str) -> bool:
    is_day = representation == "TM" or _digits(text).startswith(DUMMY_DAY)
    return is_day and _is_midnight(text, representation)


def _is_midnight(text: str, representation: str) -> bool:
    time = _digits(text)[0 if representation == "TM" else len(DUMMY_DAY) :]
    return not time.strip("0")


def _digits(text: str) -> str:
    return re.sub(r"[:.\-]", "", text.partition("+")[0])


def _is_shifted(header: Any) -> bool:  # noqa: ANN401 - a pydicom dataset
    """Whether days were shifted, as PS3.15 has it declared: the flag and the method's code."""
    told = str(header.get("LongitudinalTemporalInformationModified", ""))
    codes = {
        str(code.get("CodeValue", ""))
        for code in header.get("DeidentificationMethodCodeSequence", None) or []
    }
    return told == "MODIFIED" and MODIFIED_DATES.code in codes


def _texts(header: Any, name: str) -> Iterator[Finding]:  # noqa: ANN401 - a pydicom dataset
    """The only text among the preparation steps is the identifier of a specimen or block."""
    for specimen in header.get("SpecimenDescriptionSequence", None) or []:
        for step in specimen.get("SpecimenPreparationSequence", None) or []:
            for item in step.get("SpecimenPreparationStepContentItemSequence", None) or []:
                if "TextValue" in item and not _is_identifier(item):
                    yield Finding(
                        "a text among the preparation steps is no identifier of a specimen.",
                        f"{name} (0040,A160) TextValue",
                        "PS3.15: Specimen Preparation Sequence, Z or cleaned",
                    )


def _is_identifier(item: Any) -> bool:  # noqa: ANN401 - a pydicom dataset
    codes = {
        str(code.get("CodeValue", "")) for code in item.get("ConceptNameCodeSequence", None) or []
    }
    return codes == {_SPECIMEN_IDENTIFIER} and is_pseudonym(str(item.TextValue))
