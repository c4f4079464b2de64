"""Serve: run a node, in one process or several."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable

import uvicorn
from uvicorn.supervisors import Multiprocess

from bigpicture.app.companion import Companion
from bigpicture.app.environment import environment_of
from bigpicture.app.log import configure_log
from bigpicture.app.open import open_stores
from bigpicture.app.web import make_web
from bigpicture.app.work import leave_soon, working
from bigpicture.model.errors import SettingsError
from bigpicture.settings import Settings

_GRACE_SECONDS = 3
_BACKLOG = 2048
_UNSENT_BYTES = 128 << 10
"""What the kernel holds of an answer before it can be sent: connections inherit it. A slow client
costs no more than this, and one that goes away has not been given megabytes for nothing."""


def serve(settings: Settings, *, on_ready: Callable[[], None] | None = None) -> None:
    """Serve until told to stop (SIGTERM or Ctrl-C), then stop cleanly."""
    configure_log(settings)
    with _bind(settings) as listening:
        if settings.workers == 1:
            _serve_alone(settings, listening, on_ready)
        else:
            _serve_many(settings, listening, on_ready)


def _bind(settings: Settings) -> socket.socket:
    """Take the port before anything is started; raises `SettingsError` where it cannot be had."""
    try:
        listening = socket.create_server((settings.host, settings.port), backlog=_BACKLOG)
    except OSError as error:
        raise SettingsError(
            f"this port cannot be had ({os.strerror(error.errno or 0)}).",
            place=f"{settings.host}:{settings.port}",
            remedy="Choose another with --port, or stop what uses it.",
        ) from error
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)
    return listening


def _serve_alone(
    settings: Settings, listening: socket.socket, on_ready: Callable[[], None] | None
) -> None:
    stores = open_stores(settings)
    with working(stores) as queue:
        server = _Server(_config(settings, make_web(stores, queue)), on_ready)
        # uvicorn raises the signal again once it has stopped; what follows must still happen
        signal.signal(signal.SIGTERM, lambda *_: None)
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listening])
        leave_soon()


def _serve_many(
    settings: Settings, listening: socket.socket, on_ready: Callable[[], None] | None
) -> None:
    """Web processes share one port; one worker process beside them runs the workflows."""
    companion = Companion(settings)
    companion.start()
    os.environ.update(environment_of(settings))
    try:
        config = _config(
            settings,
            "bigpicture.app.web:web_from_environment",
            factory=True,
            workers=settings.workers,
        )
        listening.set_inheritable(True)
        if on_ready:
            on_ready()
        Multiprocess(config, sockets=[listening]).run()
    finally:
        companion.stop()


def _config(settings: Settings, application: object, **options: object) -> uvicorn.Config:
    return uvicorn.Config(
        application,  # type: ignore[arg-type] # uvicorn takes an import string or an application
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        **options,  # type: ignore[arg-type] # names and types are uvicorn's own
    )


class _Server(uvicorn.Server):
    """Says when the port is open."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started and self._on_ready:
            self._on_ready()
