"""A real Chromium, and a node for it to visit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from browser import mock_node
from browser.mock_node import World
from places import REPOSITORY

PORTAL = REPOSITORY / "src/bigpicture/api/portal"
# The browser reports every refused request, the viewer every tile that came not or too late; that
# the reader is told well is tested by itself.
EXPECTED = re.compile(r"status of [45]\d\d|Tile %s failed to load|Ignoring tile")


@pytest.fixture
def world() -> Iterator[World]:
    """The mock node, fresh for a test; what it knows may be bent."""
    if not (PORTAL / "index.html").is_file():
        pytest.skip("needs the built portal: `npm ci && npm run build` in web/")
    address, world, stop = mock_node.start(PORTAL)
    world.address = address
    yield world
    stop()


@pytest.fixture
def node_url(world: World) -> str:
    """Where the node answers."""
    return world.address


class Visit:
    """A page of the portal, and everything that went wrong on it."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._see)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def sign_in(self, name: str) -> None:
        self.go("/sign-in")
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill("demo")
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(self.address + "/")

    def forgive(self, text: str) -> None:
        """Take back complaints that the test itself provoked."""
        self.complaints = [one for one in self.complaints if text not in one]

    def _hear(self, message: Any) -> None:
        if message.type in {"error", "warning"} and not EXPECTED.search(message.text):
            self.complaints.append(message.text)

    def _see(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.foreign.append(request.url)


@pytest.fixture
def visit(browser: Any, node_url: str) -> Iterator[Visit]:
    """A page of its own; afterwards nothing may stand on the console or be asked of others."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    visit = Visit(context.new_page(), node_url)
    yield visit
    context.close()
    assert visit.complaints == []
    assert visit.foreign == []
