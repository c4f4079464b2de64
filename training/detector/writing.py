"""Writing: lines of text as masks of ink, printed from fonts or drawn stroke by stroke."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from training.detector.fonts import SCRIPTS, Font, face

Mask = npt.NDArray[np.uint8]
Chance = np.random.Generator

_GIVEN = (
    "Ada", "Bo", "Cleo", "Dag", "Eva", "Finn", "Greta", "Hugo", "Ines", "Jon", "Kaj", "Lea", "Mio",
    "Nora", "Ole", "Pia", "Rui", "Siv", "Tor", "Una", "Vito",
)  # fmt: skip
_FAMILY = (
    "Alden", "Brandt", "Castel", "Dorin", "Ekmar", "Falk", "Grune", "Holst", "Ivers", "Jolan",
    "Korpi", "Lindo", "Marek", "Norell", "Osk",
)  # fmt: skip
_TISSUE = (
    "Colon", "Liver", "KIDNEY", "Breast", "prostate", "Skin", "LN", "HE", "H&E", "Ki-67", "PAS",
    "CD3", "CD20", "HER2", "p53", "ER", "PR", "Giemsa",
)  # fmt: skip
_PLACES = (
    "HOSPITAL", "Pathology", "Dept.", "Lab", "Institute", "Block", "Case", "No.", "Dr.", "MRN",
    "DOB", "ID:", "Slide", "PAT", "Biopsy", "Ward",
)  # fmt: skip
_CAPITALS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LETTERS = tuple("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def words(chance: Chance, script: str) -> str:
    """A line as it stands on labels; other scripts get random letters in words."""
    if script == "digits":
        return _number(chance)
    if script == "latin":
        return _latin(chance)
    spans = SCRIPTS[script]
    sizes = np.array([last - first + 1 for first, last in spans])
    parts = []
    for _ in range(chance.integers(1, 4)):
        chosen = chance.choice(len(spans), chance.integers(2, 9), p=sizes / sizes.sum())
        parts.append("".join(chr(chance.integers(spans[k][0], spans[k][1] + 1)) for k in chosen))
    if chance.random() < 0.25:
        parts.append(_number(chance))
    return " ".join(parts)


def _number(chance: Chance) -> str:
    day, month, year = chance.integers(1, 29), chance.integers(1, 13), chance.integers(1930, 2030)
    number = int(chance.integers(0, 10 ** chance.integers(2, 10)))
    return str(
        chance.choice(
            [f"{day:02}.{month:02}.{year}", f"{year}-{month:02}-{day:02}", f"{number}",
             f"{number:,}", f"{day}/{month}/{year % 100:02}", f"{number:08}",
             f"{year % 100}-{number}"]
        )
    )  # fmt: skip


def _latin(chance: Chance) -> str:
    letters = "".join(chance.choice(_CAPITALS, chance.integers(1, 4)))
    forms = [
        f"{letters}{chance.integers(10, 30)}-{chance.integers(1, 99999)} A{chance.integers(1, 9)}",
        f"{chance.choice(_FAMILY)}, {chance.choice(_GIVEN)}",
        f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}".upper(),
        f"{chance.choice(_PLACES)} {chance.choice(_TISSUE)}",
        f"{chance.choice(_PLACES)} {_number(chance)}",
        f"{chance.choice(_TISSUE)}",
        f"{letters}-{chance.integers(1, 99)}",
        f"*{_number(chance)}",
        "".join(chance.choice(_LETTERS, chance.integers(3, 16))),
    ]  # fmt: skip
    return str(chance.choice(forms)).strip() or "A1"


def printed(chance: Chance, font: Font, text: str, height: float) -> Mask:
    """A line in a font as ink 0..255; `height` is of its letters, pixels."""
    fine = float(chance.choice([1.0, 1.0, 2.0]))
    drawn = face(font.path, max(6, round(1.4 * height * fine)))
    left, top, right, bottom = drawn.getbbox(text)
    size = max(1, int(right - left) + 4), max(1, int(bottom - top) + 4)
    picture = Image.new("L", (min(size[0], 4000), min(size[1], 1000)), 0)
    weight = int(chance.random() < 0.12 and height > 14)
    ImageDraw.Draw(picture).text((2 - left, 2 - top), text, 255, font=drawn, stroke_width=weight)
    ink = np.asarray(picture, np.uint8)
    if fine > 1:
        size = max(1, int(ink.shape[1] / fine)), max(1, int(ink.shape[0] / fine))
        ink = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)
    return ink


def paragraph(lines: list[Mask], gap: int, *, centred: bool) -> Mask:
    """Lines under each other."""
    width = max(line.shape[1] for line in lines)
    out = np.zeros((sum(line.shape[0] + gap for line in lines) - gap, width), np.uint8)
    top = 0
    for line in lines:
        left = (width - line.shape[1]) // 2 if centred else 0
        out[top : top + line.shape[0], left : left + line.shape[1]] = line
        top += line.shape[0] + gap
    return out


def hershey(chance: Chance, text: str, height: float) -> Mask:
    """A line in one of OpenCV's plotter fonts."""
    kind = int(chance.choice([0, 1, 2, 3, 4, 5, 6, 7]))
    weight = max(1, round(height / chance.uniform(6, 14)))
    scale = height / 22
    (width, tall), base = cv2.getTextSize(text, kind, scale, weight)
    ink = np.zeros((tall + base + 2 * weight + 4, width + 2 * weight + 8), np.uint8)
    cv2.putText(ink, text, (weight + 3, tall + weight + 2), kind, scale, 255, weight, cv2.LINE_AA)
    return ink


