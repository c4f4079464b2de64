"""`bigpicture policy` against a node that serves."""

from __future__ import annotations

import json
import os

import pytest

from bigpicture.api.application import build
from preloaded import ran
from published import CONTROLLED, frames, node, served, stores

__all__ = ["frames", "node", "stores"]


@pytest.fixture
def run(node, frames):
    with served(build(node)) as place:

        def asked(*words):
            variables = {**os.environ, "COLUMNS": "200", "BIGPICTURE_TOKEN": ""}
            told = ran("policy", *words, "--node", f"http://{place}", env=variables)
            assert told.returncode == 0, told.stderr
            return told.stdout

        yield asked


def test_a_policy_is_shown_in_plain_words(run):
    told = run("show", CONTROLLED)
    assert "• You apply, and a committee decides." in told
    assert "SHA-256" in told
    assert json.loads(run("show", CONTROLLED, "--json"))["dataset"] == CONTROLLED


def test_a_use_is_matched_with_reasons(run):
    said = ("--use", "health", "--country", "DE", "--not-commercial", "--nobody-else")
    told = run("match", CONTROLLED, *said, "--nothing-sensitive", "--prohibited", "marketing")
    assert told.startswith("The policy does not allow this.")
    assert "• Advertising or marketing: Nobody may use health data for this" in told
    found = json.loads(run("match", CONTROLLED, "--json"))
    assert found["answer"] == "needs-human"
