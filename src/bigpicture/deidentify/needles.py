"""The needles: every identifying string of a source, which no output may contain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bigpicture.deidentify.rules import rules_of
from bigpicture.model.allowance import Action, Field

SHORTEST_WORD = 4
SHORTEST_NUMBER = 5
"""Shorter ones stand everywhere by chance; the allow-list, not the search, keeps them out."""
LONGEST = 256
DUMMY_YEAR = 1970

STOP_WORDS = frozenset(
    [
        "rgb",
        "jpeg",
        "tiff",
        "aperio",
        "leica",
        "hamamatsu",
        "philips",
        "ventana",
        "roche",
        "zeiss",
        "olympus",
        "3dhistech",
        "dicom",
        "slide",
        "label",
        "macro",
        "overview",
        "thumbnail",
        "volume",
        "original",
        "derived",
        "primary",
        "none",
        "resampled",
        "localizer",
        "unknown",
        "normal",
        "brightfield",
        "bright",
        "field",
        "fluorescence",
        "microscope",
        "microscopy",
        "transmission",
        "illumination",
        "full",
        "spectrum",
        "auto",
        "automatic",
        "tiled_full",
        "tiled_sparse",
        "3d",
        "mm",
        "um",
        "micrometer",
        "micrometre",
        "millimeter",
        "image",
        "library",
        "anonymous",
        "anonymized",
        "pseudonymized",
        "true",
        "false",
        "yes",
        "identity",
        "iso_ir",
        "192",
        "utf-8",
        "tissue",
        "stain",
        "staining",
        "specimen",
        "block",
        "section",
        "biopsy",
        "scanner",
        "srgb",
        "color",
        "colour",
        "profile",
        "uint8",
        "inch",
        "centimeter",
        "source",
        "not told",
        "http",
        "https",
    ]
)
"""Words of the field that a header carries for every slide; nobody is known by them."""

_BETWEEN = re.compile(r"[|;,=\n\r\t\0^\\/]+")
_NUMBER_WITHIN = re.compile(r"(?<![\w.])[A-Za-z]{0,4}-?\d{6,}(?![\w.])")
_DECIMAL = re.compile(r"[-+]?\d*\.?\d+(?:e[-+]?\d+)?", re.IGNORECASE)
_DUMMY_DATE = re.compile(r"1970-?01-?01[T0:.Z+]*")
"""What stands for a date that is not told (MetaFleX), with a time of zeros or none."""
_DATE_FORMS = ("%Y%m%d", "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%m/%d/%y",
               "%Y:%m:%d", "%d-%m-%Y", "%d %b %Y", "%b %d %Y", "%d/%m/%y", "%d.%m.%y")  # fmt: skip
_WRITTEN_FORMS = ("%Y%m%d", "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y")


_JUDGED_BY_KEY = {
    "aperio-svs": frozenset({"TIFF.ImageDescription"}),
    "ome-tiff": frozenset({"TIFF.ImageDescription"}),
    "akoya-qptiff": frozenset({"TIFF.ImageDescription"}),
    "ventana-bif": frozenset({"TIFF.ImageDescription", "TIFF.XMP"}),
}
"""Fields whose parts are fields of their own, with rules of their own."""
_CODES = frozenset({"DICOM.CodeMeaning", "DICOM.CodeValue", "DICOM.LongCodeValue"})
"""Kept only where their sequence is: what they say in a dropped one is no excuse."""


@dataclass(frozen=True, slots=True)
class Needle:
    """A string to search for; `source` names the field it came from, for the report."""

    text: str
    source: str

    @property
    def is_number(self) -> bool:
        return self.text.isdigit()


def needles_of(
    slide_format: str,
    fields: Iterable[Field],
    *,
    stem: str = "",
    vouched: Iterable[str] = (),
    aliases: Iterable[str] = (),
) -> list[Needle]:
    """The identifying strings of a slide, each once.

    These are the values of all fields that no rule keeps, the parts they are made of, other ways
    to write their dates, and `stem`, the name of the file. Left out is what is too short, what
    everybody's slide says, what a kept field says in the same words (a part also where a kept
    field says more), and what stands in a `vouched` text (the meanings of codes that the caller
    gives). `aliases` are names the
    contributor publishes for this slide: a file may be named after them, but a field of the
    header that repeats them is still a leak.
    """
    rules = rules_of(slide_format)
    listed = list(fields)
    judged_by_key = _JUDGED_BY_KEY.get(slide_format, frozenset())
    legitimate = {
        field.value.strip().casefold()
        for field in listed
        if rules.get(field.name) is Action.KEEP and field.name not in _CODES
    }
    spoken = " ".join(text.casefold() for text in vouched)
    kept_words = " ".join(legitimate)
    found: dict[str, Needle] = {}

    def add(text: str, source: str, *, is_part: bool) -> None:
        folded = text.casefold()
        known = f"{spoken} {kept_words}" if is_part else spoken
        if is_telling(text) and folded not in legitimate and not _is_spoken(folded, known):
            found.setdefault(folded, Needle(text, source))

    for field in listed:
        action = rules.get(field.name)
        if action is Action.KEEP:
            continue
        add(_whole(field.value), field.name, is_part=False)
        if field.name not in judged_by_key:
            for text in _parts(field.value):
                add(text, field.name, is_part=True)
        if action is Action.DATE:
            for text in _written_dates(field.value):
                add(text, field.name, is_part=False)
    named = {alias.casefold() for alias in aliases}
    if stem.casefold() not in named:
        add(stem, "the name of the file", is_part=False)
    return list(found.values())


def _is_spoken(folded: str, spoken: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(folded)}(?!\w)", spoken) is not None


def is_telling(text: str) -> bool:
    """Whether finding this string would tell something about the source."""
    if text.casefold() in STOP_WORDS or len(text) > LONGEST or _DUMMY_DATE.fullmatch(text):
        return False
    if _DECIMAL.fullmatch(text):
        digits = text.lstrip("+-0.").replace(".", "")
        return len(digits.rstrip("0")) >= SHORTEST_NUMBER or (
            text.isdigit() and len(text) >= SHORTEST_NUMBER and len(set(text)) > 1
        )
    return sum(letter.isalnum() for letter in text) >= SHORTEST_WORD


def _whole(value: str) -> str:
    """The value; of a long text the beginning stands for the whole."""
    whole = value.strip("\0 \r\n\t")
    return whole if len(whole) <= LONGEST else whole[:64].strip()


def _parts(value: str) -> Iterator[str]:
    whole = value.strip("\0 \r\n\t")
    for part in _BETWEEN.split(whole):
        yield part.strip(" :")
    yield from _NUMBER_WITHIN.findall(whole)


def _written_dates(value: str) -> Iterator[str]:
    """A date in the ways others write it. The dummy of 1970 is everybody's date."""
    text = value.strip("\0 \r\n\t")
    for form in _DATE_FORMS:
        for candidate in (text, text.split(" ")[0], text.split("T")[0], text[:8], text[:10]):
            try:
                day = datetime.strptime(candidate, form)  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
            if day.year > DUMMY_YEAR:
                yield from (day.strftime(written) for written in _WRITTEN_FORMS)
