"""The citation as text, in the form that DataCite prefers.

DataCite Metadata Schema 4.5, "Citation": Creator (PublicationYear): Title. Version. Publisher.
(resourceTypeGeneral). Identifier
"""

from __future__ import annotations

from bigpicture.catalogue.face.face import Face


def cite(face: Face) -> str:
    """The citation in one line."""
    parts = (
        f"{'; '.join(face.creators)} ({face.year}): {_closed(face.title)}",
        f"Version {face.version}.",
        _closed(face.publisher.name),
        "(Dataset).",
        face.cited_as if face.doi else f"{face.accession}. {face.address}",
    )
    return " ".join(parts)


def write_text(face: Face) -> bytes:
    return f"{cite(face)}\n".encode()


def _closed(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."
