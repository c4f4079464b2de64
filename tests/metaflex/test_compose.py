"""What is composed from the nouns is read back as the same nouns."""

from __future__ import annotations

import pytest

from bigpicture.metaflex.compose import documents_of
from bigpicture.metaflex.submission import read_submission
from invented_everything import everything
from invented_submission import submission
from placeless import placeless


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
