"""EMPAIA app descriptions (EAD, developer.empaia.org): JSON with inputs, outputs and classes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bigpicture.analysis.adapt.imported import (
    Gathering,
    Imported,
    id_of,
    name_of,
    version_of,
)
from bigpicture.model.algorithm import Output, OutputKind
from bigpicture.model.errors import InputError

_PLAIN = {"integer": "integer", "float": "number", "bool": "boolean", "string": "string"}
_SHAPES = frozenset({"point", "line", "arrow", "circle", "rectangle", "polygon"})
_DRAWN = frozenset({"point", "rectangle", "polygon"})
_VERSIONED = re.compile(r"^(.*)\.v(\d+(?:\.\d+)*)$")


def from_ead(told: Mapping[str, Any]) -> Imported:
    """Read one. Drafts have `inputs` and `outputs`, version 3 has `io` with `modes`."""
    found = Gathering()
    inputs, outputs = _sides(told, found)
    _read_inputs(inputs, found)
    for name, each in _fields(told.get("configuration")):
        _read_setting(name, each, found)
    labels = tuple(name.rpartition(".")[2] for name in _leaves(told.get("classes", {})))
    for name, each in outputs.items():
        _read_output(name, each, labels, found)
    if not found.outputs:
        raise InputError("none of its outputs fits.", place="outputs")
    namespace = _VERSIONED.match(str(told["namespace"]))
    return found.done(
        name=id_of(namespace[1] if namespace else str(told["namespace"]), otherwise="org.empaia"),
        version=version_of(namespace[2] if namespace else ""),
        title=str(told.get("name") or told["namespace"]),
        licence="",
        description=str(told.get("description") or ""),
        written_as="EMPAIA app description",
    )


def _sides(
    told: Mapping[str, Any], found: Gathering
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What goes in and what comes out, in the mode that needs nobody to draw anything."""
    if "io" not in told:
        return dict(_fields(told.get("inputs"))), dict(_fields(told.get("outputs")))
    modes = dict(_fields(told.get("modes")))
    chosen = "preprocessing" if "preprocessing" in modes else next(iter(modes), "")
    for name in modes:
        if name != chosen:
            found.leave(f"modes.{name}", f"one way to run it is enough: {chosen}")
    io, mode = dict(_fields(told["io"])), modes.get(chosen, {})
    return tuple(
        {name: io[name] for name in mode.get(side, []) if name in io}
        for side in ("inputs", "outputs")
    )  # pyright: ignore[reportReturnType]  # two sides, two mappings


def _read_inputs(inputs: Mapping[str, Any], found: Gathering) -> None:
    slides = [name for name, each in inputs.items() if each.get("type") == "wsi"]
    for name in slides[1:]:
        found.leave(f"inputs.{name}", "an algorithm is given one slide at a time")
    for name, each in inputs.items():
        kind = str(each.get("type"))
        if kind in _PLAIN:
            found.parameters[name_of(name)] = {"type": _PLAIN[kind]}
        elif kind != "wsi":
            found.leave(
                f"inputs.{name}",
                f"a {kind} that somebody draws: here the whole slide is given, or the result of "
                "another algorithm",
            )


def _read_setting(name: str, each: Mapping[str, Any], found: Gathering) -> None:
    kind = str(each.get("type"))
    if kind not in _PLAIN or str(each.get("storage", "")).startswith("secret"):
        found.leave(
            f"configuration.{name}", "a secret has no place in an algorithm without network"
        )
        return
    schema: dict[str, Any] = {"type": _PLAIN[kind]}
    if "default" in each:
        schema["default"] = each["default"]
    found.parameters[name_of(name)] = schema


def _read_output(
    name: str, each: Mapping[str, Any], labels: tuple[str, ...], found: Gathering
) -> None:
    kind, items = str(each.get("type")), each
    while kind == "collection":
        items = items.get("items") or {}
        kind = str(items.get("type"))
    place = f"outputs.{name}"
    if kind in _SHAPES:
        if kind not in _DRAWN:
            found.leave(place, f"a {kind} is given as a polygon")
        found.outputs.append(Output(name_of(name), OutputKind.GEOMETRY, classes=labels))
    elif kind in _PLAIN and each.get("type") != "collection":
        found.outputs.append(Output(name_of(name), OutputKind.FACET))
    elif kind == "class":
        found.leave(place, "the class of a shape is its label")
    elif kind in _PLAIN:
        found.leave(place, "numbers of single shapes are their scores")
    else:
        found.leave(place, f"a {kind} has no place here")


def _fields(told: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(told, Mapping):
        for name, each in told.items():
            if isinstance(each, Mapping):
                yield str(name), each


def _leaves(classes: object, above: str = "") -> Iterator[str]:
    """Names of the classes that have none below; a class has a `name`."""
    for name, each in _fields(classes):
        below = [inner for inner, _ in _fields(each)]
        if below:
            yield from _leaves(each, f"{above}{name}.")
        else:
            yield f"{above}{name}"
