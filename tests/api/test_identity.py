"""Signing in at a real OpenID Connect provider, and every way in which that must fail."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import argon2
import pytest

from bigpicture.access.identity.attempt import begin_attempt, mark_attempt, read_attempt
from bigpicture.access.totp import code_at, step_at
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.ledger.read import events_after
from bigpicture.model.errors import SignInError
from bigpicture.settings import Settings
from issuers import provided, walk
from made_visas import DAC, DATASET, REGISTERED, Signer, claims, passport
from published import CONTROLLED, Client, add_person, image_name

HEADER = {"X-Requested-With": "bigpicture"}
BASE = "http://node.test"
COOKIE = "bigpicture_sign_in"
IMAGE = f"/api/v1/images/{image_name(CONTROLLED, 0)}"
VISA_KEYS = "http://127.0.0.1:9/jwk"  # never fetched here: the keys are put there by hand


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    calls = [f"{BASE}/api/v1/identity/{name}/callback" for name in ("test", "other")]
    with provided(tmp_path_factory.mktemp("provider"), *calls) as made:
        yield made


@pytest.fixture
def signer():
    return Signer()


@pytest.fixture
def make_node(stores, frames, tmp_path, provider):
    """Makes a node that trusts the provider, with more lines of its settings file."""

    def make(more="", **issuer):
        file = tmp_path / "identity.toml"
        other = f"""
[[issuers]]
id = "other"
label = "Another issuer"
issuer = "https://other.example.org"
client_id = "x"

[[visas]]
issuer = "{provider.issuer}"
keys = ["{VISA_KEYS}"]
[visas.sources]
ControlledAccessGrants = ["{DAC}"]
ResearcherStatus = ["{DAC}"]
AcceptedTermsAndPolicies = ["{DAC}"]
[visas.datasets]
"{DATASET}" = "{CONTROLLED}"
"""
        file.write_text(provider.settings(**issuer) + other + more)
        given = stores.settings.model_dump() | {"identity": file, "public_url": BASE}
        object.__setattr__(stores, "settings", Settings(**given))
        return Node.open(stores, start_work=lambda _: None)

    return make


@pytest.fixture
def node(make_node):
    return make_node()


@pytest.fixture
def client(node):
    with Client(build(node)) as made:
        yield made


def begin(client, query="", issuer="test"):
    answer = client.get(f"/api/v1/identity/{issuer}/begin{query}")
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def back(client, address, **changed):
    """Follow the provider's answer into the node; `changed` replaces parameters, None drops."""
    parts = urlsplit(address)
    given = {name: values[0] for name, values in parse_qs(parts.query).items()} | changed
    query = urlencode({name: value for name, value in given.items() if value is not None})
    return client.get(f"{changed.pop('path', parts.path)}?{query}")


def refused(answer, code):
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"/sign-in?refused={code}&"), answer.headers
    return "bigpicture_session=" not in str(answer.headers.get_list("set-cookie"))


def who(client):
    return client.get("/api/v1/sessions/current").json()["person"]


def test_the_portal_lists_who_signs_people_in(client):
    listed = client.get("/api/v1/identity/issuers").json()["items"]
    assert [each["id"] for each in listed] == ["test", "other"]
    assert listed[0]["label"] == "Test issuer"


