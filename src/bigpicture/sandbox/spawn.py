"""Spawn: a new interpreter for each task, for systems that cannot fork."""

from __future__ import annotations

import contextlib
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Generator

from bigpicture.model.errors import SandboxError
from bigpicture.sandbox.environment import child_environment
from bigpicture.sandbox.limits import Limits
from bigpicture.sandbox.listen import Listener, Progress, Ran, stopped
from bigpicture.sandbox.messages import LENGTH
from bigpicture.sandbox.task import Task

_START_SECONDS = 60.0
_PIECE = 1 << 20
_PIECES = 16
"""That wait to be heard; a child that says more has to wait."""


class Spawner:
    """Starts children and ends them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._living: set[subprocess.Popen[bytes]] = set()

    def run(self, task: Task, progress: Progress | None) -> Ran[object]:
        """Have a new child do the task; its time begins when it has started."""
        payload = pickle.dumps(task)
        with self._child() as child, _voice_of(child, payload) as heard:
            listener = Listener(progress, is_plain=task.is_plain)
            deadline = _listen(listener, heard, task.limits)
            return listener.conclude(_ended(child, deadline, task.limits))

    def close(self) -> None:
        """End every child still running."""
        with self._lock:
            for child in self._living:
                child.kill()

    @contextlib.contextmanager
    def _child(self) -> Generator[subprocess.Popen[bytes]]:
        try:
            child = subprocess.Popen(
                [sys.executable, "-P", "-m", "bigpicture.sandbox.spawned"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=child_environment(),
            )
        except OSError as error:
            raise SandboxError("the sandbox could not be started.") from error
        with self._lock:
            self._living.add(child)
        try:
            yield child
        finally:
            with self._lock:
                self._living.discard(child)
            child.kill()
            child.wait()


@contextlib.contextmanager
def _voice_of(child: subprocess.Popen[bytes], payload: bytes) -> Generator[queue.Queue[bytes]]:
    """What the child says, piece by piece; empty at its end.

    A thread reads: pipes cannot be waited for together on Windows.
    """
    heard = queue.Queue[bytes](_PIECES)
    reader = threading.Thread(target=_read, args=(child, payload, heard), daemon=True)
    reader.start()
    try:
        yield heard
    finally:
        child.kill()
        while reader.is_alive():  # it may wait to put down one piece more
            with contextlib.suppress(queue.Empty):
                heard.get(timeout=0.01)
        for pipe in (child.stdin, child.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):
                pipe.close()


def _read(child: subprocess.Popen[bytes], payload: bytes, heard: queue.Queue[bytes]) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    # A child that dies while it reads is told of by its status, not by this pipe.
    with contextlib.suppress(OSError):
        child.stdin.write(LENGTH.pack(len(payload)) + payload)
        child.stdin.flush()
        # The pipe stays open: when it closes the child knows that we have ended.
        while data := child.stdout.read1(_PIECE):  # pyright: ignore[reportAttributeAccessIssue]
            heard.put(data)
    heard.put(b"")


def _listen(listener: Listener, heard: queue.Queue[bytes], limits: Limits) -> float:
    """Hear the child until it falls silent; returns when its time is over."""
    deadline = time.monotonic() + _START_SECONDS
    has_started = False
    while True:
        try:
            data = heard.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            if not has_started:
                raise SandboxError("the sandbox could not be started.") from None
            raise stopped(limits) from None
        if not data:
            return deadline
        listener.hear(data)
        if listener.has_started and not has_started:
            has_started = True
            deadline = time.monotonic() + limits.seconds


def _ended(child: subprocess.Popen[bytes], deadline: float, limits: Limits) -> int:
    try:
        return child.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise stopped(limits) from None
