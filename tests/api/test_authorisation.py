"""The authorisation matrix, run against a live node: each caller at each door, of each dataset."""

from __future__ import annotations

import re

import pytest

from api.matrix import CALLERS, DATASETS, DOORS, ROLE_OF
from api.test_matrix import TABLE
from matrix_world import live_world, path_to

_OF_A_DATASET = re.compile(r"\{(dataset|image|study)\}|/(datasets|images)/\{accession\}")
_BY_ROLE = [row for row in TABLE if not re.search(r"zz-|studies/2\.25", row[1])]
"""What of the other table names no dataset, and no part of one."""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with live_world(tmp_path_factory.mktemp("matrix") / "data") as made:
        yield made


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize(
    ("method", "path", "body", "rule"), DOORS, ids=[f"{row[0]} {row[1]}" for row in DOORS]
)
def test_a_door_answers_each_caller_as_the_rule_says(world, method, path, body, rule, dataset):
    told, expected = {}, {}
    for caller in CALLERS:
        answer = world.ask(method, path_to(path, dataset), caller, body)
        told[caller] = answer.status_code, None
        expected[caller] = rule.expects(caller, dataset), None
        if answer.status_code in (401, 403) and method != "HEAD":
            assert answer.headers["content-type"] == "application/problem+json"
            told[caller] = answer.status_code, answer.json().get("reason")
            expected[caller] = expected[caller][0], rule.reason(caller, dataset)
    assert told == expected


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    _BY_ROLE,
    ids=[f"{row[0]} {row[1]}" for row in _BY_ROLE],
)
def test_a_door_without_a_dataset_answers_by_role(world, method, path, body, expected):
    told = {caller: world.ask(method, path, caller, body).status_code for caller in CALLERS}
    assert told == {caller: expected[ROLE_OF.get(caller, "researcher")] for caller in CALLERS}


def test_every_door_that_names_a_dataset_is_in_the_matrix(world):
    paths = world.ask("GET", "/openapi.json", "anonymous").json()["paths"]
    wanted = {
        (method.upper(), path)
        for path, methods in paths.items()
        for method in methods
        if _OF_A_DATASET.search(path) and not path.startswith("/api/v1/submissions")
    }
    held = {(row[0], _template(path_to(row[1], "own"), paths)) for row in DOORS}
    by_role = {("POST", "/dicomweb/studies/{study}")}  # stores into one's own submission
    assert wanted - held - by_role == set()


def _template(path, paths):
    asked = path.partition("?")[0]

    def fits(template):
        return re.fullmatch(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template)), asked)

    return max(
        filter(fits, paths), key=lambda each: len(re.sub(r"\{[^}]*\}", "", each)), default=None
    )
