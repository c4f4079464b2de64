"""Logs say where something failed, never with which value."""

from __future__ import annotations

import json

import pytest
import structlog

from bigpicture.app.log import configure_log
from bigpicture.settings import Settings


@pytest.fixture(autouse=True)
def restored():
    yield
    structlog.reset_defaults()


def test_an_exceptions_text_stays_out(capsys):
    configure_log(Settings.load())
    try:
        int("Rabenhorst, Aurelia")
    except ValueError as error:
        structlog.get_logger().error("failed", exc_info=error, number="1")
        structlog.get_logger().exception("failed again")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["kind"] for line in lines] == ["ValueError", "ValueError"]
    assert "test_log.py" in lines[0]["trace"][0]
    assert "Rabenhorst" not in str(lines)
