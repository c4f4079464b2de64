"""Find: a question answered from a view, within a scope."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import merge as merged

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.found import Found, ImageFound, ValueCount, images_found
from bigpicture.catalogue.index.merge import SIZE_BANDS
from bigpicture.catalogue.index.page import Row, page, read_key, write_key
from bigpicture.catalogue.index.plan import Planner
from bigpicture.catalogue.index.scan import Scanned, scan
from bigpicture.catalogue.index.typos import understand
from bigpicture.catalogue.index.variables import check_variables, count_variables
from bigpicture.catalogue.index.view import Layer, View
from bigpicture.catalogue.page import FacetCount
from bigpicture.catalogue.ranges import count_ranges, plain
from bigpicture.catalogue.terms import Term
from bigpicture.model.errors import InputError
from bigpicture.model.field import FIELDS, FieldKind
from bigpicture.model.query import LONGEST_PAGE, Asked
from bigpicture.model.question import Question
from bigpicture.model.scope import Scope

MOST_VALUES = 100
"""Values of a facet that are told; of more the most frequent."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One layer looked through."""

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
    facets, more = count_facets(looked, asked.facets, with_ancestors=asked.with_ancestors)
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
    for layer in view.layers:
        visible = layer.visible(scope)
        if visible.any():
            plan = Planner(layer.store, layer.lineage, taken).plan(question)
            looked.append(Looked(layer, visible, scan(layer.store, plan, visible, fields)))
    return looked


def count_facets(
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
            counted = _count_numbers(looked, name)
            facets[name] = tuple(ValueCount(each.term, each.count) for each in counted)
            continue
        facets[name], left = count_terms(looked, name, most, with_ancestors=with_ancestors)
        if left:
            more[name] = left
    return facets, more


def count_terms(
    looked: Sequence[Looked], name: str, most: int, *, with_ancestors: bool
) -> tuple[tuple[ValueCount, ...], int]:
    """The most frequent values of a field of terms, and how many more are counted."""
    if len(looked) == 1:
        (each,) = looked
        rollup, of_codes = each.layer.rollup(name), each.scanned.counts[name]
        counts, labels, above = rollup.counts(of_codes), rollup.labels(of_codes), rollup.parents
    else:
        counts, labels, above = _joined_counts(looked, name)
    ordered = [(-count, labels[key].casefold(), key) for key, count in counts.items()]
    ordered.sort()
    parents = {
        key: next((each for each in above.get(key, ()) if each in counts), None) for key in counts
    }
    twice = {
        parent
        for key, parent in parents.items()
        if parent
        and counts[parent] == counts[key]
        and labels[parent].casefold() == labels[key].casefold()
    }
    if twice:  # of a term that says no more than the one below it, that one is told
        for key in tuple(parents):
            while (parent := parents[key]) in twice:
                parents[key] = parents[parent]
    hidden = twice if with_ancestors else twice | (counts.keys() - _own_keys(looked, name))
    told = [(key, -count) for count, _, key in ordered if key not in hidden]
    shown = {key for key, _ in told[:most]}
    return tuple(
        ValueCount(Term(key, labels[key]), count, parents[key] if parents[key] in shown else None)
        for key, count in told[:most]
    ), len(told) - len(shown)


def _own_keys(looked: Sequence[Looked], name: str) -> set[str]:
    return {key for each in looked for key in each.layer.store.columns[name].keys}


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


def _joined_counts(
    looked: Sequence[Looked], name: str
) -> tuple[dict[str, int], dict[str, str], dict[str, tuple[str, ...]]]:
    """Counts, labels and parents of several layers together."""
    counts: Counter[str] = Counter()
    labels: dict[str, str] = {}
    above: dict[str, tuple[str, ...]] = {}
    for each in looked:
        rollup, of_codes = each.layer.rollup(name), each.scanned.counts[name]
        counts.update(rollup.counts(of_codes))
        labels |= rollup.labels(of_codes)
        above |= rollup.parents
    return counts, labels, above


def _count_numbers(looked: Sequence[Looked], name: str) -> tuple[FacetCount, ...]:
    """Ranges stay the same whatever is filtered: they are of all that may be seen."""
    counts: Counter[float] = Counter()
    for each in looked:
        column, of_codes = each.layer.store.columns[name], each.scanned.counts[name]
        values = column.values
        assert values is not None
        lengths = np.diff(column.present_offsets)
        seen = np.unique(column.present[np.repeat(each.visible, lengths)])
        for code in seen:
            if values[code] == values[code]:
                counts[float(values[code])] += int(of_codes[code])
    if name == "size":
        return tuple(FacetCount(_band(low), counts[low]) for low in sorted(counts) if counts[low])
    return count_ranges(counts)


def _band(low: float) -> Term:
    at = SIZE_BANDS.index(int(low))
    high = plain(SIZE_BANDS[at + 1]) if at + 1 < len(SIZE_BANDS) else ""
    return Term(f"{plain(low)}..{high}", f"{plain(low)} – {high}" if high else f"from {plain(low)}")


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
