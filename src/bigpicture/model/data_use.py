"""Data use: the codes of GA4GH's Data Use Ontology (DUO), and a term of a policy made of one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

RELEASE = "2021-02-23"
"""Of DUO (EBISPOT/DUO) that the table follows."""


class Kind(StrEnum):
    """A permission says what the data may be used for, a modifier narrows it or asks for more."""

    PERMISSION = "permission"
    MODIFIER = "modifier"


class Parameter(StrEnum):
    """What the values beside a code are."""

    NONE = ""
    DISEASES = "diseases"
    COUNTRIES = "countries"
    ORGANISATIONS = "organisations"
    USERS = "users"
    PROJECTS = "projects"
    MONTHS = "months"
    DAY = "day"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class DataUseCode:
    """A code, its shorthand, and our own few words for it."""

    code: str
    shorthand: str
    name: str
    kind: Kind
    parameter: Parameter = Parameter.NONE


def _permission(
    number: int, shorthand: str, name: str, parameter: Parameter = Parameter.NONE
) -> DataUseCode:
    return DataUseCode(f"DUO:{number:07d}", shorthand, name, Kind.PERMISSION, parameter)


def _modifier(
    number: int, shorthand: str, name: str, parameter: Parameter = Parameter.NONE
) -> DataUseCode:
    return DataUseCode(f"DUO:{number:07d}", shorthand, name, Kind.MODIFIER, parameter)


NRES = _permission(4, "NRES", "Any use")
GRU = _permission(42, "GRU", "Any research")
HMB = _permission(6, "HMB", "Only health and biomedical research")
DS = _permission(7, "DS", "Only research on named diseases", Parameter.DISEASES)
POA = _permission(11, "POA", "Only ancestry research")
RS = _modifier(12, "RS", "Only a certain kind of research", Parameter.TEXT)
NMDS = _modifier(15, "NMDS", "No development of methods")
GSO = _modifier(16, "GSO", "Genetic studies only")
NPUNCU = _modifier(18, "NPUNCU", "No commercial use, and no company")
PUB = _modifier(19, "PUB", "Results are published")
COL = _modifier(20, "COL", "Work together with the contributor")
IRB = _modifier(21, "IRB", "Ethics approval first")
GS = _modifier(22, "GS", "Only in named countries", Parameter.COUNTRIES)
MOR = _modifier(24, "MOR", "No publication before a day", Parameter.DAY)
TS = _modifier(25, "TS", "For a number of months", Parameter.MONTHS)
US = _modifier(26, "US", "Only named people", Parameter.USERS)
PS = _modifier(27, "PS", "Only named projects", Parameter.PROJECTS)
IS = _modifier(28, "IS", "Only named organisations", Parameter.ORGANISATIONS)
RTN = _modifier(29, "RTN", "Results come back")
CC = _modifier(43, "CC", "Clinical care as well")
NPOA = _modifier(44, "NPOA", "No ancestry research")
NPU = _modifier(45, "NPU", "No company")
NCU = _modifier(46, "NCU", "No commercial use")

CODES = (
    *(NRES, GRU, HMB, DS, POA),
    *(RS, NMDS, GSO, NPUNCU, PUB, COL, IRB, GS, MOR, TS, US, PS, IS, RTN, CC, NPOA, NPU, NCU),
)
BY_CODE = {each.code: each for each in CODES}
_BY_SHORTHAND = {each.shorthand: each for each in CODES}
_NUMBERED = re.compile(r"(?:https?://purl\.obolibrary\.org/obo/)?DUO[:_](\d{7,8})", re.IGNORECASE)
"""Eight digits: duo.owl spells NPOA `DUO_00000044`."""
_CURIE = re.compile(r"(?:https?://purl\.obolibrary\.org/obo/)?([A-Za-z]+)_(\d+)")


def read_code(text: str) -> str:
    """Return a code as `DUO:0000042`, however it is spelled; what is no code of DUO as written.

    A number or shorthand that the table lacks stays as it is: no rule reads it, so people do.
    """
    said = text.strip()
    if found := _NUMBERED.fullmatch(said):
        return f"DUO:{int(found[1]):07d}"
    known = _BY_SHORTHAND.get(said.upper())
    return known.code if known else said


def read_term(text: str) -> str:
    """Return a coded term as `SCHEME:CODE`; `MONDO_0005061` and its address are so read."""
    said = text.strip()
    if found := _CURIE.fullmatch(said):
        return f"{found[1].upper()}:{found[2]}"
    scheme, colon, code = said.partition(":")
    return f"{scheme.strip()}:{code.strip()}" if colon else said


@dataclass(frozen=True, slots=True, order=True)
class DataUseTerm:
    """One term of a policy. `values` are what the code's parameter says they are, as stated."""

    code: str
    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, code: str | DataUseCode, *values: str) -> DataUseTerm:
        """Read a code and its values as anyone writes them; values are a set, so they are sorted.

        Countries are written as ISO 3166-1 alpha-2, or EU, EEA; diseases as `SCHEME:CODE`.
        """
        spelled = code.code if isinstance(code, DataUseCode) else read_code(code)
        known = BY_CODE.get(spelled)
        stripped = [each.strip() for each in values if each.strip()]
        match known.parameter if known else Parameter.NONE:
            case Parameter.DISEASES:
                stripped = [read_term(each) for each in stripped]
            case Parameter.COUNTRIES:
                stripped = [each.upper() for each in stripped]
            case _:
                pass
        return cls(spelled, tuple(sorted(set(stripped))))

    @property
    def known(self) -> DataUseCode | None:
        """The code's row of the table; None where it is unknown, which is for people to read."""
        return BY_CODE.get(self.code)

    @property
    def months(self) -> int | None:
        """The one value as a number of months; None where it is none."""
        said = self.values[0] if len(self.values) == 1 else ""
        return int(said) if re.fullmatch(r"[1-9]\d{0,3}", said) else None

    @property
    def day(self) -> date | None:
        """The one value as a day; None where it is none."""
        try:
            return date.fromisoformat(self.values[0]) if len(self.values) == 1 else None
        except ValueError:
            return None
