"""Disorders: 2,016 invented diagnoses and 96 findings, each with several kinds above it.

They are of every seed alike, and `as_obo` writes them as a terminology that a node can load.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bigpicture.model.code import Code
from bigpicture.phantom.records.choices import ORGANS
from bigpicture.phantom.records.words import word

SCHEME = "SYNTH"
FILE_NAME = "synthetic.obo"

_PROCESSES = (
    ("neoplasm", ("benign neoplasm", "malignant neoplasm", "neoplasm of unsure behaviour"), "oma"),
    ("inflammation", ("acute inflammation", "chronic inflammation"), "itis"),
    ("degeneration", ("reversible degeneration", "irreversible degeneration"), "osis"),
    ("growth disorder", ("hyperplasia", "atrophy"), "plasia"),
    ("circulatory disorder", ("congestion", "infarction"), "emia"),
    ("malformation", ("simple malformation",), "melia"),
)
"""Process, its kinds, the end of the words for what is of that kind."""
_FORMS = 48
"""Forms of disorder, each in every organ."""
_FINDINGS = 96
_SKEW = 1.1


@dataclass(frozen=True, slots=True)
class Disorder:
    """A term of the invented scheme, and the terms that it stands under."""

    code: str
    name: str
    parents: tuple[str, ...] = ()

    @property
    def as_code(self) -> Code:
        return Code(self.code, SCHEME, self.name)


@cache
def tree() -> tuple[Disorder, ...]:
    """Every term, parents before what stands under them."""
    return tuple(_terms())


@cache
def by_code() -> dict[str, Disorder]:
    return {each.code: each for each in tree()}


@cache
def of_organs() -> tuple[tuple[Disorder, ...], ...]:
    """For each clinical organ its diagnoses, the frequent ones first."""
    known = by_code()
    order = np.random.default_rng(1)
    return tuple(
        tuple(known[f"D{organ:02}{form:02}"] for form in order.permutation(_FORMS).tolist())
        for organ in range(len(ORGANS))
    )


@cache
def findings() -> tuple[Disorder, ...]:
    """Findings of toxicology, the frequent ones first."""
    return tuple(by_code()[f"F{number:03}"] for number in range(_FINDINGS))


def ranks(chance: np.random.Generator, among: int, count: int) -> NDArray[np.int64]:
    """Ranks from 0, each so much rarer than the one before as diagnoses are (Zipf)."""
    weights = np.cumsum(1.0 / np.arange(1, among + 1) ** _SKEW)
    return np.searchsorted(weights / weights[-1], chance.random(count))


def as_obo() -> str:
    """The scheme in OBO 1.4."""
    lines = ["format-version: 1.4", "ontology: synth", "remark: invented, of no medical meaning"]
    for each in tree():
        lines += ["", "[Term]", f"id: {SCHEME}:{each.code}", f"name: {each.name}"]
        lines += [f"is_a: {SCHEME}:{parent}" for parent in each.parents]
    return "\n".join(lines) + "\n"


def _terms() -> Iterator[Disorder]:
    yield Disorder("R", "disorder")
    yield Disorder("T", "finding of toxicology")
    processes: list[tuple[str, str]] = []
    for number, (process, kinds, _) in enumerate(_PROCESSES):
        yield Disorder(f"P{number}", process, ("R",))
        yield Disorder(f"T{number}", f"{process} in an animal", ("T",))
        for within, kind in enumerate(kinds):
            processes.append((f"P{number}K{within}", f"P{number}"))
            yield Disorder(processes[-1][0], kind, (f"P{number}",))
    for organ, (_, name, _) in enumerate(ORGANS):
        yield Disorder(f"O{organ:02}", f"disorder of {name.lower()}", ("R",))
        for number, (process, _, _) in enumerate(_PROCESSES):
            parents = (f"P{number}", f"O{organ:02}")
            yield Disorder(f"O{organ:02}P{number}", f"{process} of {name.lower()}", parents)
    forms = [_form(number, processes[number % len(processes)]) for number in range(_FORMS)]
    for code, name, kind, _ in forms:
        yield Disorder(code, name, (kind,))
    for organ, (_, name, _) in enumerate(ORGANS):
        for number, (form, called, _, process) in enumerate(forms):
            parents = (form, f"O{organ:02}{process}")
            yield Disorder(f"D{organ:02}{number:02}", f"{called} of {name.lower()}", parents)
    yield from _of_animals()


def _form(number: int, kind: tuple[str, str]) -> tuple[str, str, str, str]:
    """Code, name, kind and process of one form of disorder."""
    code, process = kind
    stem = word(1_000 + number).rstrip("aeiou")
    return f"M{number:02}", stem + _PROCESSES[int(process[1:])][2], code, process


def _of_animals() -> Iterator[Disorder]:
    for number in range(_FINDINGS):
        process = number % len(_PROCESSES)
        stem = word(5_000 + number).rstrip("aeiou")
        yield Disorder(f"F{number:03}", f"{stem}{_PROCESSES[process][2]}".upper(), (f"T{process}",))
