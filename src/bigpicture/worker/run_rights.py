"""The rights of a run: the one decision, for the person whose run it is, when it counts."""

from __future__ import annotations

import time
from collections.abc import Iterable
from weakref import WeakKeyDictionary

from bigpicture.access.decide import Decision, Purpose, Reason
from bigpicture.access.decisions import Decisions
from bigpicture.access.epoch import Epoch, Epochs
from bigpicture.access.people import find_person
from bigpicture.access.seal_files import SealFiles
from bigpicture.access.seals import Seals
from bigpicture.analysis.install import install
from bigpicture.analysis.installed import Installed
from bigpicture.analysis.may_run import require_use
from bigpicture.analysis.registry import Registered
from bigpicture.model.errors import UnknownError
from bigpicture.storage.records import Records
from bigpicture.submission.stores import Stores

_NOBODY = Decision(False, Reason.GRANT, "There is no such person any more.")
_HIDDEN = Decision(False, Reason.WITHDRAWN, "This dataset is not open any more.")


_KNOWN: WeakKeyDictionary[Records, RunRights] = WeakKeyDictionary()
"""One for each opened records: what decisions rest on is remembered under the seal epoch."""


def rights_of(stores: Stores) -> RunRights:
    """The rights of runs over these stores."""
    known = _KNOWN.get(stores.records)
    if known is None:
        known = _KNOWN[stores.records] = RunRights(stores)
    return known


_FRESH_SECONDS = 1.0
"""How old an answer about an algorithm may be: a run asks it for each of thousands of slides."""


class RunRights:
    """May a person's programs run over datasets now? Decided anew each time it is asked."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._records = stores.records
        self._runnable: dict[tuple[str, str, str], tuple[float, Registered]] = {}
        epochs = Epochs(stores.records)
        self._seals = seals = Seals(SealFiles(stores.settings.seals_folder), stores.records)
        seals.files.make()
        seals.mirror()
        epochs.listen(Epoch.SEAL, seals.mirror)
        self._decisions = Decisions(stores.records, epochs, seals)

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

    def installed(self, person: str, algorithm: str, version: str) -> Installed:
        """An algorithm that the person may run now, as it lies on this machine. May block.

        Raises `UnknownError` and `ForbiddenError` where it may not be run any more.
        """
        asked = (person, algorithm, version)
        known = self._runnable.get(asked)
        now = time.monotonic()
        if known is None or now - known[0] > _FRESH_SECONDS:
            with self._records.read() as connection:
                found = require_use(
                    connection,
                    find_person(connection, person),
                    algorithm,
                    version,
                    sealed=self._seals.current(),
                )
            known = self._runnable[asked] = (now, found)
        return install(known[1], self._stores.vault, self._stores.settings.cache)
