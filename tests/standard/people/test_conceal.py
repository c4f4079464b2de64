"""No finding repeats what identifies, whole or cut short; what does not identify stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.model.finding import Finding, Severity
from bigpicture.model.place import Place
from bigpicture.standard.explain import explained
from bigpicture.standard.people.conceal import Concealer


def test_a_stretch_is_masked_wherever_a_finding_quotes_it():
    finding = Finding(
        "BP-alias",
        Severity.ERROR,
        Place("IMAGES/Zwirnhofer/1.dcm", 3),
        "the alias 'Zwirnhofer, X' was given before.",
        "one slide Zwirnhofer, X",
        "Rename Zwirnhofer.",
        entity="slide Zwirnhofer, X",
    )
    told = Concealer(["Zwirnhofer, X", "Zwirnhofer"]).conceal(finding)
    assert "Zwirnhofer" not in str(told.as_json())
    assert (told.rule, told.severity, told.place.line) == ("BP-alias", Severity.ERROR, 3)
    assert told.what == "the alias '***, *** (13 characters)' was given before."


@pytest.mark.parametrize("cut", range(4, 18))
def test_a_stretch_that_was_cut_short_is_masked_too(cut):
    stretch = "Xaveria Zwirnhofer"
    told = Concealer([stretch]).told(f"tma_status is {stretch[:cut]!r}.")
    assert stretch[:cut] not in told
    assert told.endswith("'.")


def test_the_surname_of_a_name_is_masked_by_itself():
    assert "Zwirnhofer" not in Concealer(["Erika Zwirnhofer"]).told("slide-Zwirnhofer-1")


def test_escaped_and_folded_forms_are_known():
    concealer = Concealer(["Erika\nZwirnhofer"])
    assert "Zwirn" not in concealer.told(repr("Erika\nZwirnhofer"))
    assert "Zwirn" not in concealer.told("Erika Zwirnhofer")


@pytest.mark.parametrize(
    "text",
    ["there is no Quellenbrück, Erika.", "'12.03.1957' is none", "x 1957-03-12T10:00:00 y",
     "131052-308T", "erika.quellenbrueck@example.org", "Patient: Erika Quellenbrück"],
)  # fmt: skip
def test_what_no_text_of_the_model_held_is_masked_by_its_form(text):
    told = Concealer(()).told(text)
    assert told != text
    assert not any(each in told for each in ("Quellen", "quellen", "1957", "131052"))


def test_what_rules_say_is_never_taken_for_a_person():
    concealer = Concealer(())
    for rule in explained():
        for text in (rule.asks, rule.where, rule.number, f"{rule.where} ({rule.number})"):
            assert concealer.told(text) == text


@given(st.lists(st.text(min_size=1, max_size=30), max_size=5), st.text(max_size=80))
def test_any_stretch_of_four_letters_or_more_is_gone_from_any_text_that_holds_it(stretches, text):
    held = [each for each in stretches if len(each) >= 4 and not each.isdecimal()]
    quoted = " ".join([text, *held])
    told = Concealer(stretches).told(quoted)
    unmasked = told
    for each in held:
        if any(letter.isalnum() for letter in each) and "character" not in each:
            assert each not in unmasked
