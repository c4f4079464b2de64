"""The web process: the doors over one set of stores."""

from __future__ import annotations

from collections.abc import Callable

from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.app.log import configure_log
from bigpicture.app.open import open_stores
from bigpicture.settings import Settings
from bigpicture.submission.stores import Stores
from bigpicture.worker.durable import Queue

Asgi = Callable[..., object]


def make_web(stores: Stores, queue: Queue) -> Asgi:
    """Build the ASGI application of one process."""
    return build(Node.open(stores, start_work=queue.start))


def web_from_environment() -> Asgi:
    """Build it from the environment: how each process of `serve --workers N` begins."""
    settings = Settings.load()
    configure_log(settings)
    return make_web(open_stores(settings), Queue(settings))
