"""The spawned child: a new interpreter that does one task, where a system cannot fork.

Nothing of the parent is in it but the task and a few variables. It has no other walls: its wall
time is the parent's to keep, and it ends when the parent ends.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
from typing import NoReturn

from bigpicture.sandbox.limits import Protection
from bigpicture.sandbox.messages import LENGTH
from bigpicture.sandbox.task import Task, tell_walls, work
from bigpicture.system.files import BINARY

WALLS = frozenset({Protection.WALL_TIME, Protection.ENVIRONMENT, Protection.CLOSED_FILES})


def main() -> NoReturn:
    """Read the task from the standard input, do it, answer to the standard output, and end."""
    status = 1
    # a console tells Ctrl-C to all its processes; the parent hears it, and ends us
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        request, response = _keep_pipes()
        (length,) = LENGTH.unpack(_read(request, LENGTH.size))
        task: Task = pickle.loads(_read(request, length))  # noqa: S301 - written by the parent
        threading.Thread(target=_end_with_parent, args=(request,), daemon=True).start()
        tell_walls(WALLS, response)
        work(task, response, WALLS)
        status = 0
    except BaseException:  # noqa: BLE001 - whatever happened here, the parent sees a dead child
        status = 1
    finally:
        os._exit(status)


def _keep_pipes() -> tuple[int, int]:
    """Both pipes under numbers that nobody prints to, and that no process started here has."""
    kept = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR | BINARY)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    return kept


def _read(descriptor: int, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        data = os.read(descriptor, length - len(found))
        if not data:
            raise EOFError
        found += data
    return bytes(found)


def _end_with_parent(request: int) -> None:
    """The pipe says nothing more until the parent closes it, or has died."""
    os.read(request, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
