"""`bigpicture policy` against a node that serves."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from bigpicture.api.application import build
from published import CONTROLLED, frames, node, served, stores

__all__ = ["frames", "node", "stores"]


@pytest.fixture
def run(node, frames):
    with served(build(node)) as place:

        def asked(*words):
            command = [sys.executable, "-m", "bigpicture", "policy", *words]
            told = subprocess.run(
                [*command, "--node", f"http://{place}"],
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "COLUMNS": "200", "BIGPICTURE_TOKEN": ""},
            )
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
