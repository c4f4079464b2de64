"""Write the manifest of an algorithm, as `manifest.read_manifest` reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bigpicture.model.algorithm import Algorithm, Needs, Output


def write_manifest(algorithm: Algorithm) -> str:
    """The manifest of an algorithm as TOML: `read_manifest` reads the same again."""
    about = {
        name: getattr(algorithm, name)
        for name in ("id", "version", "title", "licence", "description", "entry", "image")
        if getattr(algorithm, name)
    }
    slide: dict[str, Any] = {"mpp": list(algorithm.mpp)} if algorithm.mpp else {}
    slide |= {"stains": list(algorithm.stains)} if algorithm.stains else {}
    inputs = {"slide": slide} | {each.name: {"result": _spec(each)} for each in algorithm.needs}
    resources = algorithm.resources
    lines = [
        *_section("algorithm", about),
        *_section("input", inputs),
        *_section("output", {each.name: _plain(each) for each in algorithm.outputs}),
        *_section("parameters", algorithm.parameters),
        *_section(
            "resources",
            {
                "cpu": resources.cpu,
                "memory": f"{resources.memory_bytes} B"
                if resources.memory_bytes % (1 << 20)
                else f"{resources.memory_bytes >> 20} MiB",
                "timeout": f"{resources.seconds:g} s",
                "scratch": f"{resources.scratch_bytes >> 20} MiB",
                "processes": resources.processes,
            },
        ),
    ]
    for each in algorithm.weights:
        lines += _section("[weights]", {"path": each.path, "sha256": each.sha256})
    card = {"file": algorithm.card, "evidence": algorithm.evidence}
    lines += _section("card", {name: path for name, path in card.items() if path})
    return "\n".join(lines)


def _spec(needs: Needs) -> str:
    return f"{needs.algorithm}@{needs.version}" if needs.version else needs.algorithm


def _plain(output: Output) -> dict[str, Any]:
    told: dict[str, Any] = {"type": str(output.kind)}
    for name in ("unit", "mpp", "range", "classes"):
        value = getattr(output, name)
        if value:
            told[name] = list(value) if isinstance(value, tuple) else value
    return told


def _section(name: str, values: Mapping[str, Any]) -> list[str]:
    if not values:
        return []
    return [f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in values.items()), ""]


def _toml(value: object) -> str:
    """A value in TOML, whose basic strings are JSON's."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
