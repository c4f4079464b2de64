"""The manifest for `bigpicture download`: an accession a line, and remarks behind `#`."""

from __future__ import annotations

from collections.abc import Iterator

from bigpicture.catalogue.export.export import Export

_LINES = 5000


def write_manifest(export: Export) -> Iterator[bytes]:
    """The list in pieces; where it is whole, its lines without `#` have the cohort's digest."""
    about = export.about
    told = [
        f"{about.name}, version {about.version}",
        about.accession or about.address,
        f"frozen {about.frozen:%Y-%m-%d %H:%M} UTC; question: {about.question or 'every image'}",
        f"{export.length:,} images here, of {about.images}; SHA-256 of the list {about.digest}",
        *filter(None, (about.split, about.missing)),
    ]
    # A name is one line; a question may hold a line feed in quotation marks.
    yield "".join(f"# {' '.join(line.split())}\n" for line in told).encode()
    images = sorted(export.column("accession").values)
    for start in range(0, len(images), _LINES):
        yield "".join(f"{image}\n" for image in images[start : start + _LINES]).encode()
