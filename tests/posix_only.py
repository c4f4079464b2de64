"""What Python has on Linux and not on Windows, as the stubs of typeshed say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyright

LOOKED_INTO = ("errno", "mmap", "os", "select", "signal", "socket", "time")
_POSIX_MODULES = {"posix", "pty", "readline", "termios"}  # stubs that are partly of other systems


def _stubs() -> Path:
    (found,) = Path(pyright.__file__).parent.rglob("typeshed-fallback/stdlib")
    return found


@cache
def missing_modules() -> frozenset[str]:
    """Modules of which Windows has nothing."""
    whole = {path.stem for path in _stubs().glob("*.pyi") if _is_empty(_parsed(path))}
    return frozenset(whole | _POSIX_MODULES)


@cache
def missing_names(module: str) -> frozenset[str]:
    """What `module` has on another system and not on Windows."""
    stubs = _stubs()
    path = stubs / f"{module}.pyi"
    tree = _parsed(path if path.exists() else stubs / module / "__init__.pyi")
    return frozenset(set(_names(tree.body, every=True)) - set(_names(tree.body, every=False)))


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _is_empty(tree: ast.Module) -> bool:
    body = [each for each in tree.body if not isinstance(each, ast.Import | ast.ImportFrom)]
    return bool(body) and all(
        isinstance(each, ast.If) and _holds_on_windows(each.test) is False for each in body
    )


def _names(body: list[ast.stmt], *, every: bool) -> Iterator[str]:
    for each in body:
        match each:
            case ast.If():
                held = None if every else _holds_on_windows(each.test)
                if held is not False:
                    yield from _names(each.body, every=every)
                if held is not True:
                    yield from _names(each.orelse, every=every)
            case ast.FunctionDef() | ast.ClassDef():
                yield each.name
            case ast.AnnAssign(target=ast.Name() as name):
                yield name.id
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.Import() | ast.ImportFrom():
                yield from (alias.asname or alias.name for alias in each.names)
            case _:
                continue


def _holds_on_windows(test: ast.expr) -> bool | None:
    """Whether a condition of a stub is true on Windows; None where that cannot be told."""
    match test:
        case ast.Compare(
            left=ast.Attribute(attr="platform"), ops=[op], comparators=[ast.Constant(value=name)]
        ):
            return (name == "win32") == isinstance(op, ast.Eq)
        case ast.Compare(left=ast.Attribute(attr="version_info"), ops=[op]):
            return isinstance(op, ast.GtE)
        case ast.BoolOp(op=op, values=values):
            held = [_holds_on_windows(value) for value in values]
            decides = isinstance(op, ast.Or)
            return decides if decides in held else None if None in held else not decides
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            held_inside = _holds_on_windows(operand)
            return None if held_inside is None else not held_inside
        case _:
            return None
