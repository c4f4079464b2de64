"""`bigpicture policy` against a node that is really asked."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bigpicture.api.application import build as build_node
from bigpicture.cli import build
from published import CONTROLLED, frames, node, served, stores

__all__ = ["frames", "node", "stores"]


@pytest.fixture
def run(node, frames):
    with served(build_node(node)) as address:

        def asked(*words):
            told = CliRunner().invoke(
                build("policy"), ["policy", *words, "--node", f"http://{address}"]
            )
            assert told.exit_code == 0, told.output
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
    assert "Advertising or marketing: Nobody may use" in told.replace("\n", " ")
    found = json.loads(run("match", CONTROLLED, "--json"))
    assert found["answer"] == "needs-human"
