"""A way to an S3-compatible server that can fail as networks and stores do."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Fault:
    """`kind`: "" for none, "503", "slow", "hangs", "cut" (short bodies), "flipped", "old"."""

    kind: str = ""
    seconds: float = 0.0
    asked: list[str] = field(default_factory=list)
    """What was asked while it stood: method and path."""
    old: dict[str, bytes] = field(default_factory=dict)
    """Path to the body that a stale replica still has."""


@contextmanager
def between(endpoint):
    """Yields the address of the way, and its fault, which may be changed at any time."""
    target = urlsplit(endpoint)
    fault = Fault()

    class Way(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            fault.asked.append(f"{self.command} {self.path}")
            if fault.kind == "503":
                self.answer(503, {}, b"<Error><Code>SlowDown</Code></Error>")
                return
            time.sleep(fault.seconds)
            onward = HTTPConnection(target.hostname, target.port, timeout=60)
            onward.request(self.command, self.path, body, dict(self.headers))
            got = onward.getresponse()
            data = got.read()
            onward.close()
            self.answer(got.status, dict(got.getheaders()), self.spoil(data))

        def spoil(self, data):
            if self.command != "GET" or not data:
                return data
            if fault.kind == "cut":
                return data[:-1]
            if fault.kind == "flipped":
                return data[:-1] + bytes([data[-1] ^ 1])
            if fault.kind == "old":
                stale = fault.old.get(self.path.partition("?")[0], data)
                return stale[: len(data)].ljust(len(data), b"\0")
            return data

        def answer(self, status, headers, body):
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in ("connection", "transfer-encoding", "content-length",
                                        "date", "server"):  # fmt: skip
                    self.send_header(name, value)
            length = headers.get("Content-Length") if self.command == "HEAD" else len(body)
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = pass_on  # noqa: N815

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            pass

    server = Server(("127.0.0.1", 0), Way)
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", fault
    finally:
        server.shutdown()
        server.server_close()
