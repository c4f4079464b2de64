"""Read references, identities and file lists out of the tree."""

from __future__ import annotations

from collections.abc import Callable
from sys import intern

from bigpicture.metaflex.schema import FILE_TAGS
from bigpicture.metaflex.tree import Element
from bigpicture.model.data_file import DataFile
from bigpicture.model.entity import EntityKind, Reference
from bigpicture.model.errors import InputError
from bigpicture.model.identifiers import Accession, Alias
from bigpicture.model.place import Place


def read_alias(written: str) -> Alias | None:
    """Return an alias; None where what is written cannot be one (a finding tells)."""
    try:
        return Alias.parse(written)
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


def read_reference(
    element: Element, kind: EntityKind, at: Place, *, name: Callable[[str], str]
) -> Reference | None:
    """Return what an element of the object `at` refers to; None where that is nothing.

    `name` gives the alias of what is written, so that it is held once.
    """
    alias, accession = element.get("alias") or "", read_accession(element)
    if not alias and accession is None:
        return None
    return Reference(kind, name(alias), accession, at, element.line - at.line)


def read_files(element: Element, tag: str, at: Place) -> tuple[DataFile, ...]:
    """Return the files listed below `tag`, in order."""
    listing = element.child(tag)
    if listing is None:
        return ()
    return tuple(_file(each, at) for each in listing.all(FILE_TAGS[tag]))


def _file(element: Element, at: Place) -> DataFile:
    return data_file(
        element.get("filename") or "",
        element.get("checksum") or "",
        element.get("unencrypted_checksum") or "",
        element.get("filetype") or "",
        at,
        element.line - at.line,
    )


def data_file(
    filename: str, checksum: str, unencrypted: str, filetype: str, at: Place, below: int
) -> DataFile:
    """Return a listed file; what it says twice, or as others do, is held once."""
    same = checksum if unencrypted == checksum else unencrypted
    return DataFile(filename, checksum, same, intern(filetype), at, below)
