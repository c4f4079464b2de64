"""Tags: which of the standard's a misspelled one was meant to be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

_ALIKE = 0.88
"""Of two tags, by the letters they share in order: one wrong letter in eight or fewer."""


def meant_by(tag: str, known: Iterable[str]) -> str | None:
    """The known tag that this one misspells; None where it is one of the contributor's own."""
    return _meant_by(tag, tuple(known))


def is_same(tag: str, known: str) -> bool:
    """Whether a tag differs from a known one in case and in what parts its words only."""
    return _fold(tag) == _fold(known)


@lru_cache(4096)
def _meant_by(tag: str, known: tuple[str, ...]) -> str | None:
    folded = {_fold(each): each for each in known}
    found = get_close_matches(_fold(tag), folded, n=1, cutoff=_ALIKE)
    return folded[found[0]] if found else None


def _fold(tag: str) -> str:
    """Words apart by `_` in lower case, whatever stood between them."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", tag.strip())
    return re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")
