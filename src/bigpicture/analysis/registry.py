"""The registry: every algorithm of this node and its versions, shipped, plugged in or published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, select

from bigpicture.analysis.card_text import card_text
from bigpicture.analysis.manifest import read_manifest
from bigpicture.analysis.shipped import plugged, shipped
from bigpicture.model.algorithm import Algorithm, version_key
from bigpicture.model.errors import UnknownError
from bigpicture.model.policy import AccessTier
from bigpicture.storage.records.algorithm_tables import algorithm_versions, algorithms

NODE = "node"
"""Owns what is installed with it."""


@dataclass(frozen=True, slots=True)
class Registered:
    """One version of an algorithm as this node knows it.

    `owner` is a person's id, or `node`. `tier` says who may run it: everybody who signed in
    (open), registered researchers, or whoever has a grant. `package` is the key of its sealed
    files, empty for what is installed with Python. Who may not know of it that is not `is_listed`
    hears that there is none.
    """

    algorithm: Algorithm
    owner: str = NODE
    tier: AccessTier = AccessTier.OPEN
    is_listed: bool = True
    terms: str = ""
    card: str = ""
    package: str = ""
    size: int = 0
    published: datetime | None = None
    withdrawn: datetime | None = None
    withdrawn_reason: str = ""


def find_algorithm(
    id: str,  # noqa: A002 - as the manifest calls it
    version: str | None = None,
    *,
    connection: Connection | None = None,
) -> Algorithm:
    """One version, the newest that is not withdrawn unless said; raises `UnknownError`.

    Without a `connection`, only of those that are installed with Python.
    """
    return find_registered(id, version, connection=connection).algorithm


def list_algorithms(connection: Connection | None = None) -> list[Algorithm]:
    """The newest version of each that is not withdrawn, by id."""
    newest: dict[str, Algorithm] = {}
    for each in list_registered(connection):
        if each.withdrawn is None:
            newest.setdefault(each.algorithm.id, each.algorithm)
    return list(newest.values())


def find_registered(
    id: str,  # noqa: A002 - as the manifest calls it
    version: str | None = None,
    *,
    connection: Connection | None = None,
) -> Registered:
    """As `find_algorithm`, with whose it is and who may run it."""
    for each in list_registered(connection, id=id):
        if version == each.algorithm.version or (version is None and each.withdrawn is None):
            return each
    raise UnknownError(
        "there is no such algorithm, or no such version of it.",
        place=f"{id} {version or ''}".strip()[:120],
    )


def list_registered(
    connection: Connection | None = None,
    *,
    id: str = "",  # noqa: A002 - as the manifest calls it
) -> list[Registered]:
    """Every version of every algorithm (of one, with `id`), by id, the newest first."""
    found = [
        Registered(each.algorithm, card=_installed_card(place))
        for place, each in enumerate((*shipped(), *plugged()))
        if not id or each.algorithm.id == id
    ]
    if connection is not None:
        found += _published(connection, id)
    return _in_order(found)


@cache
def _installed_card(place: int) -> str:
    """Of one of those that are installed with Python: read once."""
    return card_text((*shipped(), *plugged())[place])


def _published(connection: Connection, wanted: str) -> Iterable[Registered]:
    question = select(algorithms, algorithm_versions).join(
        algorithm_versions, algorithm_versions.c.algorithm == algorithms.c.id
    )
    if wanted:
        question = question.where(algorithms.c.id == wanted)
    return [_registered(row) for row in connection.execute(question).mappings()]


def _registered(row: Mapping[Any, Any]) -> Registered:
    algorithm = read_manifest(row["manifest"], place=row["id"])
    return Registered(
        replace(algorithm, code=row["code"]),
        owner=row["owner"],
        tier=AccessTier(row["tier"]),
        is_listed=row["is_listed"],
        terms=row["terms"],
        card=row["card"],
        package=row["package"],
        size=row["size"],
        published=row["published"],
        withdrawn=row["withdrawn"],
        withdrawn_reason=row["withdrawn_reason"],
    )


def _in_order(found: list[Registered]) -> list[Registered]:
    found.sort(key=lambda each: version_key(each.algorithm.version), reverse=True)
    return sorted(found, key=lambda each: each.algorithm.id)
