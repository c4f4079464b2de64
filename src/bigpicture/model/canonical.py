"""Canonical JSON (RFC 8785, JCS): equal values give equal bytes, for digests and signatures."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from json.encoder import encode_basestring as _quoted

from bigpicture.model.errors import InputError

_LARGEST = (1 << 53) - 1
"""Beyond it not every integer is a double, and so not the same to every reader (RFC 7493 2.2)."""


def canonical_json(value: object) -> bytes:
    """The one UTF-8 text of a JSON value: names sorted, no spaces, numbers as ECMAScript has them.

    Takes what `json.loads` gives, and tuples as arrays. Raises `ValueError` for what JSON cannot
    carry the same to everybody: NaN, infinities, integers past 2^53 - 1 (write them as strings),
    names that are no strings, lone surrogates, and values nested too deeply.
    """
    try:
        return _text(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("a lone surrogate is no character") from error
    except RecursionError as error:
        raise ValueError("the value is nested too deeply") from error


def digest(value: object) -> str:
    """SHA-256 of the canonical form, in hexadecimal.

    Raises `InputError` where a value that somebody gave has no such form.
    """
    try:
        return hashlib.sha256(canonical_json(value)).hexdigest()
    except ValueError as error:
        raise InputError(f"{error}: it has no canonical form.", rule="RFC 8785") from error


def _text(value: object) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        return _object(value)
    if isinstance(value, list | tuple):
        return f"[{','.join([_text(each) for each in value])}]"
    raise ValueError(f"JSON has no {type(value).__name__}")


def _object(value: Mapping[object, object]) -> str:
    names = [name for name in value if isinstance(name, str)]
    if len(names) != len(value):
        raise ValueError("a name in a JSON object is a string")
    names.sort(key=None if all(map(str.isascii, names)) else _utf16)
    return f"{{{','.join([f'{_quoted(name)}:{_text(value[name])}' for name in names])}}}"


def _utf16(name: str) -> bytes:
    """Names are sorted by UTF-16 code units (section 3.2.3), not by code points."""
    return name.encode("utf-16-be", "surrogatepass")


def _integer(value: int) -> str:
    if abs(value) > _LARGEST:
        raise ValueError("an integer past 2^53 - 1 is not the same to every reader")
    return str(int(value))


def _number(value: float) -> str:
    """As ECMA-262 writes a Number: Python's own shortest digits, in the other's spelling."""
    if not math.isfinite(value):
        raise ValueError("JSON has no NaN and no infinity")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, part = mantissa.partition(".")
    digits = (whole + part).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + part) - len(digits))
    digits = digits.rstrip("0")
    return sign + _spelt(digits, point)


def _spelt(digits: str, point: int) -> str:
    """Significant `digits` with the decimal point after the first `point` of them."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    power = f"e{point - 1:+d}"
    return f"{digits[0]}.{digits[1:]}{power}" if len(digits) > 1 else digits + power
