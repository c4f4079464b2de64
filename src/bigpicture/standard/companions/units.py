"""Units: whether a text is a unit of UCUM, as far as tables of pathology need it.

Source: The Unified Code for Units of Measure, version 2.1, its grammar (clauses 1 to 24) with the
atoms that medicine uses. What is not among them is told as a warning, not refused.
"""

from __future__ import annotations

import re

_METRIC = (
    "m", "g", "s", "L", "l", "mol", "A", "K", "cd", "Hz", "N", "Pa", "J", "W", "V", "Bq", "Gy",
    "Sv", "Cel", "eq", "kat", "osm", "[IU]", "[iU]", "U", "B", "By", "bit", "Ci", "cal", "eV", "u",
)  # fmt: skip
_PLAIN = (
    "1", "%", "[ppth]", "[ppm]", "[ppb]", "min", "h", "d", "wk", "mo", "a", "mo_j", "a_j",
    "[HPF]", "[LPF]", "[pH]", "mm[Hg]", "[degF]", "[arb'U]", "[CFU]", "[FFU]", "[PFU]", "[beth'U]",
    "[in_i]", "[lb_av]", "[oz_av]", "deg", "[pi]", "10*", "10^", "[drp]",
)  # fmt: skip
_PREFIXES = (
    "Y", "Z", "E", "P", "T", "G", "M", "k", "h", "da", "d", "c", "m", "u", "n", "p", "f", "a", "z",
)  # fmt: skip


def _any(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_ATOM = rf"(?:(?:{_any(_PREFIXES)})?(?:{_any(_METRIC)})|{_any(_PLAIN)}|[1-9]\d*)"
_NOTE = r"\{[^{}\s]{1,40}\}"
_PART = rf"(?:{_ATOM}(?:[+-]?\d{{1,3}})?(?:{_NOTE})?|{_NOTE})"
_UNIT = re.compile(rf"/?{_PART}(?:[./]{_PART})*")


def is_unit(text: str) -> bool:
    """Whether `text` is a unit that we know; `1` and `{score}` have no dimension."""
    return len(text) <= 60 and _UNIT.fullmatch(text) is not None
