"""DuckDB in a process of its own: reads statements, one JSON list a line; answers with their rows.

Usage: python peer_duckdb.py DATABASE THREADS
"""

from __future__ import annotations

import json
import sys
from time import perf_counter

import duckdb


def main() -> None:
    connection = duckdb.connect(sys.argv[1], config={"threads": int(sys.argv[2])})
    print("ready", flush=True)
    for line in sys.stdin:
        begun = perf_counter()
        answers = [connection.execute(each).fetchall() for each in json.loads(line)]
        print(json.dumps([perf_counter() - begun, answers]), flush=True)


if __name__ == "__main__":
    main()
