"""Pictures to judge the detector by: one mark in each, of one kind, or none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.detector import codes
from training.detector.flesh import Stock
from training.detector.fonts import HELD_SCRIPTS
from training.detector.ink import letter_height, letters, line, put_code, put_text
from training.detector.labels import put_label
from training.detector.looks import look, seen
from training.detector.noises import Chance, Picture
from training.detector.scene import Means, Put, Scene
from training.detector.scenes import empty

KINDS = ("font", "handwriting", "script", "symbology", "faint", "rotated", "partial", "label")
CLEAN = "clean"
SEED = 1_000_000_000
"""Training's scenes have smaller seeds."""
LEGIBLE = 1.5
"""What counts: contrast over grain and texture, where 1 is the edge of what a person reads."""
_SMALLEST = 8.0
"""Height of letters as drawn, pixels."""
_TRIES = 60


@dataclass(frozen=True, slots=True)
class Question:
    """A picture RGB, its kind, and where its mark lies (x, y, width, height); None where clean."""

    picture: Picture
    kind: str
    box: tuple[int, int, int, int] | None


def question(kind: str, number: int, means: Means) -> Question:
    """The picture of a kind and number, always the same."""
    chance = np.random.default_rng([SEED, (*KINDS, CLEAN).index(kind), number])
    rows, columns = int(chance.integers(300, 640)), int(chance.integers(420, 1300))
    if kind == CLEAN:
        return clean(chance, rows, columns, means.stock)
    for _ in range(_TRIES):
        scene = empty(chance, rows, columns, means.stock)
        while scene.how.blur > 1:
            scene.how = look(chance)
        put = _put(chance, scene, means, kind)
        if put and put.clear >= LEGIBLE and _is_whole(put, kind):
            return Question(seen(chance, scene.picture, scene.how), kind, put.box)
    raise RuntimeError(f"no legible picture of {kind} number {number}")


def clean(chance: Chance, rows: int, columns: int, stock: Stock) -> Question:
    """A picture with nothing to find, at its size or seen from afar."""
    scene = empty(chance, rows, columns, stock, frosted=0.0)
    return Question(seen(chance, scene.picture, scene.how), CLEAN, None)


def _is_whole(put: Put, kind: str) -> bool:
    return 0.4 <= put.share <= 0.8 if kind == "partial" else put.share > 0.97


def _put(chance: Chance, scene: Scene, means: Means, kind: str) -> Put | None:
    """One mark of the kind; the general ones are of any of the special ones."""
    rows, columns = scene.picture.shape[:2]
    centre = float(chance.uniform(0.12, 0.88) * columns), float(chance.uniform(0.12, 0.88) * rows)
    angle = float(90 * chance.integers(0, 4) + chance.normal(0, 1.5))
    faint = kind == "faint"
    if kind == "label":
        return put_label(
            chance, scene, means, centre, angle=angle, contents=int(chance.integers(1, 4))
        )
    if kind == "rotated":
        angle = float(chance.uniform(8, 82) + 90 * chance.integers(0, 4))
    if kind == "partial":
        centre = _edge(chance, rows, columns)
    what = kind
    if kind in {"faint", "rotated", "partial"}:
        what = str(chance.choice(["font", "handwriting", "script", "symbology"]))
    if what == "symbology":
        is_matrix = chance.random() < 0.5
        name = str(chance.choice(means.matrix if is_matrix else means.linear))
        least = 2.0 if is_matrix else 1.2
        ink = codes.code(chance, name, chance.uniform(least, 4.5))
        return put_code(chance, scene, ink, centre, angle=angle, faint=faint)
    height = max(_SMALLEST, letter_height(chance, scene.how))
    held = sorted(set(means.shelf.printed) & HELD_SCRIPTS)
    plain = sorted(set(means.shelf.printed) - HELD_SCRIPTS)
    script = str(chance.choice(held if what == "script" and held else plain))
    hand = what == "handwriting"
    if hand:
        script = str(chance.choice(sorted(set(means.shelf.written) - HELD_SCRIPTS)))
    text = line(chance, means, height, hand=hand, script=script)
    if letters(text.ink) < _SMALLEST:
        return None
    return put_text(chance, scene, text, centre, angle=angle, faint=faint)


def _edge(chance: Chance, rows: int, columns: int) -> tuple[float, float]:
    """A place at an edge of the picture."""
    if chance.random() < 0.5:
        return float(chance.choice([0, columns])), float(chance.uniform(0.15, 0.85) * rows)
    return float(chance.uniform(0.15, 0.85) * columns), float(chance.choice([0, rows]))
