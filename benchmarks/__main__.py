"""Run every claim, or one group, and print ours beside the peer's.

Usage: python -m benchmarks [GROUP ...], groups as in `GROUPS`
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.claim import Claim

GROUPS: dict[str, tuple[str, ...]] = {
    "slides": ("slides", "phantom"),
    "scan": ("scan",),
    "submission": ("submission", "headers", "metadata"),
    "deidentify": ("detector",),
    "catalogue": ("catalogue",),
    "catalogue_growth": ("catalogue_growth",),
    "access": ("ledger", "access"),
    "analysis": ("loader", "quality", "stain", "results", "runs", "mil"),
    "viewing": ("sealing", "tiles", "http_tiles", "drawn", "patches", "far", "panning"),
}
"""A group without a module has no claim yet."""

LATEST = Path(__file__).with_name("latest.json")


def main(words: list[str]) -> int:
    """Run the groups named, all without a name; returns the exit status."""
    unknown = set(words) - set(GROUPS)
    if unknown:
        print(f"unknown group {min(unknown)}; choose of: {' '.join(GROUPS)}")
        return 2
    claims: list[tuple[str, Claim]] = []
    for group in words or GROUPS:
        for name in GROUPS[group]:
            module = import_module(f"benchmarks.{name}")
            claims += [(group, claim) for claim in module.claims()]
    _print(claims)
    measured = datetime.now(UTC).isoformat(timespec="seconds")
    rows = [{"group": group, **asdict(claim), "measured": measured} for group, claim in claims]
    LATEST.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


def _print(claims: list[tuple[str, Claim]]) -> None:
    table = Table(title="ours beside the peer; ratio above 1: we are ahead")
    for heading in ("group", "claim", "ours", "peer", "unit", "ratio", "target"):
        table.add_column(heading, justify="left" if heading in {"group", "claim"} else "right")
    for group, claim in claims:
        table.add_row(
            group,
            claim.name,
            f"{claim.ours:,.4g}",
            f"{claim.peer:,.4g}",
            claim.unit + ("" if claim.more_is_better else " (less is better)"),
            f"{claim.ratio:.2f}",
            f"{claim.target:g}",
        )
    Console(width=140).print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
