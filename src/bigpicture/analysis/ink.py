"""Ink: where a pen has drawn on the glass, told by densities that no stain has.

Stains of histology absorb red less than green: haematoxylin 0.65 to 0.70, eosin 0.07 to 0.99, DAB
0.27 to 0.57 (Ruifrok and Johnston, Anal Quant Cytol Histol 23:291, 2001). Blue and green inks
absorb red most, black ones all three alike. Red ink is told only where it absorbs more green and
blue than tissue does: pale red ink, and dark red one, look like eosin and blood.
"""

from __future__ import annotations

import cv2
import numpy as np

from bigpicture.analysis.glass import Density, Where
from bigpicture.analysis.shapes import close_gaps, drop_thin, widen

_THIN = 30.0
"""Micrometres: what is thinner is no stroke of a pen."""
_EDGE, _HALO = 70.0, 250.0
"""Micrometres around a stroke in which fainter ink, and the faintest, belong to it."""
_GAP = 90.0
"""Micrometres between parts of a stroke."""
_RIM = 30.0


def find_ink(over_glass: Density, *, mpp: float) -> Where:
    """Where ink lies, (h, w), of optical densities over the glass (h, w, 3), natural logarithm."""
    smooth = cv2.blur(over_glass, (3, 3))
    red, green, blue = cv2.split(smooth)
    crimson = (green > 1.5) & (blue > 1.3) & (red < 0.7)
    cold = ((red > 0.6) & (red - green > 0.08)) | ((red > 1.05) & (red > 0.93 * green))
    black = _is_black(red, green, blue, least=1.0)
    core = drop_thin((cold | black | crimson).astype(np.uint8), _THIN, mpp)
    if not core.any():
        return core.astype(bool)
    cold = ((red > 0.2) & (red - green > 0.06)) | ((red > 0.5) & (red > 0.93 * green))
    faint = cold | crimson | _is_black(red, green, blue, least=0.5)
    halo = (red > 0.03) & (red - green > 0.02)
    stroke = core | (faint.astype(np.uint8) & widen(core, _EDGE, mpp))
    stroke |= halo.astype(np.uint8) & widen(core, _HALO, mpp)
    return widen(close_gaps(stroke, _GAP, mpp), _RIM, mpp).astype(bool)


def _is_black(
    red: cv2.typing.MatLike, green: cv2.typing.MatLike, blue: cv2.typing.MatLike, *, least: float
) -> Where:
    """Absorbs all three about alike, also where stained tissue lies under it."""
    return np.asarray(
        (red > least) & (blue > 0.58 * green) & (red > 0.62 * green) & (red > 0.68 * blue)
    )
