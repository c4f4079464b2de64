"""JSON: what was frozen, and an object an image."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from bigpicture.catalogue.export.export import About, Export

_ROWS = 1000


def write_json(export: Export) -> Iterator[bytes]:
    """The document in pieces."""
    head = json.dumps(describe(export.about), ensure_ascii=False, indent=1)
    yield f'{{"cohort": {head},\n"images": ['.encode()
    names = [column.name for column in export.columns]
    waiting: list[str] = []
    separator = "\n"
    for row in zip(*(column.values for column in export.columns), strict=True):
        waiting.append(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False))
        if len(waiting) == _ROWS:
            yield (separator + ",\n".join(waiting)).encode()
            waiting, separator = [], ",\n"
    yield ((separator + ",\n".join(waiting)) if waiting else "").encode() + b"\n]}\n"


def describe(about: About) -> dict[str, object]:
    """What is said about an export, as JSON."""
    return {
        "name": about.name,
        "notes": about.notes,
        "question": about.question,
        "version": about.version,
        "frozen": about.frozen.isoformat(),
        "sha256": about.digest,
        "accession": about.accession,
        "address": about.address,
        "images": about.images,
        "is_whole": about.is_whole,
        "missing": about.missing,
        "hidden": [asdict(each) for each in about.hidden],
        "split": about.split,
        "datasets": [
            {
                "accession": each.accession,
                "title": each.title,
                "version": each.version,
                "images": each.images,
                "address": each.address,
                "policy": dict(each.policy),
                "contact": each.contact,
            }
            for each in about.sources
        ],
    }
