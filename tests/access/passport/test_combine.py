"""Visas together: linked identities, conditions, expiry, registered access; by hand."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import KeySet

from bigpicture.access.passport.conditions import matches
from bigpicture.access.passport.judge import Trust, judge
from bigpicture.access.passport.linked import link, read_linked
from bigpicture.access.passport.rights import controlled, registered_until
from bigpicture.access.passport.token import take_apart
from bigpicture.access.passport.visa import read_visa
from bigpicture.model.visa import Identity
from made_visas import DAC, DATASET, ISSUER, JKU, NOW, REGISTERED, Signer, visa

SIGNER = Signer()
KINDS = (
    "ControlledAccessGrants",
    "ResearcherStatus",
    "AcceptedTermsAndPolicies",
    "LinkedIdentities",
    "AffiliationAndRole",
)
OTHERS = [f"https://example{number}.org/oidc" for number in range(1, 4)]
TRUST = Trust(frozenset({JKU}), {kind: frozenset({DAC}) for kind in KINDS})
TRUSTED = dict.fromkeys([ISSUER, *OTHERS], TRUST)
ADA = Identity(ISSUER, "ada")


def make(kind, value=REGISTERED, *, life=3600, subject="ada", issuer=ISSUER, **more):
    return visa(
        SIGNER,
        life=life,
        subject=subject,
        issuer=issuer,
        visa={"type": kind, "value": value} | more,
    )


def judged(*texts, trusted=TRUSTED):
    keys = KeySet.import_key_set({"keys": [SIGNER.public()]})
    return judge(texts, own=[ADA], trusted=trusted, keys_of=lambda *_: keys, now=NOW)


def after(seconds):
    return NOW + timedelta(seconds=seconds)


TERMS = "AcceptedTermsAndPolicies"
STATUS = "ResearcherStatus"


def test_registered_access_needs_both_and_lasts_as_long_as_the_shorter():
    both = judged(make(TERMS, life=900), make(STATUS, life=1800))
    assert registered_until(both.usable) == after(900)
    assert registered_until(judged(make(TERMS)).usable) is None
    assert registered_until(judged(make(STATUS)).usable) is None
    assert registered_until(judged(make(TERMS), make(TERMS)).usable) is None


@pytest.mark.parametrize(
    "other", [REGISTERED + "/", REGISTERED.upper(), REGISTERED.replace("https", "http")]
)
def test_the_value_is_compared_letter_by_letter(other):
    assert registered_until(judged(make(TERMS, other), make(STATUS)).usable) is None


def linked(*pairs):
    return ";".join(f"{quote(sub, safe='')},{quote(iss, safe='')}" for sub, iss in pairs)


def test_visas_of_two_identities_count_together_only_through_a_link():
    terms = make(TERMS)
    status = make(STATUS, subject="567", issuer=OTHERS[0])
    assert registered_until(judged(terms, status).usable) is None
    link_visa = make("LinkedIdentities", linked(("567", OTHERS[0])), life=600)
    # the link is a visa used: it ends all that rests on it
    assert registered_until(judged(terms, status, link_visa).usable) == after(600)


def test_a_link_of_a_source_that_nobody_trusts_links_nothing():
    status = make(STATUS, subject="567", issuer=OTHERS[0])
    forged = make("LinkedIdentities", linked(("567", OTHERS[0])), source="https://evil.example.org")
    assert registered_until(judged(make(TERMS), status, forged).usable) is None


def test_a_link_that_somebody_else_s_visa_makes_needs_somebody_of_one_s_own_in_it():
    status = make(STATUS, subject="567", issuer=OTHERS[0])
    theirs = make("LinkedIdentities", linked(("890", OTHERS[1])), subject="567", issuer=OTHERS[0])
    assert registered_until(judged(make(TERMS), status, theirs).usable) is None


def test_links_chain_and_supersets_link_as_in_the_standard_s_three_examples():
    value = linked(("567", OTHERS[0]), ("890123", OTHERS[1]))
    one = judged(make("LinkedIdentities", value))
    superset = make(
        "LinkedIdentities",
        linked(("ada", ISSUER), ("567", OTHERS[0]), ("sub4", OTHERS[2])),
        subject="00001",
        issuer=OTHERS[1],
    )
    chain = [
        make("LinkedIdentities", linked(("567", OTHERS[0]))),
        make("LinkedIdentities", linked(("890123", OTHERS[1])), subject="567", issuer=OTHERS[0]),
    ]
    status = make(STATUS, subject="890123", issuer=OTHERS[1])
    assert len(one.usable) == 1
    assert registered_until(judged(make(TERMS), status, *chain).usable) == after(3600)
    assert registered_until(judged(make(TERMS), status, *reversed(chain)).usable) == after(3600)
    of_567 = make(STATUS, subject="567", issuer=OTHERS[0])
    assert registered_until(judged(make(TERMS), of_567, superset).usable) == after(3600)


def test_the_standard_s_example_of_a_value_is_read():
    value = "123456,https%3A%2F%2Fexample.org%2Fa%7Cb%2Cc;7890,https%3A%2F%2Fexample2.org"
    assert read_linked(value) == {
        Identity("https://example.org/a|b,c", "123456"),
        Identity("https://example2.org", "7890"),
    }
    assert read_linked("a,b,c;,x;y,;z;a%2,b") == frozenset()


def grants(*texts, **more):
    found = judged(*texts, **more)
    return controlled(found.usable, lambda each: {DATASET: "bb-1"}.get(each.visa.value))


def grant(conditions=None, **more):
    return make("ControlledAccessGrants", DATASET, conditions=conditions, **more)


FACULTY = make("AffiliationAndRole", "faculty@uni.example.org", by="so", life=300)
CLAUSE = {"type": "AffiliationAndRole", "value": "const:faculty@uni.example.org"}
MET = {
    "const": [[CLAUSE]],
    "pattern": [[CLAUSE | {"value": "pattern:faculty@*"}]],
    "pattern with ?": [[CLAUSE | {"value": "pattern:f?culty@uni.example.org"}]],
    "by": [[CLAUSE | {"by": "const:so"}]],
    "by and source": [[CLAUSE | {"by": "const:so", "source": f"const:{DAC}"}]],
    "the second of two ways": [[CLAUSE | {"value": "const:x"}], [CLAUSE]],
}
UNMET = {
    "another value": [[CLAUSE | {"value": "const:student@uni.example.org"}]],
    "another case": [[CLAUSE | {"value": "const:Faculty@uni.example.org"}]],
    "const is no pattern": [[CLAUSE | {"value": "const:faculty@*"}]],
    "a pattern is the whole": [[CLAUSE | {"value": "pattern:faculty"}]],
    "an unsupported prefix": [[CLAUSE | {"value": "regex:.*"}]],
    "no prefix": [[CLAUSE | {"value": "faculty@uni.example.org"}]],
    "no type": [[{"value": CLAUSE["value"]}]],
    "nothing but a type": [[{"type": "AffiliationAndRole"}]],
    "a time": [[CLAUSE | {"asserted": "pattern:*"}]],
    "conditions": [[CLAUSE | {"conditions": "pattern:*"}]],
    "an unknown claim": [[CLAUSE | {"colour": "pattern:*"}]],
    "both of two": [[CLAUSE, CLAUSE | {"type": "ResearcherStatus"}]],
}


@pytest.mark.parametrize("name", MET)
def test_a_condition_that_is_met_ends_with_what_meets_it(name):
    opened = grants(grant(MET[name]), FACULTY)
    assert opened["bb-1"].until == after(300)
    assert grants(grant(MET[name])) == {}


@pytest.mark.parametrize("name", UNMET)
def test_a_condition_that_is_not_met_leaves_the_visa_out(name):
    assert grants(grant(UNMET[name]), FACULTY) == {}


def test_a_visa_under_conditions_meets_none():
    faculty = make("AffiliationAndRole", "faculty@uni.example.org", conditions=[[CLAUSE]])
    assert grants(grant([[CLAUSE]]), faculty) == {}
    # and two that wait for each other stay closed
    assert grants(grant([[{"type": "ControlledAccessGrants", "by": "const:dac"}]])) == {}


def test_an_empty_list_of_conditions_is_none():
    assert grants(grant([]))["bb-1"].until == after(3600)


def test_split_pattern_as_in_the_standard_s_example():
    value = (
        "001,https::%2F%2Fexample1.org;123,https::%2F%2Fexample2.org;456,https::%2F%2Fexample3.org"
    )
    held = make("AffiliationAndRole", value)
    for asked, is_met in (
        ("split_pattern:123,https::%2F%2Fexample?.org", True),
        ("split_pattern:123,https::%2F%2Fexample?.com", False),
        ("pattern:123,https::%2F%2Fexample?.org", False),
    ):
        opened = grants(grant([[{"type": "AffiliationAndRole", "value": asked}]]), held)
        assert bool(opened) is is_met, asked


def test_only_a_committee_s_word_opens_a_dataset():
    for by in ("self", "peer", "system", "so"):
        assert grants(grant(by=by)) == {}
    assert set(grants(grant())) == {"bb-1"}


def test_the_longest_life_after_the_assertion_counts_where_it_is_shorter():
    day = 86400
    for longest, life, end in ((day + 600, 3600, 600), (2 * day, 3600, 3600)):
        short = {ISSUER: Trust(TRUST.keys, TRUST.sources, timedelta(seconds=longest))}
        assert grants(grant(life=life), trusted=short)["bb-1"].until == after(end)
    over = {ISSUER: Trust(TRUST.keys, TRUST.sources, timedelta(seconds=day))}
    assert grants(grant(), trusted=over) == {}


def test_a_dataset_opens_by_the_visa_that_lasts_longest():
    assert grants(grant(life=60), grant(life=600), grant(life=300))["bb-1"].until == after(600)


@given(st.text(alphabet="ab;*?", max_size=12), st.text(alphabet="ab;", max_size=12))
def test_patterns_match_what_a_slow_and_plain_matcher_matches(pattern, text):
    def slow(asked, said):
        if not asked:
            return not said
        if asked[0] == "*":
            return any(slow(asked[1:], said[at:]) for at in range(len(said) + 1))
        return bool(said) and asked[0] in ("?", said[0]) and slow(asked[1:], said[1:])

    assert matches(pattern, text) == slow(pattern, text)


def test_a_pattern_made_to_take_for_ever_does_not():
    assert not matches("*a" * 400, "a" * 4000 + "b" * 90)


def read_link(number):
    """A visa that links person `number` with the next one; 0 is ADA."""
    text = make(
        "LinkedIdentities",
        linked((str(number + 1), OTHERS[0])),
        subject=str(number) if number else "ada",
        issuer=OTHERS[0] if number else ISSUER,
        life=1000 + number,
    )
    return read_visa(take_apart(text), NOW)


LINKS = [read_link(number) for number in range(4)]


@given(st.permutations(LINKS))
def test_the_order_of_links_does_not_matter(links):
    assert link([ADA], links)[Identity(OTHERS[0], "4")] == after(1000)
