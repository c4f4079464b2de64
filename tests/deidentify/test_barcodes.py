"""Codes are read in any turn, small, faint and inverted; noise says nothing."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp

from bigpicture.deidentify.barcodes import read_barcodes

FORMATS = ["DataMatrix", "QRCode", "PDF417", "Aztec", "Code128", "Code39"]


def pasted(name, *, scale=3, ink=30, paper=240, turn=0.0):
    symbol = zxingcpp.create_barcode("S23-10447", getattr(zxingcpp.BarcodeFormat, name))
    drawn = np.asarray(zxingcpp.write_barcode_to_image(symbol, scale=scale), np.uint8)
    field = np.full((600, 700), 255, np.uint8)
    field[200 : 200 + drawn.shape[0], 80 : 80 + drawn.shape[1]] = drawn
    turned = cv2.warpAffine(
        field,
        cv2.getRotationMatrix2D((80 + drawn.shape[1] / 2, 200 + drawn.shape[0] / 2), turn, 1),
        (700, 600),
        borderValue=255,
    )
    grey = ink + (paper - ink) * (turned / 255)
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("turn", [0, 90, 180, 270, 45])
def test_a_code_is_read_in_any_turn(name, turn):
    assert read_barcodes(pasted(name, turn=turn)) == ("S23-10447",)


@pytest.mark.parametrize("name", ["DataMatrix", "QRCode", "Code128"])
def test_a_faint_code_and_one_in_white_on_black_are_read(name):
    assert read_barcodes(pasted(name, ink=170, paper=205)) == ("S23-10447",)
    assert read_barcodes(pasted(name, ink=235, paper=20)) == ("S23-10447",)


def test_what_holds_no_code_says_nothing():
    noise = np.random.default_rng(2).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    assert read_barcodes(noise) == ()
    assert read_barcodes(np.full((1, 5000, 3), 90, np.uint8)) == ()
