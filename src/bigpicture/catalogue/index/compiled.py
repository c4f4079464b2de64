"""The compiled kernel, once it is there: it is made ready beside, and nobody waits for it."""

from __future__ import annotations

import threading
from types import ModuleType

_lock = threading.Lock()
_ready: ModuleType | None = None
_started: threading.Thread | None = None


def compiled() -> ModuleType | None:
    """The compiled kernel; None while it is not ready, or where it cannot be had."""
    if _ready is None:
        prepare()
    return _ready


def prepare() -> threading.Thread:
    """Begin to make it ready, unless that has begun."""
    global _started  # noqa: PLW0603 - one a process
    with _lock:
        if _started is None:
            _started = threading.Thread(target=_load, name="kernel", daemon=True)
            _started.start()
        return _started


def _load() -> None:
    global _ready  # noqa: PLW0603 - one a process
    try:
        from bigpicture.catalogue.index import kernel
    except ImportError:
        return
    from bigpicture.catalogue.index.warm import warm

    warm(kernel)
    _ready = kernel
