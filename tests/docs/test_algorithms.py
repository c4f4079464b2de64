"""The example of docs/algorithms.md is a whole algorithm: the command runs it as the page says."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

from bigpicture.cli.algorithm import app
from bigpicture.sandbox import landlock
from places import REPOSITORY


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    page = (REPOSITORY / "docs/algorithms.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"<!-- example: (\S+) -->\n```\w+\n(.*?)```", page, re.DOTALL))
    assert set(shown) == {"algorithm.toml", "darkness.py"}
    made = tmp_path_factory.mktemp("made") / "darkness"
    made.mkdir()
    for name, text in shown.items():
        (made / name).write_text(text)
    return made


@pytest.mark.skipif(landlock.version() == 0, reason="code of others runs only behind Landlock")
def test_the_example_runs_and_is_drawn(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["test", str(folder), "--json", "--set", "below=200"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert 0 < float(told["values"]["part"].split()[0]) < 1
    assert "research use only" in told["research_use_only"]
    picture = tmp_path / "org.example.darkness-1.0.0.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    again = CliRunner().invoke(app, ["test", str(folder), "--json"])
    assert again.exit_code == 1  # it writes over nothing
