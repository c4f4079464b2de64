"""Stain types: H&E, DAB over haematoxylin, or others, by the hues of optical densities.

The hue is that of the hue-saturation-density model (van der Laak et al., Cytometry 39:275, 2000):
0 degrees absorb red, 120 green, 240 blue. Where hues do not decide, nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.glass import Density, Where


class StainType(StrEnum):
    HE = "H&E"
    IHC_DAB = "IHC DAB"
    SPECIAL = "special"


@dataclass(frozen=True, slots=True)
class Typed:
    """`type` is None where the hues do not decide; `shares` are those of the four families."""

    type: StainType | None
    shares: Mapping[str, float]


_FAMILIES = {"blue": (0, 120), "red": (120, 160), "brown": (160, 240), "green": (240, 360)}
"""Degrees of hue: haematoxylin lies at 20 to 120 (with what lies under it), eosin at 120 to 150,
DAB at 170 to 230; greens and yellows are of special stains."""
_FAINT = 0.06
"""Mean density below which a pixel has no hue."""
_FEWEST, _ENOUGH = 64, 200_000
_MOSTLY, _SOME, _LITTLE, _SPECIAL = 0.55, 0.06, 0.15, 0.3


def stain_type(over_glass: Density, tissue: Where) -> Typed:
    """The stain type of an overview, of densities over the glass (h, w, 3) and its tissue (h, w).

    IHC in which nothing is brown cannot be told from haematoxylin alone, nor can blue special
    stains: these are left open, as is a picture with too little tissue.
    """
    densities = over_glass[tissue]
    shares = family_shares(densities[:: max(1, len(densities) // _ENOUGH)])
    if not shares:
        return Typed(None, {})
    return Typed(_decide(shares), shares)


def family_shares(densities: NDArray[np.floating]) -> dict[str, float]:
    """How much of the coloured density (n, 3) is of each family of hues; none where too little."""
    mean = densities.mean(axis=1)
    is_seen = mean > _FAINT
    if np.count_nonzero(is_seen) < _FEWEST:
        return {}
    densities, mean = densities[is_seen], mean[is_seen]
    across = densities[:, 0] / mean - 1
    up = (densities[:, 1] - densities[:, 2]) / (np.sqrt(3) * mean)
    hue = np.degrees(np.arctan2(up, across)) % 360
    weight = mean * np.minimum(np.hypot(across, up), 1)
    total = float(weight.sum()) or 1.0
    return {
        name: float(weight[(hue >= first) & (hue < last)].sum()) / total
        for name, (first, last) in _FAMILIES.items()
    }


def _decide(shares: Mapping[str, float]) -> StainType | None:
    blue, red, brown, green = (shares[name] for name in _FAMILIES)
    if green >= _SPECIAL:
        return StainType.SPECIAL
    if brown >= _SOME and (blue >= _LITTLE or brown >= _MOSTLY):
        return StainType.IHC_DAB
    if red >= _MOSTLY and brown < _LITTLE:
        return StainType.HE
    return None
