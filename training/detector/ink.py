"""Ink: puts lines of text and codes on a scene, turned, faint or cut, and notes where they lie."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from training.detector.fonts import Font
from training.detector.looks import Look
from training.detector.noises import Chance, Picture
from training.detector.scene import CODE, LABEL, TEXT, Means, Put, Scene
from training.detector.writing import Mask, hershey, marker, paragraph, printed, scrawl, words

SMALLEST, LARGEST = 7.0, 64.0
"""Height of letters in pixels at the scale the net looks at."""
_ILLEGIBLE = 5.5
"""Height of drawn letters in pixels under which they do not count."""
_LEAST = 12.0
"""Levels by which ink must differ from what lies under it to count as legible."""


@dataclass(frozen=True, slots=True)
class Line:
    """Ink of one or more lines, and the height of its letters."""

    ink: Mask
    height: float


def letter_height(chance: Chance, how: Look) -> float:
    """Small ones more often, none that the blur makes illegible."""
    least = max(SMALLEST, 8 * how.blur)
    return float(least * (LARGEST / least) ** (chance.random() ** 1.5))


def line(
    chance: Chance,
    means: Means,
    height: float,
    *,
    hand: bool | None = None,
    script: str | None = None,
    font: Font | None = None,
) -> Line:
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
        script = (
            "latin"
            if chance.random() < 0.35 and "latin" in shelf
            else names[int(chance.integers(len(names)))]
        )
    font = font or shelf[script][int(chance.integers(len(shelf[script])))]
    spoken = "digits" if script == "latin" and chance.random() < 0.3 else script
    number = int(chance.choice([1, 1, 1, 2, 3]))
    inks = [printed(chance, font, words(chance, spoken), height) for _ in range(number)]
    ink = paragraph(
        inks, max(1, int(height * chance.uniform(0.2, 0.9))), centred=bool(chance.random() < 0.3)
    )
    if hand and chance.random() < 0.7:
        ink = marker(ink, chance, height)
    return Line(ink, height)


def put_text(
    chance: Chance,
    scene: Scene,
    what: Line,
    centre: tuple[float, float],
    *,
    angle: float | None = None,
    faint: bool | None = None,
) -> Put | None:
    """Ink on whatever lies there."""
    reach = max(3, int(what.height * 0.5)) | 1
    around = reach // 2 + 1
    ink = cv2.copyMakeBorder(what.ink, around, around, around, around, cv2.BORDER_CONSTANT, value=0)
    region = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    region = (region > 90).astype(np.uint8) * 255
    turned = any_angle(chance, angle)
    is_small = letters(what.ink) < _ILLEGIBLE
    return _put(
        chance,
        scene,
        np.asarray(ink, np.uint8),
        region,
        TEXT,
        centre,
        turned,
        faint=faint,
        is_hidden=is_small,
    )


def letters(ink: Mask) -> float:
    """Height of letters as drawn, pixels: what three of four connected strokes do not exceed."""
    number, _, stats, _ = cv2.connectedComponentsWithStats((ink > 100).astype(np.uint8))
    return float(np.percentile(stats[1:, cv2.CC_STAT_HEIGHT], 75)) if number > 1 else 0.0


def put_code(
    chance: Chance,
    scene: Scene,
    ink: Mask,
    centre: tuple[float, float],
    *,
    angle: float | None = None,
    faint: bool | None = None,
) -> Put | None:
    """A code, as a rule on a white field of its own."""
    quiet = int(chance.integers(0, 9))
    if chance.random() < 0.6:
        paper = np.full((ink.shape[0] + 2 * quiet, ink.shape[1] + 2 * quiet), 255, np.uint8)
        turned = any_angle(chance, angle)
        white = chance.uniform(190, 255, 3)
        _put(
            chance,
            scene,
            paper,
            None,
            CODE,
            centre,
            turned,
            colour=white,
            strength=chance.uniform(0.7, 1),
        )
        return _put(chance, scene, ink, np.full_like(ink, 255), CODE, centre, turned, faint=faint)
    return _put(
        chance,
        scene,
        ink,
        np.full_like(ink, 255),
        CODE,
        centre,
        any_angle(chance, angle),
        faint=faint,
    )


def any_angle(chance: Chance, angle: float | None) -> float:
    if angle is not None:
        return angle
    return float(
        90 * chance.integers(0, 4)
        + (chance.normal(0, 2) if chance.random() < 0.6 else chance.uniform(0, 90))
    )


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
    """Blend turned ink into the picture, note where it lies; None where nothing of it is seen."""
    ink, region = _turned(ink, angle), None if region is None else _turned(region, angle)
    top, left = int(centre[1] - ink.shape[0] / 2), int(centre[0] - ink.shape[1] / 2)
    rows, columns = scene.picture.shape[:2]
    y, x, bottom, right = (
        max(0, top),
        max(0, left),
        min(rows, top + ink.shape[0]),
        min(columns, left + ink.shape[1]),
    )
    if y >= bottom or x >= right:
        return None
    cut = np.s_[y - top : bottom - top, x - left : right - left]
    view = scene.picture[y:bottom, x:right]
    shown = ink[cut]
    if int(shown.max()) <= 128:
        return None
    colour, strength = (
        _ink_colour(chance, view, faint) if colour is None else (colour, strength or 1.0)
    )
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
        np.maximum(
            scene.ignored[y:bottom, x:right, channel],
            area,
            out=scene.ignored[y:bottom, x:right, channel],
        )
        for other in range(3):
            np.maximum(
                scene.ignored[y:bottom, x:right, other],
                area,
                out=scene.ignored[y:bottom, x:right, other],
            )
    else:
        for other in range(3):
            if other != LABEL:
                where = scene.truth[y:bottom, x:right, other]
                where[:] = (
                    np.maximum(where, area) if other == channel else np.where(area > 0, 0, where)
                )
    put = Put(channel, (x, y, right - x, bottom - y), clear, share)
    scene.puts.append(put)
    return put


def _clear(
    before: npt.NDArray[np.float32],
    changed: npt.NDArray[np.floating],
    view: Picture,
    shown: Mask,
    how: Look,
) -> float:
    """How far the ink stands out of texture and grain."""
    inked = shown > 128
    step = float(np.abs(changed[inked] - view[inked]).mean(axis=0).max()) * how.contrast
    rest = before[~inked] if np.count_nonzero(~inked) > 30 else before.ravel()
    texture = float(np.std(rest)) * how.contrast if rest.size else 0.0
    return step / (_LEAST + 0.9 * texture + 1.6 * how.grain)


def _ink_colour(
    chance: Chance, view: Picture, faint: bool | None
) -> tuple[npt.NDArray[np.floating], float]:
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
