"""large_image in a process of its own: times what it is asked for, over its standard input.

A line of JSON, `["region", path, [[left, top], ...], side]`; answers the seconds that it took.
"""

from __future__ import annotations

import json
import sys
from time import perf_counter

from large_image_source_tiff import TiffFileTileSource


class _Nothing(dict):
    def __setitem__(self, *_):
        pass


def main():
    print("ready", flush=True)
    sources = {}
    for line in sys.stdin:
        path, places, side = json.loads(line)
        if path not in sources:
            sources[path] = TiffFileTileSource(
                path, encoding="JPEG", edge=False, jpegQuality=90, jpegSubsampling=2
            )
            sources[path].cache = _Nothing()
        source = sources[path]
        began = perf_counter()
        for left, top in places:
            box = {"left": left, "top": top, "width": side, "height": side}
            source.getRegion(region=box, encoding="JPEG")
        print(perf_counter() - began, flush=True)


main()
