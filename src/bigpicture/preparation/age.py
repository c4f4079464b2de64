"""An age as people write it (57, 50-59, 10 weeks) as the interval that the standard asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bigpicture.standard.form import DURATION

EXPECTED = "years (57), an interval of years (50-59), 10 weeks, or ISO 8601 (P50Y/P10Y)"

_UNITS = {
    "Y": "y yr yrs year years j jahr jahre jahren an ans annee annees ano anos anni anno ar lat",
    "M": "m mo month months monat monate mois mes meses mesi mese manad manader",
    "W": "w wk wks week weeks woche wochen semaine semaines semana semanas settimane vecka veckor",
    "D": "d day days tag tage tagen jour jours dia dias giorno giorni dag dagar",
}
_BY_WORD = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_LARGEST = {"Y": 130, "M": 1560, "W": 6800, "D": 47500}
_NUMBER = re.compile(r"(\d{1,5})\s*([a-z.]*)", re.ASCII)
_RANGE = re.compile(r"(\d{1,5})\s*(?:-|–|—|to|bis|à|a)\s*(\d{1,5})\s*([a-z.]*)", re.ASCII)
_DURATION = re.compile(r"P(\d{1,5})([YMWD])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Age:
    """The interval [start, start + length[, both ISO 8601 durations (MSMdad 3.2.4)."""

    start: str
    length: str

    def __str__(self) -> str:
        return f"{self.start}/{self.length}"


def read_age(text: str) -> Age | None:
    """Read an age; None where it is none. `57` is [57, 58[ years: completed years are meant."""
    bare = text.strip()
    if bare.upper().startswith("P"):
        return _iso(bare.upper())
    folded = _without_accents(bare.lower())
    span = _RANGE.fullmatch(folded)
    if span:
        first, last, unit = int(span[1]), int(span[2]), _unit(span[3])
        if unit and first <= last <= _LARGEST[unit]:
            return Age(f"P{first}{unit}", f"P{last - first + 1}{unit}")
        return None
    one = _NUMBER.fullmatch(folded)
    unit = _unit(one[2]) if one else None
    if one is None or unit is None or int(one[1]) > _LARGEST[unit]:
        return None
    return Age(f"P{int(one[1])}{unit}", f"P1{unit}")


def _iso(text: str) -> Age | None:
    start, slash, length = text.partition("/")
    if not DURATION.fits(start):
        return None
    if slash:
        return Age(start, length) if DURATION.fits(length) else None
    plain = _DURATION.fullmatch(start)
    return Age(start, f"P1{plain[2]}") if plain else Age(start, "PT0S")


def _unit(word: str) -> str | None:
    return _BY_WORD.get(word.strip(".")) if word.strip(".") else "Y"


def _without_accents(text: str) -> str:
    return text.translate(str.maketrans("áàâäãåéèêëíìîïñóòôöõúùûüç", "aaaaaaeeeeiiiinooooouuuuc"))
