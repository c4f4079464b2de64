"""SNOMED CT identifiers: digits, a partition, and a check digit by Verhoeff's dihedral scheme.

Source: SNOMED CT Release File Specification, "SCTID"; J. Verhoeff, Error detecting decimal codes,
1969. Found are all single wrong digits and all neighbours that changed places.
"""

from __future__ import annotations

import re

_FORM = re.compile(r"[1-9]\d{5,17}", re.ASCII)
_CONCEPTS = ("00", "10")
"""Partitions of concepts: of the international release, of an extension."""


def _multiply(first: int, second: int) -> int:
    """In the dihedral group of order ten: 0 to 4 are turns, 5 to 9 are mirrored."""
    turn = first % 5 + (second % 5 if first < 5 else -second % 5)
    is_mirrored = (first >= 5) != (second >= 5)
    return turn % 5 + 5 * is_mirrored


_PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _permuted(digit: int, times: int) -> int:
    for _ in range(times % 8):
        digit = _PERMUTATION[digit]
    return digit


_PERMUTED = tuple(tuple(_permuted(digit, times) for digit in range(10)) for times in range(8))
_PRODUCT = tuple(tuple(_multiply(one, two) for two in range(10)) for one in range(10))


def has_check_digit(digits: str) -> bool:
    """Whether the last of the digits is the one that Verhoeff's scheme gives for the others."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _PRODUCT[check][_PERMUTED[place % 8][int(digit)]]
    return check == 0


def is_concept(code: str) -> bool:
    """Whether a code could be a SNOMED CT concept; whether there is such a one is not known."""
    return bool(_FORM.fullmatch(code)) and code[-3:-1] in _CONCEPTS and has_check_digit(code)
