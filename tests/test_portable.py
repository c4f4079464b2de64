"""The commands of a site make no call that only POSIX has: a data manager sits at Windows.

What the sources say is read here; what they do where such calls are taken away, in
`tests/journeys/test_without_posix.py`.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bigpicture.cli import COMMANDS
from places import REPOSITORY
from posix_only import LOOKED_INTO, missing_modules, missing_names

SOURCES = REPOSITORY / "src"
OF_NODES = {"catalogue", "demo", "init", "keys", "ledger", "migrate", "serve", "worker"}
OF_NODES |= {"seal", "seals", "unseal"}
ALLOWED = {
    "bigpicture.sandbox.child": "runs only in what the nursery has forked",
    "bigpicture.sandbox.fork": "asked only where `Way.here` found a fork",
    "bigpicture.sandbox.landlock": "called only by the forked child; answers 0 but on Linux",
    "bigpicture.sandbox.namespaces": "asks first whether this is Linux",
    "bigpicture.sandbox.nursery": "started only by the way of the fork",
    "bigpicture.sandbox.scratch": "called only by the forked child",
}
"""Modules that may name what POSIX has; each says why Windows never comes there."""
ALLOWED_LINES = {
    ("bigpicture.dicom.original", "multiprocessing fork"): "where the start methods list it",
    ("bigpicture.system.files", "os.pread"): "where the system has it",
    ("bigpicture.system.files", "os.writev"): "where the system has it",
}
COMMAND_LOADER = SOURCES / "bigpicture/cli/__init__.py"
"""It loads the commands of a node by the same line."""
_TEXT = {"read_text", "write_text"}
_WRITES = frozenset("wax+")


def _modules() -> dict[str, Path]:
    found = {}
    for path in SOURCES.rglob("*.py"):
        parts = path.relative_to(SOURCES).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def _imported(path: Path, known: dict[str, Path]) -> Iterator[str]:
    """Modules of ours that a module imports, or names in a text to be loaded by it."""
    for node in ast.walk(_tree(path)):
        names: list[str] = []
        match node:
            case ast.Import():
                names = [alias.name for alias in node.names]
            case ast.ImportFrom(module=str(module)):
                names = [module, *(f"{module}.{alias.name}" for alias in node.names)]
            case ast.Constant(value=str(text)) if text.startswith("bigpicture."):
                names = [text]
            case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]) if (
                text.startswith("bigpicture.") and path != COMMAND_LOADER
            ):
                names = [name for name in known if name.startswith(text)]
            case _:
                continue
        for name in names:
            while name:
                if name in known:
                    yield name
                name = name.rpartition(".")[0]


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _reached() -> dict[str, Path]:
    known = _modules()
    waiting = [f"bigpicture.cli.{name}" for name in COMMANDS if name not in OF_NODES]
    reached: set[str] = set(waiting)
    while waiting:
        new = set(_imported(known[waiting.pop()], known)) - reached
        reached |= new
        waiting += new
    return {name: known[name] for name in sorted(reached)}


def _problems(tree: ast.Module) -> Iterator[tuple[int, str]]:
    missing = {f"{module}.{name}" for module in LOOKED_INTO for name in missing_names(module)}
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                for alias in node.names:
                    if alias.name in missing_modules():
                        yield node.lineno, f"import {alias.name}"
            case ast.ImportFrom(module=str(module)):
                if module in missing_modules():
                    yield node.lineno, f"import {module}"
                for alias in node.names:
                    if f"{module}.{alias.name}" in missing:
                        yield node.lineno, f"{module}.{alias.name}"
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                if f"{module}.{name}" in missing:
                    yield node.lineno, f"{module}.{name}"
            case ast.Call():
                yield from ((node.lineno, what) for what in _calls(node))
            case _:
                continue


def _calls(node: ast.Call) -> Iterator[str]:
    """Calls that Windows has, and that do something else there."""
    name = ast.unparse(node.func)
    keywords = {each.arg for each in node.keywords}
    first = node.args[0] if node.args else None
    if name.endswith("get_context") and isinstance(first, ast.Constant) and first.value != "spawn":
        yield f"multiprocessing {first.value}"
    if name in {"selectors.DefaultSelector", "select.select"}:
        yield f"{name}: sockets only"
    # `flags` come from `open`, or were put together a line before
    if name == "os.open" and not {"BINARY", "flags"} & _named(node):
        yield "os.open without BINARY: line ends are changed"
    yield from _texts(node, name, keywords)


def _named(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _texts(node: ast.Call, name: str, keywords: set[str | None]) -> Iterator[str]:
    """Texts are UTF-8 with the line ends that we give them, not what a system prefers."""
    last = name.rpartition(".")[2]
    if last in _TEXT:
        if "encoding" not in keywords and len(node.args) <= (last == "write_text"):
            yield f"{last} without encoding"
        if last == "write_text" and "newline" not in keywords:
            yield "write_text without newline"
        return
    if last != "open" or name == "os.open":
        return
    modes = [
        each.value
        for each in (*node.args, *(key.value for key in node.keywords if key.arg == "mode"))
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    mode = next((each for each in modes if set(each) <= set("rwaxbt+")), "")
    if (not mode and (node.args or not keywords)) or "b" in mode:
        return  # opens no file by a mode, or no text
    if "encoding" not in keywords:
        yield "open of a text without encoding"
    if _WRITES & set(mode) and "newline" not in keywords:
        yield "open of a text for writing without newline"


def _found() -> Iterator[tuple[str, Path, int, str]]:
    for name, path in _reached().items():
        if name not in ALLOWED:
            yield from ((name, path, line, what) for line, what in _problems(_tree(path)))


def test_the_commands_of_a_site_name_nothing_that_only_posix_has():
    told = [
        f"{path.relative_to(REPOSITORY)}:{line}: {what}"
        for name, path, line, what in _found()
        if (name, what) not in ALLOWED_LINES
    ]
    assert not told, "\n".join(told)


def test_what_is_allowed_is_still_there():
    reached = _reached()
    assert set(ALLOWED) <= set(reached)
    assert all(list(_problems(_tree(reached[name]))) for name in ALLOWED)
    assert set(ALLOWED_LINES) == {(name, what) for name, _, _, what in _found()}


def test_no_command_loads_a_module_that_was_not_looked_into():
    """Were the walk broken, nothing would be found and all would seem well."""
    commands = [f"bigpicture.cli.{name}" for name in COMMANDS if name not in OF_NODES]
    code = (
        f"import sys, importlib; [importlib.import_module(each) for each in {commands}];"
        "print(*(each for each in sys.modules if each.startswith('bigpicture')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert set(commands) < loaded
    assert loaded <= set(_reached())


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("import fcntl", "import fcntl"),
        ("import os\nos.fork()", "os.fork"),
        ("from os import pread", "os.pread"),
        ("import signal\nsignal.SIGKILL", "signal.SIGKILL"),
        ("import socket\nsocket.send_fds", "socket.send_fds"),
        ("get_context('fork')", "multiprocessing fork"),
        ("os.open(p, os.O_RDONLY)", "os.open without BINARY: line ends are changed"),
        ("p.read_text()", "read_text without encoding"),
        ("p.write_text(t, encoding='utf-8')", "write_text without newline"),
        ("p.open('w', encoding='utf-8')", "open of a text for writing without newline"),
        ("open(p, 'r')", "open of a text without encoding"),
    ],
)
def test_each_kind_is_found(line, told):
    assert told in [what for _, what in _problems(ast.parse(line))]


@pytest.mark.parametrize(
    "line",
    [
        "import os\nos.open(p, os.O_RDONLY | BINARY)",
        "import signal\nsignal.SIGTERM",
        "import socket\nsocket.socketpair()",
        "get_context('spawn')",
        "p.open('rb')",
        "p.open('w', encoding='utf-8', newline='')",
        "archive.open(name)",
        "p.write_text(t, encoding='utf-8', newline='')",
    ],
)
def test_what_both_systems_have_is_allowed(line):
    assert not list(_problems(ast.parse(line)))
