"""Asks a running node what its OpenAPI document allows, by schemathesis, and holds it to that."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

PROBLEM = "application/problem+json"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

for media_type in ("multipart/related", "application/zip"):
    schemathesis.serializer(media_type)(lambda _, value: str(value).encode())


def fuzz(address, *, known, make_headers, examples, last=()):
    """What the doors at `address` did wrong, a text each, empty where nothing.

    `known` gives for names of parts of paths values that exist; half of the cases have one.
    `last` labels the doors that may close all others; they are asked when these have answered.
    `make_headers` is asked once for each door, since one of them ends the session it is asked in.
    Nothing is left to chance: each run asks the same.
    """
    schema = schemathesis.openapi.from_url(f"http://{address}/openapi.json", timeout=60)
    wrong = []
    doors = [found.ok() for found in schema.get_all_operations()]
    for door in sorted(doors, key=lambda each: each.label in last):
        try:
            _ask(door, address, known, make_headers(), examples)
        except (FailureGroup, AssertionError) as failure:
            told = getattr(failure, "exceptions", [failure])
            wrong.append(f"{door.label}: " + "; ".join(map(str, told)))
    return wrong


def _ask(door, address, known, headers, examples):
    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=door.as_strategy(), chosen=st.data())
    def ask(case, chosen):
        for name in case.path_parameters or {}:
            if name in known and chosen.draw(st.booleans()):
                case.path_parameters[name] = chosen.draw(st.sampled_from(known[name]))
        answer = case.call(base_url=f"http://{address}", headers=headers)
        case.validate_response(answer, headers=headers, checks=CHECKS)
        if answer.status_code >= 400 and answer.content:
            assert answer.headers["content-type"] == [PROBLEM], answer.headers

    ask()
