"""The nursery: a process that has loaded the libraries once and forks a child for each task.

A fresh interpreter with its imaging libraries starts in about a second, a fork in milliseconds.
It has one thread, no secrets in its environment, and only the sockets it was given.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import selectors
import signal
import socket
import sys
from dataclasses import dataclass
from typing import NoReturn

from bigpicture.sandbox import namespaces
from bigpicture.sandbox.child import live

_PIPES = 4
"""For each child: request, response, status, life. Closing `life` kills it."""


@dataclass(frozen=True, slots=True)
class _Ward:
    process: int
    status: int
    life: int


def serve(control: socket.socket) -> None:
    """Fork a child for every set of pipes that arrives on `control`, until it closes."""
    wards: dict[int, _Ward] = {}
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    selector.register(awake, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is control:
                ward = _admit(control)
                if ward is None:
                    for each in wards.values():
                        _kill(each)
                    return
                wards[ward.process] = ward
                selector.register(ward.life, selectors.EVENT_READ)
            elif key.fileobj == awake:
                os.read(awake, 4096)
                _bury(wards, selector)
            else:
                for each in [ward for ward in wards.values() if ward.life == key.fileobj]:
                    _kill(each)
                    selector.unregister(each.life)


def _admit(control: socket.socket) -> _Ward | None:
    message, pipes, _, _ = socket.recv_fds(control, 1, _PIPES)
    if not message:
        return None
    request, response, status, life = pipes
    process = os.fork()
    if process == 0:
        _become_child(request, response)
    os.close(request)
    os.close(response)
    with contextlib.suppress(OSError):
        os.setpgid(process, process)
    return _Ward(process, status, life)


def _become_child(request: int, response: int) -> NoReturn:
    namespaces.die_with_parent()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
    low, high = sorted((request, response))
    os.closerange(3, low)
    os.closerange(low + 1, high)
    os.closerange(high + 1, os.sysconf("SC_OPEN_MAX") if high < 4096 else high + 4096)
    live(request, response)


def _kill(ward: _Ward) -> None:
    for end in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(ward.process, signal.SIGKILL)


def _bury(wards: dict[int, _Ward], selector: selectors.BaseSelector) -> None:
    while True:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if process == 0:
            return
        ward = wards.pop(process, None)
        if ward is None:
            continue
        with contextlib.suppress(KeyError, ValueError):
            selector.unregister(ward.life)
        code = os.waitstatus_to_exitcode(status)
        with contextlib.suppress(OSError):
            os.write(ward.status, str(code if code >= 0 else 128 - code).encode())
        os.close(ward.status)
        os.close(ward.life)


def main() -> None:
    """Start: the descriptor of the control socket, then the names of modules to load."""
    for name in sys.argv[2:]:
        with contextlib.suppress(ImportError):  # the child that needs it will say so better
            importlib.import_module(name)
    with socket.socket(fileno=int(sys.argv[1])) as control:
        control.sendall(b"r")
        serve(control)


if __name__ == "__main__":
    main()
