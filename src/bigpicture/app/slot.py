"""A slot: held by one living process, so that no step is run by two."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager

from bigpicture.model.errors import SettingsError
from bigpicture.settings import Settings

_PATIENCE_SECONDS = 10.0
_TRY_SECONDS = 0.1


@contextmanager
def held_slot(settings: Settings, *, patience: float = _PATIENCE_SECONDS) -> Generator[None]:
    """Hold the settings' slot while the block lasts; a killed process lets go by itself.

    DBOS gives a slot's pending steps to whoever starts under its name, and would give them to two.
    The lock lies in the data folder: it keeps processes of one machine apart, not of two. A
    predecessor that is just ending is waited for. Raises `SettingsError` where the slot is held.
    """
    folder = settings.data / "slots"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / f"{settings.slot}.lock"
    descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock(descriptor, settings.slot, time.monotonic() + patience)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, slot: str, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise SettingsError(
                    f"another process of this node works under the slot {slot}.",
                    place="slot",
                    remedy="Give this one a name of its own: `bigpicture worker --slot NAME`.",
                ) from None
            time.sleep(_TRY_SECONDS)
        else:
            return
