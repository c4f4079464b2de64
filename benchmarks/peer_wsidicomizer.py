"""wsidicomizer in its own environment: converts what it is told on stdin, answers with seconds.

Run by that environment's Python, so that nothing of ours is imported here.
"""

import json
import shutil
import sys
from pathlib import Path
from time import perf_counter

from wsidicomizer import WsiDicomizer


def main():
    print("ready", flush=True)
    for line in sys.stdin:
        source, folder, tile = json.loads(line)
        shutil.rmtree(folder, ignore_errors=True)
        Path(folder).mkdir()
        start = perf_counter()
        WsiDicomizer.convert(source, folder, tile_size=tile)
        print(perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
