"""Artefacts: pen, fold, blur and bubble, each with the exact area it covers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from bigpicture.phantom.chance import Floats, one, seed_of
from bigpicture.phantom.place import Block, Place

Picture = npt.NDArray[np.uint8]


class Kind(StrEnum):
    PEN = "pen"
    FOLD = "fold"
    BLUR = "blur"
    BUBBLE = "bubble"


_INKS = ((0.20, 0.42, 0.72), (0.22, 0.60, 0.38), (0.20, 0.20, 0.24))
"""Transmittance of blue, green and black ink."""
_SOFT = 9.0
"""Micrometres over which an artefact fades in at its edge."""
_RIM = 14.0
"""Micrometres of the dark rim of a bubble."""


@dataclass(frozen=True)
class Artefact:
    """One artefact: an oval by centre, half axes (micrometres), angle (radians) and seed."""

    kind: Kind
    x: float
    y: float
    a: float
    b: float
    angle: float
    seed: int

    def field(self, place: Place) -> Floats:
        """Micrometres inside the artefact's edge, positive where it covers the slide."""
        dx, dy = place.x - self.x, place.y - self.y
        c, s = np.cos(self.angle), np.sin(self.angle)
        p, q = c * dx + s * dy, c * dy - s * dx
        small = min(self.a, self.b)
        rough = place.noise(self.seed + 1, max(small * 0.6, 60.0))
        rho = np.hypot(p / self.a, q / self.b)
        if self.kind is Kind.PEN:
            gap = 0.18 * small * (np.abs(np.arctan2(q, p)) > 2.75)
            width = min(58.0, 0.07 * small) * (1 + 0.17 * place.noise(self.seed + 2, 260))
            return width - np.abs((rho - 1) * small + 22 * rough) - gap
        if self.kind is Kind.FOLD:
            line = q - 0.35 * self.b * rough
            return np.minimum(
                0.5 * self.b * (1 - (p / self.a) ** 2) - np.abs(line), self.a - np.abs(p)
            )
        return (1 - rho) * small + 0.10 * small * rough

    def cover(self, block: Block) -> npt.NDArray[np.bool_]:
        """The exact mask over a block's canvas."""
        return block.widen(self.field(block.grid())) > 0


def artefact(kind: Kind, seed: int, width: float, height: float) -> Artefact:
    """Place an artefact on a glass of `width` x `height` micrometres."""
    key = seed_of(seed, kind.value)
    u = [one(key, k) for k in range(5)]
    small = min(width, height)
    a, b = {
        Kind.PEN: (0.30 * width, 0.24 * height),
        Kind.FOLD: (0.22 * small, min(110.0, 0.05 * small)),
        Kind.BLUR: (0.20 * small, 0.15 * small),
        Kind.BUBBLE: (0.09 * small, 0.08 * small),
    }[kind]
    return Artefact(
        kind,
        width * (0.36 + 0.28 * u[0]),
        height * (0.36 + 0.28 * u[1]),
        a * (0.85 + 0.3 * u[2]),
        b * (0.85 + 0.3 * u[3]),
        np.pi * (u[4] - 0.5),
        key,
    )


def thicken(planes: list[Picture], field: npt.NDArray[np.float32]) -> None:
    """A fold: two layers of tissue, so twice the stain, in place."""
    factor = 1 + 0.95 * np.clip(field / _SOFT, 0, 1)
    for plane in planes:
        cv2.multiply(plane, factor, dst=plane, dtype=cv2.CV_8U)


def disturb(
    picture: Picture, artefact: Artefact, field: npt.NDArray[np.float32], *, mpp: float
) -> Picture:
    """The optical artefacts: ink, defocus, air; RGB in, RGB out."""
    alpha = np.clip(field / _SOFT, 0, 1)[..., None]
    if artefact.kind is Kind.PEN:
        ink = np.array(_INKS[artefact.seed % len(_INKS)], np.float32)
        streak = 0.94 + 0.06 * np.sin(field / 7.0)[..., None]
        light = picture * (ink * streak * 0.9 + 0.1)
        return _mix(picture, light, alpha)
    if artefact.kind is Kind.BLUR:
        return _mix(
            picture,
            np.asarray(cv2.GaussianBlur(picture, (0, 0), min(3.4 / mpp, 14.0)), np.uint8),
            alpha,
        )
    if artefact.kind is Kind.BUBBLE:
        rim = np.exp(-(((field - _RIM) / (0.5 * _RIM)) ** 2))[..., None]
        pale = picture * 0.62 + 246 * 0.34
        return _mix(picture, pale * (1 - 0.72 * rim), alpha)
    return picture


def _mix(picture: Picture, other: npt.NDArray[np.floating] | Picture, alpha: Floats) -> Picture:
    mixed = picture * (1 - alpha) + other * alpha
    return np.clip(mixed, 0, 255).astype(np.uint8)
