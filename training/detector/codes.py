"""Codes: one- and two-dimensional barcodes as masks of ink, each with the symbology's name."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

Mask = npt.NDArray[np.uint8]
Chance = np.random.Generator
_F = zxingcpp.BarcodeFormat

LINEAR = ("Code128", "Code39", "Code93", "ITF", "EAN13", "EAN8", "UPCA")
MATRIX = ("DataMatrix", "QRCode", "MicroQRCode", "RMQRCode")
HELD_LINEAR = ("Codabar", "DataBar", "Telepen")
HELD_MATRIX = ("Aztec", "PDF417", "MaxiCode")
"""Symbologies that no training picture holds."""

_DIGITS = {"EAN13": 12, "EAN8": 7, "UPCA": 11, "ITF": 0, "DataBar": 13}


def code(chance: Chance, name: str, module: float) -> Mask:
    """A symbol as ink 0..255 without its quiet zone; `module` is its smallest part, pixels."""
    if name == "bars":
        ink = _bars(chance)
    elif name == "modules":
        ink = _modules(chance)
    else:
        symbol = zxingcpp.create_barcode(_content(chance, name), getattr(_F, name))
        drawn = zxingcpp.write_barcode_to_image(
            symbol, scale=4 if name == "MaxiCode" else 1, add_quiet_zones=False
        )
        ink = 255 - np.asarray(drawn, np.uint8)
        if name == "MaxiCode":
            module /= 4
    is_linear = name in (*LINEAR, *HELD_LINEAR, "bars")
    width = max(4, round(ink.shape[1] * module))
    if is_linear:
        height = max(6, round(width * chance.uniform(0.12, 0.6)))
        ink = np.repeat(ink[ink.shape[0] // 2][None], height, axis=0)
    else:
        height = max(4, round(ink.shape[0] * module))
    how = cv2.INTER_AREA if module < 1 else cv2.INTER_NEAREST
    fine = max(1, int(np.ceil(module)))
    if fine > module:
        how = cv2.INTER_AREA
        ink = np.repeat(np.repeat(ink, fine, axis=1), 1 if is_linear else fine, axis=0)
    return np.asarray(cv2.resize(ink, (width, height), interpolation=how), np.uint8)


def _content(chance: Chance, name: str) -> str:
    if name in _DIGITS:
        number = _DIGITS[name] or 2 * int(chance.integers(3, 9))
        lead = "0" if name == "DataBar" else ""
        return lead + "".join(chance.choice(list("0123456789"), number - len(lead)))
    if name == "Codabar":
        return "A" + "".join(chance.choice(list("0123456789-"), chance.integers(5, 14))) + "B"
    if name == "MicroQRCode":
        return "".join(chance.choice(list("0123456789"), chance.integers(3, 12)))
    longest = 14 if name in LINEAR or name in HELD_LINEAR else 60
    letters = list("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
    return "".join(chance.choice(letters, chance.integers(4, longest)))


def _bars(chance: Chance) -> Mask:
    """Bars of random widths: a symbology nobody uses."""
    widths = chance.integers(1, 5, 2 * int(chance.integers(12, 45)) + 1)
    line = np.repeat(np.arange(len(widths)) % 2 == 0, widths)
    return np.repeat((255 * line).astype(np.uint8)[None], 8, axis=0)


def _modules(chance: Chance) -> Mask:
    """Random modules in a rectangle, some with a solid edge."""
    rows, columns = chance.integers(8, 40), chance.integers(8, 40)
    if chance.random() < 0.6:
        columns = rows
    ink = (255 * (chance.random((rows, columns)) < chance.uniform(0.4, 0.6))).astype(np.uint8)
    for _ in range(int(chance.integers(0, 4))):
        side = int(chance.integers(0, 4))
        ink = np.ascontiguousarray(np.rot90(ink, side))
        ink[0] = 255
    return ink
