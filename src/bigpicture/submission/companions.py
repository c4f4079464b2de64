"""Companions: the tables of a submission as plain files for one step, and as rows of records."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import Connection, insert

from bigpicture.model.attribute import code_as_json
from bigpicture.model.companion import Dictionary, Variable
from bigpicture.model.entity import EntityKey
from bigpicture.model.errors import LimitError, MetadataError
from bigpicture.model.identifiers import Accession
from bigpicture.model.submission import FileRole, FileState
from bigpicture.standard.companions.dictionary import read_dictionary
from bigpicture.standard.companions.files import companion_files
from bigpicture.standard.companions.rows import read_rows
from bigpicture.storage.records.tables import companion_rows, companion_variables
from bigpicture.submission.files import SubmittedFile, files_in, open_file
from bigpicture.submission.spool import spool, working_folder
from bigpicture.submission.stores import Stores

Row = dict[str, Any]
_CHUNK = 1000
_LARGEST = 1 << 30


@dataclass(frozen=True, slots=True)
class Companion:
    """One table whose dictionary was read; `place` is its plain file, `path` its name."""

    name: str
    path: str
    place: Path
    dictionary: Dictionary


@contextmanager
def spooled(stores: Stores, accession: str) -> Generator[Mapping[str, Path]]:
    """The companion files of a submission in plain bytes, by their paths; gone afterwards."""
    files = files_in(stores, accession, roles=[FileRole.COMPANION])
    if not files:
        yield {}
        return
    with working_folder(stores.settings) as folder:
        yield {
            file.path: spool(open_file(stores, _bounded(file)), folder / _plain(number, file.path))
            for number, file in enumerate(files)
            if file.object or file.state is not FileState.PUBLISHED
        }


def companions_of(places: Mapping[str, Path]) -> list[Companion]:
    """The tables that were checked before, with their dictionaries; raises `MetadataError`."""
    found: list[Companion] = []
    for files in companion_files(places):
        if not files.is_whole:
            continue
        read = read_dictionary(places[files.dictionary], name=files.dictionary)
        if read.dictionary is None:
            raise MetadataError(
                "the dictionary cannot be read.",
                place=files.dictionary,
                rule="BP-companion-dictionary",
            )
        found.append(Companion(files.name, files.table, places[files.table], read.dictionary))
    return found


def insert_companions(
    connection: Connection,
    dataset: Accession,
    companions: Iterable[Companion],
    names: Mapping[EntityKey, Accession],
) -> None:
    """Insert what the tables say, each row under the accession of its entity."""
    for companion in companions:
        variables = [
            _variable_row(dataset, companion, variable, ordinal)
            for ordinal, variable in enumerate(companion.dictionary.variables)
        ]
        connection.execute(insert(companion_variables), variables)
        rows = _rows(dataset, companion, names)
        while chunk := list(islice(rows, _CHUNK)):
            connection.execute(insert(companion_rows), chunk)


def _rows(
    dataset: Accession, companion: Companion, names: Mapping[EntityKey, Accession]
) -> Iterator[Row]:
    dictionary = companion.dictionary
    for alias, held in read_rows(dictionary, companion.place, name=companion.path):
        yield {
            "dataset": dataset,
            "companion": companion.name,
            "entity": names[(dictionary.entity, alias)],
            "held": held,
        }


def _variable_row(
    dataset: Accession, companion: Companion, variable: Variable, ordinal: int
) -> Row:
    same = ("name", "label", "description", "type", "unit", "established")
    return {
        **{name: getattr(variable, name) for name in same},
        "dataset": dataset,
        "companion": companion.name,
        "ordinal": ordinal,
        "entity": companion.dictionary.entity,
        "code": code_as_json(variable.code) if variable.code else None,
        "categories": [
            {
                "value": each.value,
                "label": each.label,
                "code": code_as_json(each.code) if each.code else None,
            }
            for each in variable.categories
        ],
        "missing": [
            {"value": each.value, "meaning": each.meaning, "label": each.label}
            for each in variable.missing
        ],
    }


def _bounded(file: SubmittedFile) -> SubmittedFile:
    if file.size > _LARGEST:
        raise LimitError(
            f"a companion table of {file.size} bytes is too large.",
            place=file.path,
            rule=f"at most {_LARGEST} bytes",
        )
    return file


def _plain(number: int, path: str) -> str:
    """A name of our own for the working copy; only the ending is the contributor's."""
    return f"{number}{PurePosixPath(path).suffix}"
