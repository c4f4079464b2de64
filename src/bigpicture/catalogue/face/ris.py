"""RIS: the citation for reference managers, as type `DATA`.

RIS Format Specifications (Research Information Systems, 2011): two letters, two spaces, a hyphen
and a space, then the value; lines end with CR LF.
"""

from __future__ import annotations

from collections.abc import Iterator

from bigpicture.catalogue.face.face import Face


def write_ris(face: Face) -> bytes:
    lines = [f"{tag}  - {value}" for tag, value in _lines(face) if value]
    return "".join(f"{line}\r\n" for line in (*lines, "ER  - ")).encode()


def _lines(face: Face) -> Iterator[tuple[str, str]]:
    yield "TY", "DATA"
    yield from (("AU", name) for name in face.creators)
    yield "TI", face.title
    yield "PY", str(face.year)
    yield "DA", f"{face.published:%Y/%m/%d}"
    yield "ET", face.version
    yield "PB", face.publisher.name
    yield "DO", face.doi
    yield "UR", face.cited_as
    yield "AN", face.accession
    yield "AB", face.description
    yield from (("KW", word) for word in face.keywords)
