"""Which paths may stand in a dataset: those that mean the same file on every machine."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

LENGTH = 1000
"""Longest path in bytes; object stores stop at 1024."""

PART_LENGTH = 255
"""Longest name between slashes in bytes, on the usual file systems."""

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format (bidirectional overrides among them), surrogate, private and unassigned."""

_RESERVED = frozenset({"con", "prn", "aux", "nul"}) | frozenset(
    f"{device}{number}" for device in ("com", "lpt") for number in range(1, 10)
)


def path_problem(path: str) -> str:
    """Return why a path is unsafe, in words that fit after "the path"; empty where it is safe.

    Safe means relative, with forward slashes, without `.` and `..`, and made of characters that
    look like what they are.
    """
    if not path:
        return "is empty"
    if any(unicodedata.category(character) in _UNSAFE for character in path):
        return "holds control, invisible or direction-changing characters"
    if "\\" in path or any(character in path for character in ':*?"<>|'):
        return 'holds one of \\ : * ? " < > |'
    if path.startswith("/"):
        return "is absolute"
    if len(path.encode()) > LENGTH:
        return f"is longer than {LENGTH} bytes"
    return next((problem for part in path.split("/") if (problem := _part_problem(part))), "")


def _part_problem(part: str) -> str:
    if part in {"", ".", ".."}:
        return "holds an empty part, . or .."
    if part != part.strip() or part.endswith("."):
        return "has a part that begins or ends with a blank, or ends with a point"
    if len(part.encode()) > PART_LENGTH:
        return f"has a part longer than {PART_LENGTH} bytes"
    if part.split(".", maxsplit=1)[0].lower() in _RESERVED:
        return "has a part that is a device on Windows"
    return ""


def folded(path: str) -> str:
    """Return what two paths share that some file systems cannot keep apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def collisions(paths: Iterable[str]) -> list[tuple[str, str]]:
    """Return pairs of different paths that differ only in case or in Unicode form."""
    seen: dict[str, str] = {}
    found: list[tuple[str, str]] = []
    for path in sorted(set(paths)):
        first = seen.setdefault(folded(path), path)
        if first != path:
            found.append((first, path))
    return found
