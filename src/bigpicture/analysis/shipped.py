"""What is installed with Python: the algorithms that are shipped, and packages of others.

A package of others is a folder with a manifest like any other. It says so by an entry point of the
group `bigpicture.algorithms`, whose value is the package's name; nothing of it is imported here.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from bigpicture.analysis import builtin
from bigpicture.analysis.folder import open_folder
from bigpicture.analysis.installed import Installed
from bigpicture.model.algorithm import Algorithm
from bigpicture.model.errors import InputError

GROUP = "bigpicture.algorithms"
OURS = "bigpicture.analysis."
"""Modules whose code counts as an algorithm's own, where it imports them."""
_NOT_ITS_OWN = frozenset({f"{OURS}values"})


@cache
def shipped() -> tuple[Installed, ...]:
    """The algorithms of this program."""
    found: list[Installed] = []
    for name in builtin.BUILTIN:
        module = importlib.import_module(f"{builtin.__name__}.{name}")
        manifest: Algorithm = module.MANIFEST
        file = f"{name}.json"
        evidence = file if (builtin.EVIDENCE / file).is_file() else ""
        code = code_of(module.__name__)
        found.append(Installed(replace(manifest, code=code, evidence=evidence)))
    return tuple(found)


@cache
def plugged() -> tuple[Installed, ...]:
    """The algorithms of packages that are installed beside this program."""
    return tuple(_open(each) for each in entry_points(group=GROUP))


def installed_of(algorithm: Algorithm) -> Installed:
    """Where the code of an algorithm lies that came from here; raises `InputError`."""
    for each in (*shipped(), *plugged()):
        if (each.algorithm.id, each.algorithm.version) == (algorithm.id, algorithm.version):
            return each
    if algorithm.entry.startswith(f"{builtin.__name__}."):
        return Installed(algorithm)
    raise InputError(
        "this algorithm is not installed here.", place=f"{algorithm.id} {algorithm.version}"
    )


def _open(entry: EntryPoint) -> Installed:
    top, *inner = entry.value.split(".")
    spec = find_spec(top)  # of a package within another it would import the outer one
    places = (spec.submodule_search_locations or []) if spec else []
    for place in places:
        installed = open_folder(Path(place, *inner))
        if entry.name != installed.algorithm.id:
            break
        return installed
    raise InputError(
        "this package has no manifest of that name.",
        place=f"entry point {entry.name}",
        rule=f"group {GROUP}: the algorithm's id = the package that holds its manifest",
    )


def code_of(module: str) -> str:
    """SHA-256 over the sources of a module and of all modules of ours that it is made of."""
    digest = hashlib.sha256()
    for name, source in sorted(_sources(module).items()):
        digest.update(f"{hashlib.sha256(source).hexdigest()}  {name}\n".encode())
    return digest.hexdigest()


def _sources(module: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        spec = None if name in found or name in _NOT_ITS_OWN else find_spec(name)
        if spec is not None and spec.origin:
            source = Path(spec.origin).read_bytes()
            found[name] = source
            waiting += [each for each in _imported(source) if each.startswith(OURS)]
    return found


def _imported(source: bytes) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (
                f"{node.module}.{each.name}"
                for each in node.names
                if node.module.startswith(OURS.rstrip(".")) and _is_module(node.module, each.name)
            )


def _is_module(package: str, name: str) -> bool:
    spec = find_spec(package)
    places = (spec.submodule_search_locations or []) if spec else []
    return any(Path(place, f"{name}.py").is_file() for place in places)
