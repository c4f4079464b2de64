"""Pictures that tests of algorithms read: real ones beside the checkout, as RGB on white."""

from __future__ import annotations

import cv2
import numpy as np

from places import shared


def real(name, *, shrink=1):
    """RGB uint8 (h, w, 3) of a picture of the shared test data, transparent parts white."""
    read = cv2.imread(str(shared(f"testdata/{name}")), cv2.IMREAD_UNCHANGED)
    if read.ndim == 2:
        read = cv2.cvtColor(read, cv2.COLOR_GRAY2BGR)
    if read.shape[2] == 4:
        seen = read[..., 3:] / 255
        read = np.rint(read[..., :3] * seen + 255 * (1 - seen)).astype(np.uint8)
    picture = np.ascontiguousarray(read[..., ::-1])
    if shrink > 1:
        size = picture.shape[1] // shrink, picture.shape[0] // shrink
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return picture


def dice(found, truth):
    return 2 * np.count_nonzero(found & truth) / (np.count_nonzero(found) + truth.sum())