def test_a_new_person_becomes_a_researcher_and_comes_back_where_they_wanted_to_be(client):
    where = begin(client, "?next=/datasets%3Fq=lung")
    asked = parse_qs(urlsplit(where).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 43
    assert len(asked["nonce"][0]) >= 43
    answer = back(client, walk(where, "ada"))
    assert answer.headers["location"] == "/datasets?q=lung"
    cookies = [each.lower() for each in answer.headers.get_list("set-cookie")]
    session = next(each for each in cookies if each.startswith("bigpicture_session="))
    assert "samesite=strict" in session
    assert "httponly" in session
    person = who(client)
    assert person["roles"] == ["researcher"]
    assert person["name"] == "ada@test"
    assert person["display_name"] == "ada of the tests"
    assert person["organisation"] == "Invented institute"
    client.cookies.clear()
    back(client, walk(begin(client), "ada"))
    assert who(client)["id"] == person["id"]  # the second time it is the same person


def test_who_is_new_stays_out_where_the_issuer_opens_no_accounts(make_node, stores):
    with Client(build(make_node(opens_accounts=False))) as client:
        assert refused(back(client, walk(begin(client), "eve")), "unknown")
        assert who(client) is None


def test_a_wrong_state_or_none_lets_nobody_in(client):
    address = walk(begin(client), "ada")
    assert refused(back(client, address, state="x" * 43), "state")
    address = walk(begin(client), "ada")
    assert refused(back(client, address, state=None), "state")
    assert who(client) is None


def test_an_answer_in_a_browser_that_began_nothing_lets_nobody_in(client):
    """Login CSRF: somebody else's answer, planted in this browser."""
    address = walk(begin(client), "eve")
    client.cookies.clear()
    assert refused(back(client, address), "state")


def test_a_cookie_that_the_node_did_not_make_lets_nobody_in(client):
    address = walk(begin(client), "ada")
    body, _, mark = client.cookies[COOKIE].partition(".")
    client.cookies.clear()
    client.cookies.set(COOKIE, f"{body[:-2]}AA.{mark}")
    assert refused(back(client, address), "state")


def test_a_token_with_another_nonce_lets_nobody_in(client, node):
    address = walk(begin(client), "ada")
    state = parse_qs(urlsplit(address).query)["state"][0]
    ours = read_attempt(
        client.cookies[COOKIE], issuer="test", state=state, keys=node.keys, now=datetime.now(UTC)
    )
    other = begin_attempt("test", onward="/", person="", now=datetime.now(UTC))
    planted = type(ours)("test", ours.state, other.nonce, ours.verifier, "/", "", ours.expires)
    client.cookies.clear()
    client.cookies.set(COOKIE, mark_attempt(planted, node.keys))
    assert refused(back(client, address), "token")


def test_a_code_redeemed_without_its_verifier_lets_nobody_in(client, node):
    """PKCE: who steals the code has not the verifier."""
    address = walk(begin(client), "ada")
    thief = begin_attempt("test", onward="/", person="", now=datetime.now(UTC))
    client.cookies.clear()
    client.cookies.set(COOKIE, mark_attempt(thief, node.keys))
    assert refused(back(client, address, state=thief.state), "code")


def test_a_code_works_once(client):
    address = walk(begin(client), "ada")
    kept = client.cookies[COOKIE]
    assert back(client, address).headers["location"] == "/"
    client.cookies.clear()
    client.cookies.set(COOKIE, kept)
    assert refused(back(client, address), "code")


def test_an_answer_of_another_issuer_than_was_asked_lets_nobody_in(client, provider):
    address = walk(begin(client), "ada")
    assert parse_qs(urlsplit(address).query)["iss"] == [provider.issuer]  # RFC 9207
    assert refused(back(client, address, iss="https://other.example.org"), "issuer")
    address = walk(begin(client), "ada")
    assert refused(back(client, address, iss=None), "issuer")
    address = walk(begin(client), "ada")
    mixed = urlsplit(address)._replace(path="/api/v1/identity/other/callback").geturl()
    assert refused(back(client, mixed), "issuer")


def test_a_refusal_of_the_issuer_is_told(client, provider):
    address = walk(begin(client), "ada")
    denied = back(client, address, code=None, error="access_denied")
    assert refused(denied, "refused")


def test_an_attempt_ends_after_ten_minutes(node):
    now = datetime.now(UTC)
    attempt = begin_attempt("test", onward="/", person="", now=now)
    cookie = mark_attempt(attempt, node.keys)

    def read(at):
        return read_attempt(cookie, issuer="test", state=attempt.state, keys=node.keys, now=at)

    assert read(now + timedelta(minutes=9)) == attempt
    with pytest.raises(SignInError) as late:
        read(now + timedelta(minutes=10))
    assert late.value.rule == "late"


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example.org", "//evil.example.org", "/\\evil.example.org", "x", "/a\nb"],
)
def test_nobody_is_sent_elsewhere_afterwards(client, onward):
    answer = back(client, walk(begin(client, f"?{urlencode({'next': onward})}"), "ada"))
    assert answer.headers["location"] == "/"


