"""pydicom decodes the first and the last frame of every format to the samples we read."""

from __future__ import annotations

import warnings

import numpy as np
import pydicom
import pytest
from pydicom.pixels import pixel_array

from slides_of_every_format import EVERY_CASE, JPEG


@EVERY_CASE
def test_pixel_array(case, converted):
    slide = converted(case)
    header = pydicom.dcmread(slide.finest)
    if not case.is_decoded_by_pydicom:
        with pytest.raises(RuntimeError, match="plugins"):
            pixel_array(header, index=0)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frames = [pixel_array(header, index=at) for at in (0, int(header.NumberOfFrames) - 1)]
    # Another decoder of the same coefficients rounds otherwise.
    apart = 2 if case.syntax == JPEG else 0
    for index, frame in zip((0, -1), frames, strict=True):
        wanted = slide.frame(index)
        seen = frame.reshape(wanted.shape)
        assert seen.dtype == wanted.dtype
        assert np.abs(seen.astype(int) - wanted).max() <= apart
