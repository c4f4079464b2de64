"""Read references, identities and file lists out of the tree."""

from __future__ import annotations

from bigpicture.metaflex.schema import FILE_TAGS
from bigpicture.metaflex.tree import Element
from bigpicture.model.data_file import DataFile
from bigpicture.model.entity import EntityKind, Reference
from bigpicture.model.errors import InputError
from bigpicture.model.identifiers import Accession, Alias
from bigpicture.model.place import Place


def read_alias(element: Element) -> Alias | None:
    """Return an object's alias; None where it has none that can be used (a finding tells)."""
    try:
        return Alias.parse(element.get("alias") or "")
    except InputError:
        return None


def read_accession(element: Element) -> Accession | None:
    """Return an accession; None where there is none that can be used (a finding tells)."""
    written = element.get("accession")
    if not written:
        return None
    try:
        return Accession.parse(written)
    except InputError:
        return None


def read_reference(element: Element | None, kind: EntityKind, file: str) -> Reference | None:
    """Return what an element refers to; None where it is absent or names nothing."""
    if element is None:
        return None
    alias, accession = element.get("alias") or "", read_accession(element)
    if not alias and accession is None:
        return None
    return Reference(kind, alias, accession, Place(file, element.line))


def read_references(
    element: Element, tag: str, kind: EntityKind, file: str
) -> tuple[Reference, ...]:
    """Return every reference of that tag, in order."""
    found = (read_reference(child, kind, file) for child in element.all(tag))
    return tuple(reference for reference in found if reference is not None)


def read_files(element: Element, tag: str, file: str) -> tuple[DataFile, ...]:
    """Return the files listed below `tag`, in order."""
    listing = element.child(tag)
    if listing is None:
        return ()
    return tuple(
        DataFile(
            filename=each.get("filename") or "",
            checksum=each.get("checksum") or "",
            unencrypted_checksum=each.get("unencrypted_checksum") or "",
            filetype=each.get("filetype") or "",
            place=Place(file, each.line),
        )
        for each in listing.all(FILE_TAGS[tag])
    )
