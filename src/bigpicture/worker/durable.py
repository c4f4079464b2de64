"""Durable workflows: a step that was under way when the node died is taken up again.

DBOS keeps which steps are done, in its own tables beside the records. What goes into them is the
accession and the number of the attempt, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from dbos import DBOS, DBOSClient, DBOSConfig

from bigpicture.settings import Settings
from bigpicture.submission.stores import Stores
from bigpicture.worker.ingest import AGAIN, STEPS, STOPPED, perform

QUEUE = "submissions"
WORKFLOW = "ingest"
VERSION = "1"
"""Fixed, so that an edit of the source does not strand pending work (DBOS hashes the source)."""
_AT_ONCE = 2
_POLL_SECONDS = 0.2
_RECOVERIES = 1000


@dataclass(frozen=True, slots=True)
class Durable:
    """The running workflows of this process's slot."""

    slot: str

    def stop(self) -> None:
        """Let running steps go; the next start of this slot takes them up again."""
        DBOS.destroy(workflow_completion_timeout_sec=0)


def launch(stores: Stores) -> Durable:
    """Run workflows in this process, first those that this slot left unfinished.

    Each process needs a slot of its own that stays the same over restarts
    (`settings.slot`): DBOS gives a slot's pending work back to it, and two processes of the same
    slot would both run it.
    """
    settings = stores.settings
    config = DBOSConfig(
        name="bigpicture",
        system_database_url=settings.workflows_url,
        executor_id=f"slot-{settings.slot}",
        application_version=VERSION,
        log_level="WARNING",
        console_log_level="WARNING",
    )
    DBOS(config=config)
    _define(stores)
    DBOS.listen_queues([QUEUE])
    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=_AT_ONCE, polling_interval_sec=_POLL_SECONDS)
    return Durable(settings.slot)


def _define(stores: Stores) -> None:
    """Register the workflow. It holds no logic but the order, so that a replay is exact."""
    by_name = dict(STEPS)

    @DBOS.step(name="step")
    def step(name: str, accession: str, attempt: int) -> str:
        return perform(stores, accession, by_name[name], attempt=attempt)

    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=_RECOVERIES)
    def ingest(accession: str, attempt: int) -> None:
        for name in by_name:
            outcome = step(name, accession, attempt)
            while outcome == AGAIN:
                outcome = step(name, accession, attempt)
            if outcome == STOPPED:
                return

    del ingest  # DBOS holds it by name


class Queue:
    """Hands submissions to whichever process runs workflows."""

    def __init__(self, settings: Settings) -> None:
        self._client = DBOSClient(system_database_url=settings.workflows_url)

    def start(self, accession: str, attempt: int) -> None:
        """Enqueue an attempt; the same attempt twice is one."""
        self._client.enqueue(
            {
                "workflow_name": WORKFLOW,
                "queue_name": QUEUE,
                "workflow_id": f"{accession}:{attempt}",
                "app_version": VERSION,
            },
            accession,
            attempt,
        )

    def status(self, accession: str, attempt: int) -> str | None:
        """What DBOS says of an attempt (`PENDING`, `SUCCESS` ...); None where it knows none."""
        found = self._client.list_workflows(workflow_ids=[f"{accession}:{attempt}"])
        return found[0].status if found else None

    def close(self) -> None:
        self._client.destroy()
