"""nginx over a folder of files: as fast as HTTP gets on this machine, and no question asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.node import free_port, wait_for

_PLACES = ("nginx", "/usr/sbin/nginx")
_CONFIGURATION = """
daemon off; worker_processes {workers}; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  open_file_cache max=10000; types {{ image/jpeg jpg; }}
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


@contextmanager
def nginx(root: Path, *, workers: int = 1) -> Iterator[int | None]:
    """Serve a folder; gives the port, or None with the reason printed where there is no nginx."""
    program = next((found for name in _PLACES if (found := shutil.which(name))), None)
    if program is None:
        print("no nginx: the claims against it are left out (Debian: nginx-light)")
        yield None
        return
    with tempfile.TemporaryDirectory() as name:
        port = free_port()
        told = Path(name, "nginx.conf")
        told.write_text(
            ("user root;" if _is_root() else "")
            + _CONFIGURATION.format(folder=name, port=port, root=root, workers=workers),
            encoding="utf-8",
        )
        process = subprocess.Popen([program, "-p", name, "-c", str(told)], stderr=subprocess.PIPE)
        try:
            wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait()


def _is_root() -> bool:
    return os.geteuid() == 0
