"""The needles: every identifying string of a source, which no output may contain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from bigpicture.deidentify.common_words import GENERIC_NAMES, STOP_WORDS
from bigpicture.deidentify.forms import joined_names, other_forms, split_days, split_over
from bigpicture.deidentify.moments import days_in, moments_in, written
from bigpicture.deidentify.rules import rules_of
from bigpicture.model.allowance import Action, Field

SHORTEST_WORD = 4
SHORTEST_NUMBER = 5
"""Shorter ones stand everywhere by chance; the allow-list, not the search, keeps them out."""
LONGEST = 256

_BETWEEN = re.compile(r"[|;,=\n\r\t\0^\\/]+")
_NUMBER_WITHIN = re.compile(r"(?<![\w.])[A-Za-z]{0,4}-?\d{6,}(?![\w.])")
_DECIMAL = re.compile(r"[-+]?\d*\.?\d+(?:e[-+]?\d+)?", re.IGNORECASE)
_DUMMY_DATE = re.compile(r"1970-?01-?01[T0:.Z+]*")
"""What stands for a date that is not told (MetaFleX), with a time of zeros or none."""
_NUMERIC = re.compile(r"[-+\d][\d.,:/ '_-]*", re.ASCII)
_FULL_YEAR = re.compile(
    r"(?<!\d)(?:18|19|20)\d\d(?!\d)|^(?:19|20)\d{6}(?:\d{4,6}(?:\.\d+)?)?$", re.ASCII
)

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
    """A string to search for; `source` names the field it came from, for the report.

    A day written as ISO 8601 stands for all ways to write it.
    """

    text: str
    source: str

    @property
    def is_number(self) -> bool:
        return _NUMERIC.fullmatch(self.text) is not None


def needles_of(
    slide_format: str,
    fields: Iterable[Field],
    *,
    stem: str = "",
    names: Iterable[str] = (),
    barcodes: Iterable[str] = (),
    vouched: Iterable[str] = (),
    aliases: Iterable[str] = (),
) -> list[Needle]:
    """The identifying strings of a slide, each once.

    These are the values of all fields that no rule keeps, the parts they are made of, what they
    say together with the field beside them, other ways to write their dates, names and numbers,
    `stem`, the name of the file, `names`, those of its folders and of the files beside it, and the
    texts of its `barcodes`. Left out is what is too short, what everybody's slide says, what a
    kept field says in the same words (a part also where a kept field says more), and what stands
    in a `vouched` text (the meanings of codes that the caller gives). `aliases` are names the
    contributor publishes for this slide: a file may be named after them, but a field of the
    header that repeats them is still a leak.
    """
    collecting = _Collecting(slide_format, list(fields), list(vouched))
    collecting.add_fields()
    collecting.add_neighbours()
    for text in barcodes:
        collecting.add_all(text, "a barcode")
    named = {alias.casefold() for alias in aliases}
    if stem.casefold() not in named:
        collecting.add_all(stem, "the name of the file")
    for name in names:
        if name.casefold() not in named and name.casefold() not in GENERIC_NAMES:
            collecting.add(name, "the name of a folder", is_part=True)
    return list(collecting.found.values())


class _Collecting:
    """The needles of one slide as they come together; of equal ones the first."""

    def __init__(self, slide_format: str, fields: list[Field], vouched: list[str]) -> None:
        rules = rules_of(slide_format)
        found = [(field, rules.rule_for(field)) for field in fields]
        actions = [(field, rule.action if rule else None) for field, rule in found]
        kept = [
            field.value.strip().casefold()
            for field, action in actions
            if action is Action.KEEP and field.name not in _CODES
        ]
        self.fields = [(field, action) for field, action in actions if action is not Action.KEEP]
        self.judged_by_key = _JUDGED_BY_KEY.get(slide_format, frozenset())
        self.legitimate = frozenset(kept)
        self.spoken = " ".join(text.casefold() for text in vouched)
        self.kept_words = " ".join(dict.fromkeys(kept))
        self.found: dict[str, Needle] = {}

    def add(self, text: str, source: str, *, is_part: bool) -> None:
        folded = text.casefold()
        if folded in self.found or folded in self.legitimate or not is_telling(text):
            return
        known = f"{self.spoken} {self.kept_words}" if is_part else self.spoken
        if not _is_spoken(folded, known):
            self.found[folded] = Needle(text, source)

    def add_all(self, text: str, source: str) -> None:
        """A text, and the other ways to write it and the days that it names."""
        self.add(_whole(text), source, is_part=False)
        self._add_forms(_whole(text), source)
        if _FULL_YEAR.search(text):
            self._add_days(text, source)

    def add_fields(self) -> None:
        for field, action in self.fields:
            self.add(_whole(field.value), field.name, is_part=False)
            if action is Action.DATE:
                self._add_days(field.value, field.name)
            if field.name in self.judged_by_key:
                continue
            self.add_all(field.value, field.name)
            for text in _parts(field.value):
                self.add(text, field.name, is_part=True)
                self._add_forms(text, field.name)
            for text in joined_names(field.name, _whole(field.value)):
                self.add(text, field.name, is_part=True)

    def add_neighbours(self) -> None:
        """What two or three fields side by side say together."""
        beside = [field for field, _ in self.fields if field.name not in self.judged_by_key]
        for day, source in split_days(beside):
            self._add_day(day, source)
        is_whole = [field.value.strip().casefold() in self.found for field in beside]
        for text, source in split_over(beside, is_whole):
            self.add(text, source, is_part=True)

    def _add_forms(self, text: str, source: str) -> None:
        if text.casefold() in self.found:
            for form in other_forms(text):
                self.add(form, source, is_part=True)

    def _add_days(self, text: str, source: str) -> None:
        value = text.strip("\0 \r\n\t")[: 4 * LONGEST]
        for named in days_in(value):
            self._add_day(named.day, source)
        for moment in moments_in(value):
            self.add(moment.isoformat(), source, is_part=False)

    def _add_day(self, day: date, source: str) -> None:
        self.add(day.isoformat(), source, is_part=False)
        for form in written(day):
            self.add(form, source, is_part=False)


def _is_spoken(folded: str, spoken: str) -> bool:
    if folded not in spoken:
        return False
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
    letters = [letter for letter in text.casefold() if letter.isalnum()]
    return len(letters) >= SHORTEST_WORD and len(set(letters)) > 1


def _whole(value: str) -> str:
    """The value; of a long text the beginning stands for the whole."""
    whole = value.strip("\0 \r\n\t")
    return whole if len(whole) <= LONGEST else whole[:64].strip()


def _parts(value: str) -> Iterator[str]:
    whole = value.strip("\0 \r\n\t")
    for part in _BETWEEN.split(whole):
        yield part.strip(" :")
    yield from _NUMBER_WITHIN.findall(whole)
