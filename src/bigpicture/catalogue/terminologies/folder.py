"""The folder of terminologies: which file in it is what, packed in a ZIP or not."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bigpicture.catalogue.terminologies import rf2
from bigpicture.catalogue.terminologies.obo import read_obo
from bigpicture.catalogue.terminologies.owl import read_owl
from bigpicture.catalogue.terminologies.terminology import LARGEST, Terminology
from bigpicture.model.errors import InputError

_MOST_FILES = 10_000


@dataclass(frozen=True, slots=True)
class Source:
    """One file; `name` is its path inside the folder, through a ZIP too."""

    name: str
    size: int
    _open: Callable[[], AbstractContextManager[BinaryIO]]

    @property
    def file_name(self) -> str:
        return self.name.rpartition("/")[2]

    @contextmanager
    def open(self) -> Generator[BinaryIO]:
        """Open it; what breaks while it is read is an `InputError` that names it."""
        if self.size > LARGEST:
            raise InputError(
                f"the file has {self.size} bytes.", place=self.name, rule=f"at most {LARGEST} bytes"
            )
        try:
            with self._open() as stream:
                yield stream
        except (OSError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise _unreadable(self.name) from error


def list_files(folder: Path) -> list[Path]:
    """Its files, in the order of their paths; raises `InputError` where there is no such folder."""
    if not folder.is_dir():
        raise InputError(
            "there is no such folder of terminologies.",
            place=folder.name,
            remedy="Make it, or correct the setting `terminologies`.",
        )
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    if len(found) > _MOST_FILES:
        raise InputError(
            f"the folder has {len(found)} files.",
            place=folder.name,
            rule=f"at most {_MOST_FILES}",
            remedy="Put terminologies alone into it.",
        )
    return found


def digest(folder: Path) -> bytes:
    """A digest over names and content of its files."""
    whole = hashlib.sha256()
    for path in list_files(folder):
        whole.update(path.relative_to(folder).as_posix().encode() + b"\0")
        try:
            with path.open("rb") as stream:
                whole.update(hashlib.file_digest(stream, "sha256").digest())
        except OSError as error:
            raise _unreadable(path.name) from error
    return whole.digest()


def read_folder(folder: Path) -> list[Terminology]:
    """Read every terminology that lies there: SNOMED CT (RF2), OBO, OWL.

    Other files are passed over, for releases bring many. Raises `InputError` that names the file,
    also where nothing in the folder is a terminology.
    """
    sources = [each for path in list_files(folder) for each in _sources(folder, path)]
    found: list[Terminology] = []
    relations = [each for each in sources if rf2.RELATIONS.fullmatch(each.file_name)]
    descriptions = [each for each in sources if rf2.DESCRIPTIONS.fullmatch(each.file_name)]
    if relations or descriptions or any(rf2.ANY.fullmatch(each.file_name) for each in sources):
        if not relations:
            raise InputError(
                "of SNOMED CT there are no Snapshot files.",
                place=folder.name,
                rule="SNOMED CT Release File Specification, 3.2",
                remedy="Put sct2_Relationship_Snapshot… and sct2_Description_Snapshot-en… there.",
            )
        found.append(rf2.read_rf2(relations, descriptions))
    for source in sources:
        suffix = source.file_name.rpartition(".")[2].lower()
        if suffix == "obo":
            with source.open() as stream:
                found.append(read_obo(stream, name=source.name))
        elif suffix in ("owl", "rdf"):
            with source.open() as stream:
                found.append(read_owl(stream, name=source.name))
    if not found:
        raise InputError(
            "there is no terminology in the folder.",
            place=folder.name,
            remedy="Put SNOMED CT (RF2 Snapshot), .obo or .owl files there, or unset the setting.",
        )
    return found


def _sources(folder: Path, path: Path) -> Iterator[Source]:
    name = path.relative_to(folder).as_posix()
    if path.suffix.lower() != ".zip":
        yield Source(name, path.stat().st_size, lambda: path.open("rb"))
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
    except (OSError, zipfile.BadZipFile) as error:
        raise _unreadable(name) from error
    for member in members:
        yield Source(f"{name}/{member.filename}", member.file_size, _member(path, member.filename))


def _member(path: Path, name: str) -> Callable[[], AbstractContextManager[BinaryIO]]:
    @contextmanager
    def opened() -> Generator[BinaryIO]:
        with zipfile.ZipFile(path) as archive, archive.open(name) as stream:
            yield stream  # pyright: ignore[reportReturnType]  it is read, and no more

    return opened


def _unreadable(name: str) -> InputError:
    return InputError(
        "the file cannot be read whole.",
        place=name,
        remedy="Get it anew, and see that the node may read it.",
    )
