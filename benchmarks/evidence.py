"""Measure the shipped algorithms on generated slides, for their model cards.

Usage: python -m benchmarks.evidence [NAME ...]: modules of `analysis/builtin`, else all that are
measured. Writes `src/bigpicture/analysis/builtin/evidence/NAME.json`. A being is one base of the
suite with all its views; intervals draw bases anew. What is not here reads "not evaluated".
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np

from bigpicture.analysis import builtin
from bigpicture.analysis.artefacts import find_bubbles
from bigpicture.analysis.evidence_file import write_evidence
from bigpicture.analysis.fingerprint import ALIKE, Fingerprint, fingerprint, likeness
from bigpicture.analysis.focus import focus_of
from bigpicture.analysis.ink import find_ink
from bigpicture.analysis.metrics.clustered import FEWEST, interval
from bigpicture.analysis.metrics.overlap import dice, match
from bigpicture.analysis.metrics.roc import area
from bigpicture.analysis.nuclei import find_nuclei, red_density, threshold_of
from bigpicture.analysis.shipped import code_of
from bigpicture.analysis.stain_type import StainType, stain_type
from bigpicture.analysis.tissue import segment
from bigpicture.model.evidence import Evidence, Measured
from bigpicture.phantom import truth
from bigpicture.phantom.artefacts import Kind
from bigpicture.phantom.suite import LARGE, Base, Generated, suite
from bigpicture.phantom.tissue import Tissue

SUITE = "suite LARGE of phantom/suite.py"
TILES = "blocks of 1024 pixels of the bases of suite LARGE and of 8 more, at 0.5 µm"
MORE = tuple(
    Base(seed, organ) for organ in ("colon", "breast", "liver", "kidney") for seed in (21, 22)
)
"""H&E."""
_ANEW = "95 %, slides drawn anew"
_EXACT = "95 %, Clopper-Pearson of slides"
_BLOCK, _TILE = 1024, 256


@dataclass
class Figures:
    """Numbers by the base that each is of; `tell` makes evidence of them."""

    values: list[float] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)

    def add(self, value: float, owner: str) -> None:
        self.values.append(value)
        self.owners.append(owner)

    def tell(self, metric: str, output: str, *, on: str = SUITE, subgroup: str = "") -> Evidence:
        given = np.array(self.values)
        return _told(
            lambda at: float(given[at].mean()),
            self.owners,
            metric,
            output,
            on=on,
            subgroup=subgroup,
        )


def _told(
    statistic: Callable[[np.ndarray], float],
    owners: Sequence[str],
    metric: str,
    output: str,
    *,
    on: str,
    subgroup: str = "",
    images: int | None = None,
) -> Evidence:
    beings = len(set(owners))
    value = statistic(np.arange(len(owners)))
    low = high = None
    method = ""
    if beings >= FEWEST and value in (0.0, 1.0):
        # All alike: however slides are drawn anew, that stays so.
        end = 0.025 ** (1 / beings)
        low, high = (end, 1.0) if value else (0.0, 1 - end)
        method = _EXACT
    elif beings >= FEWEST:
        found = interval(statistic, owners)
        low, high, method = found.low, found.high, _ANEW
    return Evidence(
        metric=metric,
        output=output,
        value=value,
        low=low,
        high=high,
        method=method,
        on=on,
        is_generated=True,
        images=images or len(owners),
        beings=beings,
        subgroup=subgroup,
    )


@cache
def views() -> tuple[Generated, ...]:
    return tuple(suite((base, base.render()) for base in LARGE))


@cache
def blocks() -> tuple[tuple[Tissue, np.ndarray], ...]:
    """The middle block of a slide of each base."""
    made = [
        Tissue(
            seed=base.seed,
            width=3 * _BLOCK,
            height=3 * _BLOCK,
            organ=base.organ,
            finding=base.finding,
            stain=base.stain,
        )
        for base in (*LARGE, *MORE)
    ]
    return tuple((each, each.block(1, 1)) for each in made)


def _owner(view: Generated) -> str:
    return f"{view.base.organ} {view.base.seed}"


def _stain(view: Generated) -> str:
    return f"stain: {view.base.stain.value}{', pale' if view.is_pale else ''}"


def tissue() -> list[Evidence]:
    whole, ink, by_stain = Figures(), Figures(), dict[str, Figures]()
    for each in views():
        pen = each.overview.artefacts.get(Kind.PEN)
        true = each.overview.tissue if pen is None else each.overview.tissue & ~pen
        found = segment(each.overview.picture).tissue
        for figures in (whole, by_stain.setdefault(_stain(each), Figures())):
            figures.add(dice(found, true), _owner(each))
        if pen is not None and pen.any():
            ink.add(float(found[pen].mean()), _owner(each))
    return [
        whole.tell("Dice", "tissue"),
        ink.tell("part of pen called tissue", "tissue"),
        *(figures.tell("Dice", "tissue", subgroup=name) for name, figures in by_stain.items()),
    ]


def pen() -> list[Evidence]:
    there, none = Figures(), Figures()
    for each in views():
        seen = segment(each.overview.picture)
        found = find_ink(seen.over_glass, mpp=each.overview.mpp)
        true = each.overview.artefacts.get(Kind.PEN)
        if true is not None and true.any():
            there.add(dice(found, true), _owner(each))
        else:
            none.add(float(found.mean()), _owner(each))
    return [
        there.tell("Dice", "pen"),
        none.tell("part of a slide without pen that is called pen", "pen"),
    ]


def focus() -> list[Evidence]:
    chance = np.random.default_rng(1)
    found: list[Evidence] = []
    for blur in (1.0, 2.0):
        scores: list[float] = []
        labels: list[bool] = []
        owners: list[str] = []
        for slide, picture in blocks():
            for tile in _tiles(picture):
                for is_sharp in (True, False):
                    seen = tile if is_sharp else cv2.GaussianBlur(tile, (0, 0), blur)
                    scores.append(focus_of(_scanned(seen, chance)))
                    labels.append(is_sharp)
                    owners.append(f"{slide.organ} {slide.seed}")
        truths, given = np.array(labels), np.array(scores)
        found.append(
            _told(
                lambda at, truths=truths, given=given: area(truths[at], given[at]),
                owners,
                f"AUROC of tiles blurred by {blur:g} px",
                "focus",
                on=TILES,
                images=len(set(owners)),
            )
        )
    return found


def stain() -> list[Evidence]:
    right, told = Figures(), Figures()
    for each in views():
        seen = segment(each.overview.picture)
        kind = stain_type(seen.over_glass, seen.tissue).type
        wanted = StainType.IHC_DAB if each.base.stain.is_immuno else StainType.HE
        told.add(float(kind is not None), _owner(each))
        if kind is not None:
            right.add(float(kind is wanted), _owner(each))
    return [
        right.tell("part that is right, of those that are told", "stain"),
        told.tell("part that is told", "stain"),
    ]


def prints() -> list[Evidence]:
    """Each base against its paler, turned, smaller and recompressed copy, and against others."""
    again, others = Figures(), Figures()
    found: list[tuple[str, Fingerprint, Fingerprint]] = []
    for each in views()[::6]:
        old, new = _print(each.overview.picture), _print(_rescanned(each.overview.picture))
        if old is not None and new is not None:
            found.append((_owner(each), old, new))
    for owner, old, new in found:
        again.add(float(likeness(old.picture, new.picture) >= ALIKE), owner)
        for other, theirs, _ in found:
            if other != owner:
                others.add(float(likeness(old.picture, theirs.picture) >= ALIKE), owner)
    return [
        again.tell("part of rescans that are known again", "registered"),
        others.tell("part of pairs of other slides that are taken for one", "registered"),
    ]


def nuclei() -> list[Evidence]:
    whole = Figures()
    by_organ: dict[str, Figures] = {}
    for slide, picture in blocks():
        if slide.stain.is_immuno:
            continue
        density = red_density(picture)
        labels = find_nuclei(picture, threshold_of(density[density > 800])).labels
        value = match(labels, _painted(slide)).f1
        for figures in (whole, by_organ.setdefault(f"organ: {slide.organ}", Figures())):
            figures.add(value, f"{slide.organ} {slide.seed}")
    return [
        whole.tell("F1 at IoU 0.5", "nuclei", on=TILES),
        *(
            figures.tell("F1 at IoU 0.5", "nuclei", on=TILES, subgroup=name)
            for name, figures in by_organ.items()
        ),
    ]


def quality() -> list[Evidence]:
    there, none = Figures(), Figures()
    for each in views():
        seen = segment(each.overview.picture)
        found = find_bubbles(seen.over_glass, seen.ink, mpp=each.overview.mpp)
        true = each.overview.artefacts.get(Kind.BUBBLE)
        if true is not None and true.any():
            there.add(dice(found, true), _owner(each))
        else:
            none.add(float(found.mean()), _owner(each))
    return [
        there.tell("Dice of bubbles", "flaws"),
        none.tell("part of a slide without bubbles that is called a bubble", "flaws"),
    ]


MEASURED: dict[str, Callable[[], list[Evidence]]] = {
    "tissue": tissue,
    "pen": pen,
    "focus": focus,
    "stain": stain,
    "fingerprint": prints,
    "quality": quality,
    "nuclei": nuclei,
}


def _tiles(picture: np.ndarray) -> list[np.ndarray]:
    places = range(0, _BLOCK, _TILE)
    cut = [picture[y : y + _TILE, x : x + _TILE] for y in places for x in places]
    return [
        each for each in cut if np.mean(cv2.cvtColor(each, cv2.COLOR_RGB2HSV)[..., 1] > 30) > 0.5
    ]


def _scanned(tile: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Read by a noisy sensor, then stored as a scanner does."""
    noisy = np.clip(tile + chance.normal(0, 1.2, tile.shape[:2])[..., None], 0, 255)
    _, stored = cv2.imencode(".jpg", noisy.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 80])
    return cv2.imdecode(stored, cv2.IMREAD_COLOR)


