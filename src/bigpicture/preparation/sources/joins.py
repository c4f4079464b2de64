"""Joins the records of a row: from slide to block, patient, report, whatever the mapping names."""

from __future__ import annotations

from collections.abc import Iterator

from bigpicture.model.attribute import Json
from bigpicture.model.errors import InputError
from bigpicture.preparation.sources.fhir_hierarchy import OWN
from bigpicture.preparation.sources.json_path import texts
from bigpicture.preparation.sources.lis import Context
from bigpicture.preparation.sources.mapping import Join
from bigpicture.preparation.sources.problem import Problem, Tally
from bigpicture.preparation.sources.shelf import Kept, Shelf

_MOST = 1000
"""Records of one join for one slide; more is a key that does not tell them apart."""


def join_all(
    context: Context, joins: tuple[Join, ...], shelf: Shelf, *, place: str, tally: Tally
) -> Context:
    """The context with every join made, in their order: a later one may start at an earlier."""
    joined = dict(context)
    for join in joins:
        found = _found(joined, join, shelf, place, tally)
        if join.all:
            joined[join.name] = [record_of(each) for each in found]
        else:
            joined[join.name] = record_of(found[0]) if found else None
            if len(found) > 1:
                tally.add(_several(join), place)
    return joined


def record_of(kept: Kept) -> Json:
    """The record as it was read; a list may hold texts or numbers in place of objects."""
    return kept.body.get("^value", kept.body)


def _found(context: Context, join: Join, shelf: Shelf, place: str, tally: Tally) -> list[Kept]:
    """Of one path after the other, the records found; without `all`, those of the first value."""
    found: dict[int, Kept] = {}
    is_dangling = False
    for value in _values(context, join, place, tally):
        hits = [
            each
            for each in shelf.look_up(join.index if join.key else OWN, value)
            if each.kind == join.kind
        ]
        if not join.key:
            hits = hits[:1]
            is_dangling |= not hits
        found |= {each.number: each for each in hits}
        if found and not join.all:
            break
        if len(found) > _MOST:
            tally.add(_too_many(join), place)
            break
    if is_dangling and not found:
        tally.add(_dangling(join), place)
    return list(found.values())


def _values(context: Context, join: Join, place: str, tally: Tally) -> Iterator[str]:
    for path in join.source:
        try:
            yield from dict.fromkeys(texts(path(context)))
        except InputError as error:
            tally.add(
                Problem(rule=error.rule, what=error.what, remedy=error.remedy, path=path.text),
                place,
            )


def _path(join: Join) -> str:
    return f"join {join.name}: {' or '.join(path.text for path in join.source)}"


def _dangling(join: Join) -> Problem:
    return Problem(
        rule="what is pointed to is part of the export",
        what=f"a reference leads to no {join.kind} of the export: its columns stay empty.",
        remedy=f"Export {join.kind} as well, or see whether it was deleted.",
        path=_path(join),
    )


def _several(join: Join) -> Problem:
    return Problem(
        rule="without all = true, a join finds one record",
        what=f"several records of {join.kind} belong to one row: the first is taken.",
        remedy="Say all = true, and choose in the paths: name[?…] | [0].",
        path=_path(join),
    )


def _too_many(join: Join) -> Problem:
    return Problem(
        rule=f"at most {_MOST} records belong to one slide",
        what=f"very many records of {join.kind} belong to one row: the first are taken.",
        remedy="Is the key right? It must tell one patient's records from another's.",
        path=_path(join),
    )
