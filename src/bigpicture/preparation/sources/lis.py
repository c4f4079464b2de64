"""Takes records out of the JSON of a laboratory system: lists beside lists, lists within lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bigpicture.model.attribute import Json
from bigpicture.preparation.sources.export import members_of
from bigpicture.preparation.sources.json_stream import Member
from bigpicture.preparation.sources.mapping import Mapping, Step

Context = dict[str, Json]


def lis_members(path: Path, mapping: Mapping) -> Iterator[Member]:
    """The members of every list that the mapping names."""
    wanted = {mapping.steps[0].path, *(join.kind for join in mapping.joins)}
    yield from members_of(path, frozenset(wanted))


def contexts_within(record: Json, steps: tuple[Step, ...]) -> Iterator[Context]:
    """One context for each member of the innermost list; each level is there under its name."""
    first, *rest = steps
    context: Context = {first.name: record}
    if first.where is None or first.where(context):
        yield from _inner(context, record, rest)


def _inner(context: Context, record: Json, steps: list[Step]) -> Iterator[Context]:
    if not steps:
        yield context
        return
    step, *rest = steps
    assert step.inner is not None
    found = step.inner(record)
    for each in found if isinstance(found, list) else [found]:
        deeper: Context = {**context, step.name: each}
        if each is not None and (step.where is None or step.where(deeper)):
            yield from _inner(deeper, each, rest)
