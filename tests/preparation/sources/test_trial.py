"""The tests within a mapping file pass and fail, and say what they expected."""

from __future__ import annotations

import json

from bigpicture.preparation.sources.mapping_file import default_fhir, parse_mapping
from bigpicture.preparation.sources.trial import run_tests
from invented_fhir import bundle, department

BEGIN = """
format = 1
source = "lis"
[[rows]]
list = "slides"
name = "slide"
[columns.sex]
path = "patient.sex"
values = { M = "Male", F = "Female" }
[[join]]
name = "patient"
list = "patients"
key = "id"
from = "slide.patient"
"""


def run(text):
    return run_tests(parse_mapping(text, "m.toml"))


def test_a_context():
    passed, failed = run(
        BEGIN
        + """
[[test]]
name = "a woman"
context = '{"patient": {"sex": "F"}}'
expect = { sex = "Female" }
[[test]]
name = "a typing error"
context = '{"patient": {"sex": "F"}}'
expect = { sex = "Femal" }
"""
    )
    assert (passed.name, passed.failures) == ("a woman", ())
    assert failed.failures == ("sex: expected 'Femal', got 'Female'",)
    assert failed.place == "m.toml:20 [test]"


def test_a_whole_export():
    (each,) = run(
        BEGIN
        + """
[[test]]
export = '{"slides": [{"patient": 7}], "patients": [{"id": 7, "sex": "M"}]}'
expect = { sex = "Male" }
"""
    )
    assert each.failures == ()


def test_a_whole_bundle():
    text = default_fhir() + (
        f"\n[[test]]\nexport = '''{json.dumps(bundle(*department()))}'''\n"
        'expect = { slide = "G-slide1", age = "50-59" }\n'
    )
    assert [each.failures for each in run(text)] == [(), ()]


def test_inputs_that_are_none():
    tried = run(
        BEGIN
        + """
[[test]]
context = '{"patient": '
expect = { sex = "Male" }
[[test]]
export = '{"slides": []}'
expect = { sex = "Male" }
[[test]]
export = '{"slides": ['
expect = { sex = "Male" }
"""
    )
    assert "no JSON object" in tried[0].failures[0]
    assert tried[1].failures == ("the input gives no row.",)
    assert "ends in the middle" in tried[2].failures[0]
