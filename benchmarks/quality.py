"""Quality of a slide: what it costs beside reading, and how right it is on generated slides.

The cost is that of a section of 15 x 25 mm: tissue, pen, stain and fingerprint of the overview at
10 micrometres per pixel, and focus of the 512 tiles that cover it at one each 0.7 mm. The peers of
being right are what is usual: Otsu's threshold of grey, and the variance of the Laplacian. Every
figure of being right here is measured on generated slides, against their exact truth.
"""

from __future__ import annotations

from statistics import median
from time import process_time

import cv2
import numpy as np

from benchmarks.claim import Claim
from bigpicture.analysis.artefacts import find_bubbles, find_folds
from bigpicture.analysis.fingerprint import fingerprint
from bigpicture.analysis.focus import focus_of
from bigpicture.analysis.stain_matrix import fit_macenko
from bigpicture.analysis.stain_type import stain_type
from bigpicture.analysis.tissue import segment
from bigpicture.phantom.artefacts import Kind
from bigpicture.phantom.suite import LARGE, Generated, suite
from bigpicture.phantom.tissue import Tissue

BUDGET = 1.5
"""Core-seconds a slide."""
ROUNDS = 5
TILES, SIDE = 512, 256
OVERVIEW = (2500, 1500)
"""Width and height of the overview of 25 x 15 mm at 10 micrometres per pixel."""
_BLURS = (1.0, 2.0)


def claims() -> list[Claim]:
    cv2.setNumThreads(1)
    views = list(suite((base, base.render()) for base in LARGE))
    tiles = _tiles()
    return [_cost(views, tiles), *_tissue(views), *_focus(tiles)]


