"""Looks: what cameras, lenses and files do to a picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Chance = np.random.Generator


@dataclass(frozen=True, slots=True)
class Look:
    """`blur` (deviation, pixels), `grain` (deviation, levels), JPEG `quality`, and how light falls.

    `sharp` is how much a scanner's sharpening adds.
    """

    blur: float
    grain: float
    quality: int
    gain: tuple[float, float, float]
    gamma: float
    lift: float
    is_grey: bool
    is_negative: bool
    sharp: float

    @property
    def contrast(self) -> float:
        """By how much differences shrink, about."""
        return float(np.mean(self.gain)) * (1 - self.lift)


_SOFT, _COARSE, _LOSSY = (0.4, 0.4, 0.2), (0.45, 0.45, 0.1), (0.3, 0.45, 0.25)
"""How often there is none, some, much of blur, grain and loss."""


def look(chance: Chance) -> Look:
    """A look by chance."""
    tint = 1 + chance.normal(0, 0.05, 3)
    return Look(
        blur=float(chance.choice([0, chance.uniform(0.3, 0.8), chance.uniform(0.5, 1.3)], p=_SOFT)),
        grain=float(chance.choice([0, chance.uniform(0.5, 4), chance.uniform(3, 9)], p=_COARSE)),
        quality=int(chance.choice([0, chance.integers(70, 96), chance.integers(35, 80)], p=_LOSSY)),
        gain=tuple(float(value) for value in tint * chance.uniform(0.75, 1.08)),
        gamma=float(np.exp(chance.normal(0, 0.18))),
        lift=float(chance.choice([0, chance.uniform(0, 0.25)], p=[0.7, 0.3])),
        is_grey=bool(chance.random() < 0.12),
        is_negative=bool(chance.random() < 0.03),
        sharp=float(chance.choice([0, chance.uniform(0.3, 1.8)], p=[0.75, 0.25])),
    )


def seen(chance: Chance, picture: Picture, how: Look) -> Picture:
    """The picture as it looks."""
    if how.blur:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), how.blur), np.uint8)
    if how.sharp:
        soft = cv2.GaussianBlur(picture, (0, 0), 1.2)
        picture = np.asarray(cv2.addWeighted(picture, 1 + how.sharp, soft, -how.sharp, 0), np.uint8)
    levels = np.arange(256) / 255
    curves = [levels**how.gamma * gain * (1 - how.lift) + how.lift for gain in how.gain]
    table = np.clip(255 * np.stack(curves, axis=-1), 0, 255).astype(np.uint8)
    picture = np.asarray(cv2.LUT(picture, table[None]), np.uint8)
    if how.is_grey:
        picture = np.repeat(
            np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))[..., None], 3, axis=2
        )
    if how.is_negative:
        picture = 255 - picture
    if how.grain:
        grain = how.grain * chance.standard_normal(picture.shape, np.float32)
        picture = np.clip(picture + grain, 0, 255).astype(np.uint8)
    if how.quality:
        data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, how.quality])[1]
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return picture
