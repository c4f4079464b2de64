"""Steps on the page of questions, and what it should show, counted beside it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from bigpicture.model.question_text import parse_question
from browser import mock_catalogue as catalogue

OPENED = {one["accession"] for one in catalogue.DATASETS if one["tier"] == "open"}
COLON, RAT, BREAST, SKIN = (one["accession"] for one in catalogue.DATASETS)


def where(page: Any) -> str:
    """The question in the address."""
    return parse_qs(urlsplit(page.url).query).get("where", [""])[0]


def total_of(world: Any, text: str, opened: set[str] = OPENED) -> int:
    """How many images answer, counted beside the page."""
    return len(world.corpus.find(parse_question(text), opened))


def expect_total(visit: Any, number: int) -> None:
    told = "No image" if number == 0 else f"{number} image" + "s" * (number != 1)
    expect(visit.page.locator(".totals strong")).to_have_text(told)


def facet(visit: Any, name: str) -> Any:
    """The facet of this name, with its values."""
    heading = visit.page.locator("h4 .name", has_text=re.compile(f"^{name}"))
    return visit.page.locator(".facet").filter(has=heading)


def box(visit: Any) -> Any:
    return visit.page.get_by_role("combobox", name="Question")
