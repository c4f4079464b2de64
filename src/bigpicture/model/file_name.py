"""File names that every system can hold, Windows among them."""

from __future__ import annotations

import re

_NEVER = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\..*)?", re.IGNORECASE
)
"""Names of devices, whatever ending they have: what is written there is gone."""


def plain_name(text: str) -> str:
    """A file name made of a text; the text itself where it is one already."""
    name = _NEVER.sub("_", text).rstrip(". ")
    return f"_{name}" if not name or _DEVICE.fullmatch(name) else name


def is_plain_name(name: str) -> bool:
    return plain_name(name) == name
