"""Label and macro pictures: the paper on the glass, with an invented name and a barcode."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from bigpicture.phantom.identity import Identity

Picture = npt.NDArray[np.uint8]

LABEL_SIZE = (400, 430)
"""Columns and rows of the label picture."""
MACRO_SIZE = (1280, 431)
_INK = (38, 34, 40)


def label_picture(who: Identity) -> Picture:
    """The label, RGB (430, 400, 3): DataMatrix, accession, name, birth date, hospital."""
    width, height = LABEL_SIZE
    label = np.full((height, width, 3), (250, 249, 245), np.uint8)
    code = _code(who.barcode, zxingcpp.BarcodeFormat.DataMatrix, scale=6)
    label[16 : 16 + code.shape[0], 16 : 16 + code.shape[1]] = code
    _write(label, who.accession, (170, 60), 0.95, 2)
    _write(label, f"Block {who.block}", (170, 100), 0.8, 1)
    _write(label, who.family_name, (20, 200), 1.0, 2)
    _write(label, who.given_name, (20, 240), 0.9, 1)
    _write(label, f"*{who.birth_date}", (20, 282), 0.8, 1)
    _write(label, f"No {who.hospital_number}", (20, 318), 0.7, 1)
    _write(label, who.hospital, (20, 352), 0.55, 1)
    bars = _code(who.hospital_number, zxingcpp.BarcodeFormat.Code128, scale=2)[:52]
    bars = bars[:, : width - 20]
    label[366 : 366 + bars.shape[0], 10 : 10 + bars.shape[1]] = bars
    return label


def macro_picture(who: Identity, thumbnail: Picture) -> Picture:
    """The whole glass, RGB (431, 1280, 3): label on the left, tissue on the right."""
    width, height = MACRO_SIZE
    glass = np.full((height, width, 3), (222, 223, 221), np.uint8)
    rows = np.linspace(-7, 5, height)[:, None, None]
    glass = np.clip(glass + rows, 0, 255).astype(np.uint8)
    paper = cv2.resize(label_picture(who), (372, 400), interpolation=cv2.INTER_AREA)
    glass[15:415, 14:386] = (paper.astype(np.uint16) * 15 // 16).astype(np.uint8)
    room = (800, 370)
    scale = min(room[0] / thumbnail.shape[1], room[1] / thumbnail.shape[0])
    size = max(1, int(thumbnail.shape[1] * scale)), max(1, int(thumbnail.shape[0] * scale))
    small = cv2.resize(thumbnail, size, interpolation=cv2.INTER_AREA)
    x, y = 430 + (room[0] - size[0]) // 2, (height - size[1]) // 2
    view = glass[y : y + size[1], x : x + size[0]]
    np.minimum(view, small, out=view)
    cv2.rectangle(glass, (398, 6), (1268, 424), (205, 206, 205), 2)
    return glass


def _code(text: str, kind: zxingcpp.BarcodeFormat, *, scale: int) -> Picture:
    drawn = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, kind), scale=scale)
    grey = np.asarray(drawn, np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _write(picture: Picture, text: str, at: tuple[int, int], size: float, weight: int) -> None:
    """Letters of the plotter font, which has no umlauts."""
    plain = text.replace("ü", "ue").replace("ö", "oe").replace("ä", "ae")
    cv2.putText(picture, plain, at, cv2.FONT_HERSHEY_SIMPLEX, size, _INK, weight, cv2.LINE_AA)
