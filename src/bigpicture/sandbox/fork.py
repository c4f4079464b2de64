"""Fork: children from a nursery that has loaded the libraries already."""

from __future__ import annotations

import contextlib
import os
import pickle
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from bigpicture.model.errors import SandboxError
from bigpicture.sandbox.environment import child_environment
from bigpicture.sandbox.limits import Limits
from bigpicture.sandbox.listen import Listener, Progress, Ran, stopped
from bigpicture.sandbox.task import Task

_START_SECONDS = 60.0
_BURIAL_SECONDS = 10.0


class Forker:
    """Keeps the nursery, and hands it a task at a time."""

    def __init__(self, preload: Sequence[str]) -> None:
        self._preload = tuple(preload)
        self._lock = threading.Lock()
        self._nursery: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def run(self, task: Task, progress: Progress | None) -> Ran[object]:
        """Have a new child do the task."""
        deadline = time.monotonic() + task.limits.seconds
        with contextlib.ExitStack() as open_ends:
            pipes = [os.pipe() for _ in range(3)]
            (request_out, request_in), (response_out, response_in), (status_out, status_in) = pipes
            life_out, life_in = os.pipe()
            for end in (response_out, status_out, life_in):
                open_ends.callback(os.close, end)
            self._hand_over((request_out, response_in, status_in, life_out), request_in)
            _write_request(request_in, task)
            listener = Listener(progress, is_plain=task.is_plain)
            exit_code = _listen(listener, response_out, status_out, deadline, task.limits)
            return listener.conclude(exit_code)

    def close(self) -> None:
        """End the nursery and with it every child still running."""
        with self._lock:
            if self._control is not None:
                self._control.close()
                self._control = None
            if self._nursery is not None:
                try:
                    self._nursery.wait(_BURIAL_SECONDS)
                except subprocess.TimeoutExpired:
                    self._nursery.kill()
                    self._nursery.wait()
                self._nursery = None

    def _hand_over(self, ends: tuple[int, ...], request_in: int) -> None:
        try:
            with self._lock:
                socket.send_fds(self._ready(), [b"t"], ends)
        except (OSError, SandboxError) as error:
            os.close(request_in)
            raise SandboxError("the sandbox could not be started.") from error
        finally:
            for end in ends:
                os.close(end)

    def _ready(self) -> socket.socket:
        if self._control is not None and self._nursery is not None and self._nursery.poll() is None:
            return self._control
        if self._control is not None:
            self._control.close()
        ours, theirs = socket.socketpair()
        with theirs:
            self._nursery = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "bigpicture.sandbox.nursery",
                    str(theirs.fileno()),
                    *self._preload,
                ],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=child_environment(),
                start_new_session=True,
            )
        ours.settimeout(_START_SECONDS)
        if ours.recv(1) != b"r":
            raise SandboxError("the sandbox could not be started.")
        ours.settimeout(None)
        self._control = ours
        return ours


def _write_request(descriptor: int, task: Task) -> None:
    try:
        payload = pickle.dumps(task)
    except BaseException:
        os.close(descriptor)
        raise
    # A child that dies while it reads is told of by its status, not by this pipe.
    with contextlib.suppress(BrokenPipeError), os.fdopen(descriptor, "wb") as stream:
        stream.write(payload)


def _listen(
    listener: Listener, response: int, status: int, deadline: float, limits: Limits
) -> int | None:
    """Hear the child until it has answered and ended; returns how it ended."""
    exit_code: int | None = None
    with selectors.DefaultSelector() as selector:
        for end in (response, status):
            selector.register(end, selectors.EVENT_READ)
        while selector.get_map():
            left = deadline - time.monotonic()
            ready = selector.select(left) if left > 0 else []
            if not ready:
                raise stopped(limits)
            for key, _ in ready:
                data = os.read(key.fd, 1 << 20)
                if not data:
                    selector.unregister(key.fd)
                elif key.fd == status:
                    exit_code = int(data)
                else:
                    listener.hear(data)
    return exit_code
