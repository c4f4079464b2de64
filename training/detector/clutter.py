"""Clutter: dust, pens, holders, seams and painted ends, none of which says anything."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from training.detector.noises import Chance, Picture, noise, static, tint


def dust(chance: Chance, picture: Picture) -> None:
    """Specks, hairs, rings of dried drops and bubbles, in place."""
    rows, columns = picture.shape[:2]
    tone = (
        picture.reshape(-1, 3)[:: max(1, picture.size // 3000)].mean(axis=0)
        * chance.uniform(0.2, 0.9)
    ).tolist()
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
        cv2.ellipse(
            picture,
            centre,
            axes,
            chance.uniform(0, 180),
            start,
            start + chance.uniform(120, 360),
            tone,
            int(chance.integers(1, 3)),
            cv2.LINE_AA,
        )


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
    ink = [(20, 20, 30), (30, 60, 170), (20, 120, 60), (190, 30, 40), (90, 30, 120)][
        int(chance.integers(5))
    ]
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
            cv2.ellipse(
                cover,
                centre,
                axes,
                chance.uniform(0, 180),
                start,
                start + chance.uniform(250, 375),
                255,
                weight,
                cv2.LINE_AA,
            )
        elif form == 1:
            line = _wander(chance, rows, columns, chance.uniform(80, 500))
            cv2.polylines(cover, [line], False, 255, weight, cv2.LINE_AA, 3)
        elif form == 2:
            cv2.circle(
                cover,
                (int(chance.integers(0, columns)), int(chance.integers(0, rows))),
                weight,
                255,
                -1,
                cv2.LINE_AA,
            )
        else:
            patch = noise(chance, rows, columns, chance.uniform(30, 120)) > chance.uniform(0.8, 1.8)
            cover[patch] = 255
    streak = 1 + 0.15 * noise(chance, rows, columns, 3, 6)
    soft = (cover.astype(np.float32) / 255 * chance.uniform(0.3, 1) * np.clip(streak, 0, 1))[
        ..., None
    ]
    picture[:] = np.clip(picture * (1 - soft) + picture * (np.array(ink) / 255) * soft, 0, 255)


def _rings(chance: Chance, cover: Picture) -> None:
    """Many rings of one pen round places of interest, with dots where it was set down, in place."""
    rows, columns = cover.shape
    size, weight = chance.uniform(8, 45), int(chance.integers(2, 9))
    for _ in range(int(chance.integers(3, 16))):
        x, y = chance.uniform(0, columns), chance.uniform(0, rows)
        turns = np.linspace(0, 2 * np.pi * chance.uniform(0.85, 1.25), 24)
        ring = size * chance.uniform(0.7, 1.3) * (1 + chance.normal(0, 0.08, 24))
        points = np.stack(
            [x + ring * np.cos(turns) * chance.uniform(0.5, 1), y + ring * np.sin(turns)], axis=1
        )
        cv2.polylines(
            cover, [np.rint(8 * points).astype(np.int32)], False, 255, weight, cv2.LINE_AA, 3
        )
        if chance.random() < 0.5:
            cv2.circle(cover, (int(points[0, 0]), int(points[0, 1])), weight, 255, -1, cv2.LINE_AA)


def hardware(chance: Chance, picture: Picture) -> None:
    """Edges of glass and coverslip, holders, crosses and drawn frames, in place."""
    rows, columns = picture.shape[:2]
    for _ in range(int(chance.integers(1, 4))):
        form = chance.integers(0, 7)
        tone = tint(chance, 0, 255, 10).tolist()
        if form >= 5:
            _window(chance, picture)
        elif form == 0:
            thick = int(chance.uniform(0.03, 0.3) * min(rows, columns))
            side = int(chance.integers(4))
            box = [
                (0, 0, columns, thick),
                (0, rows - thick, columns, rows),
                (0, 0, thick, rows),
                (columns - thick, 0, columns, rows),
            ][side]
            dark = tint(chance, 0, 60, 8).tolist()
            cv2.rectangle(picture, box[:2], box[2:], dark, -1)
        elif form == 1:
            shift = chance.uniform(-0.1, 0.1) * rows
            y = int(chance.uniform(0, rows))
            cv2.line(
                picture,
                (0, y),
                (columns, int(y + shift)),
                tone,
                int(chance.integers(1, 4)),
                cv2.LINE_AA,
            )
        elif form == 2:
            x = int(chance.uniform(0, columns))
            cv2.line(
                picture,
                (x, 0),
                (int(x + chance.normal(0, 8)), rows),
                tone,
                int(chance.integers(1, 4)),
                cv2.LINE_AA,
            )
        elif form == 3:
            x, y = int(chance.integers(0, columns)), int(chance.integers(0, rows))
            wide, high = int(chance.uniform(25, 400)), int(chance.uniform(25, 300))
            bright = [(0, 255, 0), (255, 0, 0), (0, 0, 255), (0, 0, 0), (255, 255, 0)][
                int(chance.integers(5))
            ]
            cv2.rectangle(picture, (x, y), (x + wide, y + high), bright, int(chance.integers(1, 5)))
        else:
            x, y, arm = (
                int(chance.integers(0, columns)),
                int(chance.integers(0, rows)),
                int(chance.uniform(5, 22)),
            )
            weight = int(chance.integers(1, 8))
            cv2.line(picture, (x - arm, y), (x + arm, y), tone, weight)
            cv2.line(picture, (x, y - arm), (x, y + arm), tone, weight)


def _window(chance: Chance, picture: Picture) -> None:
    """A holder that leaves a part of the glass free: round corners, noise in the dark, in place."""
    rows, columns = picture.shape[:2]
    left, top = chance.uniform(-0.6, 0.5) * columns, chance.uniform(-0.6, 0.5) * rows
    right, bottom = left + chance.uniform(0.4, 1.6) * columns, top + chance.uniform(0.4, 1.6) * rows
    radius = int(chance.choice([0, chance.uniform(3, 40)]))
    free = np.zeros((rows, columns), np.uint8)
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    middle = corners.mean(axis=0)
    inner = middle + (corners - middle) * np.maximum(
        0.1, 1 - 2 * radius / np.maximum(corners[2] - corners[0], 1)
    )
    cv2.fillPoly(free, [np.rint(inner).astype(np.int32)], 255)
    if radius:
        free = np.asarray(
            cv2.dilate(
                free, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
            ),
            np.uint8,
        )
    around = (
        static(chance, rows, columns)
        if chance.random() < 0.5
        else np.full_like(picture, tint(chance, 0, 110, 6).astype(np.uint8))
    )
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


def frosted_end(chance: Chance, picture: Picture, doubtful: Picture) -> None:
    """A frosted or painted end of the glass, in place."""
    rows, columns = picture.shape[:2]
    reach = int(chance.uniform(0.15, 0.45) * columns)
    cut = np.s_[:, :reach] if chance.random() < 0.5 else np.s_[:, columns - reach :]
    colour = tint(chance, 120, 240, 40)
    grain = chance.uniform(0, 10) * noise(
        chance, rows, reach, chance.uniform(1, 4), chance.uniform(1, 6)
    )
    picture[cut] = np.clip(colour + grain[..., None], 0, 255)
    doubtful[cut] = 255
