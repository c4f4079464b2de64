"""Where the guidelines lie: in the package, or in the repository that the package is run from."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from bigpicture.model.errors import UnknownError
from bigpicture.model.guideline import Guideline, read_guideline, read_sources

NAMES = ("contributors", "committees", "researchers", "stewards")
PACKAGED = "guideline_texts"
"""Their folder in the package; the build copies it from docs/guidelines."""
TEMPLATES = ("agreement", "application", "dataset-card")


def guidelines() -> tuple[Guideline, ...]:
    """All guidelines, in the order in which data pass through these hands."""
    return tuple(_guideline(name) for name in NAMES)


def guideline(name: str) -> Guideline:
    """Raises `UnknownError` for a name that no guideline has."""
    if name not in NAMES:
        raise _unknown(name, NAMES)
    return _guideline(name)


@cache
def sources() -> dict[str, str]:
    """What the short names of sources stand for."""
    return read_sources(_text("sources"))


@cache
def template(name: str) -> str:
    """A template as Markdown; raises `UnknownError` for a name that none has."""
    if name not in TEMPLATES:
        raise _unknown(name, TEMPLATES)
    return _text("templates", name)


@cache
def _guideline(name: str) -> Guideline:
    return read_guideline(name, _text(name))


def _text(*parts: str) -> str:
    *folders, name = parts
    place = _folder()
    for each in (*folders, f"{name}.md"):
        place = place / each
    return place.read_text(encoding="utf-8")


def _folder() -> Traversable:
    packaged = files("bigpicture.api") / PACKAGED
    in_repository = Path(__file__).parents[3] / "docs" / "guidelines"
    return packaged if packaged.is_dir() else in_repository


def _unknown(name: str, known: tuple[str, ...]) -> UnknownError:
    return UnknownError(
        "there is no such page among the guidelines.",
        place=name[:100],
        rule=f"one of: {', '.join(known)}",
    )
