"""Find: a question answered from a view, within a scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import merge as merged

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.found import Found, ValueCount, image_found
from bigpicture.catalogue.index.lineage import Lineage
from bigpicture.catalogue.index.merge import SIZE_BANDS
from bigpicture.catalogue.index.page import page, read_key, write_key
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
        items=tuple(image_found(row.scanned.store, row.row) for row in shown),
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
        values = count_terms(looked, name)
        if not with_ancestors:
            own = {key for each in looked for key in each.layer.store.columns[name].keys}
            values = [each for each in values if each.term.key in own]
        if len(values) > most:
            more[name] = len(values) - most
            values = values[:most]
        told = {each.term.key for each in values}
        facets[name] = tuple(
            each if each.parent in told else replace(each, parent=None) for each in values
        )
    return facets, more


def count_terms(looked: Sequence[Looked], name: str) -> list[ValueCount]:
    """Every value of a field of terms that is counted, the most frequent first."""
    counts: Counter[str] = Counter()
    labels: dict[str, str] = {}
    for each in looked:
        rollup, of_codes = each.layer.rollup(name), each.scanned.counts[name]
        counts.update(rollup.counts(of_codes))
        labels |= rollup.labels(of_codes)
    is_deep = FIELDS[name].is_hierarchical
    lineages = [each.layer.lineage for each in looked] if is_deep else []

    def label_of(key: str) -> str:
        above = (lineage.labels.get(key) for lineage in lineages)
        return labels.get(key) or next(filter(None, above), key)

    ordered = [
        (-count, (label := label_of(key)).casefold(), key, label) for key, count in counts.items()
    ]
    ordered.sort()
    parents = {key: _parent(lineages, key, counts) for key in counts} if is_deep else {}
    twice = {
        above
        for key, above in parents.items()
        if above
        and counts[above] == counts[key]
        and label_of(above).casefold() == label_of(key).casefold()
    }
    for key in tuple(
        parents
    ):  # of a term that says no more than the one below it, that one is told
        while (above := parents[key]) in twice:
            parents[key] = parents[above]
    return [
        ValueCount(Term(key, label), -count, parents.get(key))
        for count, _, key, label in ordered
        if key not in twice
    ]


def _parent(lineages: Sequence[Lineage], key: str, counts: Mapping[str, int]) -> str | None:
    parents = (each for lineage in lineages for each in lineage.parents.get(key, ()))
    return next((each for each in parents if each in counts), None)


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
