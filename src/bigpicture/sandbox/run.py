"""Run: hands a task to a child process and takes back its result, or a clean error."""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Generic, Self, TypeVar, cast

from bigpicture.model.errors import BigpictureError, SandboxError
from bigpicture.sandbox.child import Task
from bigpicture.sandbox.limits import Limits, Protection, Reach
from bigpicture.sandbox.messages import Kind, Messages, read_value, unpack_progress

__all__ = ["Limits", "Protection", "Ran", "Reach", "Sandbox", "kept_sandbox", "run"]

T = TypeVar("T")

Progress = Callable[[int, int], None]

_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "PYTHONHOME")
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_START_SECONDS = 60.0
_BURIAL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Ran(Generic[T]):
    """What a child answered, and which walls stood around it."""

    value: T
    protections: frozenset[Protection]


class Sandbox:
    """Children with limits, forked from one nursery that has loaded `preload` already.

    May be used from several threads; each call has its own child. Close it, or use it with
    `with`; it also ends when this process does.
    """

    def __init__(self, *, preload: Sequence[str] = ()) -> None:
        if not hasattr(os, "fork"):
            raise SandboxError(
                "this system cannot isolate a child process.",
                remedy="Use Linux, macOS, or the Windows Subsystem for Linux.",
            )
        self._preload = tuple(preload)
        self._lock = threading.Lock()
        self._nursery: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(
        self,
        function: Callable[..., T],
        *arguments: object,
        limits: Limits | None = None,
        reach: Reach | None = None,
        progress: Progress | None = None,
        named: Mapping[str, object] | None = None,
    ) -> Ran[T]:
        """Run `function` in a child; it and its arguments travel by pickle.

        With `progress`, the function is also given `progress=`, and what it reports arrives here.
        An error of ours raised in the child is raised here; a child that crashes, hangs, needs
        more than its `limits` or answers nonsense is a `SandboxError`.
        """
        limits = limits or Limits()
        task = Task(
            function, arguments, named or {}, limits, reach or Reach(), progress is not None
        )
        deadline = time.monotonic() + limits.seconds
        with contextlib.ExitStack() as open_ends:
            pipes = [os.pipe() for _ in range(3)]
            (request_out, request_in), (response_out, response_in), (status_out, status_in) = pipes
            life_out, life_in = os.pipe()
            for end in (response_out, status_out, life_in):
                open_ends.callback(os.close, end)
            self._hand_over((request_out, response_in, status_in, life_out), request_in)
            _write_request(request_in, task)
            return cast(
                "Ran[T]", _Listener(response_out, status_out, progress).listen(deadline, limits)
            )

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
                env=_environment(),
                start_new_session=True,
            )
        ours.settimeout(_START_SECONDS)
        if ours.recv(1) != b"r":
            raise SandboxError("the sandbox could not be started.")
        ours.settimeout(None)
        self._control = ours
        return ours


def run(
    function: Callable[..., T],
    *arguments: object,
    limits: Limits | None = None,
    reach: Reach | None = None,
    progress: Progress | None = None,
) -> T:
    """Run one function in a child; see `Sandbox.run`.

    The nursery that has loaded the function's module stays for the next call of this process.
    """
    sandbox = kept_sandbox(function.__module__)
    return sandbox.run(function, *arguments, limits=limits, reach=reach, progress=progress).value


@cache
def kept_sandbox(module: str) -> Sandbox:
    """This process's sandbox whose nursery has loaded `module`; it ends with the process."""
    sandbox = Sandbox(preload=(module,))
    atexit.register(sandbox.close)
    return sandbox


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {
        **kept,
        **dict.fromkeys(_ONE_THREAD, "1"),
        "HOME": "/nonexistent",
        # Each arena reserves 64 MiB of address space, which the memory limit would count.
        "MALLOC_ARENA_MAX": "2",
        "PYTHONPATH": os.pathsep.join(place for place in sys.path if place),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _write_request(descriptor: int, task: Task) -> None:
    try:
        payload = pickle.dumps(task)
    except BaseException:
        os.close(descriptor)
        raise
    # A child that dies while it reads is told of by its status, not by this pipe.
    with contextlib.suppress(BrokenPipeError), os.fdopen(descriptor, "wb") as stream:
        stream.write(payload)


class _Listener:
    """Listens to one child until it has answered and ended, or its time is over."""

    def __init__(self, response: int, status: int, progress: Progress | None) -> None:
        self._response = response
        self._status = status
        self._progress = progress
        self._messages = Messages()
        self._protections: frozenset[Protection] = frozenset()
        self._answer: tuple[Kind, object] | None = None

    def listen(self, deadline: float, limits: Limits) -> Ran[object]:
        exit_code: int | None = None
        with selectors.DefaultSelector() as selector:
            for end in (self._response, self._status):
                selector.register(end, selectors.EVENT_READ)
            while selector.get_map():
                left = deadline - time.monotonic()
                ready = selector.select(left) if left > 0 else []
                if not ready:
                    raise SandboxError(
                        f"a child process was stopped after {limits.seconds:g} seconds.",
                        remedy="Give it more time if the slide is genuine.",
                    )
                for key, _ in ready:
                    data = os.read(key.fd, 1 << 20)
                    if not data:
                        selector.unregister(key.fd)
                    elif key.fd == self._status:
                        exit_code = int(data)
                    else:
                        self._hear(data)
        return self._conclude(exit_code)

    def _hear(self, data: bytes) -> None:
        for kind, payload in self._messages.feed(data):
            if kind is Kind.STARTED:
                names = set(payload.decode("ascii", "replace").splitlines())
                self._protections = frozenset(each for each in Protection if each in names)
            elif kind is Kind.PROGRESS:
                if self._progress is not None:
                    self._progress(*unpack_progress(payload))
            else:
                self._answer = (kind, read_value(payload))

    def _conclude(self, exit_code: int | None) -> Ran[object]:
        if self._answer is None:
            raise SandboxError(
                f"a child process {_death(exit_code)} before it answered.",
                remedy="The input is probably damaged or hostile; nothing was kept of it.",
            )
        kind, value = self._answer
        if kind is Kind.ERROR:
            raise (
                value
                if isinstance(value, BigpictureError)
                else SandboxError("a child process answered nonsense.")
            )
        return Ran(value, self._protections)


def _death(exit_code: int | None) -> str:
    if exit_code is None:
        return "was lost"
    if exit_code > 128:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(exit_code - 128).name}"
    return f"ended with status {exit_code}"
