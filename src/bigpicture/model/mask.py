"""A mask: what of an identifying value may stand in a report, its shape and its length."""

from __future__ import annotations

import re

_SHOWN = 6
"""Runs of letters or digits; the shape of a long text could be looked up."""
_RUN = re.compile(r"\d+|[^\W\d_]+|.", re.DOTALL)


def mask(text: str) -> str:
    """The shape of a value and its length: `***^*** (16 characters)`, `***###-### (9 characters)`.

    No letter and no digit of it is shown, and every run of them looks the same: the first letter
    and the lengths of a name's parts would tell it apart among the patients of a small hospital.
    """
    shown = [_masked(run) for run in _RUN.findall(text)[:_SHOWN]]
    more = "…" if len(_RUN.findall(text)) > _SHOWN else ""
    unit = "character" if len(text) == 1 else "characters"
    return f"{''.join(shown)}{more} ({len(text)} {unit})"


def _masked(run: str) -> str:
    if run[0].isdecimal():
        return "###"
    if run[0].isalnum():
        return "***"
    return run if run in " ^-_/.,:;=+|\\" else "?"
