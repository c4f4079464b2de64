"""Typos: words that nothing visible is known by, and the nearest that something is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from bigpicture.catalogue.index.found import Understood
from bigpicture.catalogue.index.plan import Planner, possible, words_of
from bigpicture.catalogue.index.store import Store
from bigpicture.catalogue.index.tokens import tokens
from bigpicture.catalogue.index.view import View
from bigpicture.model.question import Question
from bigpicture.model.scope import Scope

_Visible = list[tuple[Store, Planner, NDArray[np.bool_]]]

_SHORT, _LONG = 4, 8
"""Letters from which one mistake is mended, and two."""
_MOST = 5
_MENDED = 8
"""Words of a question that are looked at."""


def understand(view: View, question: Question, scope: Scope) -> tuple[Understood, ...]:
    """The words of a question that are taken for others. Phrases are taken as they are."""
    words = list(words_of(question))
    if not words:
        return ()
    visible = [(layer.store, Planner(layer), layer.visible(scope)) for layer in view.layers]
    unknown = (word for word in words[:_MENDED] if not _is_known(visible, word))
    mended = ((word, _nearest(visible, word)) for word in unknown)
    return tuple(Understood(word, taken) for word, taken in mended if taken)


def _is_known(visible: _Visible, word: str) -> bool:
    return any(
        bool((possible(planner.word(word), store)[0] & seen).any())
        for store, planner, seen in visible
        if seen.any()
    )


def _nearest(visible: _Visible, word: str) -> tuple[str, ...]:
    spoken = tokens(word)
    if len(spoken) != 1 or len(spoken[0]) < _SHORT or any(map(str.isdigit, spoken[0])):
        return ()
    mistakes = 2 if len(spoken[0]) >= _LONG else 1
    there = dict.fromkeys(each for store, *_ in visible for each in store.words)
    # A word is found by its beginning, so the mistake may be in the beginning of a longer one.
    heads = {each[: len(spoken[0])]: None for each in there} | dict.fromkeys(there)
    close = extract(
        spoken[0], list(heads), scorer=OSA.distance, score_cutoff=mistakes, limit=10 * _MOST
    )
    known: list[tuple[int, str]] = []
    for found, distance, _ in close:
        if len(found) >= _SHORT - 1 and _is_known(visible, found):
            known.append((int(distance), found))
    best = min((distance for distance, _ in known), default=0)
    nearest = {found for distance, found in known if distance == best}
    return tuple(sorted(nearest.intersection(there) or nearest))[:_MOST]
