"""A real node in processes of its own, for journeys through its real doors."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bigpicture.app.initialise import initialise
from bigpicture.settings import Settings
from preloaded import Preloaded, ran

PASSWORD = "a long enough password"
STEWARD = "steward"


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


@dataclass
class RunningNode:
    """`start` and `kill` as often as you like; the data stay.

    `program` is what serves, after `python`; empty: the command, with its imports done before.
    """

    data: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | Preloaded | None = None
    program: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        return {
            **os.environ,
            "BIGPICTURE_DATA": str(self.data),
            "BIGPICTURE_PASSWORD": PASSWORD,
            **self.environment,
        }

    @property
    def settings(self) -> Settings:
        names = {
            name.removeprefix("BIGPICTURE_").lower(): value
            for name, value in self.environment.items()
            if name.startswith("BIGPICTURE_")
        }
        return Settings.load(data=self.data, **names)

    def run(self, *words: object, check: bool = True) -> subprocess.CompletedProcess:
        """Run a command of the real CLI, with its imports done before."""
        done = ran(*words, env=self.variables)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def init(self) -> RunningNode:
        """Set it up, as `bigpicture init` does; without a process of its own."""
        initialise(self.settings, steward=STEWARD, password=PASSWORD)
        return self

    def start(self) -> RunningNode:
        words = ("serve", "--port", str(self.port))
        if self.program:
            with (self.data / "node.log").open("ab") as log:
                self.process = subprocess.Popen(
                    [sys.executable, *self.program, *words],
                    env=self.variables,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        else:
            self.process = Preloaded(words, env=self.variables, log=self.data / "node.log")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log()
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.address}/healthz", timeout=5).status_code == 200:
                    return self
            time.sleep(0.05)
        raise AssertionError("the node did not start\n" + self.log())

    def log(self) -> str:
        return (self.data / "node.log").read_text(errors="replace")[-4000:]

    def kill(self) -> None:
        """SIGKILL to the node and everything it started."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        if self.process is None or self.process.poll() is not None:
            return 0
        self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def submit_words(self, folder: Path, keys: Path, *more: object) -> list[str]:
        words = ["submit", folder, "--node", self.address, "--user", STEWARD]
        words += [
            "--key",
            keys / "pseudonym.key",
            "--work",
            keys / folder.name,
            "--keep-work",
            *more,
        ]
        return [str(word) for word in words]

    def submit(self, folder: Path, keys: Path, *more: object, check: bool = True):
        return self.run(*self.submit_words(folder, keys, *more), check=check)

    @contextlib.contextmanager
    def client(self, name: str = STEWARD, password: str = PASSWORD):
        """A browser's session, signed in."""
        with httpx.Client(base_url=self.address, timeout=30) as client:
            client.headers["X-Requested-With"] = "bigpicture"
            answer = client.post("/api/v1/sessions", json={"name": name, "password": password})
            assert answer.status_code == 201, answer.text
            yield client


def settled(client: httpx.Client, accession: str) -> dict:
    """Follow a submission's events to their end; returns how it ended."""
    with client.stream("GET", f"/api/v1/submissions/{accession}/events", timeout=60) as events:
        for _ in events.iter_lines():
            pass
    return client.get(f"/api/v1/submissions/{accession}").json()
