"""The variables a child is given: those named here, and nothing else of ours."""

from __future__ import annotations

import os
import sys

_KEPT = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "PYTHONHOME"),
    *("SYSTEMROOT", "WINDIR", "TEMP", "TMP"),  # Windows starts no interpreter without the first
)
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_HOME = "/nonexistent"
"""A place that is nowhere, on Windows too."""


def child_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {
        **kept,
        **dict.fromkeys(_ONE_THREAD, "1"),
        **dict.fromkeys(("HOME", "USERPROFILE"), _HOME),
        # Each arena reserves 64 MiB of address space, which the memory limit would count.
        "MALLOC_ARENA_MAX": "2",
        "PYTHONPATH": os.pathsep.join(place for place in sys.path if place),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
