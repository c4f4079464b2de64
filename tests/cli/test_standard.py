"""`bigpicture standard` answers a data manager's question about a rule."""

from __future__ import annotations

import json

from bigpicture.standard.explain import explained
from preloaded import ran


def standard(*words):
    return ran("standard", *words)


def test_a_number_names_its_row_and_those_below():
    told = json.loads(standard("6.2.9", "--json").stdout)
    assert [each["number"] for each in told] == ["6.2.9", "6.2.9.1", "6.2.9.2"]
    assert "micrometers" in told[1]["asks"]


def test_words_name_a_class_and_a_tag():
    told = json.loads(standard("specimen", "age", "--json").stdout)
    assert {each["number"] for each in told} == {"3.2.4", "3.2.4.1", "3.2.4.2"}
    assert json.loads(standard("BP-unit", "--json").stdout)[0]["asks"]


def test_all_of_them():
    done = standard()
    assert done.returncode == 0
    assert "12.2.7.2" in done.stdout
    assert len(list(explained())) > 180


def test_no_such_rule():
    done = standard("furlong")
    assert done.returncode == 1
    assert "no rule has these words" in done.stderr
