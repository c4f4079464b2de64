"""Croissant 1.0 (MLCommons): JSON-LD that tells a data loader what the table of images holds.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.0.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from bigpicture.catalogue.export.csv_table import write_csv
from bigpicture.catalogue.export.export import About, Column, Export, Kind

_CONTEXT: dict[str, object] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""As the specification's appendix 1 gives it, with the two names that 1.1 adds."""

_SPLITS = {
    "train": "cr:TrainingSplit",
    "training": "cr:TrainingSplit",
    "tune": "cr:ValidationSplit",
    "val": "cr:ValidationSplit",
    "validation": "cr:ValidationSplit",
    "test": "cr:TestSplit",
}
_TERMS = (
    "The terms of use of each dataset are on its page; pixels come with `bigpicture download` "
    "and the cohort's manifest."
)
_TABLE, _IMAGES, _PARTS = "images.csv", "images", "parts"


def write_croissant(export: Export) -> Iterator[bytes]:
    """The document; the table itself is fetched from the node by its address."""
    table = hashlib.sha256()
    size = 0
    for piece in write_csv(export):
        table.update(piece)
        size += len(piece)
    about = export.about
    named = f"{about.name}, version {about.version}"
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": about.name,
        "description": _description(about, export.length),
        "url": about.address,
        "identifier": about.accession or f"sha256:{about.digest}",
        "version": f"{about.version}.0.0",
        "datePublished": about.frozen.date().isoformat(),
        "license": [source.address for source in about.sources],
        "creator": {"@type": "sc:Organization", "name": about.node},
        "citeAs": f"{named}. {about.node}. {about.accession or about.address}",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": _TABLE,
                "name": _TABLE,
                "contentUrl": about.table,
                "contentSize": f"{size} B",
                "encodingFormat": "text/csv",
                "sha256": table.hexdigest(),
            }
        ],
        "recordSet": _record_sets(export),
    }
    yield json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _description(about: About, images: int) -> str:
    return " ".join(
        filter(
            None,
            (
                about.notes.strip(),
                f"{images:,} whole-slide images that answer: {about.question or 'everything'}.",
                about.split,
                about.missing,
                _TERMS,
            ),
        )
    )


def _record_sets(export: Export) -> list[dict[str, object]]:
    names = {column.name for column in export.columns}
    parts: list[str] = []
    if "split" in names:
        parts = sorted(set(export.column("split").values))
    sets: list[dict[str, object]] = [
        {
            "@type": "cr:RecordSet",
            "@id": _IMAGES,
            "name": _IMAGES,
            "description": "A record an image; several terms of a field are joined by `; `.",
            "key": {"@id": f"{_IMAGES}/accession"},
            "field": [_field(column, has_parts=bool(parts)) for column in export.columns],
        }
    ]
    if parts:
        sets.append(
            {
                "@type": "cr:RecordSet",
                "@id": _PARTS,
                "name": _PARTS,
                "description": "The parts of the split.",
                "dataType": "cr:Split",
                "key": {"@id": f"{_PARTS}/name"},
                "field": [
                    {
                        "@type": "cr:Field",
                        "@id": f"{_PARTS}/{name}",
                        "name": f"{_PARTS}/{name}",
                        "dataType": kind,
                    }
                    for name, kind in (("name", "sc:Text"), ("url", "sc:URL"))
                ],
                "data": [
                    {f"{_PARTS}/name": part, f"{_PARTS}/url": _SPLITS.get(part.lower(), "cr:Split")}
                    for part in parts
                ],
            }
        )
    return sets


def _field(column: Column, *, has_parts: bool) -> dict[str, object]:
    field: dict[str, object] = {
        "@type": "cr:Field",
        "@id": f"{_IMAGES}/{column.name}",
        "name": f"{_IMAGES}/{column.name}",
        "description": column.about,
        "dataType": "sc:Float" if column.kind is Kind.NUMBER else "sc:Text",
        "source": {"fileObject": {"@id": _TABLE}, "extract": {"column": column.name}},
    }
    if column.name == "split" and has_parts:
        field["references"] = {"field": {"@id": f"{_PARTS}/name"}}
    return field
