"""Parameters: what a run sets, checked against the schemas of the manifest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NoReturn

from bigpicture.model.algorithm import Algorithm
from bigpicture.model.errors import AlgorithmError, FailureReason

_TYPES: Mapping[str, tuple[type, ...]] = {
    "number": (int, float),
    "integer": (int,),
    "string": (str,),
    "boolean": (bool,),
}


def fill_parameters(algorithm: Algorithm, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every parameter of the algorithm: as given, else its default.

    Raises `AlgorithmError` (`bad-parameters`) where one is unknown, missing, or breaks its schema.
    """
    for name in given.keys() - algorithm.parameters.keys():
        _refuse(name, "there is no such parameter.", ", ".join(sorted(algorithm.parameters)))
    filled = algorithm.defaults() | dict(given)
    for name, schema in algorithm.parameters.items():
        if name not in filled:
            _refuse(name, "this parameter has no default and was not set.")
        check_parameter(name, schema, filled[name])
    return filled


def check_parameter(name: str, schema: Mapping[str, Any], value: object) -> None:
    """Check a value against the part of JSON Schema that parameters are written in.

    `type` (number, integer, string, boolean), `enum`, `minimum`, `maximum`. Raises as above.
    """
    wanted = str(schema.get("type", ""))
    is_boolean = isinstance(value, bool)
    if not isinstance(value, _TYPES.get(wanted, ())) or is_boolean != (wanted == "boolean"):
        _refuse(name, "this is of another type.", f"type: {wanted}")
    if isinstance(value, float) and not math.isfinite(value):
        _refuse(name, "this is no number.")
    if "enum" in schema and value not in schema["enum"]:
        _refuse(name, "this is none of its choices.", f"enum: {schema['enum']}"[:200])
    if isinstance(value, float | int) and not is_boolean:
        least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
        if not least <= value <= most:
            _refuse(name, "this is out of its range.", f"from {least:g} to {most:g}")


def _refuse(place: str, what: str, rule: str = "") -> NoReturn:
    raise AlgorithmError(what, reason=FailureReason.BAD_PARAMETERS, place=place[:80], rule=rule)
