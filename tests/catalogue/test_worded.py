"""What headers leave unsaid is no scanner."""

import pytest

from bigpicture.catalogue.index.worded import scanner_of


@pytest.mark.parametrize(
    ("manufacturer", "model", "told"),
    [
        ("Leica Biosystems", "Aperio GT 450", "Leica Biosystems Aperio GT 450"),
        ("Leica Biosystems", "not told", "Leica Biosystems"),
        ("not told", "not told", None),
        ("Unknown", "", None),
        (None, None, None),
    ],
)
def test_a_scanner_is_called_by_what_is_said_of_it(manufacturer, model, told):
    terms = scanner_of({"manufacturer": manufacturer, "model": model})
    assert [each.label for each in terms] == ([told] if told else [])
