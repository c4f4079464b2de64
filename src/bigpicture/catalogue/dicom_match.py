"""Matching as DICOM has it (PS3.4 C.2.2.2): single values, lists, wildcards, ranges."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, false, func, or_

from bigpicture.catalogue.dicom_query import Match
from bigpicture.dicom.attributes import vr_of
from bigpicture.model.errors import InputError

LONGEST = 64
MOST_WILDCARDS = 4
"""Each more multiplies what a match may cost."""
_RANGES = {
    "DA": re.compile(r"(\d{8})?-(\d{8})?", re.ASCII),
    "TM": re.compile(r"(\d{2,6}(?:\.\d{1,6})?)?-(\d{2,6}(?:\.\d{1,6})?)?", re.ASCII),
}
_WITHOUT_WILDCARDS = frozenset({"UI", "DA", "TM", "IS", "US", "UL"})
_MULTIPLE = frozenset({"ImageType"})


def matches(column: ColumnElement[str], match: Match) -> ColumnElement[bool] | None:
    """Whether what a column holds is wanted; None where everything is.

    Raises `InputError` naming the attribute where a value of it cannot be searched for.
    """
    wanted = [value for value in match.values if value not in ("", "*")]
    if not wanted:
        return None
    vr = vr_of(match.keyword)
    if any(len(value) > LONGEST or not value.isprintable() for value in wanted):
        raise _wrong(match, f"at most {LONGEST} characters a value")
    if vr in _RANGES:
        return or_(false(), *(_in_time(column, match, vr, value) for value in wanted))
    if vr in _WITHOUT_WILDCARDS:
        return column.in_(wanted)
    return or_(false(), *(_like(column, match, vr, value) for value in wanted))


def _in_time(column: ColumnElement[str], match: Match, vr: str, value: str) -> ColumnElement[bool]:
    """Days and times are texts that sort; who has none lies in no range."""
    if "-" not in value:
        if not value.replace(".", "").isdecimal():
            raise _wrong(match, "a value, or from-to with either end left out")
        return column == value
    found = _RANGES[vr].fullmatch(value)
    if found is None or not any(found.groups()):
        raise _wrong(match, "a value, or from-to with either end left out")
    first, last = found.groups()
    ends = [column != ""]
    if first:
        ends.append(column >= first)
    if last:
        # a time to the second or coarser holds everything that begins with it
        ends.append(or_(column <= last, func.substr(column, 1, len(last)) == last))
    return and_(*ends)


def _like(column: ColumnElement[str], match: Match, vr: str, value: str) -> ColumnElement[bool]:
    if vr == "PN":  # case counts nowhere in names (PS3.4 C.2.2.2.1)
        column, value = func.lower(column), value.lower()
    value = re.sub(r"\*+", "*", value)
    if sum(value.count(sign) for sign in "*?") > MOST_WILDCARDS:
        raise _wrong(match, f"at most {MOST_WILDCARDS} wildcards a value")
    is_plain = "*" not in value and "?" not in value
    if match.keyword not in _MULTIPLE:
        return column == value if is_plain else column.regexp_match(f"^{_pattern(value)}$")
    pattern = _pattern(value, inside=r"[^\\]")
    return column.regexp_match(rf"(^|\\){pattern}(\\|$)")  # one of several, between backslashes


def _pattern(value: str, *, inside: str = ".") -> str:
    """The same words for Python and PostgreSQL: only signs are escaped."""
    signs = {"*": f"{inside}*", "?": inside}
    return "".join(
        signs.get(letter) or (letter if letter.isalnum() or letter == " " else f"[{letter}]")
        if letter not in "\\^]["
        else f"\\{letter}"
        for letter in value
    )


def _wrong(match: Match, rule: str) -> InputError:
    return InputError("this attribute cannot be matched so.", place=match.keyword, rule=rule)


def split_list(keyword: str, text: str) -> Sequence[str]:
    """The values of a list, which identifiers may be (PS3.18 8.3.4.1); else the one value."""
    if vr_of(keyword) == "UI":
        return [each.strip() for each in re.split(r"[,\\]", text)]
    return [text]
