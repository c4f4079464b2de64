"""What the tests of the sandbox let a child do: it must be importable there by name."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import socket
import time
from pathlib import Path

from bigpicture.model.errors import SlideError
from bigpicture.model.identifiers import Alias


def crash():
    ctypes.string_at(0)


def spin():
    while True:
        pass


def eat_memory_in_c():
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    while True:
        block = libc.malloc(ctypes.c_size_t(64 << 20))
        ctypes.memset(block, 1, 64 << 20)  # a NULL block ends in SIGSEGV, as in a careless parser


def eat_memory():
    kept = []
    while True:
        kept.append(bytearray(64 << 20))


def refuse():
    raise SlideError("no rule names this tag.", place="IFD 0", remedy="Add a rule.")


def fail_quoting(secret):
    raise ValueError(secret)


def write(path, text="x"):
    Path(path).write_text(text)
    return Path(path).read_text()


def write_long(path, length):
    with Path(path).open("wb") as stream:
        stream.write(b"x" * length)


def read(path):
    return Path(path).read_text()


def environment():
    return dict(os.environ)


def open_descriptors():
    found = {}
    for entry in Path("/proc/self/fd").iterdir():
        if int(entry.name) > 2:
            try:
                found[int(entry.name)] = str(entry.readlink()).partition(":")[0]
            except OSError:
                continue  # that of this listing
    return {number: kind for number, kind in found.items() if not kind.startswith("/proc")}


def print_rubbish():
    """As libraries do that tell the terminal what they think; those in C too."""
    print("rubbish" * 4, flush=True)
    for descriptor in (0, 1, 2):
        with contextlib.suppress(OSError):
            os.write(descriptor, b"rubbish" * 4)
    return 3


def note_and_sleep(place):
    """Take a name that can be found among processes, and note it."""
    name = f"bp{os.urandom(5).hex()}"
    ctypes.CDLL(None).prctl(15, name.encode(), 0, 0, 0)  # PR_SET_NAME
    Path(place).write_text(name)
    time.sleep(600)


def flood_for_ever():
    """Say more than anybody hears."""
    while True:
        for descriptor in range(3, 16):
            with contextlib.suppress(OSError):
                os.write(descriptor, b"P" + (16).to_bytes(8, "little") + bytes(16))


def leave_the_answer_and_stay():
    """Close the pipe as if all were said, and go on."""
    os.closerange(3, 64)
    while True:
        time.sleep(600)


def connect(port):
    with socket.create_connection(("127.0.0.1", port), timeout=2):
        return True


def count(steps, progress):
    for step in range(steps + 1):
        progress(step, steps)
    return steps


def leave_a_child_behind():
    """Start a process that would outlive us, in a session of its own."""
    process = os.fork()
    if process == 0:
        os.setsid()
        time.sleep(600)
    return str(Path("/proc/self/ns/pid").readlink())


class Malice:
    def __reduce__(self):
        return (os.system, ("true",))


def answer_with_code():
    return Malice()


def answer_with_our_function():
    class Calls:
        def __reduce__(self):
            return (Alias.parse, ("x",))

    return Calls()


def flood(length):
    """Write a message head that promises more than may be believed, then go on writing."""
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"R" + (1 << 60).to_bytes(8, "little") + b"x" * length)
        except OSError:
            continue


def answer_rubbish():
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"rubbish" * 4)
        except OSError:
            continue


def dumps():
    return pickle.dumps({"a": 1})
