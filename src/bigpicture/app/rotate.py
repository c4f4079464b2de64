"""Rotate the node's sealing key, while none of its processes runs on this machine."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bigpicture.app.keyring import SEALING, next_sealing, replace_sealing
from bigpicture.app.slot import held_slot
from bigpicture.model.errors import SettingsError
from bigpicture.sealing.keys import KeyPair, load_key_pair
from bigpicture.settings import Settings
from bigpicture.storage.objects import Objects
from bigpicture.storage.records.engine import open_records
from bigpicture.storage.records.migrate import check_migrated
from bigpicture.vault.key_store import KeyStore
from bigpicture.vault.rotate import Rotation


@dataclass(frozen=True, slots=True)
class Progress:
    """What a rotation tells while it runs: how much there is, then how much was done."""

    begin: Callable[[int], None]
    tick: Callable[[int], None]


def rotate(settings: Settings, progress: Progress) -> KeyPair:
    """Give the node a new sealing key; returns it. Repeat it where it was cut off.

    The next key is durable before the first header is sealed for it, and takes the present one's
    place after the last: until then the node does not start, and this goes on where it was. Raises
    `SettingsError` where a process of the node runs.
    """
    with _nobody_else(settings):
        present = load_key_pair(settings.keys / SEALING)
        following = next_sealing(settings.keys)
        records = open_records(settings.records_url)
        try:
            check_migrated(records)
            apart = Objects(settings.key_store_url, endpoint=settings.key_store_endpoint)
            key_store = KeyStore(apart, following, earlier=(present,))
            rotation = Rotation(records, key_store, present, following)
            progress.begin(rotation.count())
            rotation.run(progress.tick)
            records.forget()
        finally:
            records.close()
        replace_sealing(settings.keys)
    return following


@contextmanager
def _nobody_else(settings: Settings) -> Generator[None]:
    """Hold every slot that was ever used on this machine."""
    folder = settings.data / "slots"
    names = {path.stem for path in folder.glob("*.lock")}
    with ExitStack() as held:
        for name in sorted({settings.slot, *names}):
            slot = settings.model_copy(update={"slot": name})
            try:
                held.enter_context(held_slot(slot, patience=1))
            except SettingsError:
                raise SettingsError(
                    "a process of this node is running.",
                    place=f"slot {name}",
                    rule="a key is rotated while nothing is sealed",
                    remedy="Stop every process of the node, on all machines, then rotate.",
                ) from None
        yield
