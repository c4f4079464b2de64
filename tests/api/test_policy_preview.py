"""A policy under way over HTTP: sentences, problems, and who could use the data."""

from __future__ import annotations

import pytest

from bigpicture.model.data_use import CODES

FIELDS = {
    "type_of_dataset": "Clinical/Pseudonymized",
    "allowed_uses": "Research Use; Direct Exploitation",
    "geography": "Worldwide",
    "duration_of_use": "Unlimited time",
    "legal_basis": "Informed Consent Form",
}
ALLOW, HUMAN, DENY = "allow", "needs-human", "deny"


def told(client, **fields):
    given = {"fields": FIELDS | fields}
    answer = client.ask("POST", "/api/v1/policies/preview", json=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def answers(shown):
    return {each["name"]: each["answer"] for each in shown["examples"]}


# By hand from the table of docs/policies.md.
@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ("GRU", {"university-breast-cancer": ALLOW, "ancestry": ALLOW, "company-product": ALLOW}),
        ("HMB", {"university-breast-cancer": ALLOW, "ancestry": DENY, "hospital-ai": ALLOW}),
        ("HMB; NCU", {"company-research": ALLOW, "company-product": DENY, "hospital-ai": ALLOW}),
        ("HMB; NPU", {"company-research": DENY, "company-product": DENY, "hospital-ai": ALLOW}),
        ("HMB; NMDS", {"hospital-ai": DENY, "university-breast-cancer": ALLOW}),
        ("HMB; GS: EEA", {"university-usa": DENY, "university-japan": DENY, "hospital-ai": ALLOW}),
        ("DS: MONDO:0007254", {"university-breast-cancer": ALLOW, "hospital-ai": DENY}),
        ("HMB; TS: 6", {"university-breast-cancer": DENY}),
        ("HMB; IS: Institute of A", {"university-breast-cancer": DENY, "hospital-ai": DENY}),
        ("", {"university-breast-cancer": HUMAN, "insurer": DENY}),
        ("HMB; CC", {"care": HUMAN}),
    ],
)
def test_examples_are_answered_as_the_codes_say(client, codes, expected):
    found = answers(told(client, data_use=codes))
    assert {name: found[name] for name in expected} == expected


def test_nobody_may_do_what_the_law_prohibits(client):
    found = answers(told(client, data_use="NRES"))
    assert found["insurer"] == DENY


def test_a_refusal_names_the_clause(client):
    shown = told(client, data_use="HMB; NCU")
    [refused] = [each for each in shown["examples"] if each["name"] == "company-product"]
    assert [each["clause"] for each in refused["reasons"]] == ["DUO:0000046"]
    assert "(NCU)" in refused["reasons"][0]["name"]


def test_the_sentences_and_the_hash_are_those_of_the_policy(client):
    shown = told(client, data_use="HMB; GS: DE", controllers="Hospital A")
    assert len(shown["hash"]) == 64
    assert shown["problems"] == []
    words = [each["contributor"] for each in shown["plain"]]
    assert "Your data may be used in these countries only: DE." in words
    assert "Who is responsible for the data (controller): Hospital A." in words
    assert [each["text"] for each in shown["terms"]] == ["HMB", "GS: DE"]
    other = told(client, data_use="GS: DE; HMB", controllers="Hospital A")
    assert other["hash"] == shown["hash"]
    assert told(client, data_use="GS: FR; HMB", controllers="Hospital A")["hash"] != shown["hash"]


def test_a_contradiction_is_told_and_no_policy_comes_of_it(client):
    shown = told(client, access_tier="open")
    assert (shown["hash"], shown["plain"], shown["examples"]) == (None, [], [])
    assert [each["field"] for each in shown["problems"]] == ["access_tier"]


def test_a_permit_makes_it_compute_only(client):
    shown = told(client, access_route="ehds-permit", permit_number="7")
    assert shown["tier"] == "compute-only"


@pytest.mark.parametrize("path", ["title", "file", "unheard-of"])
def test_what_is_no_term_of_use_is_passed_over(client, path):
    assert told(client, **{path: "x"})["hash"] == told(client)["hash"]


@pytest.mark.parametrize(
    "given",
    [{}, {"fields": {"geography": 7}}, {"fields": {str(n): "" for n in range(101)}}, {"more": 1}],
)
def test_what_is_no_form_is_refused(client, given):
    assert client.ask("POST", "/api/v1/policies/preview", json=given).status_code == 422


def test_every_code_is_explained(client):
    items = client.get("/api/v1/policies/codes").json()["items"]
    assert {each["code"] for each in items} == {each.code for each in CODES}
    assert [each["shorthand"] for each in items][:5] == ["NRES", "GRU", "HMB", "DS", "POA"]
    assert all(each["contributor"] for each in items)
    asks = {each["shorthand"]: bool(each["wanted"]) for each in items}
    assert {name for name, said in asks.items() if said} == {
        *("DS", "RS", "GS", "IS", "US", "PS", "TS", "MOR")
    }
