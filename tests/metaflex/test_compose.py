"""What is composed from the nouns is read back as the same nouns."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigpicture.metaflex.compose import documents_of
from bigpicture.metaflex.submission import read_submission
from bigpicture.model.finding import Severity
from invented_everything import everything
from invented_submission import submission
from placeless import placeless
from studies import study
from xsds import problems


@pytest.mark.parametrize(
    "documents",
    [submission(), everything(is_clinical=True), everything(is_clinical=False)],
    ids=["small", "clinical", "non-clinical"],
)
def test_the_invented_submissions_come_back(documents):
    study = read_submission(documents)
    again = read_submission(documents_of(study))
    assert again.findings == ()
    assert placeless(again) == placeless(study)


@pytest.mark.parametrize("line", ["2.0", "3.0"])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_study_survives_writing_and_reading(line, data):
    whole = data.draw(study(version=line))
    documents = documents_of(whole, version=f"{line}.0")
    assert problems(line, documents) == []
    again = read_submission(documents)
    assert {each.severity for each in again.findings} <= {Severity.WARNING}  # accession alone
    assert placeless(again) == placeless(whole)
