"""Duplicates: the same pixels under the names of two images of one dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bigpicture.model.finding import Finding, Severity
from bigpicture.model.image_metadata import Image
from bigpicture.model.study import Study

DUPLICATE = "BP-duplicate"


def check_duplicates(study: Study, roots: Mapping[str, str]) -> Iterator[Finding]:
    """Yield each image whose pixels an earlier one has; `roots` are digests by the images' aliases.

    A digest is the Merkle root over the frames of the finest level, so that other names, headers
    or reduced levels hide nothing. Another scan, or the same one compressed anew, is not found.
    """
    first: dict[str, Image] = {}
    for image in study.images:
        root = roots.get(image.alias)
        if root is None:
            continue
        earlier = first.setdefault(root, image)
        if earlier is not image:
            yield duplicate_of(image, str(earlier), "Leave one of the two out.")


def duplicate_of(image: Image, other: str, remedy: str) -> Finding:
    return Finding(
        DUPLICATE,
        Severity.WARNING,
        image.place,
        f"its pixels are those of {other}, frame by frame.",
        "each slide once",
        remedy,
        entity=str(image),
    )
