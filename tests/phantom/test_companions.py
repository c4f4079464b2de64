"""The invented tables keep to their own dictionary, and to the study beside them."""

from __future__ import annotations

from bigpicture.model.case import Case
from bigpicture.model.identifiers import Alias
from bigpicture.model.study import Study
from bigpicture.phantom.clinical import clinical
from bigpicture.phantom.companions import companions
from bigpicture.standard.companions.check import check_companions
from companion_tables import NOWHERE


def test_the_tables_have_nothing_to_tell(tmp_path):
    planned = clinical(1, 8)
    places = {}
    for path, data in companions(planned).items():
        places[path] = tmp_path / path.rpartition("/")[2]
        places[path].write_bytes(data)
    cases = tuple(Case(alias=Alias(each), place=NOWHERE, being=None) for each in planned.cases)
    assert check_companions(Study(cases=cases), places) == []
    assert len(places["COMPANIONS/pathology.csv"].read_text().splitlines()) == 1 + len(cases)
