"""A real OpenID Connect provider beside the tests: `oidc-provider` of the npm registry."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from filelock import FileLock

from places import REPOSITORY
from running import free_port

SOURCE = REPOSITORY / "tests" / "oidc_provider"
CLIENT, SECRET = "bigpicture", "a secret of the tests"


def installed():
    """The folder with the provider and its libraries; the test is skipped where npm has none."""
    kept = SOURCE / "node_modules" / "oidc-provider"
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("needs node and npm (the development environment brings both)")
    with FileLock(Path(tempfile.gettempdir()) / "bigpicture-oidc-provider.lock"):
        if not kept.exists():
            done = subprocess.run(
                ["npm", "ci", "--no-audit", "--no-fund"],
                cwd=SOURCE,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            if done.returncode != 0:
                pytest.skip("needs the provider from the npm registry, which npm cannot install")
    return SOURCE


@dataclass
class Provider:
    """`visas` are handed out by subject; `secret_file` holds the client's secret."""

    issuer: str
    folder: Path

    @property
    def secret_file(self):
        return self.folder / "client.secret"

    def give_visas(self, **by_subject):
        (self.folder / "visas.json").write_text(json.dumps(by_subject))

    def settings(self, **more):
        """An entry of the node's file of issuers, TOML."""
        told = {
            "id": "test",
            "label": "Test issuer",
            "issuer": self.issuer,
            "client_id": CLIENT,
            "client_secret_file": str(self.secret_file),
            "scopes": ["openid", "profile", "ga4gh_passport_v1"],
            "opens_accounts": True,
            "organisation": "Invented institute",
        } | more
        return "[[issuers]]\n" + "".join(
            f"{name} = {json.dumps(value)}\n" for name, value in told.items()
        )


@contextlib.contextmanager
def provided(folder, *callbacks, code_seconds=60):
    """The provider in a process of its own, for a node that is called back there."""
    home, port = installed(), free_port()
    made = Provider(f"http://127.0.0.1:{port}", folder)
    made.secret_file.write_text(SECRET + "\n")
    made.give_visas()
    given = {
        "PORT": str(port),
        "CALLBACK": " ".join(callbacks),
        "VISAS": str(folder / "visas.json"),
        "CLIENT": CLIENT,
        "SECRET": SECRET,
        "CODE_SECONDS": str(code_seconds),
    }
    with subprocess.Popen(
        ["node", "provider.js"],
        cwd=home,
        env=os.environ | given,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            for line in process.stdout:
                if line.strip() == "ready":
                    break
            assert process.poll() is None
            yield made
        finally:
            process.terminate()


def walk(address, name):
    """Sign in at the provider as `name`, as a browser does; the address it sends one back to."""
    issuer = urlsplit(address).netloc
    with httpx.Client(timeout=20) as browser:
        answer = browser.get(address)
        for _ in range(12):
            if answer.is_redirect:
                onward = urljoin(str(answer.url), answer.headers["location"])
                if urlsplit(onward).netloc != issuer:
                    return onward
                answer = browser.get(onward)
            else:
                assert answer.status_code == 200, answer.text
                action = unescape(re.search(r'<form[^>]* action="([^"]+)"', answer.text)[1])
                prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)[1]
                given = {"prompt": prompt, "login": name, "password": "any"}
                answer = browser.post(urljoin(str(answer.url), action), data=given)
    raise AssertionError("the provider goes round in circles")
