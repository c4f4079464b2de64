"""The outputs of a trained model as an algorithm: their names, and what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bigpicture.model.algorithm import Output, OutputKind

FEATURES = "features"
"""The input that holds the features, and the output of the algorithm that gave them."""
LABEL, ATTENTION = "label", "attention"
_LONGEST = 40


def outputs_of(classes: Sequence[str]) -> tuple[Output, ...]:
    """The most probable class, a probability for each class that is told, and the attention."""
    return (
        Output(LABEL, OutputKind.FACET, classes=tuple(classes)),
        *(
            Output(name, OutputKind.FACET, unit="1", range=(0.0, 1.0))
            for _, name in told_classes(classes)
        ),
        Output(ATTENTION, OutputKind.HEATMAP, unit="1", range=(0.0, 1.0)),
    )


def told_classes(classes: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The number of a class with the name of its output; of two classes the second says it all."""
    seen: set[str] = set()
    for at, word in enumerate(classes):
        if len(classes) == 2 and at == 0:
            continue
        short = re.sub(r"[^a-z0-9]+", "_", word.casefold()).strip("_")[:_LONGEST]
        name = f"p_{short or at}"
        name = f"{name}_{at}" if name in seen else name
        seen.add(name)
        yield at, name
