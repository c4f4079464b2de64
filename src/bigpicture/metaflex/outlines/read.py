"""Reads a file of outlines by what is in it."""

from __future__ import annotations

from bigpicture.metaflex.outlines.asap import read_asap
from bigpicture.metaflex.outlines.geojson import read_geojson
from bigpicture.model.errors import MetadataError
from bigpicture.model.outline import Outline

SIZE = 256 << 20
"""Bytes of the largest file that is read; a million cells of QuPath need about 200 MB."""
ENDINGS = (".geojson", ".json", ".xml")


def read_outlines(data: bytes, *, name: str) -> tuple[Outline, ...]:
    """Every outline of a file, in its order; raises `MetadataError` naming file and place."""
    if len(data) > SIZE:
        raise MetadataError(
            f"the file has {len(data)} bytes.", place=name, rule=f"at most {SIZE} bytes"
        )
    begin = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if begin in (b"{", b"["):
        return read_geojson(data, name=name)
    if begin == b"<":
        return read_asap(data, name=name)
    raise MetadataError(
        "this is no file of annotations that can be read.",
        place=name,
        rule="GeoJSON (RFC 7946), as Bigpicture and QuPath write it, or the XML of ASAP",
    )
