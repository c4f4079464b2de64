"""Tokens: the words of a text as search compares them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"\w+")


@lru_cache(maxsize=65_536)
def tokens(text: str) -> tuple[str, ...]:
    """Words in lower case without accents; signs part them (`H&E` is `h`, `e`)."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(each for each in plain if not unicodedata.combining(each))
    return tuple(_WORD.findall(kept.replace("_", " ")))