def marker(ink: Mask, chance: Chance, height: float) -> Mask:
    """The same line written with a thicker pen."""
    size = max(2, round(height * chance.uniform(0.04, 0.16)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    padded = cv2.copyMakeBorder(ink, size, size, size, size, cv2.BORDER_CONSTANT, value=0)
    return np.asarray(cv2.dilate(padded, kernel), np.uint8)


def scrawl(chance: Chance, height: float) -> Mask:
    """Writing drawn stroke by stroke: letters of random arcs, joined or apart, slanted."""
    number = int(chance.integers(2, 11))
    joined = chance.random() < 0.55
    wide = height * chance.uniform(0.5, 1.0)
    slant, rise = chance.normal(0.15, 0.2), chance.normal(0, 0.03)
    weight = max(1, round(height * chance.uniform(0.03, 0.13)))
    strokes: list[npt.NDArray[np.float64]] = []
    open_stroke: list[tuple[float, float]] = []
    for index in range(number):
        if chance.random() < 0.1:
            continue
        left = index * wide * 1.05
        for part in range(int(chance.integers(1, 4))):
            points = _letter(chance, left, wide, height)
            if joined:
                open_stroke += points if part == 0 else points[-2:]
            else:
                strokes.append(_smooth(np.array(points)))
    if len(open_stroke) > 1:
        strokes.append(_smooth(np.array(open_stroke)))
    if not strokes:
        strokes = [_smooth(np.array(_letter(chance, 0.0, wide, height)))]
    for stroke in strokes:
        stroke[:, 0] -= slant * stroke[:, 1]
        stroke[:, 1] += rise * stroke[:, 0]
    low = np.min([stroke.min(axis=0) for stroke in strokes], axis=0) - weight - 2
    high = np.max([stroke.max(axis=0) for stroke in strokes], axis=0) + weight + 2
    size = np.ceil(high - low).astype(int)
    ink = np.zeros((min(size[1], 900), min(size[0], 2000)), np.uint8)
    for stroke in strokes:
        pixels = np.rint((stroke - low) * 8).astype(np.int32)
        cv2.polylines(
            ink,
            [pixels],
            isClosed=False,
            color=255,
            thickness=weight,
            lineType=cv2.LINE_AA,
            shift=3,
        )
    return ink


def _letter(chance: Chance, left: float, wide: float, height: float) -> list[tuple[float, float]]:
    """Control points of one letter: most in the x-height, some up or down."""
    points = []
    tall = chance.random() < 0.35
    for _ in range(int(chance.integers(2, 6))):
        top = 0.0 if tall else 0.4 * height
        depth = 1.3 if chance.random() < 0.08 else 1.0
        points.append((left + wide * chance.uniform(0, 0.95), chance.uniform(top, depth * height)))
    return points


def _smooth(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A Catmull-Rom curve through the points."""
    if len(points) < 3:
        return points.astype(np.float64)
    padded = np.vstack([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, 7)[:-1, None]
    a, b, c, d = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    parts = [
        0.5
        * (
            2 * q
            + (r - p) * t
            + (2 * p - 5 * q + 4 * r - s) * t**2
            + (3 * q - p - 3 * r + s) * t**3
        )
        for p, q, r, s in zip(a, b, c, d, strict=True)
    ]
    return np.vstack([*parts, points[-1:]])
