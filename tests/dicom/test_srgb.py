"""Profiles are found where the standard puts them, and a damaged one is told."""

from types import SimpleNamespace

import imagecodecs
import numpy as np
import pytest
from pydicom.dataset import Dataset

from bigpicture.dicom.srgb import profile_of, to_srgb
from bigpicture.model.errors import SlideError

PROFILE = bytes(imagecodecs.cms_profile("srgb"))


def instance(profile):
    path, header = Dataset(), Dataset()
    if profile is not None:
        path.ICCProfile = profile
    header.OpticalPathSequence = [path]
    return SimpleNamespace(header=header)


def test_the_profile_stands_in_the_optical_path():
    assert profile_of(instance(PROFILE)) == PROFILE
    assert profile_of(instance(None)) is None
    assert profile_of(instance(b"no profile at all")) is None
    assert profile_of(SimpleNamespace(header=Dataset())) is None


def test_srgb_itself_changes_nothing():
    pixels = np.random.default_rng(3).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    np.testing.assert_array_equal(to_srgb(pixels, PROFILE), pixels)


def test_a_damaged_profile_is_told():
    broken = PROFILE[:132] + b"\xff" * (len(PROFILE) - 132)
    with pytest.raises(SlideError, match="profile"):
        to_srgb(np.zeros((4, 4, 3), np.uint8), broken)
