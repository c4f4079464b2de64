"""Scenes: grounds with text, codes and labels put on them, and the truth of where they lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from training.detector import codes
from training.detector.fonts import Font, Shelf
from training.detector.grounds import Picture, Stock, ground
from training.detector.looks import Look, look, seen
from training.detector.writing import Mask, hershey, marker, paragraph, printed, scrawl, words

Chance = np.random.Generator

TEXT, CODE, LABEL = 0, 1, 2
"""Channels of a truth."""
SMALLEST, LARGEST = 7.0, 64.0
"""Height of letters in pixels at the scale the net looks at."""
_ILLEGIBLE = 5.5
"""Height of drawn letters in pixels under which they do not count."""
_LEAST = 12.0
"""Levels by which ink must differ from what lies under it to count as legible."""


@dataclass(frozen=True, slots=True)
class Put:
    """One mark as it was put: channel, box (x, y, width, height), legibility, share in the picture.

    `clear` is the contrast over what hides it (grain, texture), 1 at the edge of legible.
    """

    channel: int
    box: tuple[int, int, int, int]
    clear: float
    share: float


@dataclass
class Scene:
    """A picture that is being painted, with its truth and what does not count, all of one size."""

    picture: Picture
    truth: Picture
    ignored: Picture
    how: Look
    puts: list[Put] = field(default_factory=list)


@dataclass(frozen=True)
class Means:
    """What pictures may be made of: fonts, symbologies, tissue."""

    shelf: Shelf
    linear: tuple[str, ...]
    matrix: tuple[str, ...]
    stock: Stock


def train_means(shelf: Shelf, stock: Stock) -> Means:
    """Training's part, with symbols that nobody uses beside those that many use."""
    return Means(shelf, (*codes.LINEAR, "bars", "bars"), (*codes.MATRIX, "modules", "modules"), stock)


def held_means(shelf: Shelf, stock: Stock) -> Means:
    """What training never saw."""
    return Means(shelf, codes.HELD_LINEAR, codes.HELD_MATRIX, stock)


def empty(chance: Chance, rows: int, columns: int, stock: Stock, *, frosted: float = 0.12) -> Scene:
    """A ground with nothing on it."""
    picture, doubtful = ground(chance, rows, columns, stock, frosted=frosted)
    ignored = np.zeros((rows, columns, 3), np.uint8)
    ignored[..., LABEL] = doubtful
    return Scene(picture, np.zeros((rows, columns, 3), np.uint8), ignored, look(chance))


def training_scene(chance: Chance, side: int, means: Means) -> tuple[Picture, Picture, Picture]:
    """A square picture, its truth and what does not count, all uint8 (side, side, 3)."""
    if chance.random() < 0.07:
        return _far(chance, side, means)
    scene = empty(chance, side, side, means.stock)
    number = int(chance.choice([0, 1, 2, 4], p=[0.38, 0.3, 0.2, 0.12]))
    for _ in range(number):
        centre = float(chance.uniform(-0.02, 1.02) * side), float(chance.uniform(-0.02, 1.02) * side)
        put_any(chance, scene, means, centre)
    return seen(chance, scene.picture, scene.how), scene.truth, scene.ignored


