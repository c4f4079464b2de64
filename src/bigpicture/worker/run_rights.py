"""The rights of a run: the one decision, for the person whose run it is, when it counts."""

from __future__ import annotations

from collections.abc import Iterable

from bigpicture.access.decide import Decision, Purpose, Reason
from bigpicture.access.decisions import Decisions
from bigpicture.access.epoch import Epoch, Epochs
from bigpicture.access.people import find_person
from bigpicture.access.seal_files import SealFiles
from bigpicture.access.seals import Seals
from bigpicture.analysis.may_run import require_use
from bigpicture.analysis.registry import is_published
from bigpicture.model.errors import ForbiddenError, SignInError, UnknownError
from bigpicture.model.run import Stage
from bigpicture.submission.stores import Stores

_NOBODY = Decision(False, Reason.GRANT, "There is no such person any more.")
_HIDDEN = Decision(False, Reason.WITHDRAWN, "This dataset is not open any more.")


class RunRights:
    """May a person's programs run over datasets now? Decided anew each time it is asked."""

    def __init__(self, stores: Stores) -> None:
        self._records = stores.records
        epochs = Epochs(stores.records)
        seals = Seals(SealFiles(stores.settings.seals_folder), stores.records)
        seals.files.make()
        seals.mirror()
        epochs.listen(Epoch.SEAL, seals.mirror)
        self._seals = seals
        self._decisions = Decisions(stores.records, epochs, seals)

    def refuse_algorithms(self, person: str, stages: Iterable[Stage]) -> str | None:
        """Why the person may not run one of the algorithms any more; None where all are allowed.

        Withdrawn, or under a grant that ended: what was begun before does not count either.
        """
        with self._records.read() as connection:
            found = find_person(connection, person)
            for stage in stages:
                if not is_published(connection, stage.algorithm):
                    continue  # the node's own, for everybody
                try:
                    require_use(
                        connection,
                        found,
                        stage.algorithm,
                        stage.version,
                        sealed=self._seals.current(),
                    )
                except (UnknownError, ForbiddenError, SignInError) as error:
                    return error.what
        return None

    def decide(self, person: str, datasets: Iterable[str]) -> dict[str, Decision]:
        """The decision for each dataset; one that is gone or hidden is refused. May block."""
        wanted = list(dict.fromkeys(datasets))
        with self._records.read() as connection:
            found = find_person(connection, person)
        if found is None:
            return dict.fromkeys(wanted, _NOBODY)
        decided: dict[str, Decision] = {}
        for dataset in wanted:
            try:
                decided[dataset] = self._decisions.decide(found, dataset, Purpose.COMPUTE)
            except UnknownError:
                decided[dataset] = _HIDDEN
        return decided
