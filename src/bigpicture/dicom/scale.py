"""Micrometres per pixel, out of the ways in which files say it."""

from __future__ import annotations

from math import isfinite

from bigpicture.dicom.tiff import Directory

Mpp = tuple[float, float]

_MICROMETRES = {2: 25_400.0, 3: 10_000.0}  # TIFF ResolutionUnit: inch, centimetre
MAXIMUM_MPP = 2_000.0
DOUBTFUL_MPP = 30.0
"""Coarser than any scanner: such a value is a screen's resolution that an editor wrote."""


def credible(x: float, y: float) -> Mpp | None:
    """The pair, or None where it is no scale at all (zero, infinite, far off)."""
    if all(isfinite(value) and 0 < value <= MAXIMUM_MPP for value in (x, y)):
        return x, y
    return None


def parse_mpp(text: str) -> Mpp | None:
    """A number as vendors write it, for both directions."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return credible(value, value)


def resolution_mpp(directory: Directory) -> Mpp | None:
    """From XResolution, YResolution and ResolutionUnit; None without a unit (TIFF 6.0 page 18)."""
    unit = _MICROMETRES.get(directory.number(296, 2))
    across, down = directory.ratio(282), directory.ratio(283)
    if unit is None or not across or not down:
        return None
    return credible(unit / across, unit / down)


def level_factor(base: tuple[int, int], level: tuple[int, int]) -> tuple[float, float]:
    """By how much a level is reduced (x, y), from the sizes of the base and of the level.

    A reduction by a whole number cuts what is left over at the right and bottom, so 37 of 300
    pixels are an eighth, and pixels are eight times as wide, not 300 / 37.
    """
    whole = round(base[0] / level[0])
    fits = all(
        small in {large // whole, -(-large // whole)}
        for large, small in zip(base, level, strict=True)
    )
    if whole >= 1 and fits:
        return float(whole), float(whole)
    return base[0] / level[0], base[1] / level[1]


def scale_remarks(mpp: Mpp | None, place: str) -> tuple[str, ...]:
    """A warning where the stated scale is coarser than any scanner's."""
    if mpp is None or max(mpp) <= DOUBTFUL_MPP:
        return ()
    remark = (
        f"{place}: it states {mpp[0]:.4g} µm per pixel, coarser than any scanner; "
        "if that is a screen's resolution, give the true one."
    )
    return (remark,)
