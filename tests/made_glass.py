"""A small SVS with pictures of its glass: a label with a name on it, and an overview as given."""

from __future__ import annotations

import cv2
import numpy as np
import tifffile

from bigpicture.phantom.identity import identity
from bigpicture.phantom.label import label_picture

WHO = identity(11)
DESCRIPTION = "Aperio Image Library v12.0.15\n700x600 [0,0 700x600] (240x240)|AppMag = 20|MPP = 0.5"


def glass():
    """A glass without paper: grey, with a pink piece of tissue."""
    picture = np.full((431, 1280, 3), 224, np.uint8)
    cv2.ellipse(picture, (800, 210), (170, 110), 20, 0, 360, (214, 160, 190), cv2.FILLED)
    return cv2.GaussianBlur(picture, (0, 0), 3)


def svs(path, overview):
    tissue = np.full((600, 700, 3), (214, 160, 190), np.uint8)
    with tifffile.TiffWriter(path) as file:
        tiled = {"tile": (240, 240), "photometric": "ycbcr", "compression": "jpeg"}
        file.write(tissue, description=DESCRIPTION, metadata=None, **tiled)
        stripped = {"photometric": "rgb", "metadata": None}
        file.write(tissue[::4, ::4].copy(), description=DESCRIPTION, **stripped)
        told = "Aperio Image Library v12.0.15\n{} 1280x431"
        file.write(label_picture(WHO), description=told.format("label"), subfiletype=1, **stripped)
        file.write(overview, description=told.format("macro"), subfiletype=9, **stripped)
    return path
