"""Variables: images counted by what companion tables tell of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bigpicture.catalogue.page import FacetCount
from bigpicture.catalogue.ranges import count_ranges
from bigpicture.catalogue.terms import Term
from bigpicture.model.field import COMPANION
from bigpicture.model.question import And, Question, conditions, joined

if TYPE_CHECKING:
    from bigpicture.catalogue.index.find import Looked


def count_variables(
    question: Question,
    looked: Sequence[Looked],
    without: Callable[[Question], Sequence[Looked]],
) -> dict[str, tuple[FacetCount, ...]]:
    """Counts by variable; what asks of one variable at the top of a question is left out there."""
    parts = question.parts if isinstance(question, And) else (question,)
    own: dict[str, list[Question]] = defaultdict(list)
    for part in parts:
        names = {each.field for each in conditions(part) if hasattr(each, "field")}  # type: ignore[union-attr]
        if len(names) == 1 and next(iter(names)).startswith(COMPANION):
            own[names.pop().removeprefix(COMPANION)].append(part)
    counts: dict[str, tuple[FacetCount, ...]] = {}
    for name in dict.fromkeys(_names(looked)):
        there = looked
        if name in own:
            others = [part for part in parts if not any(part is each for each in own[name][:1])]
            there = without(joined(And, others) if others else And())
        counts[name] = _ranked(_counted(there, name), is_measured=_is_measured(looked, name))
    return counts


def _names(looked: Sequence[Looked]) -> list[str]:
    return [
        name
        for each in looked
        for number, columns in each.layer.store.companion.items()
        if each.visible[int(number)]
        for name in columns
    ]


def _counted(looked: Sequence[Looked], name: str) -> Mapping[Term, int]:
    counts: Counter[Term] = Counter()
    for each in looked:
        store = each.layer.store
        for number, columns in store.companion.items():
            if name not in columns or not each.visible[int(number)]:
                continue
            at = f"companion/{number}/{name}"
            offsets, items = store.arrays[f"{at}/offsets"], store.arrays[f"{at}/items"]
            found = each.scanned.found[store.rows_of(int(number))]
            of_sets = np.bincount(
                store.arrays[f"{at}/codes"], weights=found, minlength=len(offsets) - 1
            )
            summed = np.bincount(
                items, weights=np.repeat(of_sets, np.diff(offsets)), minlength=len(columns[name][0])
            )
            for place, (key, label) in enumerate(zip(*columns[name], strict=True)):
                counts[Term(key, label)] += int(summed[place])
    return counts


def _is_measured(looked: Sequence[Looked], name: str) -> bool:
    """Whether every dataset that has it says that it holds numbers."""
    return all(
        name in each.layer.store.infos[int(number)]["measured"]
        for each in looked
        for number, columns in each.layer.store.companion.items()
        if name in columns and each.visible[int(number)]
    )


def _ranked(counts: Mapping[Term, int], *, is_measured: bool) -> tuple[FacetCount, ...]:
    """Numbers in ranges from the lowest, which stay the same; all else the most frequent first."""
    if is_measured:
        summed: Counter[float] = Counter()
        for term, count in counts.items():
            summed[float(term.key)] += count
        return count_ranges(summed)
    ordered = sorted(
        ((term, count) for term, count in counts.items() if count),
        key=lambda each: (-each[1], each[0].label.casefold()),
    )
    return tuple(FacetCount(term, count) for term, count in ordered)
