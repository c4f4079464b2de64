from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

from bigpicture.dicom.colour import srgb_profile


def test_littlecms_takes_it_for_srgb():
    ours = ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile()))
    theirs = ImageCms.createProfile("sRGB")
    values = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    picture = Image.fromarray(values)
    turned = ImageCms.profileToProfile(picture, ours, theirs, outputMode="RGB")
    # One step of rounding each way is all that separates two sRGB profiles.
    assert np.abs(np.asarray(turned).astype(int) - values).max() <= 1
    assert "sRGB" in ImageCms.getProfileDescription(ours)


def test_it_holds_no_time_of_day():
    assert srgb_profile() == srgb_profile.__wrapped__()
