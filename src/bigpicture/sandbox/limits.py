"""What a child process may use, and which protections held while it ran."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Protection(StrEnum):
    """A wall around a child. Which of them stand depends on the kernel and on our own rights."""

    MEMORY = "memory"
    """RLIMIT_AS: what the libraries map already, and so much more."""
    CPU_TIME = "cpu time"
    WALL_TIME = "wall time"
    FILE_SIZE = "file size"
    NO_CORE_DUMP = "no core dump"
    """A core file would carry pixels and headers to the disk."""
    ENVIRONMENT = "environment"
    """Only named variables: tokens and passwords of the parent are not there."""
    CLOSED_FILES = "closed files"
    NO_NEW_RIGHTS = "no new rights"
    NETWORK = "network"
    """An empty network namespace: no interface, not even loopback."""
    PROCESSES = "processes"
    """A process namespace of its own: whatever the child starts dies with it."""
    FILE_WRITES = "file writes"
    """Landlock: writing only beneath the folders named."""
    FILE_READS = "file reads"
    """Landlock: reading only the source and the interpreter's own folders."""
    CALLS = "system calls"
    """seccomp: no socket of any kind, no change of a file's owner or mode, no way to the kernel."""
    ONE_PROCESS = "one process"
    """seccomp: threads only, no process and no program."""
    NO_RIGHTS = "no rights"
    """No capability: root is nobody special."""
    SCRATCH = "scratch"
    """A scratch folder in memory that only this child sees, and that has a size."""


FOREIGN = frozenset(
    {
        Protection.MEMORY,
        Protection.WALL_TIME,
        Protection.ENVIRONMENT,
        Protection.CLOSED_FILES,
        Protection.NO_NEW_RIGHTS,
        Protection.NETWORK,
        Protection.PROCESSES,
        Protection.FILE_WRITES,
        Protection.FILE_READS,
        Protection.CALLS,
        Protection.NO_RIGHTS,
        Protection.SCRATCH,
    }
)
"""Without all of these, code of others is not run."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use.

    `memory_bytes` is on top of what the preloaded libraries take, `seconds` is wall time,
    `file_bytes` the size of any one file it writes, `threads` bounds its threads and processes
    where the kernel counts them per namespace, `cores` the processor time (None: of all there are),
    `scratch_bytes` what its scratch folder holds.
    """

    memory_bytes: int = 4 << 30
    seconds: float = 3600.0
    file_bytes: int = 64 << 30
    threads: int = 256
    cores: int | None = None
    scratch_bytes: int = 256 << 20
    is_alone: bool = False
    """It may start no process and no program. Only together with a narrow reach."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What one child may touch: `writable` folders; `readable` places, None for no limit.

    Where it `is_narrow` the child has no sockets, no capability, and of the system only what
    Python itself needs: the walls for code of others. Its `scratch` is an empty folder: the child
    sees one of its own there, gone when it ends.
    """

    writable: tuple[Path, ...] = ()
    readable: tuple[Path, ...] | None = None
    is_narrow: bool = False
    scratch: Path | None = None