def test_an_issuer_that_does_not_answer_is_told_so(client):
    assert refused(client.get("/api/v1/identity/other/begin"), "unreached")
    assert client.get("/api/v1/identity/nobody/begin").status_code == 404


def sign_in(client, name="bob"):
    given = {"name": name, "password": "correct horse"}
    return client.post("/api/v1/sessions", given)


@pytest.fixture
def bob(stores, frames):
    quick = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return add_person(stores, "bob", "researcher", password_hash=quick.hash("correct horse"))


def test_a_local_account_links_an_identity_and_gives_it_up(client, bob):
    sign_in(client)
    mine = client.cookies["bigpicture_session"]
    back(client, walk(begin(client, "?link=true&next=/account"), "robert"))
    listed = client.get("/api/v1/people/me/identities", token=mine).json()["items"]
    assert [(each["issuer"], each["subject"]) for each in listed] == [("test", "robert")]
    client.cookies.clear()
    back(client, walk(begin(client), "robert"))
    assert who(client)["id"] == bob[0].id
    gone = client.ask("DELETE", "/api/v1/people/me/identities/test", headers=HEADER)
    assert gone.status_code == 204
    client.cookies.clear()
    back(client, walk(begin(client), "robert"))
    assert who(client)["id"] != bob[0].id


def test_an_identity_of_somebody_else_is_not_linked(client, bob):
    back(client, walk(begin(client), "carol"))
    carol = who(client)
    client.cookies.clear()
    sign_in(client)
    assert refused(back(client, walk(begin(client, "?link=true"), "carol")), "taken")
    client.cookies.clear()
    back(client, walk(begin(client), "carol"))
    assert who(client)["id"] == carol["id"]


def test_the_only_way_in_is_not_given_up(client):
    back(client, walk(begin(client), "dora"))
    answer = client.ask("DELETE", "/api/v1/people/me/identities/test", headers=HEADER)
    assert answer.status_code == 409


def test_who_has_a_second_factor_shows_it_behind_an_issuer_too(client):
    back(client, walk(begin(client), "frida"))
    secret = client.ask("POST", "/api/v1/second-factor", headers=HEADER).json()["secret"]
    code = {"code": code_at(secret, step_at(time.time()) - 1)}
    client.post("/api/v1/second-factor/confirm", code, headers=HEADER)
    client.cookies.clear()
    answer = back(client, walk(begin(client), "frida"))
    where, _, ticket = answer.headers["location"].partition("#")
    assert where == "/sign-in?next=%2F"
    assert who(client) is None
    given = {"ticket": ticket, "code": code_at(secret, step_at(time.time()))}
    assert client.post("/api/v1/sessions/second-factor", given).status_code == 201
    assert who(client)["display_name"] == "frida of the tests"


def test_a_sealed_issuer_signs_nobody_in_and_whom_it_signed_in_is_nobody(client, stores, provider):
    _, steward = add_person(stores, "sana", "steward")
    back(client, walk(begin(client), "gina"))
    assert who(client) is not None
    seal = {"scope": "issuer", "of": provider.issuer, "reason": "its key was stolen"}
    assert client.post("/api/v1/seals", seal, token=steward).status_code == 201
    assert who(client) is None
    assert client.get("/api/v1/identity/test/begin").status_code == 404
    listed = client.get("/api/v1/identity/issuers").json()["items"]
    assert [each["id"] for each in listed] == ["other"]


def made_visa(signer, provider, subject, kind="ControlledAccessGrants", life=600, **held):
    now = datetime.now(UTC)
    said = claims(
        now, subject=subject, issuer=provider.issuer, life=life, visa={"type": kind} | held
    )
    return signer.sign({"typ": "vnd.ga4gh.visa+jwt", "jku": VISA_KEYS}, said)


