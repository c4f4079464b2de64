"""Check digits, forms of values, units and tags, against published vectors and hand calculation."""

from __future__ import annotations

import pytest

from bigpicture.model.units import canonical_unit
from bigpicture.standard.form import COSINE, DAY, DURATION, EMAIL, POSITIVE, WHOLE
from bigpicture.standard.sctid import has_check_digit, is_concept
from bigpicture.standard.tags import meant_by


def test_verhoeffs_own_example():
    # 236 has the check digit 3: the example that every description of the scheme works through
    assert has_check_digit("2363")
    assert [last for last in range(10) if has_check_digit(f"236{last}")] == [3]


@pytest.mark.parametrize("concept", ["138875005", "22298006", "73211009", "900000000000207008"])
def test_published_concepts_pass(concept):
    """The root concept, myocardial infarction, diabetes mellitus, and the core module."""
    assert is_concept(concept)


@pytest.mark.parametrize("place", range(9))
def test_each_wrong_digit_and_each_swap_is_found(place):
    code = "138875005"
    others = [f"{code[:place]}{digit}{code[place + 1 :]}" for digit in range(10)]
    assert [other for other in others if has_check_digit(other)] == [code]
    if place < 8 and code[place] != code[place + 1]:
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert not has_check_digit(swapped)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "C12345",
        "0138875005",
        "13887",  # too short
        "1388750051388750051",  # too long
        "2148514019",  # a description's identifier, partition 01
        "١٣٨٨٧٥٠٠٥",  # digits of another script
        "T-28000",  # SNOMED II
    ],
)
def test_what_is_no_concept(code):
    assert not is_concept(code)


@pytest.mark.parametrize(
    ("form", "fits", "does_not"),
    [
        (
            DURATION,
            ["P50Y", "PT0S", "P1Y6M", "P2W", "PT1.5S"],
            ["", "P", "PT", "50Y", "P-1Y", "50"],
        ),
        (
            DAY,
            ["2026-01-15", "1970-01-01", "2026-01-15T10:00:00"],
            ["15.01.2026", "2026-13-01", ""],
        ),
        (WHOLE, ["1", "4096"], ["0", "-1", "1.5", "1e3", "٣"]),
        (POSITIVE, ["0.25", "1"], ["0", "-0.25"]),
        (COSINE, ["0", "-1", "0.7071"], ["1.1", "-2"]),
        (EMAIL, ["data@example.org"], ["nobody", "a@b", "a b@example.org"]),
    ],
    ids=["duration", "day", "whole", "positive", "cosine", "address"],
)
def test_forms(form, fits, does_not):
    assert [each for each in fits if not form.fits(each)] == []
    assert [each for each in does_not if form.fits(each)] == []


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("µm", "micrometers"),  # U+00B5
        ("μm", "micrometers"),  # U+03BC
        ("um", "micrometers"),
        ("Micrometre", "micrometers"),
        ("microns", "micrometers"),
        ("px", "pixels"),
        (" mm ", "mm"),
        ("nm", "nanometers"),
        ("inch", "inch"),
    ],
)
def test_units(written, unit):
    assert canonical_unit(written) == unit


@pytest.mark.parametrize(
    ("tag", "meant"),
    [
        ("animal_specie", "animal_species"),
        ("Animal Species", "animal_species"),
        ("animalSpecies", "animal_species"),
        ("anatomical-site", "anatomical_site"),
        ("sexx", None),  # too short to tell
        ("tumour_grade", None),
        ("species", None),
    ],
)
def test_tags(tag, meant):
    assert meant_by(tag, ["animal_species", "anatomical_site", "sex", "fixation_type"]) == meant
