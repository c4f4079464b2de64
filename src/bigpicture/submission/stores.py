"""What the steps of a submission work with."""

from __future__ import annotations

from dataclasses import dataclass

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.model.executor import Executor
from bigpicture.settings import Settings
from bigpicture.storage.records.engine import Records
from bigpicture.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Stores:
    """`pseudonyms` are the node's own, for files that it received identified.

    They are None in a process that never converts: the web processes do without that key.
    `executor` does the heavy work of the steps; None in a process that runs no steps.
    """

    settings: Settings
    records: Records
    vault: Vault
    pseudonyms: Pseudonyms | None = None
    executor: Executor | None = None
