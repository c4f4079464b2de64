"""Units of UCUM: what its own tables list is known, what they do not is not."""

from __future__ import annotations

import pytest

from bigpicture.standard.companions.units import is_unit


@pytest.mark.parametrize(
    "unit",
    ["mm", "cm", "um", "mm2", "%", "1", "a", "mo", "wk", "d", "kg/m2", "ng/mL", "10*9/L", "10*3/uL",
     "/[HPF]", "/mm2", "[IU]/L", "m[IU]/L", "mmol/L", "{score}", "{cells}/mm2", "mg/dL", "Gy",
     "mm[Hg]", "g.m-2", "umol/mol", "s-1"],
)  # fmt: skip
def test_known(unit):
    assert is_unit(unit)


@pytest.mark.parametrize(
    "unit", ["", "millimetre", "years", "mm^2", "per cent", "mg per dL", "kg/", "µm", "{a b}", "x"]
)
def test_unknown(unit):
    assert not is_unit(unit)
