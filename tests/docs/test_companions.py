"""The example of docs/companions.md is sound."""

from __future__ import annotations

import re

from bigpicture.standard.companions.check import check_companions
from companion_tables import lay, study
from places import REPOSITORY


def test_the_example_has_nothing_to_tell(tmp_path):
    page = (REPOSITORY / "docs/companions.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"<!-- example: (\S+) -->\n```csv\n(.*?)```", page, re.DOTALL))
    assert len(shown) == 2
    assert check_companions(study(), lay(tmp_path, table=None, dictionary=None, more=shown)) == []