def _rescanned(picture: np.ndarray) -> np.ndarray:
    turned = np.ascontiguousarray(np.rot90(picture)[:, ::-1])
    dark = np.clip(turned * 0.94 - 2, 0, 255).astype(np.uint8)
    half = cv2.resize(dark, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    stored = cv2.imdecode(cv2.imencode(".jpg", half, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 1)
    return cv2.resize(stored, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)


def _print(picture: np.ndarray) -> Fingerprint | None:
    seen = segment(picture)
    return fingerprint(seen.over_glass, seen.tissue)


def _painted(slide: Tissue) -> np.ndarray:
    """The true nuclei of the middle block as labels."""
    labels = np.zeros((_BLOCK, _BLOCK), np.int32)
    for number, each in enumerate(truth.nuclei(slide, 1, 1), start=1):
        ring = np.array(each["geometry"]["coordinates"][0][:-1]) - _BLOCK
        # Pixel n spans n to n + 1; OpenCV has its middle at n, in 256ths here.
        cv2.fillPoly(labels, [np.rint((ring - 0.5) * 256).astype(np.int32)], number, shift=8)
    return labels


def main(words: list[str]) -> int:
    """Measure and write; returns the exit status."""
    unknown = set(words) - set(MEASURED)
    if unknown:
        print(f"{min(unknown)} is not measured; choose of: {' '.join(MEASURED)}")
        return 2
    cv2.setNumThreads(1)
    builtin.EVIDENCE.mkdir(exist_ok=True)
    for name in words or MEASURED:
        found = MEASURED[name]()
        for each in found:
            ends = "" if each.low is None else f" ({each.low:.4f} to {each.high:.4f})"
            print(f"{name}: {each.metric} {each.subgroup}: {each.value:.4f}{ends}, generated")
        code = code_of(f"{builtin.__name__}.{name}")
        text = write_evidence(Measured(tuple(found), code=code))
        (builtin.EVIDENCE / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
