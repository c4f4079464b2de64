"""What the tests of the executors do: it must be importable by name in a worker's process.

The `stores` of these tasks is a folder. Each task leaves a line in `<reference>.log` for each time
it is done, with the number of its process.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from bigpicture.model.errors import IntegrityError, SettingsError, SlideError
from bigpicture.sandbox.run import run
from bigpicture.worker.place import give_up_place

FOLDER = "EXECUTOR_TEST_FOLDER"


def folder() -> Path:
    """Open the "stores" of a worker's process, and leave word that it was done."""
    here = Path(os.environ[FOLDER])
    _note(here, "opened")
    return here


def no_folder() -> Path:
    raise SettingsError("this node has no keys.", place="keys", remedy="Put them back.")


def note(here: Path, reference: str) -> None:
    _note(here, reference)


def refuse(here: Path, reference: str) -> None:
    """Refuse each reference that begins with `bad`, each in its own words."""
    _note(here, reference)
    if reference.startswith("bad-slide"):
        raise SlideError(f"{reference} is cut.", place="slide.svs", rule="TIFF 6.0", remedy="Scan.")
    if reference.startswith("bad"):
        raise IntegrityError(f"{reference} changed.", place="a file", rule="SHA-256")


def stumble(here: Path, reference: str) -> None:
    raise KeyError(reference)


def keep_until_all(here: Path, reference: str) -> None:
    """Give up the place, then end only when all of the others began, too; fail when they do not."""
    give_up_place()
    _note(here, reference)
    kind, _, count = reference.rpartition("-of-")
    group = kind.partition("-")[0]
    for _ in range(200):
        if len(list(here.glob(f"{group}-*-of-{count}.log"))) == int(count):
            return
        time.sleep(0.05)
    raise TimeoutError(reference)


def count_at_once(here: Path, reference: str) -> None:
    """Leave word of how many did the same at the same time."""
    sign = here / f"{reference}.sign"
    sign.touch()
    time.sleep(0.1)
    with (here / "at-once.log").open("a") as log:
        log.write(f"{len(list(here.glob('once-*.sign')))}\n")
    sign.unlink()


def be_alone(here: Path, reference: str) -> None:
    """Fail where another does the same at the same time."""
    sign = here / f"{reference}.sign"
    sign.touch(exist_ok=False)
    time.sleep(0.05)  # long enough for another to run into it
    sign.unlink()


def die_in_sandbox(here: Path, reference: str) -> None:
    """Die in the sandbox's child, as a vendor's parser would."""
    run(os.abort)


def die_once(here: Path, reference: str) -> None:
    """Take the worker's process along, the first time."""
    is_first = not (here / f"{reference}.log").exists()
    _note(here, reference)
    if is_first:
        _die()


def die(here: Path, reference: str) -> None:
    _note(here, reference)
    _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _note(here: Path, name: str) -> None:
    with (here / f"{name}.log").open("a") as log:
        log.write(f"{os.getpid()}\n")


def times(here: Path, name: str) -> int:
    """How often a reference was done."""
    log = here / f"{name}.log"
    return len(log.read_text().splitlines()) if log.exists() else 0
