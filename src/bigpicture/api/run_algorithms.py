"""What a run is of: the algorithm that was asked for, with all that it needs, as stages."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bigpicture.analysis.may_run import require_use
from bigpicture.analysis.parameters import fill_parameters
from bigpicture.analysis.registry import list_registered
from bigpicture.analysis.stages import stages_of
from bigpicture.model.algorithm import Algorithm, Needs
from bigpicture.model.errors import AlgorithmError, InputError, UnknownError
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

        Raises `UnknownError`, `ForbiddenError`.
        """
        needed = Needs("version", algorithm, version)
        for each in list_registered(self.connection, id=algorithm):
            found = each.algorithm
            if each.withdrawn is None and needed.is_met_by(found.version):
                return require_use(
                    self.connection, self.person, found.id, found.version, sealed=self.sealed
                ).algorithm
        raise UnknownError(
            "there is no such algorithm, or no such version of it.",
            place=f"{algorithm} {version}".strip()[:120],
        )


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
