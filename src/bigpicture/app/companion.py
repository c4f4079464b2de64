"""The worker process beside several web processes: started again when it dies, ended with us."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading

import structlog

from bigpicture.app.environment import environment_of
from bigpicture.settings import Settings

_PAUSE_SECONDS = 1.0
_GRACE_SECONDS = 15.0


class Companion:
    """Keeps one `bigpicture worker` running until stopped.

    It reads from a pipe that ends when this process does, however it ends, and then ends too.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._over = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name="companion", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._lock:
            self._over.set()
            process = self._process
        if process is not None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_SECONDS)
            process.kill()
        self._thread.join(_PAUSE_SECONDS)

    def _keep(self) -> None:
        while True:
            with self._lock:
                if self._over.is_set():
                    return
                process = self._process = _start(self._settings)
            status = process.wait()
            if self._over.wait(_PAUSE_SECONDS):
                return
            structlog.get_logger().warning("the worker ended and is started again", status=status)


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "bigpicture", "worker", "--until-closed"],
        env=environment_of(settings, workers=1),
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is ours to hand on
    )
