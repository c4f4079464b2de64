"""Run in the place of `python -m bigpicture`: its index makes its file anew after few images.

A file, so that the web processes that a node spawns load it as well and do the same.
"""

from __future__ import annotations

from bigpicture.catalogue.index.live import Live
from bigpicture.cli import run

SMALL = 60

Live.__init__.__kwdefaults__["small"] = SMALL

if __name__ == "__main__":
    run()
