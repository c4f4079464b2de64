"""Attributes as the records hold them."""

from __future__ import annotations

import json
from decimal import Decimal

from bigpicture.model.attribute import Attribute, AttributeType, Measurement, as_json, find_all
from bigpicture.model.code import Code
from bigpicture.model.scheme import canonical_scheme

NESTED = (
    Attribute("sex", AttributeType.STRING, "Female"),
    Attribute("software", AttributeType.STRING, "a"),
    Attribute("software", AttributeType.STRING, None),
    Attribute("software", AttributeType.STRING, "c"),
    Attribute(
        "outer",
        AttributeType.SET,
        (
            Attribute("count", AttributeType.NUMERIC, Decimal(3)),
            Attribute("width", AttributeType.MEASUREMENT, Measurement(Decimal("0.25"), "mm")),
            Attribute("site", AttributeType.CODE, Code("1", "sct", "Liver")),
        ),
    ),
)


def test_a_nested_dict_that_json_carries():
    expected = {
        "sex": "Female",
        "software": ["a", None, "c"],
        "outer": {
            "count": 3,
            "width": {"value": 0.25, "units": "mm"},
            "site": {"code": "1", "scheme": "sct", "meaning": "Liver", "scheme_version": ""},
        },
    }
    assert as_json(NESTED) == expected
    assert json.loads(json.dumps(as_json(NESTED))) == expected


def test_a_path_leads_through_sets():
    [site] = find_all(NESTED, "outer", "site")
    assert site.code == Code("1", "SNOMED CT", "Liver")
    assert find_all(NESTED, "outer", "site", "deeper") == []


def test_schemes_have_one_spelling():
    for written in ("SNOMED CT", "SCT", "snomed-ct", "Snomed", "SNOMED_CT"):
        assert canonical_scheme(written) == "SNOMED CT"
    assert canonical_scheme("icd-o 3") == "ICD-O-3"
    assert canonical_scheme("Our own list") == "Our own list"