def _cost(views: list[Generated], tiles: list[np.ndarray]) -> Claim:
    """Overviews are put side by side to the size of a section."""
    picture = np.hstack([each.overview.picture for each in views if not each.is_pale][:9])
    picture = np.vstack([picture] * (1 + OVERVIEW[1] // picture.shape[0]))
    picture = np.ascontiguousarray(picture[: OVERVIEW[1], : OVERVIEW[0]])
    many = [tiles[number % len(tiles)] for number in range(TILES)]
    _judge(picture, many[:1])
    seconds: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, value in _judge(picture, many).items():
            seconds.setdefault(name, []).append(value)
    parts = {name: median(values) for name, values in seconds.items()}
    told = ", ".join(f"{name} {value:.2f}" for name, value in parts.items())
    print(f"core-seconds a slide of {picture.shape[1]} x {picture.shape[0]}: {told}")
    return Claim.of(
        "quality of a slide beside reading, against its budget",
        ours=sum(parts.values()),
        peer=BUDGET,
        unit="core-s/slide",
        target=1,
        more_is_better=False,
    )


def _judge(picture: np.ndarray, tiles: list[np.ndarray]) -> dict[str, float]:
    marks = [process_time()]
    seen = segment(picture)
    marks.append(process_time())
    stain_type(seen.over_glass, seen.tissue)
    fit_macenko(picture[seen.tissue], glass=seen.glass.level)
    marks.append(process_time())
    fingerprint(seen.over_glass, seen.tissue)
    marks.append(process_time())
    for tile in tiles:
        focus_of(tile)
    marks.append(process_time())
    find_folds(seen.over_glass, seen.tissue, mpp=10)
    find_bubbles(seen.over_glass, seen.ink, mpp=10)
    marks.append(process_time())
    names = "tissue and pen", "stain", "fingerprint", "focus", "folds and bubbles"
    return dict(zip(names, np.diff(marks).tolist(), strict=True))


def _tissue(views: list[Generated]) -> list[Claim]:
    found: dict[str, list[float]] = {"ours": [], "otsu": []}
    pens: dict[str, list[float]] = {"ours": [], "otsu": []}
    for each in views:
        view = each.overview
        pen = view.artefacts.get(Kind.PEN, np.zeros_like(view.tissue))
        masks = {"ours": segment(view.picture).tissue, "otsu": _otsu(view.picture)}
        for name, mask in masks.items():
            found[name].append(_dice(mask, view.tissue & ~pen))
            if pen.any():
                pens[name].append(float(mask[pen].mean()))
    print(
        f"generated suite of {len(views)}: Dice mean {np.mean(found['ours']):.4f} "
        f"min {min(found['ours']):.4f}, pen called tissue mean {np.mean(pens['ours']):.4f} "
        f"max {max(pens['ours']):.4f}; Otsu of grey: {np.mean(found['otsu']):.4f}, "
        f"{min(found['otsu']):.4f}, {np.mean(pens['otsu']):.4f}"
    )
    return [
        _claim(
            "mean Dice of tissue, generated, against 0.97", np.mean(found["ours"]), 0.97, "Dice"
        ),
        _claim("least Dice of tissue, generated, against 0.88", min(found["ours"]), 0.88, "Dice"),
        _claim(
            "mean Dice of tissue, generated, against Otsu of grey",
            np.mean(found["ours"]),
            np.mean(found["otsu"]),
            "Dice",
        ),
        _claim(
            "pen called tissue, generated, against 0.05",
            max(float(np.mean(pens["ours"])), 1e-4),
            0.05,
            "part",
            more_is_better=False,
        ),
    ]


def _focus(tiles: list[np.ndarray]) -> list[Claim]:
    chance = np.random.default_rng(1)
    shown = [tile for tile in tiles if _is_tissue(tile)]
    made: list[Claim] = []
    sharp = [_scanned(tile, 0, chance) for tile in shown]
    for blur, target in zip(_BLURS, (0.95, 0.995), strict=True):
        blurred = [_scanned(tile, blur, chance) for tile in shown]
        ours, theirs = (
            _auroc([measure(each) for each in sharp], [measure(each) for each in blurred])
            for measure in (focus_of, _laplacian)
        )
        name = f"AUROC of focus at sigma = {blur:g} px, generated"
        print(
            f"{name}: ours {ours:.4f}, variance of the Laplacian {theirs:.4f}, {len(shown)} tiles"
        )
        made += [
            _claim(f"{name}, against {target}", ours, target, "AUROC"),
            _claim(f"{name}, against the variance of the Laplacian", ours, theirs, "AUROC"),
        ]
    return made


def _claim(name: str, ours: float, peer: float, unit: str, *, more_is_better: bool = True) -> Claim:
    return Claim.of(
        name,
        ours=float(ours),
        peer=float(peer),
        unit=unit,
        target=1,
        more_is_better=more_is_better,
    )


def _tiles() -> list[np.ndarray]:
    found: list[np.ndarray] = []
    for seed, organ, finding in ((5, "colon", "normal"), (6, "breast", "carcinoma")):
        slide = Tissue(seed=seed, organ=organ, finding=finding)
        picture = slide.region(3072, 3072, 2048, 2048)
        places = range(0, 2048, SIDE)
        found += [picture[y : y + SIDE, x : x + SIDE] for y in places for x in places]
    return found


def _is_tissue(tile: np.ndarray) -> bool:
    return np.mean(cv2.cvtColor(tile, cv2.COLOR_RGB2HSV)[..., 1] > 30) > 0.5


def _scanned(tile: np.ndarray, blur: float, chance: np.random.Generator) -> np.ndarray:
    """Out of focus, then read by a noisy sensor, then stored as a scanner does."""
    seen = cv2.GaussianBlur(tile, (0, 0), blur) if blur else tile
    noisy = np.clip(seen + chance.normal(0, 1.2, seen.shape[:2])[..., None], 0, 255)
    _, stored = cv2.imencode(".jpg", noisy.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 80])
    return cv2.imdecode(stored, cv2.IMREAD_COLOR)


def _laplacian(tile: np.ndarray) -> float:
    return float(cv2.Laplacian(cv2.cvtColor(tile, cv2.COLOR_RGB2GRAY), cv2.CV_32F).var())


def _otsu(picture: np.ndarray) -> np.ndarray:
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (5, 5), 0)
    _, mask = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    return mask > 0


def _dice(found: np.ndarray, truth: np.ndarray) -> float:
    return 2 * float(np.sum(found & truth)) / float(found.sum() + truth.sum())


def _auroc(positive: list[float], negative: list[float]) -> float:
    above = np.greater.outer(positive, negative) + 0.5 * np.equal.outer(positive, negative)
    return float(above.mean())


if __name__ == "__main__":
    for each in claims():
        print(each)
