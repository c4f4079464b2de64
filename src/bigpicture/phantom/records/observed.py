"""Observations: diagnoses of people's cases and slides, findings on slides of animals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigpicture.model.attribute import code_as_json
from bigpicture.model.code import Code
from bigpicture.phantom import terms
from bigpicture.phantom.records import choices as c
from bigpicture.phantom.records.choices import pick, weights_of
from bigpicture.phantom.records.disorders import findings, of_organs, ranks
from bigpicture.phantom.records.tree import Tree, within

_Columns = dict[str, list[Any]]

_DIAGNOSED_SLIDES = 0.22
_TWO_DIAGNOSES = 0.12
_WITH_FINDING = 0.42
_OF_CONTROLS = 0.3
"""How much rarer findings are in animals that got nothing."""


def observations(
    chance: np.random.Generator,
    *,
    is_clinical: bool,
    tree: Tree,
    organs: Sequence[int],
    is_control: NDArray[np.bool_],
    cases: Sequence[str],
    slides: Sequence[str],
    images: Sequence[str],
    observers: Sequence[str],
) -> _Columns:
    """The columns of `observations` below those of every entity."""
    if is_clinical:
        columns = _diagnoses(chance, tree, organs, cases, images)
    else:
        columns = _findings(chance, tree, is_control, slides)
    count = len(columns["on"])
    by = [json.dumps([each]) for each in observers]
    columns["text"] = [None] * count
    columns["observers"] = [by[each] for each in chance.integers(0, len(by), count).tolist()]
    return columns


def _diagnoses(
    chance: np.random.Generator,
    tree: Tree,
    organs: Sequence[int],
    cases: Sequence[str],
    images: Sequence[str],
) -> _Columns:
    """One summary a case, of the organ of its specimens; on some images what is true of these."""
    is_first = within(tree.case_of_specimen) == 0
    organ_of_case = np.asarray(organs)[is_first]
    forms = len(of_organs()[0])
    of_cases = ranks(chance, forms, len(cases))
    second = np.where(
        chance.random(len(cases)) < _TWO_DIAGNOSES, ranks(chance, forms, len(cases)), -1
    )
    codes = [
        _diagnosed(*each)
        for each in zip(organ_of_case.tolist(), of_cases.tolist(), second.tolist(), strict=True)
    ]
    chosen = np.flatnonzero(chance.random(len(images)) < _DIAGNOSED_SLIDES)
    case = tree.case_of_specimen[tree.specimen_of_slide[chosen]]
    is_other = chance.random(len(chosen)) < 0.2
    rank = np.where(is_other, ranks(chance, forms, len(chosen)), of_cases[case])
    codes += [
        _diagnosed(organ, form, -1)
        for organ, form in zip(organ_of_case[case].tolist(), rank.tolist(), strict=True)
    ]
    return {
        "kind": ["Diagnosis"] * len(codes),
        "status": ["Summary"] * len(cases) + ["Distinct"] * len(chosen),
        "on_kind": ["case"] * len(cases) + ["image"] * len(chosen),
        "on": [*cases, *(images[each] for each in chosen.tolist())],
        "codes": codes,
    }


def _findings(
    chance: np.random.Generator,
    tree: Tree,
    is_control: NDArray[np.bool_],
    slides: Sequence[str],
) -> _Columns:
    """One finding a slide, with its severity, or that nothing is to be seen."""
    count = len(slides)
    odds = np.where(is_control[tree.being_of_slide], _WITH_FINDING * _OF_CONTROLS, _WITH_FINDING)
    number = np.where(chance.random(count) < odds, ranks(chance, len(findings()), count), -1)
    severity = pick(chance, weights_of(c.SEVERITIES), count)
    return {
        "kind": ["Finding"] * count,
        "status": ["Distinct"] * count,
        "on_kind": ["slide"] * count,
        "on": list(slides),
        "codes": [
            _found(finding, grade)
            for finding, grade in zip(number.tolist(), severity.tolist(), strict=True)
        ],
    }


@cache
def _diagnosed(organ: int, rank: int, second: int) -> str:
    ordered = of_organs()[organ]
    chosen = dict.fromkeys(each for each in (rank, second) if each >= 0)
    return _stated([("diagnosis", ordered[each].as_code) for each in chosen])


@cache
def _found(finding: int, severity: int) -> str:
    if finding < 0:
        return _stated([("MITEST", terms.QUALITATIVE), ("MISTRESC", terms.UNREMARKABLE)])
    return _stated(
        [
            ("MITEST", terms.QUALITATIVE),
            ("MISTRESC", findings()[finding].as_code),
            ("MIRESCAT", terms.NON_NEOPLASTIC),
            ("MISEV", c.SEVERITIES[severity][0]),
        ]
    )


def _stated(codes: Sequence[tuple[str, Code]]) -> str:
    return json.dumps(
        [{"tag": tag, **code_as_json(code)} for tag, code in codes], ensure_ascii=False
    )
