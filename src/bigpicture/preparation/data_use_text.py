"""Terms of data use as a cell or a field holds them: `HMB`, `GS: EEA | CH`, `DUO:0000025: 24`."""

from __future__ import annotations

import re

from bigpicture.model.countries import is_known
from bigpicture.model.data_use import DataUseTerm, Parameter

_WRITTEN = re.compile(r"(DUO[:_]\d{7,8}|[A-Za-z]+)(?:\s*[:=]\s*|\s+|$)(.*)", re.IGNORECASE)
_NAMES = frozenset({Parameter.ORGANISATIONS, Parameter.PROJECTS, Parameter.TEXT})
"""They hold commas themselves."""
_DISEASE = re.compile(r"[A-Za-z][\w .-]*:[^\s:]+")

WANTED = {
    Parameter.DISEASES: "codes of diseases, such as MONDO:0008903",
    Parameter.COUNTRIES: "countries as two letters, such as DE, or EU, EEA",
    Parameter.ORGANISATIONS: "names of organisations",
    Parameter.USERS: "names of people at this node",
    Parameter.PROJECTS: "names of projects",
    Parameter.MONTHS: "one number of months, such as 24",
    Parameter.DAY: "one day, such as 2030-01-31",
    Parameter.TEXT: "the kind of research, in words",
}
"""What the values of a code are, for people."""


def read_data_use(text: str) -> DataUseTerm:
    """Read one term, leniently; what is no code of DUO becomes a term that people read."""
    said = " ".join(text.split())
    found = _WRITTEN.fullmatch(said)
    term = DataUseTerm.of(found[1]) if found else DataUseTerm.of(said)
    if found is None or term.known is None:
        return DataUseTerm.of(said)
    return DataUseTerm.of(term.code, *_apart(found[2], term.known.parameter))


def write_data_use(term: DataUseTerm) -> str:
    """Write a term so that `read_data_use` reads the same."""
    code = term.known.shorthand if term.known else term.code
    if not term.values:
        return code
    alone = len(term.values) == 1 and "," in term.values[0]
    # a bar behind a lone name with a comma keeps it from being read as two
    return f"{code}: {' | '.join(term.values)}" + (" |" if alone else "")


def problem_of(term: DataUseTerm) -> str:
    """Say what a term lacks; empty where a rule can read it."""
    if term.known is None:
        return f"{term.code[:40]!r} is no code of DUO: people judge it."
    parameter, code = term.known.parameter, term.known.shorthand
    if parameter is Parameter.NONE:
        return f"{code} asks for nothing, and something follows it." if term.values else ""
    if not term.values:
        return f"{code} does not say which: people would have to guess."
    is_right = {
        Parameter.DISEASES: all(map(_DISEASE.fullmatch, term.values)),
        Parameter.COUNTRIES: all(map(is_known, term.values)),
        Parameter.MONTHS: term.months is not None,
        Parameter.DAY: term.day is not None,
    }.get(parameter, True)
    return "" if is_right else f"what follows {code} is not what it asks for."


def _apart(text: str, parameter: Parameter) -> list[str]:
    mark = "|" if "|" in text or parameter in _NAMES else ","
    return text.split(mark)
