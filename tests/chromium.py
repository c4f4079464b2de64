"""A real Chromium, one at a time in each process of the test run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Twenty seconds, not playwright's five: a test that ends when it sees what it waits for costs
# nothing for patience, and a starved machine needs it.
PATIENCE = 20_000
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium of the system, or playwright's own; the test is skipped where there is neither.

    Not longer than a module: while playwright runs, no other test of the process could have an
    event loop.
    """
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    sync_api.expect.set_options(timeout=PATIENCE)
    with sync_api.sync_playwright() as playwright:
        named = (
            os.environ.get("CHROMIUM")
            or shutil.which("chromium")
            or shutil.which("chromium-browser")
        )
        program = named or playwright.chromium.executable_path
        if not Path(program).exists():
            pytest.skip("needs Chromium: the system's in PATH, or `playwright install chromium`")
        running = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield running
        running.close()
