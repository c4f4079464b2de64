"""Organs: how each is laid out and painted; a new organ is one file and one line below."""

from __future__ import annotations

from bigpicture.phantom.organs.breast import Breast
from bigpicture.phantom.organs.colon import Colon
from bigpicture.phantom.organs.kidney import Kidney
from bigpicture.phantom.organs.liver import Liver
from bigpicture.phantom.organs.organ import Ground, Organ

ORGANS: dict[str, type[Organ]] = {
    "colon": Colon,
    "breast": Breast,
    "liver": Liver,
    "kidney": Kidney,
}

FINDINGS: dict[str, tuple[str, ...]] = {
    "colon": ("normal", "adenoma", "carcinoma"),
    "breast": ("normal", "carcinoma"),
    "liver": ("normal", "vacuolation", "necrosis"),
    "kidney": ("normal", "basophilia"),
}
"""What each organ can show."""

__all__ = ["FINDINGS", "ORGANS", "Ground", "Organ"]
