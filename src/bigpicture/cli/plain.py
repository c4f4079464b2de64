"""Text that others wrote (names of files and fields), made safe to print."""

from __future__ import annotations

import json

from rich.markup import escape


def plain(text: str) -> str:
    """One line for a terminal, markup and control characters shown and not obeyed."""
    return escape("".join(letter if letter.isprintable() else "\ufffd" for letter in text))


def to_json(value: object) -> str:
    """JSON for programs; in ASCII where a name is of bytes that are no text."""
    told = json.dumps(value, indent=2, ensure_ascii=False)
    try:
        told.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, indent=2)
    return told
