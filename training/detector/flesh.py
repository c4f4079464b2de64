"""Flesh: tissue cut from invented slides or made of noise, with its cells, fibres and holes."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from training.detector.noises import Chance, Picture, Plane, bent, fractal, noise, tint, turned

Stock = Sequence[Picture]
"""Pictures of invented tissue to cut from."""


def cut(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """Invented tissue that fills the picture, at any scale, turn and tint."""
    picture = stock[int(chance.integers(len(stock)))]
    scale = chance.uniform(0.35, 1.6)
    need = int(np.ceil(rows / scale)) + 2, int(np.ceil(columns / scale)) + 2
    top = int(chance.integers(0, max(1, picture.shape[0] - need[0])))
    left = int(chance.integers(0, max(1, picture.shape[1] - need[1])))
    part = picture[top : top + need[0], left : left + need[1]]
    if part.shape[0] < need[0] or part.shape[1] < need[1]:
        missing = need[0] - part.shape[0], need[1] - part.shape[1]
        part = cv2.copyMakeBorder(part, 0, missing[0], 0, missing[1], cv2.BORDER_REFLECT)
    part = np.rot90(part, 2 * int(chance.integers(0, 2)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return tinted(
        chance,
        np.asarray(cv2.resize(np.ascontiguousarray(part), (columns, rows), interpolation=how)),
    )


def tinted(chance: Chance, picture: Picture) -> Picture:
    """Another stain: channels mixed, or the picture as it is."""
    if chance.random() < 0.5:
        return picture
    mix = np.eye(3) + chance.normal(0, 0.22, (3, 3))
    mix /= np.abs(mix.sum(axis=1, keepdims=True)) + 1e-6
    return np.asarray(cv2.transform(picture, mix.astype(np.float32)), np.uint8)


def flesh(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """Tissue out of noise: stain, fibres, holes and nuclei of any colours."""
    del stock
    pale, deep = tint(chance, 190, 250, 18), tint(chance, 40, 170, 45)
    field = fractal(chance, rows, columns, chance.uniform(3, 90), int(chance.integers(2, 6)))
    field = 1 / (1 + np.exp(-field * chance.uniform(0.7, 4) + chance.normal(0, 1)))
    total = pale + (deep - pale) * field[..., None] * chance.uniform(0.3, 1)
    if chance.random() < 0.5:
        fibres = turned(
            chance, noise(chance, rows, columns, chance.uniform(2, 9), chance.uniform(5, 25))
        )
        total += fibres[..., None] * chance.uniform(3, 25) * chance.uniform(0.3, 1, 3)
    picture = np.clip(total, 0, 255).astype(np.uint8)
    if chance.random() < 0.7:
        nuclei(chance, picture, int(rows * columns / chance.uniform(120, 3000)), bright=False)
    if chance.random() < 0.6:
        holes = fractal(chance, rows, columns, chance.uniform(8, 80)) > chance.uniform(0.3, 1.8)
        picture[holes] = tint(chance, 215, 250, 4).astype(np.uint8)
    return picture


def nuclei(chance: Chance, picture: Picture, number: int, *, bright: bool) -> None:
    """Ovals, scattered or in rows, all of about one size."""
    rows, columns = picture.shape[:2]
    size = chance.uniform(1, 6)
    number = min(number, 700)
    x, y = chance.uniform(0, columns, number), chance.uniform(0, rows, number)
    if chance.random() < 0.45:
        gap, sway = size * chance.uniform(4, 12), chance.uniform(0, 2.5)
        y = np.round(y / gap) * gap + chance.normal(0, sway, number)
        if chance.random() < 0.5:
            x = np.round(x / (2.6 * size)) * 2.6 * size
        if chance.random() < 0.5:
            y += 6 * np.sin(x / chance.uniform(15, 60))
        if chance.random() < 0.5:
            x, y = y, x
    deep = tint(chance, 60, 220, 60) if bright else tint(chance, 20, 130, 40)
    flat, turn = chance.uniform(1, 2.2), chance.uniform(0, 180)
    sizes = size * chance.uniform(0.6, 1.4, number)
    for k in range(number):
        axes = max(1, int(8 * sizes[k] * flat)), max(1, int(8 * sizes[k]))
        centre = int(8 * x[k]), int(8 * y[k])
        tone = np.clip(deep * chance.uniform(0.8, 1.2), 0, 255).tolist()
        cv2.ellipse(
            picture, centre, axes, turn + chance.normal(0, 25), 0, 360, tone, -1, cv2.LINE_AA, 3
        )


def dark(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """Fluorescence: coloured blobs on black, blurred and noisy."""
    del stock
    total = np.zeros((rows, columns, 3), np.float32)
    for _ in range(int(chance.integers(1, 4))):
        colour = chance.uniform(0, 1, 3) ** 2
        cell = chance.uniform(4, 60)
        field = np.clip(fractal(chance, rows, columns, cell) - chance.uniform(-0.5, 2), 0, 3)
        total += field[..., None] * colour * chance.uniform(5, 110)
    if chance.random() < 0.6:
        blobs = np.zeros((rows, columns, 3), np.uint8)
        nuclei(chance, blobs, int(rows * columns / chance.uniform(300, 6000)) + 1, bright=True)
        total += cv2.GaussianBlur(blobs, (0, 0), chance.uniform(0.5, 3)).astype(np.float32)
    total += chance.uniform(0, 8) * chance.standard_normal((rows, columns, 1)).astype(np.float32)
    return np.clip(total + chance.uniform(0, 25), 0, 255).astype(np.uint8)


def cells(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """Cells one by one, in crowds and in strands: rims, nuclei, nucleoli; on dark or pale."""
    is_dark = chance.random() < 0.35
    if is_dark:
        under = np.full((rows, columns, 3), chance.uniform(0, 25), np.float32)
        nucleus, rim = chance.uniform(0, 255, 3), chance.uniform(0, 120, 3)
        nucleus[int(chance.integers(3))] = chance.uniform(60, 255)
    else:
        under = _between(chance, rows, columns, stock)
        nucleus, rim = tint(chance, 50, 170, 25), tint(chance, 20, 130, 35)
    size = chance.uniform(1.5, 11)
    crowd = fractal(chance, rows, columns, chance.uniform(4, 14) * size, 3)
    strands = np.abs(fractal(chance, rows, columns, chance.uniform(8, 25) * size, 2))
    likely = np.exp(chance.uniform(0, 2) * crowd - chance.uniform(0, 3) * strands)
    number = int(min(900, rows * columns / (size * size * chance.uniform(6, 80)))) + 1
    chosen = chance.choice(
        likely.size,
        number,
        p=(likely / likely.sum()).ravel().astype(np.float64)
        / float((likely / likely.sum()).sum(dtype=np.float64)),
    )
    picture = np.clip(under, 0, 255).astype(np.uint8)
    brown, share = tint(chance, 30, 120, 30), chance.choice([0, 0, chance.uniform(0, 0.5)])
    has_rim, has_core, flat = chance.random() < 0.6, chance.random() < 0.5, chance.uniform(1, 1.8)
    for place in chosen:
        y, x = divmod(int(place), columns)
        axes = (
            int(8 * size * chance.uniform(0.7, 1.3) * flat) + 4,
            int(8 * size * chance.uniform(0.7, 1.3)) + 4,
        )
        turn, centre = (
            chance.uniform(0, 180),
            (8 * x + int(chance.integers(8)), 8 * y + int(chance.integers(8))),
        )
        is_stained = chance.random() < share
        tone = np.clip((brown if is_stained else nucleus) * chance.uniform(0.75, 1.3), 0, 255)
        cv2.ellipse(picture, centre, axes, turn, 0, 360, tone.tolist(), -1, cv2.LINE_AA, 3)
        if has_rim:
            cv2.ellipse(
                picture,
                centre,
                axes,
                turn,
                0,
                360,
                np.clip(rim, 0, 255).tolist(),
                max(1, int(size / chance.uniform(2.5, 6))),
                cv2.LINE_AA,
                3,
            )
        if has_core:
            cv2.circle(
                picture,
                centre,
                int(8 * size * chance.uniform(0.1, 0.3)) + 2,
                np.clip(rim, 0, 255).tolist(),
                -1,
                cv2.LINE_AA,
                3,
            )
    rough = (
        noise(chance, rows, columns, 2)[..., None] * chance.uniform(0, 14) * (0.3 if is_dark else 1)
    )
    soft = cv2.GaussianBlur(picture, (0, 0), chance.uniform(0.3, 1.6)).astype(np.float32)
    return np.clip(soft + rough, 0, 255).astype(np.uint8)


def _between(chance: Chance, rows: int, columns: int, stock: Stock) -> Plane:
    """What lies between cells: pale matter, fibres or empty."""
    del stock
    pale, deep = tint(chance, 200, 250, 12), tint(chance, 130, 220, 35)
    field = 1 / (1 + np.exp(-2 * fractal(chance, rows, columns, chance.uniform(5, 60))))
    out = pale + (deep - pale) * field[..., None]
    if chance.random() < 0.5:
        fibres = turned(
            chance, noise(chance, rows, columns, chance.uniform(2, 7), chance.uniform(5, 20))
        )
        out += fibres[..., None] * chance.uniform(3, 18) * chance.uniform(0.3, 1, 3)
    return out.astype(np.float32)


def mesh(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """A net of thin walls round bright holes: fat, lung, foam, sheets of cells."""
    under = _between(chance, rows, columns, stock)
    gap = chance.uniform(6, 70)
    seeds = np.full((rows, columns), 255, np.uint8)
    number = max(3, int(rows * columns / (gap * gap)))
    seeds[chance.integers(0, rows, number), chance.integers(0, columns, number)] = 0
    labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)[
        1
    ]
    walls = (
        cv2.morphologyEx(labels.astype(np.float32), cv2.MORPH_GRADIENT, np.ones((2, 2))) > 0
    ).astype(np.float32)
    wide = max(1, int(gap * chance.uniform(0.02, 0.15)))
    walls = cv2.GaussianBlur(
        cv2.dilate(walls, np.ones((wide, wide))), (0, 0), chance.uniform(0.5, 1.5)
    )
    if chance.random() < 0.7:
        walls = bent(chance, walls, gap / 5)
    deep = tint(chance, 60, 200, 35)
    uneven = np.clip(0.7 + 0.4 * noise(chance, rows, columns, gap), 0, 1)
    out = under + (deep - under) * (walls * uneven)[..., None]
    picture = np.clip(out, 0, 255).astype(np.uint8)
    if chance.random() < 0.6:
        nuclei(chance, picture, int(rows * columns / chance.uniform(500, 5000)), bright=False)
    return picture
