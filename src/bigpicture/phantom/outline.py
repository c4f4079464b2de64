"""Outlines: closed curves in micrometres, of which every structure is made."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from bigpicture.phantom.chance import Floats, unit


def blob(
    x: float,
    y: float,
    *,
    radius: float,
    seed: int,
    aspect: float = 1.0,
    angle: float = 0.0,
    rough: float = 0.08,
    corners: int = 40,
) -> Floats:
    """An irregular oval, (corners, 2): radius disturbed by harmonics 2 to 6."""
    waves = _waves(corners)
    u = unit(seed, _CHANNELS)
    gain = rough * (u[:5] + 0.3) * _FALL
    turn = 2 * np.pi * u[5:]
    r = 1 + (gain * np.cos(turn)) @ waves[2:12:2] - (gain * np.sin(turn)) @ waves[3:12:2]
    stretch = math.sqrt(aspect)
    px = radius * stretch * r * waves[0]
    py = radius / stretch * r * waves[1]
    c, s = math.cos(angle), math.sin(angle)
    points = np.empty((corners, 2))
    points[:, 0] = x + c * px - s * py
    points[:, 1] = y + s * px + c * py
    return points


_CHANNELS = np.arange(11, 21)
_FALL = 2.4 / np.arange(2, 7)


@lru_cache(maxsize=32)
def _waves(corners: int) -> Floats:
    """Cosine and sine of the harmonics 1 to 6 at each corner, (12, corners)."""
    theta = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return np.stack([wave(k * theta) for k in range(1, 7) for wave in (np.cos, np.sin)])


def tube(
    x: float,
    y: float,
    *,
    length: float,
    width: float,
    angle: float,
    seed: int,
    bend: float = 0.1,
    rough: float = 0.06,
) -> Floats:
    """A test tube along `angle` around (x, y), closed at both ends, slightly bent and bulging."""
    t = np.linspace(-0.5, 0.5, 22)
    half = width / 2
    body = max(length - width, 1.0)
    swell = 1 + rough * np.cos(2 * np.pi * (2.3 * t + unit(seed, 21))) + 0.1 * t
    sag = bend * length * (4 * t * t - 1) * (2 * unit(seed, 22) - 1)
    upper = np.stack([t * body, sag + half * swell], axis=1)
    lower = np.stack([t * body, sag - half * swell], axis=1)[::-1]
    turn = np.linspace(np.pi / 2, -np.pi / 2, 9)[1:-1]
    cap = np.stack([np.cos(turn), np.sin(turn)], axis=1) * half
    right = cap * swell[-1] + [body / 2, sag[-1]]
    left = -cap * swell[0] + [-body / 2, sag[0]]
    points = np.concatenate([upper, right, lower, left])
    c, s = np.cos(angle), np.sin(angle)
    return points @ np.array([[c, s], [-s, c]]) + [x, y]


def normals(points: Floats) -> Floats:
    """Unit normals at the corners of a closed curve, pointing outward."""
    tangent = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    normal /= np.maximum(np.hypot(normal[:, 0], normal[:, 1]), 1e-9)[:, None]
    return normal if area(points) > 0 else -normal


def area(points: Floats) -> float:
    """Signed area, square micrometres; positive where y down makes it clockwise."""
    x, y = points[:, 0], points[:, 1]
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def inset(points: Floats, depth: float | Floats) -> Floats:
    """The curve moved inward by `depth` micrometres (a number, or one for each corner)."""
    depths = np.broadcast_to(np.asarray(depth, float), (len(points),))
    return points - normals(points) * depths[:, None]


def stroll(points: Floats, *, pace: float, seed: int, jitter: float = 0.5) -> tuple[Floats, Floats]:
    """Places along a closed curve every `pace` micrometres (jittered), with outward normals."""
    closed = np.concatenate([points, points[:1]])
    outward = normals(points)
    outward = np.concatenate([outward, outward[:1]])
    lengths = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    number = max(int(lengths[-1] / pace), 1)
    order = np.arange(number)
    at = (order + 0.5 + (unit(seed, order, 31) - 0.5) * jitter) * lengths[-1] / number
    where = np.stack([np.interp(at, lengths, closed[:, k]) for k in (0, 1)], axis=1)
    normal = np.stack([np.interp(at, lengths, outward[:, k]) for k in (0, 1)], axis=1)
    return where, normal
