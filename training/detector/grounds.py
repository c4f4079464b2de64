"""Grounds: glass, tissue, arrays and lattices with their clutter, on which nothing is written."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from training.detector.clutter import dust, frosted_end, hardware, pens, seams
from training.detector.flesh import Stock, cells, cut, dark, flesh, mesh
from training.detector.noises import Chance, Picture, Plane, noise, static, tint


def load(folder: Path) -> Stock:
    """The pictures that `training.detector.tissue` left in a folder, by name."""
    read = [cv2.imread(str(path)) for path in sorted(folder.glob("tissue_??????.jpg"))]
    return [np.ascontiguousarray(picture[..., ::-1]) for picture in read if picture is not None]


def ground(
    chance: Chance, rows: int, columns: int, stock: Stock, *, frosted: float = 0.12
) -> tuple[Picture, Picture]:
    """A clean picture RGB, and a mask of the ends of the glass that may count as a label or not.

    `frosted` is how often the glass has such an end.
    """
    kind = chance.choice(len(_KINDS), p=_WEIGHTS)
    picture = _KINDS[kind](chance, rows, columns, stock)
    doubtful = np.zeros((rows, columns), np.uint8)
    if chance.random() < frosted:
        frosted_end(chance, picture, doubtful)
    for part, often in ((dust, 0.45), (pens, 0.22), (hardware, 0.25), (seams, 0.07)):
        if chance.random() < often:
            part(chance, picture)
    return picture, doubtful


def _glass(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """Empty glass with uneven light."""
    del stock
    colour = tint(chance, 175, 255, 6) if chance.random() < 0.8 else tint(chance, 60, 200, 15)
    light = chance.uniform(0, 10) * noise(chance, rows, columns, chance.uniform(80, 600))
    grain = chance.uniform(0, 3) * chance.standard_normal((rows, columns)).astype(np.float32)
    return np.clip(colour + (light + grain)[..., None], 0, 255).astype(np.uint8)


def _overview(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """Glass with pieces of tissue, as a scanner's camera sees it."""
    picture = _glass(chance, rows, columns, stock)
    for _ in range(int(chance.integers(1, 5))):
        part = stock[int(chance.integers(len(stock)))]
        side = int(np.clip(chance.uniform(0.2, 0.9) * min(rows, columns), 16, 700))
        piece = (
            cut(chance, side, side, [part])
            if chance.random() < 0.7
            else flesh(chance, side, side, stock)
        )
        reach = noise(chance, side, side, max(3.0, side / chance.uniform(2, 9)))
        across, down = np.meshgrid(np.linspace(-1, 1, side), np.linspace(-1, 1, side))
        inside = (0.75 - np.hypot(across * chance.uniform(1, 2.4), down) + 0.16 * reach) > 0
        soft = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), chance.uniform(0.6, 2))[
            ..., None
        ]
        top, left = (
            int(chance.integers(-side // 3, rows - side // 2)),
            int(chance.integers(-side // 3, columns - side // 2)),
        )
        _blend(picture, piece, soft, top, left)
    return picture


def _blend(picture: Picture, part: Picture, soft: Plane, top: int, left: int) -> None:
    bottom, right = (
        min(picture.shape[0], top + part.shape[0]),
        min(picture.shape[1], left + part.shape[1]),
    )
    y, x = max(0, top), max(0, left)
    if y >= bottom or x >= right:
        return
    cut = np.s_[y - top : bottom - top, x - left : right - left]
    view = picture[y:bottom, x:right]
    view[:] = np.clip(view * (1 - soft[cut]) + part[cut] * soft[cut], 0, 255)


def _array(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """A tissue microarray: round cores in rows and columns, some missing."""
    picture = _glass(chance, rows, columns, stock)
    step = chance.uniform(14, 110)
    core = step * chance.uniform(0.5, 0.9)
    side = max(6, int(core))
    across, down = np.meshgrid(np.linspace(-1, 1, side), np.linspace(-1, 1, side))
    fill = flesh if chance.random() < 0.5 else cut
    sheet = fill(chance, min(rows, 400) + side, min(columns, 400) + side, stock)
    gaps = chance.uniform(0, 0.3)
    for top in np.arange(chance.uniform(-step, step), rows, step):
        for left in np.arange(-step / 2, columns, step):
            if chance.random() < gaps:
                continue
            wobble = chance.uniform(0.8, 1.1) + 0.1 * noise(chance, side, side, max(2.0, side / 3))
            soft = np.clip((wobble - np.hypot(across, down)) * side / 4, 0, 1)[..., None].astype(
                np.float32
            )
            y, x = (
                int(chance.integers(0, sheet.shape[0] - side + 1)),
                int(chance.integers(0, sheet.shape[1] - side + 1)),
            )
            where = (
                int(top + chance.normal(0, 0.03 * step)),
                int(left + chance.normal(0, 0.03 * step)),
            )
            _blend(picture, sheet[y : y + side, x : x + side], soft, *where)
    return picture


def _lattice(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """Regular stripes, meshes and dots: muscle, grids of films, moiré."""
    picture = _glass(chance, rows, columns, stock).astype(np.float32)
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    angle, period = chance.uniform(0, np.pi), chance.uniform(4, 40)
    bend = chance.uniform(0, 4) * noise(chance, rows, columns, chance.uniform(30, 150))
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle) + bend) * 2 * np.pi / period)
    if chance.random() < 0.4:
        wave *= np.sin(
            (y * np.cos(angle) - x * np.sin(angle) + bend)
            * 2
            * np.pi
            / (period * chance.uniform(0.7, 1.5))
        )
    wave = np.tanh(wave * chance.uniform(0.5, 2))
    uneven = np.clip(0.6 + 0.5 * noise(chance, rows, columns, chance.uniform(20, 100)), 0, 1.5)
    picture += (wave * uneven)[..., None] * tint(chance, 5, 45, 8)
    return np.clip(picture, 0, 255).astype(np.uint8)


def _noisy(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """A dark holder, or grain alone."""
    del stock
    return static(chance, rows, columns)


_KINDS = (_glass, _overview, cut, flesh, dark, _array, _lattice, _noisy, cells, mesh)
_WEIGHTS = (0.12, 0.22, 0.20, 0.11, 0.05, 0.05, 0.03, 0.02, 0.15, 0.05)
