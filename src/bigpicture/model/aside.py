"""An aside: a text of a document that belongs to no object, such as an XML comment."""

from __future__ import annotations

from dataclasses import dataclass

from bigpicture.model.place import Place


@dataclass(frozen=True, slots=True)
class Aside:
    """It travels with the document, and nobody sees it but who opens the file."""

    text: str
    place: Place
