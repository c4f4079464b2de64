"""CSL-JSON: the citation for Zotero, pandoc and all that reads Citation Style Language 1.0.2."""

from __future__ import annotations

import json

from bigpicture.catalogue.face.face import Face


def write_csl(face: Face) -> bytes:
    """A list of one item, as the schema of CSL data has it."""
    day = face.published
    item = {
        "id": face.accession,
        "type": "dataset",
        "title": face.title,
        "author": [{"literal": name} for name in face.creators],
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "version": face.version,
        "publisher": face.publisher.name,
        "DOI": face.doi,
        "URL": face.cited_as,
        "number": face.accession,
        "abstract": face.description,
        "keyword": ", ".join(face.keywords),
    }
    held = {name: value for name, value in item.items() if value}
    return json.dumps([held], ensure_ascii=False, indent=1).encode() + b"\n"
