"""sRGB: a scanner's own colours as screens show them, by the profile that it wrote (ICC.1:2010)."""

from __future__ import annotations

from functools import cache

import imagecodecs
import numpy as np

from bigpicture.dicom.icc import colour_space, is_profile
from bigpicture.dicom.read import Instance
from bigpicture.dicom.slide import Pixels
from bigpicture.model.errors import SlideError


def profile_of(instance: Instance) -> bytes | None:
    """The ICC profile of the first optical path, if there is one for RGB (PS3.3 C.11.15)."""
    paths = instance.header.get("OpticalPathSequence")
    profile = bytes(paths[0].get("ICCProfile", None) or b"") if paths else b""
    return profile if is_profile(profile) and colour_space(profile) == "RGB" else None


def to_srgb(pixels: Pixels, profile: bytes) -> Pixels:
    """RGB pixels, shape (height, width, 3), taken from `profile` to sRGB, perceptual intent.

    Raises `SlideError` where the profile is damaged.
    """
    try:
        shown = imagecodecs.cms_transform(
            pixels, profile, _srgb(), colorspace="rgb", outcolorspace="rgb"
        )
    except (imagecodecs.CmsError, ValueError) as error:
        raise SlideError(
            "the colour profile of this slide cannot be used.",
            rule="ICC.1:2010",
            remedy="Ask for the stored colours.",
        ) from error
    return np.asarray(shown, np.uint8)


@cache
def _srgb() -> bytes:
    return bytes(imagecodecs.cms_profile("srgb"))
