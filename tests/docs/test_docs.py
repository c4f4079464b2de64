"""The docs say what is: their commands exist, their links lead somewhere, their doors are open."""

from __future__ import annotations

import ast
import re
from importlib import import_module

import pytest
from typer.testing import CliRunner

from bigpicture.cli import COMMANDS, build
from places import REPOSITORY

PAGES = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
COMMAND = re.compile(r"bigpicture ((?:[a-z]+))((?: [^`\n#]*)?)")


def named(page):
    return page.relative_to(REPOSITORY).as_posix()


def commands_in(text):
    """(command, further words, options) of every `bigpicture …` in code spans and blocks."""
    code = re.findall(r"`(bigpicture [^`]+)`|^\$ (bigpicture .+)$", text, re.MULTILINE)
    for span, line in code:
        found = COMMAND.match(span or line)
        if found:
            yield found[1], found[2], re.findall(r"--[a-z-]+", found[2])


def words_of(command, text):
    """The command as it is asked for help: with its second word, where it has several."""
    app = getattr(import_module(f"bigpicture.cli.{command}"), "app", None)
    own = [each.name or each.callback.__name__ for each in app.registered_commands] if app else []
    return (command, *(word for word in text.split()[:1] if word in own))


def test_the_readme_is_short():
    assert len((REPOSITORY / "README.md").read_text().splitlines()) < 120


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_make_targets_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    for target in re.findall(r"(?:`|\$ )make ([a-z-]+)", page.read_text()):
        assert target in targets


def test_commands_and_their_options_exist():
    shown = {}
    for page in PAGES:
        for command, text, options in commands_in(page.read_text()):
            assert command in COMMANDS, f"{named(page)}: bigpicture {command}"
            shown.setdefault(words_of(command, text), set()).update(options)
    assert {"convert", "submit", "validate", "init", "serve", "worker", "phantom"} <= {
        words[0] for words in shown
    }
    for words, options in shown.items():
        if not options:
            continue
        asked = CliRunner().invoke(
            build(words[0]),
            [*words, "--help"],
            env={"COLUMNS": "200", "TERM": "dumb"},
        )
        assert asked.exit_code == 0, words
        told = asked.stdout
        assert {option for option in options if option not in told} == set(), words


def test_every_door_in_the_docs_is_open(client):
    told = (REPOSITORY / "docs/api.md").read_text().partition("Reserved")[0]
    described = client.get("/openapi.json").json()["paths"]
    names = {re.sub(r"\{[^}]+\}", "{}", path) for path in described}
    for door in re.findall(r"`(/(?:api|tiles|healthz|metrics)[^`?]*)", told):
        plain = re.sub(r"\{[^}]+\}(_\{[^}]+\})?", "{}", door)
        assert plain in names, door


def test_every_file_says_what_it_is():
    for path in sorted((REPOSITORY / "src/bigpicture").rglob("*.py")):
        first = ast.get_docstring(ast.parse(path.read_text()))
        assert first, path
        sentence = first.split("\n\n")[0]
        assert sentence[-1] in ".!?", f"{path}: {sentence}"
