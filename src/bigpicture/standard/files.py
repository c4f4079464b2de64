"""Check that the listed files and the files of the folder are the same, byte for byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import TypeAlias

from bigpicture.metaflex.schema import BY_TAG
from bigpicture.model.companion import COMPANION_FOLDER
from bigpicture.model.data_file import DataFile
from bigpicture.model.entity import Entity, EntityKind
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.place import Place
from bigpicture.model.study import Study
from bigpicture.standard.paths import collisions, path_problem

Files: TypeAlias = Mapping[str, tuple[int, str]]
"""Path in the dataset folder to size in bytes and SHA-256 in hex."""

DATA_FOLDERS = ("IMAGES", "ANNOTATIONS", "LANDING_PAGE")
"""Folders in which every file must be listed."""

METADATA_FILES = frozenset({each.file for each in BY_TAG.values()} | {"PRIVATE/datacite.xml"})

_SEALED = ".c4gh"
_LEFTOVERS = frozenset({".ds_store", "thumbs.db", "desktop.ini"})


def listed_files(study: Study, files: Files) -> dict[str, tuple[Entity, DataFile]]:
    """Return each listed file under the path at which it lies in the folder.

    Where it does not lie there, under the path at which it should.
    """
    return {
        locate(owner, file.filename, files) or candidates(owner, file.filename)[0]: (owner, file)
        for owner, file in study.files
    }


def locate(owner: Entity, filename: str, files: Files) -> str:
    """Return the path of a listed file in the folder; empty where it is not there."""
    places = candidates(owner, filename)
    return next((path for path in places if path in files), "")


def candidates(owner: Entity, filename: str) -> list[str]:
    """Return the paths a listed name may mean: from the dataset's folder, or from its own."""
    folders = {
        EntityKind.IMAGE: (f"IMAGES/IMAGE_{owner.alias}/",),
        EntityKind.ANNOTATION: ("ANNOTATIONS/",),
        EntityKind.LANDING_PAGE: ("LANDING_PAGE/", "LANDING_PAGE/THUMBNAILS/"),
    }[owner.kind]
    from_own = [folder + filename for folder in folders]
    plain = [filename, *from_own] if "/" in filename else [*from_own, filename]
    return [*plain, *(path + _SEALED for path in plain)]


def check_files(study: Study, files: Files) -> Iterator[Finding]:
    """Yield what is missing, unlisted, damaged, listed twice or unsafely named."""
    yield from _unsafe_paths(files)
    found: Counter[str] = Counter()
    for owner, file in study.files:
        problem = path_problem(file.filename)
        if problem:
            yield _at(
                owner,
                file,
                "BP-path",
                f"the path of a listed file {problem}.",
                "a relative path inside the dataset folder",
                "Rename the file.",
            )
            continue
        path = locate(owner, file.filename, files)
        found[path] += 1
        yield from _compare(owner, file, path, files)
        if path and found[path] == 2:
            yield _at(
                owner,
                file,
                "BP-file-once",
                f"{path} is listed more than once.",
                "each file in one object",
                "Remove the other entry.",
            )
    if not study.unread:  # what an unreadable document lists is unknown
        yield from _unlisted(files, found)


def _compare(owner: Entity, file: DataFile, path: str, files: Files) -> Iterator[Finding]:
    if not path:
        yield _at(
            owner,
            file,
            "BP-file-missing",
            f"{file.filename} is not in the folder.",
            "the file, at that path",
            "Add the file, or remove its entry.",
        )
        return
    size, digest = files[path]
    expected = file.checksum if path.endswith(_SEALED) else file.sha256
    if size == 0:
        yield _at(
            owner,
            file,
            "BP-file-empty",
            f"{path} is empty.",
            "a file with content",
            "Copy the file again.",
        )
    elif digest != expected:
        yield _at(
            owner,
            file,
            "BP-checksum",
            f"{path} has SHA-256 {digest[:12]}….",
            f"{expected[:12]}… as listed",
            "Copy the file again, or correct the checksum if the file was changed.",
        )


def _unsafe_paths(files: Files) -> Iterator[Finding]:
    for path in files:
        problem = path_problem(path)
        if problem:
            shown = path.encode("unicode_escape").decode()
            yield Finding(
                "BP-path",
                Severity.ERROR,
                Place(shown),
                f"the path {problem}.",
                "a name that means the same on every machine",
                "Rename the file.",
            )
    for first, second in collisions(files):
        yield Finding(
            "BP-path-case",
            Severity.ERROR,
            Place(second),
            f"it differs from {first} only in case or accents' form.",
            "names that every file system keeps apart",
            "Rename one of the two.",
        )


def _unlisted(files: Files, found: Counter[str]) -> Iterator[Finding]:
    for path in files:
        name = PurePosixPath(path).name.lower()
        if found[path] or path.removesuffix(_SEALED) in METADATA_FILES:
            continue
        if path.startswith(f"{COMPANION_FOLDER}/") and name not in _LEFTOVERS:
            continue  # `check_companions` tells
        is_data = path.split("/")[0] in DATA_FOLDERS and name not in _LEFTOVERS
        if is_data:
            yield Finding(
                "BP-file-unlisted",
                Severity.ERROR,
                Place(path),
                "no image, annotation or landing page lists this file.",
                "every file listed with its checksum",
                "List it, or remove it.",
            )
        else:
            yield Finding(
                "BP-file-ignored",
                Severity.WARNING,
                Place(path),
                "this is not part of a dataset.",
                "nothing beside the standard's files",
                "It is left out; remove it.",
            )


def _at(owner: Entity, file: DataFile, rule: str, what: str, expected: str, remedy: str) -> Finding:
    return Finding(rule, Severity.ERROR, file.place, what, expected, remedy, entity=str(owner))
