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


def read_reference(element: Element | None, kind: EntityKind, at: Place) -> Reference | None:
    """Return what an element of the object `at` refers to; None where that is nothing."""
    if element is None:
        return None
    alias, accession = element.get("alias") or "", read_accession(element)
    if not alias and accession is None:
        return None
    return Reference(kind, alias, accession, at, element.line - at.line)


def read_files(element: Element, tag: str, at: Place) -> tuple[DataFile, ...]:
    """Return the files listed below `tag`, in order."""
    listing = element.child(tag)
    if listing is None:
        return ()
    return tuple(_file(each, at) for each in listing.all(FILE_TAGS[tag]))


def _file(element: Element, at: Place) -> DataFile:
    checksum = element.get("checksum") or ""
    unencrypted = element.get("unencrypted_checksum") or ""
    return DataFile(
        filename=element.get("filename") or "",
        checksum=checksum,
        # one text for both, where they say the same: a dataset lists a million
        unencrypted_checksum=checksum if unencrypted == checksum else unencrypted,
        filetype=element.get("filetype") or "",
        at=at,
        below=element.line - at.line,
    )
