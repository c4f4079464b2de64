"""What a run is of: the algorithm that was asked for, with all that it needs, as stages."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bigpicture.analysis.find_installed import find_installed
from bigpicture.analysis.may_run import find_runnable
from bigpicture.analysis.parameters import fill_parameters
from bigpicture.analysis.registry import is_published
from bigpicture.analysis.stages import stages_of
from bigpicture.api.run_shapes import RunWanted
from bigpicture.model.algorithm import Algorithm
from bigpicture.model.errors import AlgorithmError, InputError
from bigpicture.model.person import Person
from bigpicture.model.run import Stage
from bigpicture.model.seal import NOTHING, Sealed


@dataclass(frozen=True, slots=True)
class StagesAsked:
    title: str
    stages: list[Stage]


def stages_asked(
    connection: Connection, person: Person, wanted: RunWanted, *, sealed: Sealed = NOTHING
) -> tuple[StagesAsked, float]:
    """The stages, and how many seconds one slide may take in all of them.

    Raises `UnknownError` for an algorithm that is not there or not to be known of,
    `ForbiddenError` for one that the person may not run, `InputError` for wrong parameters.
    """

    def find(algorithm: str, version: str) -> Algorithm:
        if is_published(connection, algorithm):
            return find_runnable(connection, person, algorithm, version, sealed=sealed)
        return find_installed(algorithm, version).algorithm  # the node's own, for everybody

    algorithm = find(wanted.algorithm, wanted.version)
    try:
        parameters = fill_parameters(algorithm, wanted.parameters)
    except AlgorithmError as error:
        raise InputError(error.what, place=error.place, rule=error.rule) from error
    stages, algorithms = stages_of(algorithm, parameters, find)
    seconds = sum(each.resources.seconds for each in algorithms)
    return StagesAsked(algorithm.title, stages), seconds
