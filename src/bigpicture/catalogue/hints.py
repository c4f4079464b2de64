"""Hints: for values that no visible image has, the nearest that one has."""

from __future__ import annotations

from rapidfuzz.distance import Indel
from rapidfuzz.process import extractOne

from bigpicture.catalogue.index.view import View
from bigpicture.model.field import FIELDS, FieldKind
from bigpicture.model.question import AnyOf, Question, conditions
from bigpicture.model.scope import Scope

_NAMES = ("image", "dataset")
"""Nobody is helped to guess those."""
_FAR = 0.5
"""What is less alike than this is not meant."""


def hints(view: View, question: Question, scope: Scope) -> tuple[str, ...]:
    """One sentence for each value of a field of terms that nothing visible has."""
    told: list[str] = []
    for condition in conditions(question):
        if not isinstance(condition, AnyOf) or condition.field not in FIELDS:
            continue
        field = FIELDS[condition.field]
        if field.kind is not FieldKind.TERM or condition.field in _NAMES:
            continue
        labels = _visible(view, condition.field, scope)
        for value in condition.values:
            wanted = value.casefold()
            if wanted in labels or (field.is_hierarchical and _stands_above(view, value, labels)):
                continue
            told.append(f"No image has {condition.field} {value[:60]!r}.{_perhaps(wanted, labels)}")
    return tuple(dict.fromkeys(told))


def _visible(view: View, field: str, scope: Scope) -> dict[str, str]:
    """Keys and labels in lower case, to labels."""
    names: dict[str, str] = {}
    for layer in view.layers:
        column = layer.store.columns[field]
        for place in column.terms_of(column.present_in(layer.visible(scope))).tolist():
            key, folded = column.folded[place]
            names[key] = names[folded] = column.labels[place]
    return names


def _stands_above(view: View, value: str, labels: dict[str, str]) -> bool:
    return any(
        key.casefold() in labels
        for layer in view.layers
        for named in layer.lineage.find(value)
        for key in layer.lineage.descendants(named)
    )


def _perhaps(wanted: str, labels: dict[str, str]) -> str:
    close = extractOne(wanted, list(labels), scorer=Indel.normalized_similarity, score_cutoff=_FAR)
    within = next((name for name in labels if wanted in name), None)
    name = close[0] if close else within
    return f" Perhaps {labels[name]}?" if name else ""
