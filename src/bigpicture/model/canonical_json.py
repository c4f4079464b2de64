"""Canonical JSON: one sequence of bytes for one value, to be hashed or signed (RFC 8785)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from bigpicture.model.errors import InputError

_LARGEST = 2**53 - 1
"""Beyond it a reader with binary64 numbers sees another integer (RFC 7493, section 2.2)."""
_PLAIN = range(-6, 21)
"""Exponents of ten that ECMAScript writes without an exponent."""


def canonical(value: object) -> bytes:
    """Return the bytes of what JSON can hold: UTF-8, keys sorted by their UTF-16 code units.

    Raises `InputError` for what has no one form: NaN, infinities, integers past 2^53 - 1, lone
    surrogates, keys that are no text, and kinds of value that JSON does not have.
    """
    try:
        return _text(value).encode()
    except UnicodeEncodeError as error:
        raise _refused("a text holds half of a surrogate pair") from error


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _text(value: object) -> str:
    match value:
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int():
            if abs(value) > _LARGEST:
                raise _refused("an integer is past 2^53 - 1")
            return int.__repr__(value)
        case float():
            return _number(value)
        case Mapping():
            return (
                "{" + ",".join(f"{_text(key)}:{_text(each)}" for key, each in _sorted(value)) + "}"
            )
        case Sequence() if not isinstance(value, (bytes, bytearray, memoryview)):
            return "[" + ",".join(map(_text, value)) + "]"
        case _:
            raise _refused(f"JSON has no {type(value).__name__}")


def _sorted(value: Mapping[object, object]) -> list[tuple[str, object]]:
    keyed: list[tuple[str, object]] = []
    for key, each in value.items():
        if not isinstance(key, str):
            raise _refused("a key is no text")
        keyed.append((key, each))
    return sorted(keyed, key=lambda pair: pair[0].encode("utf-16-be", "surrogatepass"))


def _number(value: float) -> str:
    """The number as ECMAScript writes it; `repr` finds the same shortest digits."""
    if value != value or value in (float("inf"), float("-inf")):
        raise _refused("a number is not finite")
    if value == 0:
        return "0"
    sign, number = ("-", -value) if value < 0 else ("", value)
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading = len(whole + fraction) - len(digits)
    point = len(whole) - leading + int(exponent or 0)  # digits before the decimal point
    digits = digits.rstrip("0")
    return sign + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    """Digits with their decimal point after the first `point` of them."""
    if point - 1 not in _PLAIN:
        tail = f".{digits[1:]}" if digits[1:] else ""
        return f"{digits[0]}{tail}e{point - 1:+d}"
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    if point >= len(digits):
        return digits + "0" * (point - len(digits))
    return f"{digits[:point]}.{digits[point:]}"


def _refused(what: str) -> InputError:
    return InputError(f"{what}, which has no canonical form.", rule="RFC 8785")