def provided_keys(node, signer, provider):
    """Visa keys by hand, the provider's own for real."""
    real = node.key_sets._fetch

    def fetch(url):
        return (200, {"keys": [signer.public()]}) if url == VISA_KEYS else real(url)

    node.key_sets._fetch = fetch


def test_a_committee_s_visa_opens_its_dataset_until_it_ends_and_no_longer(
    client, node, provider, signer, stores
):
    provided_keys(node, signer, provider)
    provider.give_visas(hana=[made_visa(signer, provider, "hana")])
    back(client, walk(begin(client), "hana"))
    assert client.get(IMAGE).status_code == 200
    grant = client.get("/api/v1/grants").json()["items"][0]
    ends = datetime.fromisoformat(grant["end"])
    assert timedelta(0) < ends - datetime.now(UTC) <= timedelta(seconds=600)
    shown = client.get("/api/v1/people/me/visas").json()["items"]
    assert [(each["value"], each["trouble"]) for each in shown] == [(DATASET, "")]
    with stores.records.read() as connection:
        acts = {event.action: event for event in events_after(connection, 0, limit=200)}
    taken = acts["visa:take"].details
    assert taken["datasets"] == {CONTROLLED: shown[0]["digest"]}
    # the next time the issuer says nothing of it any more: it is withdrawn
    provider.give_visas()
    back(client, walk(begin(client), "hana"))
    assert client.get(IMAGE).status_code == 403


def test_what_a_steward_revoked_no_visa_opens_again(client, node, provider, signer, stores):
    _, steward = add_person(stores, "sana", "steward")
    provided_keys(node, signer, provider)
    provider.give_visas(ines=[made_visa(signer, provider, "ines")])
    back(client, walk(begin(client), "ines"))
    grant = client.get("/api/v1/grants").json()["items"][0]["id"]
    given = {"reason": "misuse"}
    client.ask("DELETE", f"/api/v1/grants/{grant}", json=given, token=steward)
    provider.give_visas(ines=[made_visa(signer, provider, "ines", life=900)])
    back(client, walk(begin(client), "ines"))
    assert client.get(IMAGE).status_code == 403


def test_a_visa_of_somebody_else_opens_nothing(client, node, provider, signer):
    provided_keys(node, signer, provider)
    provider.give_visas(eve=[made_visa(signer, provider, "hana")])
    back(client, walk(begin(client), "eve"))
    assert client.get(IMAGE).status_code == 403
    assert "somebody else" in client.get("/api/v1/people/me/visas").json()["items"][0]["trouble"]


def test_both_visas_of_registered_access_are_kept_until_the_first_ends(
    client, node, provider, signer
):
    provided_keys(node, signer, provider)
    kinds = {"AcceptedTermsAndPolicies": 300, "ResearcherStatus": 900}
    given = [
        made_visa(signer, provider, "jo", kind, life, value=REGISTERED, by="so")
        for kind, life in kinds.items()
    ]
    provider.give_visas(jo=given)
    back(client, walk(begin(client), "jo"))
    until = client.get("/api/v1/people/me/visas").json()["registered_until"]
    left = datetime.fromisoformat(until) - datetime.now(UTC)
    assert timedelta(seconds=200) < left <= timedelta(seconds=300)


def test_a_passport_is_handed_in_by_whose_it_is_alone(make_node, provider, signer):
    node = make_node(has_passports=True)
    with Client(build(node)) as client:
        provider.give_visas()
        back(client, walk(begin(client), "kim"))
        node.key_sets._fetch = lambda url: (200, {"keys": [signer.public()]})
        node.key_sets._kept.clear()
        door = "/api/v1/people/me/passport"

        def hand_in(whose, **more):
            held = [made_visa(signer, provider, "kim")]
            text = passport(signer, held, datetime.now(UTC), iss=provider.issuer, sub=whose, **more)
            return client.post(door, {"passport": text}, headers=HEADER)

        assert hand_in("hana").status_code == 422  # replayed by somebody else
        assert hand_in("kim", exp=1).status_code == 422
        assert client.get(IMAGE).status_code == 403
        assert hand_in("kim").status_code == 200
        assert client.get(IMAGE).status_code == 200