def _far(chance: Chance, side: int, means: Means) -> tuple[Picture, Picture, Picture]:
    """A clean picture as it looks at a half or a third of its size."""
    times = int(chance.integers(2, 4))
    scene = empty(chance, side * times, side * times, means.stock)
    size = side, side
    small = np.asarray(cv2.resize(scene.picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    ignored = np.asarray(cv2.resize(scene.ignored, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    return seen(chance, small, scene.how), np.zeros_like(ignored), ignored


def put_any(chance: Chance, scene: Scene, means: Means, centre: tuple[float, float]) -> None:
    """A label, a line or a code at a place."""
    kind = chance.random()
    if kind < 0.28:
        put_label(chance, scene, means, centre)
    elif kind < 0.66:
        put_text(chance, scene, line(chance, means, letter_height(chance, scene.how)), centre)
    elif kind < 0.84:
        ink = codes.code(chance, str(chance.choice(means.matrix)), chance.uniform(1.6, 5.5))
        put_code(chance, scene, ink, centre)
    else:
        ink = codes.code(chance, str(chance.choice(means.linear)), chance.uniform(0.9, 3.5))
        put_code(chance, scene, ink, centre)


@dataclass(frozen=True, slots=True)
class Line:
    """Ink of one or more lines, and the height of its letters."""

    ink: Mask
    height: float


def letter_height(chance: Chance, how: Look) -> float:
    """Small ones more often, none that the blur makes illegible."""
    least = max(SMALLEST, 8 * how.blur)
    return float(least * (LARGEST / least) ** (chance.random() ** 1.5))


def line(chance: Chance, means: Means, height: float, *, hand: bool | None = None, script: str | None = None, font: Font | None = None) -> Line:
    """Some lines in one hand or font; both by chance where they are not told."""
    hand = bool(chance.random() < 0.4) if hand is None else hand
    if font is None and script is None and chance.random() < (0.4 if hand else 0.06):
        draw = scrawl if hand else None
        if draw:
            return Line(draw(chance, height * 1.2), height)
        return Line(hershey(chance, words(chance, "latin"), height), height)
    shelf = means.shelf.written if hand else means.shelf.printed
    if script is None:
        names = sorted(shelf)
        script = "latin" if chance.random() < 0.35 and "latin" in shelf else names[int(chance.integers(len(names)))]
    font = font or shelf[script][int(chance.integers(len(shelf[script])))]
    spoken = "digits" if script == "latin" and chance.random() < 0.3 else script
    number = int(chance.choice([1, 1, 1, 2, 3]))
    inks = [printed(chance, font, words(chance, spoken), height) for _ in range(number)]
    ink = paragraph(inks, max(1, int(height * chance.uniform(0.2, 0.9))), centred=bool(chance.random() < 0.3))
    if hand and chance.random() < 0.7:
        ink = marker(ink, chance, height)
    return Line(ink, height)


def put_text(chance: Chance, scene: Scene, what: Line, centre: tuple[float, float], *, angle: float | None = None, faint: bool | None = None) -> Put | None:
    """Ink on whatever lies there."""
    reach = max(3, int(what.height * 0.5)) | 1
    around = reach // 2 + 1
    ink = cv2.copyMakeBorder(what.ink, around, around, around, around, cv2.BORDER_CONSTANT, value=0)
    region = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    region = (region > 90).astype(np.uint8) * 255
    turned = _angle(chance, angle)
    is_small = letters(what.ink) < _ILLEGIBLE
    return _put(chance, scene, np.asarray(ink, np.uint8), region, TEXT, centre, turned, faint=faint, is_hidden=is_small)


def letters(ink: Mask) -> float:
    """Height of letters as drawn, pixels: what three of four connected strokes do not exceed."""
    number, _, stats, _ = cv2.connectedComponentsWithStats((ink > 100).astype(np.uint8))
    return float(np.percentile(stats[1:, cv2.CC_STAT_HEIGHT], 75)) if number > 1 else 0.0


def put_code(chance: Chance, scene: Scene, ink: Mask, centre: tuple[float, float], *, angle: float | None = None, faint: bool | None = None) -> Put | None:
    """A code, as a rule on a white field of its own."""
    quiet = int(chance.integers(0, 9))
    if chance.random() < 0.6:
        paper = np.full((ink.shape[0] + 2 * quiet, ink.shape[1] + 2 * quiet), 255, np.uint8)
        turned = _angle(chance, angle)
        white = chance.uniform(190, 255, 3)
        _put(chance, scene, paper, None, CODE, centre, turned, colour=white, strength=chance.uniform(0.7, 1))
        return _put(chance, scene, ink, np.full_like(ink, 255), CODE, centre, turned, faint=faint)
    return _put(chance, scene, ink, np.full_like(ink, 255), CODE, centre, _angle(chance, angle), faint=faint)


def _angle(chance: Chance, angle: float | None) -> float:
    if angle is not None:
        return angle
    return float(90 * chance.integers(0, 4) + (chance.normal(0, 2) if chance.random() < 0.6 else chance.uniform(0, 90)))


def _put(
    chance: Chance,
    scene: Scene,
    ink: Mask,
    region: Mask | None,
    channel: int,
    centre: tuple[float, float],
    angle: float,
    *,
    faint: bool | None = None,
    colour: npt.NDArray[np.floating] | None = None,
    strength: float | None = None,
    is_hidden: bool = False,
) -> Put | None:
    """Blend turned ink into the picture and note where it lies; None where nothing of it is seen."""
    ink, region = _turned(ink, angle), None if region is None else _turned(region, angle)
    top, left = int(centre[1] - ink.shape[0] / 2), int(centre[0] - ink.shape[1] / 2)
    rows, columns = scene.picture.shape[:2]
    y, x, bottom, right = max(0, top), max(0, left), min(rows, top + ink.shape[0]), min(columns, left + ink.shape[1])
    if y >= bottom or x >= right:
        return None
    cut = np.s_[y - top : bottom - top, x - left : right - left]
    view = scene.picture[y:bottom, x:right]
    shown = ink[cut]
    if int(shown.max()) <= 128:
        return None
    colour, strength = _ink_colour(chance, view, faint) if colour is None else (colour, strength or 1.0)
    before = view.mean(axis=2, dtype=np.float32)
    soft = (shown.astype(np.float32) * (strength / 255))[..., None]
    changed = np.clip(view * (1 - soft) + colour * soft, 0, 255)
    if region is None:
        view[:] = changed
        return None
    clear = 0.0 if is_hidden else _clear(before, changed, view, shown, scene.how)
    view[:] = changed
    area = region[cut]
    share = float(np.count_nonzero(shown > 128)) / max(1, np.count_nonzero(ink > 128))
    if clear < 1 or share < 0.25:
        np.maximum(scene.ignored[y:bottom, x:right, channel], area, out=scene.ignored[y:bottom, x:right, channel])
        for other in range(3):
            np.maximum(scene.ignored[y:bottom, x:right, other], area, out=scene.ignored[y:bottom, x:right, other])
    else:
        for other in range(3):
            if other != LABEL:
                where = scene.truth[y:bottom, x:right, other]
                where[:] = np.maximum(where, area) if other == channel else np.where(area > 0, 0, where)
    put = Put(channel, (x, y, right - x, bottom - y), clear, share)
    scene.puts.append(put)
    return put


def _clear(before: npt.NDArray[np.float32], changed: npt.NDArray[np.floating], view: Picture, shown: Mask, how: Look) -> float:
    """How far the ink stands out of texture and grain."""
    inked = shown > 128
    step = float(np.abs(changed[inked] - view[inked]).mean(axis=0).max()) * how.contrast
    rest = before[~inked] if np.count_nonzero(~inked) > 30 else before.ravel()
    texture = float(np.std(rest)) * how.contrast if rest.size else 0.0
    return step / (_LEAST + 0.9 * texture + 1.6 * how.grain)


def _ink_colour(chance: Chance, view: Picture, faint: bool | None) -> tuple[npt.NDArray[np.floating], float]:
    """Colour and cover of ink: dark on light as a rule, faint at times."""
    under = view.reshape(-1, 3).mean(axis=0)
    is_light = under.mean() > 110
    if chance.random() < 0.04:
        is_light = not is_light
    if is_light:
        colour = np.clip(chance.uniform(0, 70) + chance.normal(0, 12, 3), 0, 255)
        if chance.random() < 0.25:
            colour = chance.uniform(0, 170, 3)
    else:
        colour = np.clip(chance.uniform(190, 255) + chance.normal(0, 15, 3), 0, 255)
    if faint is None:
        faint = bool(chance.random() < 0.28)
    gap = float(np.abs(colour - under).max())
    if faint and gap > 20:
        return colour, float(np.clip(chance.uniform(14, 45) / gap, 0.03, 1))
    return colour, float(chance.uniform(0.75, 1))


def _turned(ink: Mask, angle: float) -> Mask:
    """The mask turned by any angle, in a box that holds all of it."""
    quarter = round(angle / 90)
    rest = angle - 90 * quarter
    ink = np.ascontiguousarray(np.rot90(ink, quarter))
    if abs(rest) < 0.3:
        return ink
    rows, columns = ink.shape
    c, s = abs(np.cos(np.radians(rest))), abs(np.sin(np.radians(rest)))
    size = int(columns * c + rows * s) + 2, int(columns * s + rows * c) + 2
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), rest, 1)
    turn[:, 2] += size[0] / 2 - columns / 2, size[1] / 2 - rows / 2
    return np.asarray(cv2.warpAffine(ink, turn, size, flags=cv2.INTER_LINEAR), np.uint8)


def put_label(chance: Chance, scene: Scene, means: Means, centre: tuple[float, float], *, angle: float | None = None, contents: int | None = None) -> Put | None:
    """Paper with some lines and codes, or with nothing on it, pasted at a place."""
    rows, columns = int(chance.uniform(45, 260)), int(chance.uniform(60, 330))
    paper = np.clip(chance.uniform(205, 255) + chance.normal(0, 4, 3), 0, 255)
    if chance.random() < 0.3:
        paper = chance.uniform(120, 255, 3)
    own = Scene(
        np.full((rows, columns, 3), paper, np.uint8),
        np.zeros((rows, columns, 3), np.uint8),
        np.zeros((rows, columns, 3), np.uint8),
        scene.how,
    )
    own.truth[..., LABEL] = 255
    if chance.random() < 0.35:
        inset = int(chance.integers(0, 6))
        tone = chance.uniform(0, 200, 3).tolist()
        cv2.rectangle(own.picture, (inset, inset), (columns - 1 - inset, rows - 1 - inset), tone, int(chance.integers(1, 4)))
    number = int(chance.choice([0, 1, 2, 4, 6], p=[0.12, 0.2, 0.28, 0.25, 0.15])) if contents is None else contents
    _fill(chance, own, means, number)
    return _paste(chance, scene, own, centre, _angle(chance, angle))


def _fill(chance: Chance, own: Scene, means: Means, number: int) -> None:
    """Lines from top to bottom, a code among them."""
    rows, columns = own.picture.shape[:2]
    top = chance.uniform(3, 12)
    for _ in range(number):
        if chance.random() < 0.25:
            is_matrix = chance.random() < 0.6
            name = str(chance.choice(means.matrix if is_matrix else means.linear))
            ink = codes.code(chance, name, chance.uniform(1.6, 4) if is_matrix else chance.uniform(0.9, 2))
            centre = chance.uniform(0.25, 0.75) * columns, top + ink.shape[0] / 2
            put_code(chance, own, ink, centre, angle=0.0)
            top += ink.shape[0] + chance.uniform(3, 12)
        else:
            height = min(letter_height(chance, own.how), max(SMALLEST, rows / 4))
            what = line(chance, means, height)
            left = chance.uniform(2, 14)
            put_text(chance, own, what, (left + what.ink.shape[1] / 2, top + what.ink.shape[0] / 2), angle=float(chance.normal(0, 1)))
            top += what.ink.shape[0] + chance.uniform(1, 10)
        if top > rows:
            return


def _paste(chance: Chance, scene: Scene, own: Scene, centre: tuple[float, float], angle: float) -> Put | None:
    rows, columns = own.picture.shape[:2]
    cover = np.zeros((rows, columns), np.uint8)
    corner = int(chance.choice([0, 0, 4, 10]))
    cv2.rectangle(cover, (corner, 0), (columns - 1 - corner, rows - 1), 255, -1)
    cv2.rectangle(cover, (0, corner), (columns - 1, rows - 1 - corner), 255, -1)
    if corner:
        for x, y in ((corner, corner), (columns - 1 - corner, corner), (corner, rows - 1 - corner), (columns - 1 - corner, rows - 1 - corner)):
            cv2.circle(cover, (x, y), corner, 255, -1)
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), angle, 1)
    turn[:, 2] += centre[0] - columns / 2, centre[1] - rows / 2
    size = scene.picture.shape[1], scene.picture.shape[0]
    soft = np.asarray(cv2.warpAffine(cover, turn, size), np.uint8)
    if np.count_nonzero(soft) < 200:
        return None
    shine = chance.uniform(0, 6) * chance.standard_normal((rows, columns, 1))
    light = np.linspace(chance.uniform(-15, 15), chance.uniform(-15, 15), columns)[None, :, None]
    face = np.clip(own.picture + shine + light, 0, 255).astype(np.uint8)
    under = scene.picture.astype(np.float32).mean()
    part = (soft.astype(np.float32) / 255)[..., None]
    warp: Callable[[Picture, int], Picture] = lambda picture, how: np.asarray(cv2.warpAffine(picture, turn, size, flags=how), np.uint8)  # noqa: E731
    scene.picture[:] = scene.picture * (1 - part) + warp(face, cv2.INTER_LINEAR) * part
    inside = soft > 127
    differs = abs(float(face.mean()) - under) > 22
    for name, source in (("truth", own.truth), ("ignored", own.ignored)):
        held = getattr(scene, name)
        held[inside] = warp(source, cv2.INTER_NEAREST)[inside]
    if not differs:
        scene.truth[inside, LABEL] = 0
        scene.ignored[inside, LABEL] = 255
    box = cv2.boundingRect(inside.astype(np.uint8))
    put = Put(LABEL, (box[0], box[1], box[2], box[3]), 2.0 if differs else 0.0, float(np.count_nonzero(inside) / (rows * columns)))
    scene.puts.append(put)
    return put
