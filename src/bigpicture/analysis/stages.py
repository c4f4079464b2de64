"""The stages of a run: an algorithm behind all that it needs, each with its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bigpicture.model.algorithm import Algorithm
from bigpicture.model.errors import ConflictError
from bigpicture.model.run import Stage

Find = Callable[[str, str], Algorithm]
"""The algorithm of an id that meets a version specification; empty: the newest."""


def stages_of(
    algorithm: Algorithm, parameters: Mapping[str, Any], find: Find
) -> tuple[list[Stage], list[Algorithm]]:
    """The stages in an order in which each finds its inputs computed, the asked one last.

    What is needed runs with its own defaults, and once, however many need it. Raises
    `ConflictError` where algorithms need each other in a circle.
    """
    stages: list[Stage] = []
    algorithms: list[Algorithm] = []
    places: dict[str, int] = {}

    def add(one: Algorithm, above: tuple[str, ...]) -> int:
        if one.id in above:
            raise ConflictError(
                "these algorithms need each other in a circle.", place=" → ".join((*above, one.id))
            )
        if one.digest in places:
            return places[one.digest]
        needs = {
            need.name: add(find(need.algorithm, need.version), (*above, one.id))
            for need in one.needs
        }
        stages.append(_stage(one, one.defaults(), needs))
        algorithms.append(one)
        places[one.digest] = len(stages) - 1
        return places[one.digest]

    last = add(algorithm, ())
    stages[last] = replace(stages[last], parameters={**algorithm.defaults(), **parameters})
    return stages, algorithms


def _stage(algorithm: Algorithm, parameters: Mapping[str, Any], needs: dict[str, int]) -> Stage:
    return Stage(
        algorithm=algorithm.id,
        version=algorithm.version,
        digest=algorithm.digest,
        parameters=parameters,
        weights=tuple(sorted(each.sha256 for each in algorithm.weights)),
        needs=needs,
    )
