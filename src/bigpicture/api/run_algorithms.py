"""What a run is of: the algorithm that was asked for, with all that it needs, as stages."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bigpicture.analysis.may_run import find_runnable
from bigpicture.analysis.parameters import fill_parameters
from bigpicture.analysis.stages import stages_of
from bigpicture.model.algorithm import Algorithm
from bigpicture.model.errors import AlgorithmError, InputError
from bigpicture.model.person import Person
from bigpicture.model.run import Stage
from bigpicture.model.seal import Sealed


@dataclass(frozen=True, slots=True)
class StagesAsked:
    """`seconds` is what one slide may take in all of them."""

    title: str
    stages: tuple[Stage, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Runnable:
    """The algorithms that a person may run now."""

    connection: Connection
    person: Person
    sealed: Sealed

    def find(self, algorithm: str, version: str) -> Algorithm:
        """The newest that meets `version` (see `Needs`), if the person may run it.

        Raises as `find_runnable`.
        """
        return find_runnable(self.connection, self.person, algorithm, version, sealed=self.sealed)


def stages_asked(
    runnable: Runnable, algorithm: str, version: str, parameters: dict[str, object]
) -> StagesAsked:
    """The stages of a run.

    Raises `UnknownError` for an algorithm that is not there, `ForbiddenError` for one that the
    person may not run, `InputError` for wrong parameters.
    """
    wanted = runnable.find(algorithm, version)
    try:
        filled = fill_parameters(wanted, parameters)
    except AlgorithmError as error:
        raise InputError(error.what, place=error.place, rule=error.rule) from error
    stages, algorithms = stages_of(wanted, filled, runnable.find)
    return StagesAsked(
        wanted.title, tuple(stages), sum(each.resources.seconds for each in algorithms)
    )
