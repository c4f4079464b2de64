"""Paper: the secret of a site as four lines that a person can print, and type back.

Each line has 13 letters of the secret (base 32) and three that check them, so that a mistake is
told with its line. It is not sealed: it lies in a safe.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from bigpicture.deidentify.derive import grouped
from bigpicture.deidentify.key_file import KEY_BYTES, SiteKey
from bigpicture.model.errors import InputError

LINES = 4
_LETTERS, _CHECKS = 13, 3
_MISREAD = str.maketrans({"0": "O", "1": "I", "8": "B"})
"""Digits that base 32 does not have, and what was meant by them."""
_NUMBER = re.compile(r"^\s*[1-4]\s*[:.)]")


def to_paper(secret: bytes) -> list[str]:
    """The four lines, in groups of four letters."""
    letters = base64.b32encode(secret).decode("ascii").rstrip("=")
    parts = [letters[at : at + _LETTERS] for at in range(0, len(letters), _LETTERS)]
    return [grouped(part + _check(number, part)) for number, part in enumerate(parts)]


def from_paper(text: str, *, place: Path) -> SiteKey:
    """The key of typed lines: case, spaces, dashes and the number before a line do not count.

    Raises `InputError` with the line that has a mistake in it, and does not repeat it.
    """
    lines = [line for line in map(_typed, text.splitlines()) if line]
    if len(lines) != LINES:
        raise InputError(
            f"a key on paper has {LINES} lines of 16 letters, here are {len(lines)}.",
            remedy="Type only these lines, each on a line of its own.",
        )
    parts = [_checked(number, line) for number, line in enumerate(lines)]
    secret = base64.b32decode("".join(parts) + "====")
    if len(secret) != KEY_BYTES:
        raise InputError(f"a pseudonym key has {KEY_BYTES} bytes, this one {len(secret)}.")
    return SiteKey(secret, place)


def _typed(line: str) -> str:
    if line.lstrip().startswith("#"):
        return ""
    bare = _NUMBER.sub("", line).upper().translate(_MISREAD)
    return re.sub(r"[\s\-]", "", bare)


def _checked(number: int, line: str) -> str:
    part, check = line[:_LETTERS], line[_LETTERS:]
    if not re.fullmatch(r"[A-Z2-7]{16}", line) or check != _check(number, part):
        raise InputError(
            f"line {number + 1} has a mistake in it.",
            rule="its last three letters check the others",
            remedy="Compare it with the paper, letter by letter.",
        )
    return part


def _check(number: int, part: str) -> str:
    digest = hashlib.sha256(f"bigpicture paper key {number} {part}".encode("ascii")).digest()
    return base64.b32encode(digest)[:_CHECKS].decode("ascii")
