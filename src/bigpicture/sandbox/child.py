"""The forked child: it puts up the walls around itself, does one task, and answers."""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import sys
import sysconfig
from pathlib import Path
from typing import NoReturn

from bigpicture.sandbox import calls, capabilities, landlock, namespaces, scratch
from bigpicture.sandbox.limits import Limits, Protection, Reach
from bigpicture.sandbox.task import Task, tell_walls, work


def live(request: int, response: int) -> NoReturn:
    """Read the task, do it behind the walls, answer, and end. Never returns, never raises."""
    status = 1
    try:
        with os.fdopen(request, "rb") as stream:
            task: Task = pickle.load(stream)  # noqa: S301 - written by the parent, which we trust
        held = namespaces.enter(has_mounts=task.reach.scratch is not None)
        if Protection.PROCESSES in held:
            _wait_for(os.fork())
        held |= _wall_in(task, is_counted_apart=Protection.PROCESSES in held)
        tell_walls(held, response)
        work(task, response, held)
        status = 0
    except BaseException:  # noqa: BLE001 - whatever happened here, the parent sees a dead child
        status = 1
    finally:
        os._exit(status)


def _wait_for(inner: int) -> None:
    """Outside, end as the inner process ends; inside (`inner` is 0), go on.

    The inner process is the first of its namespace: when it ends the kernel kills the rest.
    """
    if inner == 0:
        namespaces.die_with_parent()
        return
    _, status = os.waitpid(inner, 0)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


def _wall_in(task: Task, *, is_counted_apart: bool) -> frozenset[Protection]:
    held = {Protection.WALL_TIME, Protection.ENVIRONMENT, Protection.CLOSED_FILES}
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    seconds = task.limits.seconds * (task.limits.cores or os.cpu_count() or 1)
    for kind, most, protection in (
        (resource.RLIMIT_CORE, 0, Protection.NO_CORE_DUMP),
        (resource.RLIMIT_FSIZE, task.limits.file_bytes, Protection.FILE_SIZE),
        (resource.RLIMIT_CPU, int(seconds) + 1, Protection.CPU_TIME),
        (resource.RLIMIT_AS, _mapped_bytes() + task.limits.memory_bytes, Protection.MEMORY),
    ):
        if _lower(kind, most):
            held.add(protection)
    if is_counted_apart and os.getuid() != 0:
        # Counted per user namespace since Linux 5.14; outside of one, everything the person runs
        # would count. Root is never counted.
        _lower(resource.RLIMIT_NPROC, task.limits.threads)
    held |= _shut_in(task.reach, task.limits)
    return frozenset(held)


def _shut_in(reach: Reach, limits: Limits) -> set[Protection]:
    """Files, rights and calls: what once given up never comes back, in this order."""
    held: set[Protection] = set()
    if reach.scratch is not None:
        os.umask(0o077)
        if scratch.mount_scratch(reach.scratch, limits.scratch_bytes):
            held.add(Protection.SCRATCH)
        for name in ("TMPDIR", "HOME"):
            os.environ[name] = str(reach.scratch)
        os.chdir(reach.scratch)
    if reach.is_narrow and capabilities.give_up():
        held.add(Protection.NO_RIGHTS)
    if landlock.forbid_new_rights():
        held.add(Protection.NO_NEW_RIGHTS)
        held |= landlock.restrict(_with_interpreter(reach))
        if reach.is_narrow and calls.refuse_calls(is_alone=limits.is_alone):
            held.add(Protection.CALLS)
            held |= {Protection.ONE_PROCESS} if limits.is_alone else set()
    return held


def _lower(kind: int, most: int) -> bool:
    _, hard = resource.getrlimit(kind)
    lowered = most if hard == resource.RLIM_INFINITY else min(most, hard)
    # A second between them: SIGXCPU says why it ends, the SIGKILL of the hard limit does not.
    last = lowered + 1 if kind == resource.RLIMIT_CPU and lowered == most != hard else lowered
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (lowered, last))
        return True
    return False


def _mapped_bytes() -> int:
    """What the preloaded libraries have mapped already; macOS counts differently and gets room."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 8 << 30
    return pages * resource.getpagesize()


def _with_interpreter(reach: Reach) -> Reach:
    """Python and its libraries must stay readable for modules loaded late."""
    if reach.readable is None:
        return reach
    own = _python_alone() if reach.is_narrow else _python_and_system()
    scratch_too = (reach.scratch,) if reach.scratch else ()
    return Reach(writable=(*reach.writable, *scratch_too), readable=(*reach.readable, *own))


def _python_and_system() -> tuple[Path, ...]:
    return (
        *(Path(place) for place in sys.path if place),
        *(Path(place) for place in sysconfig.get_paths().values()),
        *(Path(place) for place in (sys.prefix, sys.base_prefix)),
        *(Path(place) for place in ("/usr", "/lib", "/lib64", "/etc", "/proc", "/dev", "/sys")),
    )


_SYSTEM = (
    *("/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/lib", "/lib64"),
    *("/etc/ld.so.cache", "/etc/localtime"),
    *("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"),
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu"),
)


def _python_alone() -> tuple[Path, ...]:
    """Where Python's own modules lie: neither the working folder nor any other of `sys.path`."""
    paths = sysconfig.get_paths()
    named = (paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    package = Path(__file__).parents[1]
    libraries = (Path(base) / "lib" for base in (sys.prefix, sys.base_prefix))
    return (*(Path(place) for place in named), *libraries, package, *map(Path, _SYSTEM))
