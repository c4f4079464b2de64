"""Ages as people write them; expected intervals by the standard's own definition (3.2.4)."""

import pytest

from bigpicture.preparation.age import Age, read_age


@pytest.mark.parametrize(
    ("text", "start", "length"),
    [
        ("57", "P57Y", "P1Y"),  # completed years: [57, 58[
        ("0", "P0Y", "P1Y"),
        ("50-59", "P50Y", "P10Y"),  # [50, 60[
        ("50 – 59 Jahre", "P50Y", "P10Y"),
        ("50 bis 59", "P50Y", "P10Y"),
        ("10 weeks", "P10W", "P1W"),
        ("6 mois", "P6M", "P1M"),
        ("3 år", "P3Y", "P1Y"),
        ("8-10 w", "P8W", "P3W"),
        ("P50Y/P10Y", "P50Y", "P10Y"),
        ("p50y", "P50Y", "P1Y"),
        ("P1Y6M", "P1Y6M", "PT0S"),
    ],
)
def test_an_age_is_an_interval(text, start, length):
    assert read_age(text) == Age(start, length)


@pytest.mark.parametrize(
    "text", ["", "old", "59-50", "131", "-3", "1960-05-06", "57,5", "P", "P50Y/", "5 parsecs", "٥٧"]
)
def test_what_is_no_age_is_none(text):
    assert read_age(text) is None
