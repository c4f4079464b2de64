"""The file of what was measured of an algorithm: JSON, beside its manifest."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from bigpicture.model.errors import InputError
from bigpicture.model.evidence import Evidence, Measured

EVIDENCE_NAME = "evidence.json"
FORMAT = "bigpicture-evidence-1"
_MOST_BYTES = 1 << 20
_KINDS: dict[str, type | tuple[type, ...]] = {
    "value": (int, float),
    "low": (int, float, type(None)),
    "high": (int, float, type(None)),
    "images": int,
    "beings": int,
    "is_generated": bool,
    "results": list,
}
"""What each field holds; all others are texts."""
_NAMES = frozenset(each.name for each in fields(Evidence))


def write_evidence(measured: Measured) -> str:
    """The file: the same text for the same figures."""
    told = {
        "format": FORMAT,
        "code": measured.code,
        "facts": [list(each) for each in measured.facts],
        "evidence": [asdict(each) for each in measured.evidence],
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def read_evidence(path: Path) -> Measured:
    """Read such a file; raises `InputError` naming the figure that breaks a rule."""
    try:
        data = path.read_bytes()
        told: Any = json.loads(data) if len(data) <= _MOST_BYTES else None
    except OSError as error:
        raise _wrong(path, "there is no such file of evidence.") from error
    except ValueError as error:
        raise _wrong(path, "this is no JSON.") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise _wrong(path, "this is no file of evidence, or too long.")
    facts, listed = told.get("facts", []), told.get("evidence")
    if not isinstance(listed, list) or not isinstance(facts, list):
        raise _wrong(path, "it lists no figures.")
    return Measured(
        tuple(_evidence(path, number, each) for number, each in enumerate(listed)),
        tuple(_fact(path, each) for each in facts),
        str(told.get("code", "")),
    )


def _evidence(path: Path, number: int, told: Any) -> Evidence:  # noqa: ANN401 - as JSON has it
    if not isinstance(told, dict) or not told.keys() <= _NAMES:
        raise _wrong(path, f"figure {number} has a field that is none.")
    for name, value in told.items():
        kind = _KINDS.get(name, str)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise _wrong(path, f"figure {number} has no such {name}.")
    given: dict[str, Any] = {**told, "results": tuple(map(str, told.get("results", ())))}
    try:
        return Evidence(**given)
    except TypeError as error:
        raise _wrong(path, f"figure {number} leaves a field out.") from error
    except InputError as error:
        raise InputError(
            f"figure {number} is no evidence.",
            place=path.name,
            rule=error.rule,
            remedy=error.remedy,
        ) from error


def _fact(path: Path, told: object) -> tuple[str, str]:
    if isinstance(told, list) and len(told) == 2 and all(isinstance(each, str) for each in told):
        return told[0], told[1]
    raise _wrong(path, "a fact is no pair of name and value.")


def _wrong(path: Path, what: str) -> InputError:
    return InputError(
        what,
        place=path.name,
        rule=f"format {FORMAT}: facts, and evidence with "
        + ", ".join(each.name for each in fields(Evidence)),
        remedy="Have `bigpicture train` write it, or leave it out of the manifest: the card then "
        "says that nothing was evaluated.",
    )
