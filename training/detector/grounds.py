"""Grounds: glass, tissue, holders, dust, pens and lattices, on which nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float32]
Chance = np.random.Generator
Stock = Sequence[Picture]
"""Pictures of invented tissue to cut from."""


def load(folder: Path) -> Stock:
    """The pictures that `training.detector.tissue` left in a folder, in the order of their names."""
    read = [cv2.imread(str(path)) for path in sorted(folder.glob("tissue_??????.jpg"))]
    return [np.ascontiguousarray(picture[..., ::-1]) for picture in read if picture is not None]


def ground(chance: Chance, rows: int, columns: int, stock: Stock, *, frosted: float = 0.12) -> tuple[Picture, Picture]:
    """A clean picture RGB, and a mask of the ends of the glass that may count as a label or not.

    `frosted` is how often the glass has such an end.
    """
    kind = chance.choice(len(_KINDS), p=_WEIGHTS)
    picture = _KINDS[kind](chance, rows, columns, stock)
    doubtful = np.zeros((rows, columns), np.uint8)
    if chance.random() < frosted:
        _frosted(chance, picture, doubtful)
    for part, often in ((dust, 0.45), (pens, 0.22), (hardware, 0.25), (seams, 0.07)):
        if chance.random() < often:
            part(chance, picture)
    return picture, doubtful


def noise(chance: Chance, rows: int, columns: int, cell: float, along: float = 1.0) -> Plane:
    """Smooth noise of about unit deviation; cells are `cell` wide, `along` times as long."""
    small = chance.standard_normal((max(2, int(rows / cell) + 3), max(2, int(columns / (cell * along)) + 3)))
    wide = cv2.resize(small.astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC)
    return np.asarray(wide, np.float32)


def _fractal(chance: Chance, rows: int, columns: int, cell: float, parts: int = 4) -> Plane:
    along = float(chance.choice([1, 1, 1, 2, 4, 8]))
    total = np.zeros((rows, columns), np.float32)
    weight, gain = 1.0, chance.uniform(0.45, 0.75)
    for _ in range(parts):
        total += weight * noise(chance, rows, columns, max(1.5, cell), along)
        weight, cell = weight * gain, cell / 2
    if along > 1:
        total = _turned(chance, total)
    return total / max(1e-3, float(total.std()))


def _turned(chance: Chance, plane: Plane) -> Plane:
    """The plane turned by any angle and bent a little, mirrored at its edges."""
    rows, columns = plane.shape
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), chance.uniform(0, 360), 1.2)
    return np.asarray(cv2.warpAffine(plane, turn, (columns, rows), borderMode=cv2.BORDER_REFLECT), np.float32)


def _colour(chance: Chance, low: int, high: int, tint: float = 12) -> npt.NDArray[np.float32]:
    return np.clip(chance.uniform(low, high) + chance.normal(0, tint, 3), 0, 255).astype(np.float32)


def _glass(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """Empty glass with uneven light."""
    del stock
    colour = _colour(chance, 175, 255, 6) if chance.random() < 0.8 else _colour(chance, 60, 200, 15)
    light = chance.uniform(0, 10) * noise(chance, rows, columns, chance.uniform(80, 600))
    grain = chance.uniform(0, 3) * chance.standard_normal((rows, columns)).astype(np.float32)
    return np.clip(colour + (light + grain)[..., None], 0, 255).astype(np.uint8)


def _dark(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """Fluorescence: coloured blobs on black, blurred and noisy."""
    del stock
    total = np.zeros((rows, columns, 3), np.float32)
    for _ in range(int(chance.integers(1, 4))):
        colour = chance.uniform(0, 1, 3) ** 2
        cell = chance.uniform(4, 60)
        field = np.clip(_fractal(chance, rows, columns, cell) - chance.uniform(-0.5, 2), 0, 3)
        total += field[..., None] * colour * chance.uniform(5, 110)
    if chance.random() < 0.6:
        blobs = np.zeros((rows, columns, 3), np.uint8)
        _nuclei(chance, blobs, int(rows * columns / chance.uniform(300, 6000)) + 1, bright=True)
        total += cv2.GaussianBlur(blobs, (0, 0), chance.uniform(0.5, 3)).astype(np.float32)
    total += chance.uniform(0, 8) * chance.standard_normal((rows, columns, 1)).astype(np.float32)
    return np.clip(total + chance.uniform(0, 25), 0, 255).astype(np.uint8)


def _cut(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
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
    return tinted(chance, np.asarray(cv2.resize(np.ascontiguousarray(part), (columns, rows), interpolation=how)))


def tinted(chance: Chance, picture: Picture) -> Picture:
    """Another stain: channels mixed, or the picture as it is."""
    if chance.random() < 0.5:
        return picture
    mix = np.eye(3) + chance.normal(0, 0.22, (3, 3))
    mix /= np.abs(mix.sum(axis=1, keepdims=True)) + 1e-6
    return np.asarray(cv2.transform(picture, mix.astype(np.float32)), np.uint8)


def _flesh(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """Tissue out of noise: stain, fibres, holes and nuclei of any colours."""
    del stock
    pale, deep = _colour(chance, 190, 250, 18), _colour(chance, 40, 170, 45)
    field = _fractal(chance, rows, columns, chance.uniform(3, 90), int(chance.integers(2, 6)))
    field = 1 / (1 + np.exp(-field * chance.uniform(0.7, 4) + chance.normal(0, 1)))
    total = pale + (deep - pale) * field[..., None] * chance.uniform(0.3, 1)
    if chance.random() < 0.5:
        fibres = _turned(chance, noise(chance, rows, columns, chance.uniform(2, 9), chance.uniform(5, 25)))
        total += fibres[..., None] * chance.uniform(3, 25) * chance.uniform(0.3, 1, 3)
    picture = np.clip(total, 0, 255).astype(np.uint8)
    if chance.random() < 0.7:
        _nuclei(chance, picture, int(rows * columns / chance.uniform(120, 3000)), bright=False)
    if chance.random() < 0.6:
        holes = _fractal(chance, rows, columns, chance.uniform(8, 80)) > chance.uniform(0.3, 1.8)
        picture[holes] = _colour(chance, 215, 250, 4).astype(np.uint8)
    return picture


def _nuclei(chance: Chance, picture: Picture, number: int, *, bright: bool) -> None:
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
    deep = _colour(chance, 60, 220, 60) if bright else _colour(chance, 20, 130, 40)
    flat, turn = chance.uniform(1, 2.2), chance.uniform(0, 180)
    sizes = size * chance.uniform(0.6, 1.4, number)
    for k in range(number):
        axes = max(1, int(8 * sizes[k] * flat)), max(1, int(8 * sizes[k]))
        centre = int(8 * x[k]), int(8 * y[k])
        tone = np.clip(deep * chance.uniform(0.8, 1.2), 0, 255).tolist()
        cv2.ellipse(picture, centre, axes, turn + chance.normal(0, 25), 0, 360, tone, -1, cv2.LINE_AA, 3)


def _overview(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """Glass with pieces of tissue, as a scanner's camera sees it."""
    picture = _glass(chance, rows, columns, stock)
    for _ in range(int(chance.integers(1, 5))):
        part = stock[int(chance.integers(len(stock)))]
        side = int(np.clip(chance.uniform(0.2, 0.9) * min(rows, columns), 16, 700))
        flesh = _cut(chance, side, side, [part]) if chance.random() < 0.7 else _flesh(chance, side, side, stock)
        reach = noise(chance, side, side, max(3.0, side / chance.uniform(2, 9)))
        across, down = np.meshgrid(np.linspace(-1, 1, side), np.linspace(-1, 1, side))
        inside = (0.75 - np.hypot(across * chance.uniform(1, 2.4), down) + 0.16 * reach) > 0
        soft = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), chance.uniform(0.6, 2))[..., None]
        top, left = int(chance.integers(-side // 3, rows - side // 2)), int(chance.integers(-side // 3, columns - side // 2))
        _blend(picture, flesh, soft, top, left)
    return picture


def _blend(picture: Picture, part: Picture, soft: Plane, top: int, left: int) -> None:
    bottom, right = min(picture.shape[0], top + part.shape[0]), min(picture.shape[1], left + part.shape[1])
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
    fill = _flesh if chance.random() < 0.5 else _cut
    sheet = fill(chance, min(rows, 400) + side, min(columns, 400) + side, stock)
    gaps = chance.uniform(0, 0.3)
    for top in np.arange(chance.uniform(-step, step), rows, step):
        for left in np.arange(-step / 2, columns, step):
            if chance.random() < gaps:
                continue
            wobble = chance.uniform(0.8, 1.1) + 0.1 * noise(chance, side, side, max(2.0, side / 3))
            soft = np.clip((wobble - np.hypot(across, down)) * side / 4, 0, 1)[..., None].astype(np.float32)
            y, x = int(chance.integers(0, sheet.shape[0] - side + 1)), int(chance.integers(0, sheet.shape[1] - side + 1))
            where = int(top + chance.normal(0, 0.03 * step)), int(left + chance.normal(0, 0.03 * step))
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
        wave *= np.sin((y * np.cos(angle) - x * np.sin(angle) + bend) * 2 * np.pi / (period * chance.uniform(0.7, 1.5)))
    wave = np.tanh(wave * chance.uniform(0.5, 2))
    uneven = np.clip(0.6 + 0.5 * noise(chance, rows, columns, chance.uniform(20, 100)), 0, 1.5)
    picture += (wave * uneven)[..., None] * _colour(chance, 5, 45, 8)
    return np.clip(picture, 0, 255).astype(np.uint8)


def _static(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """A dark holder with coloured noise, or grain of any strength."""
    del stock
    level = chance.uniform(0, 120)
    grain = chance.standard_normal((rows, columns, 3)) * chance.uniform(2, 50)
    if chance.random() < 0.5:
        grain *= chance.random((rows, columns, 1)) < chance.uniform(0.01, 0.4)
    if chance.random() < 0.5:
        grain = cv2.GaussianBlur(grain, (0, 0), chance.uniform(0.4, 1.2)) * 2
    return np.clip(level + grain, 0, 255).astype(np.uint8)


def _cells(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """Cells one by one, in crowds and in strands: rims, stained nuclei, nucleoli; dark ground or pale."""
    is_dark = chance.random() < 0.35
    if is_dark:
        under = np.full((rows, columns, 3), chance.uniform(0, 25), np.float32)
        nucleus, rim = chance.uniform(0, 255, 3), chance.uniform(0, 120, 3)
        nucleus[int(chance.integers(3))] = chance.uniform(60, 255)
    else:
        under = _flesh_colour(chance, rows, columns, stock)
        nucleus, rim = _colour(chance, 50, 170, 25), _colour(chance, 20, 130, 35)
    size = chance.uniform(1.5, 11)
    crowd = _fractal(chance, rows, columns, chance.uniform(4, 14) * size, 3)
    strands = np.abs(_fractal(chance, rows, columns, chance.uniform(8, 25) * size, 2))
    likely = np.exp(chance.uniform(0, 2) * crowd - chance.uniform(0, 3) * strands)
    number = int(min(900, rows * columns / (size * size * chance.uniform(6, 80)))) + 1
    chosen = chance.choice(likely.size, number, p=(likely / likely.sum()).ravel().astype(np.float64) / float((likely / likely.sum()).sum(dtype=np.float64)))
    picture = np.clip(under, 0, 255).astype(np.uint8)
    brown, share = _colour(chance, 30, 120, 30), chance.choice([0, 0, chance.uniform(0, 0.5)])
    has_rim, has_core, flat = chance.random() < 0.6, chance.random() < 0.5, chance.uniform(1, 1.8)
    for place in chosen:
        y, x = divmod(int(place), columns)
        axes = int(8 * size * chance.uniform(0.7, 1.3) * flat) + 4, int(8 * size * chance.uniform(0.7, 1.3)) + 4
        turn, centre = chance.uniform(0, 180), (8 * x + int(chance.integers(8)), 8 * y + int(chance.integers(8)))
        is_stained = chance.random() < share
        tone = np.clip((brown if is_stained else nucleus) * chance.uniform(0.75, 1.3), 0, 255)
        cv2.ellipse(picture, centre, axes, turn, 0, 360, tone.tolist(), -1, cv2.LINE_AA, 3)
        if has_rim:
            cv2.ellipse(picture, centre, axes, turn, 0, 360, np.clip(rim, 0, 255).tolist(), max(1, int(size / chance.uniform(2.5, 6))), cv2.LINE_AA, 3)
        if has_core:
            cv2.circle(picture, centre, int(8 * size * chance.uniform(0.1, 0.3)) + 2, np.clip(rim, 0, 255).tolist(), -1, cv2.LINE_AA, 3)
    rough = noise(chance, rows, columns, 2)[..., None] * chance.uniform(0, 14) * (0.3 if is_dark else 1)
    soft = cv2.GaussianBlur(picture, (0, 0), chance.uniform(0.3, 1.6)).astype(np.float32)
    return np.clip(soft + rough, 0, 255).astype(np.uint8)


def _flesh_colour(chance: Chance, rows: int, columns: int, stock: Stock) -> Plane:
    """What lies between cells: pale matter, fibres or empty."""
    del stock
    pale, deep = _colour(chance, 200, 250, 12), _colour(chance, 130, 220, 35)
    field = 1 / (1 + np.exp(-2 * _fractal(chance, rows, columns, chance.uniform(5, 60))))
    out = pale + (deep - pale) * field[..., None]
    if chance.random() < 0.5:
        fibres = _turned(chance, noise(chance, rows, columns, chance.uniform(2, 7), chance.uniform(5, 20)))
        out += fibres[..., None] * chance.uniform(3, 18) * chance.uniform(0.3, 1, 3)
    return out.astype(np.float32)


def _mesh(chance: Chance, rows: int, columns: int, stock: Stock) -> Picture:
    """A net of thin walls round bright holes: fat, lung, foam, sheets of cells."""
    under = _flesh_colour(chance, rows, columns, stock)
    gap = chance.uniform(6, 70)
    seeds = np.full((rows, columns), 255, np.uint8)
    number = max(3, int(rows * columns / (gap * gap)))
    seeds[chance.integers(0, rows, number), chance.integers(0, columns, number)] = 0
    labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)[1]
    walls = (cv2.morphologyEx(labels.astype(np.float32), cv2.MORPH_GRADIENT, np.ones((2, 2))) > 0).astype(np.float32)
    wide = max(1, int(gap * chance.uniform(0.02, 0.15)))
    walls = cv2.GaussianBlur(cv2.dilate(walls, np.ones((wide, wide))), (0, 0), chance.uniform(0.5, 1.5))
    if chance.random() < 0.7:
        walls = _bent(chance, walls, gap / 5)
    deep = _colour(chance, 60, 200, 35)
    uneven = np.clip(0.7 + 0.4 * noise(chance, rows, columns, gap), 0, 1)
    out = under + (deep - under) * (walls * uneven)[..., None]
    picture = np.clip(out, 0, 255).astype(np.uint8)
    if chance.random() < 0.6:
        _nuclei(chance, picture, int(rows * columns / chance.uniform(500, 5000)), bright=False)
    return picture


def _bent(chance: Chance, plane: Plane, reach: float) -> Plane:
    """The plane with its lines bent."""
    rows, columns = plane.shape
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    x += reach * noise(chance, rows, columns, 4 * reach + 4)
    y += reach * noise(chance, rows, columns, 4 * reach + 4)
    return np.asarray(cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)


_KINDS = (_glass, _overview, _cut, _flesh, _dark, _array, _lattice, _static, _cells, _mesh)
_WEIGHTS = (0.12, 0.22, 0.20, 0.11, 0.05, 0.05, 0.03, 0.02, 0.15, 0.05)


def dust(chance: Chance, picture: Picture) -> None:
    """Specks, hairs, rings of dried drops and bubbles, in place."""
    rows, columns = picture.shape[:2]
    tone = (picture.reshape(-1, 3)[:: max(1, picture.size // 3000)].mean(axis=0) * chance.uniform(0.2, 0.9)).tolist()
    for _ in range(int(chance.integers(0, 1 + rows * columns // 1500))):
        centre = int(chance.integers(0, columns * 8)), int(chance.integers(0, rows * 8))
        axes = int(8 * chance.uniform(0.3, 2.5)), int(8 * chance.uniform(0.3, 2.5))
        cv2.ellipse(picture, centre, axes, chance.uniform(0, 180), 0, 360, tone, -1, cv2.LINE_AA, 3)
    for _ in range(int(chance.integers(0, 5))):
        line = _wander(chance, rows, columns, chance.uniform(10, 120))
        cv2.polylines(picture, [line], False, tone, 1, cv2.LINE_AA, 3)
    for _ in range(int(chance.integers(0, 5))):
        centre = int(chance.integers(0, columns)), int(chance.integers(0, rows))
        axes = int(chance.uniform(3, 50)), int(chance.uniform(3, 50))
        start = chance.uniform(0, 360)
        cv2.ellipse(picture, centre, axes, chance.uniform(0, 180), start, start + chance.uniform(120, 360), tone, int(chance.integers(1, 3)), cv2.LINE_AA)


def _wander(chance: Chance, rows: int, columns: int, length: float) -> npt.NDArray[np.int32]:
    """A slow curve of about `length` pixels (3 fractional bits)."""
    steps = max(4, int(length / 5))
    heading = chance.uniform(0, 2 * np.pi) + np.cumsum(chance.normal(0, 0.22, steps))
    x = chance.uniform(0, columns) + np.cumsum(np.cos(heading)) * length / steps
    y = chance.uniform(0, rows) + np.cumsum(np.sin(heading)) * length / steps
    return np.rint(8 * np.stack([x, y], axis=1)).astype(np.int32)


def pens(chance: Chance, picture: Picture) -> None:
    """Marks of a pen that say nothing: rings, dots, long lines, smears, in place."""
    rows, columns = picture.shape[:2]
    ink = [(20, 20, 30), (30, 60, 170), (20, 120, 60), (190, 30, 40), (90, 30, 120)][int(chance.integers(5))]
    cover = np.zeros((rows, columns), np.uint8)
    if chance.random() < 0.3:
        _rings(chance, cover)
    for _ in range(int(chance.integers(1, 4))):
        weight = int(chance.integers(2, 14))
        form = chance.integers(0, 4)
        if form == 0:
            centre = int(chance.integers(0, columns)), int(chance.integers(0, rows))
            axes = int(chance.uniform(20, 160)), int(chance.uniform(20, 160))
            start = chance.uniform(0, 360)
            cv2.ellipse(cover, centre, axes, chance.uniform(0, 180), start, start + chance.uniform(250, 375), 255, weight, cv2.LINE_AA)
        elif form == 1:
            line = _wander(chance, rows, columns, chance.uniform(80, 500))
            cv2.polylines(cover, [line], False, 255, weight, cv2.LINE_AA, 3)
        elif form == 2:
            cv2.circle(cover, (int(chance.integers(0, columns)), int(chance.integers(0, rows))), weight, 255, -1, cv2.LINE_AA)
        else:
            patch = noise(chance, rows, columns, chance.uniform(30, 120)) > chance.uniform(0.8, 1.8)
            cover[patch] = 255
    streak = 1 + 0.15 * noise(chance, rows, columns, 3, 6)
    soft = (cover.astype(np.float32) / 255 * chance.uniform(0.3, 1) * np.clip(streak, 0, 1))[..., None]
    picture[:] = np.clip(picture * (1 - soft) + picture * (np.array(ink) / 255) * soft, 0, 255)


def _rings(chance: Chance, cover: Picture) -> None:
    """Many rings of one pen round places of interest, with dots where it was set down, in place."""
    rows, columns = cover.shape
    size, weight = chance.uniform(8, 45), int(chance.integers(2, 9))
    for _ in range(int(chance.integers(3, 16))):
        x, y = chance.uniform(0, columns), chance.uniform(0, rows)
        turns = np.linspace(0, 2 * np.pi * chance.uniform(0.85, 1.25), 24)
        ring = size * chance.uniform(0.7, 1.3) * (1 + chance.normal(0, 0.08, 24))
        points = np.stack([x + ring * np.cos(turns) * chance.uniform(0.5, 1), y + ring * np.sin(turns)], axis=1)
        cv2.polylines(cover, [np.rint(8 * points).astype(np.int32)], False, 255, weight, cv2.LINE_AA, 3)
        if chance.random() < 0.5:
            cv2.circle(cover, (int(points[0, 0]), int(points[0, 1])), weight, 255, -1, cv2.LINE_AA)


def hardware(chance: Chance, picture: Picture) -> None:
    """Edges of glass and coverslip, holders, crosses and drawn frames, in place."""
    rows, columns = picture.shape[:2]
    for _ in range(int(chance.integers(1, 4))):
        form = chance.integers(0, 7)
        tone = _colour(chance, 0, 255, 10).tolist()
        if form >= 5:
            _window(chance, picture)
        elif form == 0:
            thick = int(chance.uniform(0.03, 0.3) * min(rows, columns))
            side = int(chance.integers(4))
            box = [(0, 0, columns, thick), (0, rows - thick, columns, rows), (0, 0, thick, rows), (columns - thick, 0, columns, rows)][side]
            dark = _colour(chance, 0, 60, 8).tolist()
            cv2.rectangle(picture, box[:2], box[2:], dark, -1)
        elif form == 1:
            shift = chance.uniform(-0.1, 0.1) * rows
            y = int(chance.uniform(0, rows))
            cv2.line(picture, (0, y), (columns, int(y + shift)), tone, int(chance.integers(1, 4)), cv2.LINE_AA)
        elif form == 2:
            x = int(chance.uniform(0, columns))
            cv2.line(picture, (x, 0), (int(x + chance.normal(0, 8)), rows), tone, int(chance.integers(1, 4)), cv2.LINE_AA)
        elif form == 3:
            x, y = int(chance.integers(0, columns)), int(chance.integers(0, rows))
            wide, high = int(chance.uniform(25, 400)), int(chance.uniform(25, 300))
            bright = [(0, 255, 0), (255, 0, 0), (0, 0, 255), (0, 0, 0), (255, 255, 0)][int(chance.integers(5))]
            cv2.rectangle(picture, (x, y), (x + wide, y + high), bright, int(chance.integers(1, 5)))
        else:
            x, y, arm = int(chance.integers(0, columns)), int(chance.integers(0, rows)), int(chance.uniform(5, 22))
            weight = int(chance.integers(1, 8))
            cv2.line(picture, (x - arm, y), (x + arm, y), tone, weight)
            cv2.line(picture, (x, y - arm), (x, y + arm), tone, weight)


def _window(chance: Chance, picture: Picture) -> None:
    """A holder or stage that leaves a part of the glass free: round corners, noise in the dark, in place."""
    rows, columns = picture.shape[:2]
    left, top = chance.uniform(-0.6, 0.5) * columns, chance.uniform(-0.6, 0.5) * rows
    right, bottom = left + chance.uniform(0.4, 1.6) * columns, top + chance.uniform(0.4, 1.6) * rows
    radius = int(chance.choice([0, chance.uniform(3, 40)]))
    free = np.zeros((rows, columns), np.uint8)
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    middle = corners.mean(axis=0)
    inner = middle + (corners - middle) * np.maximum(0.1, 1 - 2 * radius / np.maximum(corners[2] - corners[0], 1))
    cv2.fillPoly(free, [np.rint(inner).astype(np.int32)], 255)
    if radius:
        free = np.asarray(cv2.dilate(free, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))), np.uint8)
    around = _static(chance, rows, columns, ()) if chance.random() < 0.5 else np.full_like(picture, _colour(chance, 0, 110, 6).astype(np.uint8))
    covered = free == 0 if chance.random() < 0.75 else free > 0
    if np.count_nonzero(covered) < 0.7 * covered.size:
        picture[covered] = around[covered]


def seams(chance: Chance, picture: Picture) -> None:
    """Scan lines and fields of unlike brightness, in place."""
    rows, columns = picture.shape[:2]
    step = int(chance.uniform(12, 140))
    lines = np.repeat(chance.normal(0, chance.uniform(1, 7), columns // step + 1), step)[:columns]
    plane = np.broadcast_to(lines[None], (rows, columns)).astype(np.float32)
    if chance.random() < 0.5:
        lines = np.repeat(chance.normal(0, chance.uniform(1, 7), rows // step + 1), step)[:rows]
        plane = plane + lines[:, None]
    picture[:] = np.clip(picture + plane[..., None], 0, 255)


def _frosted(chance: Chance, picture: Picture, doubtful: Picture) -> None:
    """A frosted or painted end of the glass, in place."""
    rows, columns = picture.shape[:2]
    reach = int(chance.uniform(0.15, 0.45) * columns)
    cut = np.s_[:, :reach] if chance.random() < 0.5 else np.s_[:, columns - reach :]
    colour = _colour(chance, 120, 240, 40)
    grain = chance.uniform(0, 10) * noise(chance, rows, reach, chance.uniform(1, 4), chance.uniform(1, 6))
    picture[cut] = np.clip(colour + grain[..., None], 0, 255)
    doubtful[cut] = 255
