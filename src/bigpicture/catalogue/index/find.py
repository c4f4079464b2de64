"""Find: a question answered from a view, within a scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import merge as merged

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.found import Found, ImageFound, ValueCount, images_found
from bigpicture.catalogue.index.page import Row, page, read_key, write_key
from bigpicture.catalogue.index.plan import Planner
from bigpicture.catalogue.index.scan import Scanned, scan
from bigpicture.catalogue.index.tally import count_numbers
from bigpicture.catalogue.index.typos import understand
from bigpicture.catalogue.index.variables import check_variables, count_variables
from bigpicture.catalogue.index.view import Layer, View
from bigpicture.catalogue.page import FacetCount
from bigpicture.model.errors import InputError
from bigpicture.model.field import FIELDS, FieldKind
from bigpicture.model.query import LONGEST_PAGE, Asked
from bigpicture.model.question import Question
from bigpicture.model.scope import Scope

MOST_VALUES = 100
"""Values of a facet that are told; of more the most frequent."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One layer looked through; `number` is the layer's in its view."""

    number: int
    layer: Layer
    visible: NDArray[np.bool_]
    scanned: Scanned


def find(view: View, asked: Asked, scope: Scope) -> Found:
    """Answer a question with one page of images, and counts of all.

    Raises `InputError` for a limit, an order's key, or a facet that is none.
    """
    if not 1 <= asked.limit <= LONGEST_PAGE:
        raise InputError("limit is out of range.", place="limit", rule=f"1 to {LONGEST_PAGE}")
    for name in asked.facets:
        if name not in FIELDS or not FIELDS[name].is_facet:
            raise InputError(
                f"{name[:40]!r} is no facet.",
                place="facets",
                remedy="GET /api/v1/fields names those that there are.",
            )
    check_variables(view, asked.question, scope)
    after = read_key(asked.after, asked.sort)
    understood = understand(view, asked.question, scope) if asked.is_mended else ()
    taken = {each.given: each.taken for each in understood}
    looked = look(view, asked.question, scope, asked.facets, taken)
    rows = list(
        merged(
            *(page(each.scanned, asked.sort, after, asked.limit + 1) for each in looked),
            key=lambda row: row.key,
        )
    )[: asked.limit + 1]
    shown = rows[: asked.limit]
    facets, more = count_facets(view, looked, asked.facets, with_ancestors=asked.with_ancestors)
    return Found(
        items=_hydrated(shown),
        next=write_key(shown[-1].key) if len(rows) > asked.limit else None,
        total=sum(each.scanned.total for each in looked),
        beings=sum(each.scanned.beings() for each in looked),
        datasets=sum(int(np.count_nonzero(each.scanned.per_dataset)) for each in looked),
        facets=facets,
        more=more,
        companion=_count_companion(view, asked, scope, looked, taken),
        understood=understood,
    )


def look(
    view: View,
    question: Question,
    scope: Scope,
    fields: Sequence[str] = (),
    taken: Mapping[str, tuple[str, ...]] | None = None,
) -> list[Looked]:
    """Look through every layer, and count these fields."""
    looked: list[Looked] = []
    for number, layer in enumerate(view.layers):
        visible = layer.visible(scope)
        if visible.any():
            plan = Planner(layer, taken).plan(question)
            looked.append(Looked(number, layer, visible, scan(layer.store, plan, visible, fields)))
    return looked


def count_facets(
    view: View,
    looked: Sequence[Looked],
    fields: Sequence[str],
    most: int = MOST_VALUES,
    *,
    with_ancestors: bool = True,
) -> tuple[dict[str, tuple[ValueCount, ...]], dict[str, int]]:
    """The values of each field by their counts, and how many were left out."""
    facets: dict[str, tuple[ValueCount, ...]] = {}
    more: dict[str, int] = {}
    for name in fields:
        if FIELDS[name].kind is FieldKind.NUMBER:
            numbers = count_numbers(
                [
                    (each.layer.store.columns[name], each.visible, each.scanned.counts[name])
                    for each in looked
                ]
            )
            facets[name] = tuple(ValueCount(each.term, each.count) for each in numbers)
            continue
        counted = {each.number: each.scanned.counts[name] for each in looked}
        facets[name], left = view.tally(name).most(counted, most, with_ancestors=with_ancestors)
        if left:
            more[name] = left
    return facets, more


def _hydrated(rows: Sequence[Row]) -> tuple[ImageFound, ...]:
    """The images of rows, a store's all at once."""
    by_store: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        by_store[id(row.scanned)].append(row.row)
    found = {
        id(row.scanned): iter(images_found(row.scanned.store, by_store[id(row.scanned)]))
        for row in {id(each.scanned): each for each in rows}.values()
    }
    return tuple(next(found[id(row.scanned)]) for row in rows)


def _count_companion(
    view: View,
    asked: Asked,
    scope: Scope,
    looked: Sequence[Looked],
    taken: Mapping[str, tuple[str, ...]],
) -> Mapping[str, tuple[FacetCount, ...]]:
    if not asked.with_companion:
        return {}

    def without(question: Question) -> Sequence[Looked]:
        return look(view, question, scope, (), taken)

    return count_variables(asked.question, looked, without)
