"""A slow line between a browser and a node: a browser takes megabytes ahead of what it reads."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from urllib.parse import urlsplit

PIECE = 4096


class SlowLine:
    """Hands on all that passes on a port of its own; answers at `rate` bytes a second."""

    def __init__(self, address, *, rate):
        self._to, self._rate = urlsplit(address), rate
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.passed = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listening.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.socket()
                far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)
                far.connect((self._to.hostname, self._to.port))
                for source, target, pause in (
                    (near, far, 0.0),
                    (far, near, PIECE / self._rate),
                ):
                    threading.Thread(
                        target=self._hand_on, args=(source, target, pause), daemon=True
                    ).start()

    def _hand_on(self, source, target, pause):
        with contextlib.suppress(OSError):
            while piece := source.recv(PIECE):
                target.sendall(piece)
                if pause:
                    self.passed += len(piece)
                    time.sleep(pause)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
