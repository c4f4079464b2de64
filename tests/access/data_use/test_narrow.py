"""What a subject agreed to narrows the policy of the dataset; by hand."""

from __future__ import annotations

from bigpicture.access.data_use.match import match
from bigpicture.access.data_use.narrow import UNCODED, narrow
from bigpicture.access.data_use.reason import Answer
from bigpicture.model.data_use import DataUseTerm
from data_uses import DIABETES, LUNG_CANCER, MONDO, SMALL_CELL, policy, purpose


def scope(*terms):
    return tuple(each if isinstance(each, DataUseTerm) else DataUseTerm.of(each) for each in terms)


def answer(given, asked):
    return match(given, asked, MONDO).answer


def test_a_consent_to_one_disease_narrows_research_in_general():
    narrowed = narrow(policy("GRU"), [scope(DataUseTerm.of("DS", LUNG_CANCER))])
    assert answer(narrowed, purpose("disease", diseases={SMALL_CELL})) is Answer.ALLOW
    assert answer(narrowed, purpose("disease", diseases={DIABETES})) is Answer.DENY
    assert answer(narrowed, purpose("general")) is Answer.DENY


def test_a_wide_consent_widens_nothing():
    narrowed = narrow(policy("HMB", "NCU"), [scope("NRES", "CC")])
    assert answer(narrowed, purpose("ancestry")) is Answer.DENY
    assert answer(narrowed, purpose("health", is_commercial=True)) is Answer.DENY


def test_clinical_care_needs_both():
    care = purpose("clinical-care")

    def reason(given):
        [found] = [each for each in match(given, care).reasons if each.clause == "DUO:0000043"]
        return found.answer

    assert reason(narrow(policy("NRES"), [scope("NRES", "CC")])) is Answer.HUMAN
    assert reason(narrow(policy("NRES", "CC"), [scope("NRES")])) is Answer.HUMAN
    assert reason(narrow(policy("NRES", "CC"), [scope("NRES", "CC")])) is Answer.ALLOW


def test_two_consents_hold_at_once():
    narrowed = narrow(
        policy("GRU"),
        [scope("GRU", DataUseTerm.of("TS", "24")), scope("HMB", DataUseTerm.of("TS", "6"))],
    )
    assert answer(narrowed, purpose("health", months=6)) is Answer.ALLOW
    assert answer(narrowed, purpose("health", months=12)) is Answer.DENY
    assert answer(narrowed, purpose("general", months=6)) is Answer.DENY


def test_a_consent_in_no_code_is_for_people():
    narrowed = narrow(policy("GRU"), [scope("NCU")])
    assert UNCODED in narrowed.unread
    assert answer(narrowed, purpose("health")) is Answer.HUMAN


def test_without_consents_the_policy_stays_as_it_is():
    whole = policy("GRU", "CC")
    assert narrow(whole, []) == whole
    assert narrow(narrow(whole, [scope("HMB")]), [scope("HMB")]) == narrow(whole, [scope("HMB")])
