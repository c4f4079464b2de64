"""wrk, the load generator: random tiles from a list of paths, over kept connections."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 16
_SCRIPT = """
local paths = {}
for line in io.lines(os.getenv("WRK_PATHS")) do paths[#paths + 1] = line end
local header = os.getenv("WRK_TOKEN")
if header ~= "" then wrk.headers["Authorization"] = "Bearer " .. header end
math.randomseed(7)
request = function() return wrk.format("GET", paths[math.random(#paths)]) end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format("TOLD %d %d %f %f %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """Requests a second, latencies in milliseconds."""

    rate: float
    median: float
    p99: float


def is_here() -> bool:
    """Whether wrk can be run; says so where it cannot."""
    if shutil.which("wrk") is None:
        print("no wrk: these claims are left out (Debian: wrk)")
        return False
    return True


def load(
    port: int,
    paths: Sequence[str],
    *,
    token: str = "",
    seconds: float = 2,
    connections: int = CONNECTIONS,
) -> Load:
    """Ask a server on this machine for random ones of `paths`; raises where one is not 2xx."""
    with tempfile.TemporaryDirectory() as name:
        script, listed = Path(name, "random.lua"), Path(name, "paths")
        script.write_text(_SCRIPT, encoding="utf-8")
        listed.write_text("\n".join(paths) + "\n", encoding="utf-8")
        words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "-s", str(script)]
        done = subprocess.run(
            [*words, f"http://127.0.0.1:{port}"],
            env={"WRK_PATHS": str(listed), "WRK_TOKEN": token, "PATH": "/usr/bin:/usr/local/bin"},
            capture_output=True,
            text=True,
            check=True,
        )
    told = re.search(r"TOLD (\d+) (\d+) ([\d.]+) ([\d.]+) (\d+)", done.stdout)
    if told is None or int(told[5]):
        raise RuntimeError(f"wrk met errors: {done.stdout}")
    return Load(int(told[1]) / int(told[2]) * 1e6, float(told[3]) / 1e3, float(told[4]) / 1e3)
