"""Labels: paper with lines and codes on it, pasted on a scene."""

from __future__ import annotations

import cv2
import numpy as np

from training.detector import codes
from training.detector.ink import SMALLEST, any_angle, letter_height, line, put_code, put_text
from training.detector.noises import Chance, Picture
from training.detector.scene import LABEL, Means, Put, Scene


def put_label(
    chance: Chance,
    scene: Scene,
    means: Means,
    centre: tuple[float, float],
    *,
    angle: float | None = None,
    contents: int | None = None,
) -> Put | None:
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
        cv2.rectangle(
            own.picture,
            (inset, inset),
            (columns - 1 - inset, rows - 1 - inset),
            tone,
            int(chance.integers(1, 4)),
        )
    number = (
        int(chance.choice([0, 1, 2, 4, 6], p=[0.12, 0.2, 0.28, 0.25, 0.15]))
        if contents is None
        else contents
    )
    _fill(chance, own, means, number)
    return _paste(chance, scene, own, centre, any_angle(chance, angle))


def _fill(chance: Chance, own: Scene, means: Means, number: int) -> None:
    """Lines from top to bottom, a code among them."""
    rows, columns = own.picture.shape[:2]
    top = chance.uniform(3, 12)
    for _ in range(number):
        if chance.random() < 0.25:
            is_matrix = chance.random() < 0.6
            name = str(chance.choice(means.matrix if is_matrix else means.linear))
            ink = codes.code(
                chance, name, chance.uniform(1.6, 4) if is_matrix else chance.uniform(0.9, 2)
            )
            centre = chance.uniform(0.25, 0.75) * columns, top + ink.shape[0] / 2
            put_code(chance, own, ink, centre, angle=0.0)
            top += ink.shape[0] + chance.uniform(3, 12)
        else:
            height = min(letter_height(chance, own.how), max(SMALLEST, rows / 4))
            what = line(chance, means, height)
            left = chance.uniform(2, 14)
            put_text(
                chance,
                own,
                what,
                (left + what.ink.shape[1] / 2, top + what.ink.shape[0] / 2),
                angle=float(chance.normal(0, 1)),
            )
            top += what.ink.shape[0] + chance.uniform(1, 10)
        if top > rows:
            return


def _paste(
    chance: Chance, scene: Scene, own: Scene, centre: tuple[float, float], angle: float
) -> Put | None:
    rows, columns = own.picture.shape[:2]
    cover = np.zeros((rows, columns), np.uint8)
    corner = int(chance.choice([0, 0, 4, 10]))
    cv2.rectangle(cover, (corner, 0), (columns - 1 - corner, rows - 1), 255, -1)
    cv2.rectangle(cover, (0, corner), (columns - 1, rows - 1 - corner), 255, -1)
    if corner:
        for x, y in (
            (corner, corner),
            (columns - 1 - corner, corner),
            (corner, rows - 1 - corner),
            (columns - 1 - corner, rows - 1 - corner),
        ):
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

    def warp(picture: Picture, how: int) -> Picture:
        return np.asarray(cv2.warpAffine(picture, turn, size, flags=how), np.uint8)

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
    put = Put(
        LABEL,
        (box[0], box[1], box[2], box[3]),
        2.0 if differs else 0.0,
        float(np.count_nonzero(inside) / (rows * columns)),
    )
    scene.puts.append(put)
    return put
