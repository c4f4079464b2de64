"""Terms: coded values as the catalogue counts and shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from bigpicture.model.inheritance import Qualifier


@dataclass(frozen=True, slots=True)
class Term:
    """`key` is what a filter names (`scheme:code`, or the words themselves), `label` for people."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A diagnosis, or a finding of toxicology, as it reaches one image."""

    code: str
    scheme: str
    meaning: str
    qualifier: Qualifier

    @property
    def term(self) -> Term:
        return Term(f"{self.scheme}:{self.code}", self.meaning)


_MODIFIERS = frozenset({"MIRESCAT", "MISEV", "MICHRON", "MIDISTR", "MITEST"})
"""SEND variables that say more about a finding and are none themselves."""


def read_terms(value: object) -> tuple[Term, ...]:
    """Terms of a code column: one code, a list of codes, or nothing."""
    return tuple(
        Term(f"{code.get('scheme', '')}:{code.get('code', '')}", str(code.get("meaning", "")))
        for code in _codes(value)
    )


def read_diagnoses(kind: str, codes: object, qualifier: Qualifier) -> tuple[Diagnosis, ...]:
    """What an observation of this kind (STATEMENT_TYPE) says as diagnosis; nothing for others."""
    if kind not in ("Diagnosis", "Finding"):
        return ()
    return tuple(
        Diagnosis(
            str(code.get("code", "")),
            str(code.get("scheme", "")),
            str(code.get("meaning", "")),
            qualifier,
        )
        for code in _codes(codes)
        if str(code.get("tag", "")).upper() not in _MODIFIERS
    )


def surest(diagnoses: Iterable[Diagnosis]) -> tuple[Diagnosis, ...]:
    """One a term: what is confirmed by one observation is no mere candidate by another."""
    kept: dict[Term, Diagnosis] = {}
    for diagnosis in diagnoses:
        before = kept.get(diagnosis.term)
        if before is None or before.qualifier is Qualifier.CANDIDATE:
            kept[diagnosis.term] = diagnosis
    return tuple(kept.values())


def read_severities(kind: str, codes: object) -> tuple[Term, ...]:
    """How severe an observation of this kind says its finding is (SEND MISEV)."""
    if kind != "Finding":
        return ()
    return tuple(
        Term(f"{code.get('scheme', '')}:{code.get('code', '')}", str(code.get("meaning", "")))
        for code in _codes(codes)
        if str(code.get("tag", "")).upper() == "MISEV"
    )


def labels(terms: Iterable[Term]) -> list[str]:
    """The distinct labels, in order of the alphabet."""
    return sorted({term.label for term in terms}, key=str.casefold)


def _codes(value: object) -> Sequence[Mapping[str, object]]:
    listed = cast("list[object]", value) if isinstance(value, list) else [value]
    return [cast("Mapping[str, object]", each) for each in listed if isinstance(each, Mapping)]
