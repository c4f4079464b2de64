"""RO-Crate 1.1: a zip with the table, the manifest, the terms of each dataset, and their metadata.

https://www.researchobject.org/ro-crate/specification/1.1/
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from hashlib import sha256

from bigpicture.catalogue.export.csv_table import write_csv
from bigpicture.catalogue.export.export import About, Export, Source
from bigpicture.catalogue.export.manifest import write_manifest
from bigpicture.catalogue.export.pieces import Pieces

_METADATA = "ro-crate-metadata.json"
_FILES = (
    ("images.csv", "The images, one a row", "text/csv", write_csv),
    ("images.txt", "The manifest for `bigpicture download`", "text/plain", write_manifest),
)


def write_crate(export: Export) -> Iterator[bytes]:
    """The zip in pieces, the metadata last: they hold the digests of the other files."""
    pieces = Pieces()
    moment = export.about.frozen.timetuple()[:6]
    entities: list[dict[str, object]] = []
    with zipfile.ZipFile(pieces, "w") as crate:
        for name, title, kind, write in _FILES:
            digest, size = sha256(), 0
            with crate.open(_named(name, moment), "w", force_zip64=True) as out:
                for piece in write(export):
                    digest.update(piece)
                    size += len(piece)
                    out.write(piece)
                    yield pieces.taken()
            entities.append(_file(name, title, kind, size, digest.hexdigest()))
        for source in export.about.sources:
            text = describe_terms(source).encode()
            crate.writestr(_named(_terms(source), moment), text)
            title = f"Terms of use of {source.title}"
            digest = sha256(text).hexdigest()
            entities.append(_file(_terms(source), title, "text/plain", len(text), digest))
        document = _document(export.about, export.length, entities)
        crate.writestr(_named(_METADATA, moment), document)
        yield pieces.taken()
    yield pieces.taken()


def describe_terms(source: Source) -> str:
    """The terms of a dataset in plain words, as its contributor gave them."""
    told = [f"{source.title}", f"{source.accession}, version {source.version}", source.address, ""]
    for name, value in source.policy.items():
        if not value or name == "tier":
            continue
        listed = value if isinstance(value, list) else [value]
        text = "; ".join(str(each) for each in listed)
        told.append(f"{name.replace('_', ' ').capitalize()}: {text}")
    if source.contact:
        told.append(f"Contact: {source.contact}")
    return "\n".join(told) + "\n"


def _document(about: About, images: int, files: list[dict[str, object]]) -> str:
    license_of = {source.accession: {"@id": _terms(source)} for source in about.sources}
    described = " ".join(
        filter(
            None,
            (
                about.notes.strip(),
                f"{images:,} images that answer: {about.question or 'everything'}.",
                about.split,
                about.missing,
            ),
        )
    )
    sources = [{"@id": source.address} for source in about.sources]
    root: dict[str, object] = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{about.name}, version {about.version}",
        "description": described,
        "identifier": about.accession or f"sha256:{about.digest}",
        "url": about.address,
        "datePublished": about.frozen.isoformat(),
        "license": list(license_of.values()),
        "publisher": {"@id": "#node"},
        "hasPart": [{"@id": each["@id"]} for each in files] + sources,
        "isBasedOn": sources,
    }
    graph: list[dict[str, object]] = [
        {
            "@id": _METADATA,
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        root,
        *files,
        {"@id": "#node", "@type": "Organization", "name": about.node},
        *(
            {
                "@id": source.address,
                "@type": "Dataset",
                "name": source.title,
                "identifier": source.accession,
                "version": source.version,
                "license": license_of[source.accession],
            }
            for source in about.sources
        ),
    ]
    context = "https://w3id.org/ro/crate/1.1/context"
    return json.dumps({"@context": context, "@graph": graph}, ensure_ascii=False, indent=1)


def _file(name: str, title: str, kind: str, size: int, digest: str) -> dict[str, object]:
    return {
        "@id": name,
        "@type": "File",
        "name": title,
        "encodingFormat": kind,
        "contentSize": str(size),
        "sha256": digest,
    }


def _terms(source: Source) -> str:
    return f"terms/{source.accession}.txt"


def _named(name: str, moment: tuple[int, ...]) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, moment[:6])  # pyright: ignore[reportArgumentType] - six of them
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
