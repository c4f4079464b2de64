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


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use.

    `memory_bytes` is on top of what the preloaded libraries take, `seconds` is wall time,
    `file_bytes` the size of any one file it writes, `threads` bounds its threads and processes
    where the kernel counts them per namespace.
    """

    memory_bytes: int = 4 << 30
    seconds: float = 3600.0
    file_bytes: int = 64 << 30
    threads: int = 256


@dataclass(frozen=True, slots=True)
class Reach:
    """What one child may touch: `writable` folders; `readable` places, None for no limit."""

    writable: tuple[Path, ...] = ()
    readable: tuple[Path, ...] | None = None
