"""What must be refused of visas and passports, one vector each; and that what is right is not."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import KeySet

from bigpicture.access.passport.judge import Trust, check_visa, judge
from bigpicture.access.passport.passport import read_passport, refuse_access_token
from bigpicture.access.passport.token import TokenError, take_apart
from bigpicture.model.visa import Identity
from made_visas import (
    DAC,
    DATASET,
    HEADER,
    ISSUER,
    JKU,
    NOW,
    REGISTERED,
    Signer,
    claims,
    encode,
    passport,
    seconds,
    sign_hs256,
    visa,
)

SIGNER, RSA, OTHER = Signer(), Signer("rsa", bits=2048), Signer("k1")
SOURCES = {
    "ControlledAccessGrants": frozenset({DAC}),
    "ResearcherStatus": frozenset({DAC}),
    "LinkedIdentities": frozenset({ISSUER}),
}
SECOND = "https://second.example.org"
TRUSTED = {
    ISSUER: Trust(frozenset({JKU}), SOURCES),
    SECOND: Trust(frozenset({f"{SECOND}/jwk"}), SOURCES),
}
KEYS = {
    JKU: {"keys": [SIGNER.public(), RSA.public()]},
    f"{SECOND}/jwk": {"keys": [OTHER.public() | {"kid": "second"}]},
}
ADA = Identity(ISSUER, "ada")


class Fetched:
    """Keys by URL, and every URL that was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, url, kid):
        self.asked.append(url)
        return KeySet.import_key_set(KEYS[url])


def check(text, fetched=None):
    return check_visa(text, TRUSTED, fetched or Fetched(), NOW)


@pytest.mark.parametrize("signer", [SIGNER, RSA])
@pytest.mark.parametrize(
    "typ", ["vnd.ga4gh.visa+jwt", "application/vnd.ga4gh.visa+jwt", "JWT", None]
)
def test_a_visa_as_the_standard_asks_is_taken(signer, typ):
    taken = check(visa(signer, header={"typ": typ}))
    assert taken.identity == ADA
    assert (taken.type, taken.value, taken.source, taken.by) == (
        "ControlledAccessGrants",
        DATASET,
        DAC,
        "dac",
    )
    assert taken.expires == NOW + timedelta(hours=1)


def without(name):
    return {name: None}


def tampered(text, **changed):
    """The same signature over other claims."""
    header, payload, signature = text.split(".")
    held = json.loads(take_apart_bytes(payload)) | changed
    return f"{header}.{encode(held)}.{signature}"


def take_apart_bytes(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def duplicated(signer):
    """Claims in which a name stands twice; many readers take the last."""
    whole = json.dumps(claims())
    raw = whole[:-1] + f', "exp": {seconds(NOW) + 9_000_000}' + "}"
    header = encode(HEADER | {"alg": "ES256", "kid": "k1"})
    text = f"{header}.{base64.urlsafe_b64encode(raw.encode()).rstrip(b'=').decode()}"
    return f"{text}.{encode(signer._signature(text.encode()))}"


UNSIGNED = f"{encode(HEADER | {'alg': 'none', 'kid': 'k1'})}.{encode(claims())}."
NAN = b'{"alg": NaN}'
LONG = "https://dac.example.org/" + "a" * 240
VECTORS = {
    "alg none": (UNSIGNED, "JWS"),
    "alg none with a signature": (visa(SIGNER, header={"alg": "none"}), "alg"),
    "alg none in capitals": (visa(SIGNER, header={"alg": "nOnE"}), "alg"),
    "HS256 with the public key": (
        sign_hs256(RSA.pem(), HEADER | {"alg": "HS256", "kid": "rsa"}, claims()),
        "alg",
    ),
    "HS256 bytes under the name of RS256": (
        sign_hs256(RSA.pem(), HEADER | {"alg": "RS256", "kid": "rsa"}, claims()),
        "signature",
    ),
    "ES256 with an RSA key": (visa(SIGNER, header={"kid": "rsa"}), "kid"),
    "PS256": (visa(RSA, header={"alg": "PS256"}), "alg"),
    "no kid": (visa(SIGNER, header={"kid": None}), "kid"),
    "unknown kid": (visa(SIGNER, header={"kid": "k2"}), "kid"),
    "another's key of the same name": (visa(OTHER), "signature"),
    "altered claims": (tampered(visa(SIGNER), sub="eve"), "signature"),
    "crit": (visa(SIGNER, header={"crit": ["exp"]}), "crit"),
    "typ of a passport": (visa(SIGNER, header={"typ": "vnd.ga4gh.passport+jwt"}), "typ"),
    "typ of an access token": (visa(SIGNER, header={"typ": "at+jwt"}), "typ"),
    "typ that is no text": (visa(SIGNER, header={"typ": 1}), "typ"),
    "expired": (visa(SIGNER, life=-1), "exp"),
    "expires now": (visa(SIGNER, life=0), "exp"),
    "future iat": (visa(SIGNER, iat=seconds(NOW) + 120), "iat"),
    "future nbf": (visa(SIGNER, nbf=seconds(NOW) + 120), "nbf"),
    "iat that is no number": (visa(SIGNER, iat="yesterday"), "iat"),
    "exp that is true": (visa(SIGNER, exp=True), "exp"),
    "exp beyond all time": (visa(SIGNER, exp=10**30), "exp"),
    "no exp": (visa(SIGNER, exp=None), "exp"),
    "no iat": (visa(SIGNER, iat=None), "iat"),
    "no iss": (visa(SIGNER, iss=None), "iss"),
    "no sub": (visa(SIGNER, sub=None), "sub"),
    "issuer that nobody trusts": (visa(SIGNER, issuer="https://evil.example.org"), "iss"),
    "issuer in another case": (visa(SIGNER, issuer=ISSUER.replace("i", "I", 1)), "iss"),
    "issuer without the last slash": (visa(SIGNER, issuer=ISSUER.rstrip("/")), "iss"),
    "jku of another issuer": (visa(SIGNER, header={"jku": f"{SECOND}/jwk"}), "jku"),
    "jku to the metadata of a cloud": (
        visa(SIGNER, header={"jku": "http://169.254.169.254/latest/meta-data/"}),
        "jku",
    ),
    "jku to a file": (visa(SIGNER, header={"jku": "file:///etc/passwd"}), "jku"),
    "jku with a detour": (visa(SIGNER, header={"jku": JKU + "/../jwk"}), "jku"),
    "neither jku nor scope": (visa(SIGNER, header={"jku": None}), "jku"),
    "an access token as visa": (visa(SIGNER, header={"jku": None}, scope="openid"), "jku"),
    "a document token with openid": (visa(SIGNER, scope="email openid"), "scope"),
    "no visa inside": (visa(SIGNER, ga4gh_visa_v1=None), "ga4gh_visa_v1"),
    "no type": (visa(SIGNER, visa=without("type")), "type"),
    "a type of nobody": (visa(SIGNER, visa={"type": "Grants"}), "type"),
    "no value": (visa(SIGNER, visa=without("value")), "value"),
    "a value that is no URL": (visa(SIGNER, visa={"value": "D1"}), "value"),
    "no source": (visa(SIGNER, visa=without("source")), "source"),
    "a source that nobody trusts": (
        visa(SIGNER, visa={"source": "https://x.example.org"}),
        "source",
    ),
    "a source trusted for another type": (
        visa(SIGNER, visa={"type": "LinkedIdentities", "value": "a,b", "source": DAC}),
        "source",
    ),
    "no asserted": (visa(SIGNER, visa=without("asserted")), "asserted"),
    "asserted tomorrow": (visa(SIGNER, visa={"asserted": seconds(NOW) + 86400}), "asserted"),
    "a grant without by": (visa(SIGNER, visa=without("by")), "by"),
    "accepted terms without by": (
        visa(
            SIGNER,
            visa={"type": "AcceptedTermsAndPolicies", "value": REGISTERED, "by": None},
        ),
        "by",
    ),
    "by of nobody": (visa(SIGNER, visa={"by": "me"}), "by"),
    "a URL of 256 characters and more": (visa(SIGNER, visa={"source": LONG}), "source"),
    "a name that stands twice": (duplicated(SIGNER), "RFC 7519"),
    "too long": (visa(SIGNER, visa={"extra": "x" * 20_000}), "bytes"),
    "deep JSON": (f"{encode(b'[' * 9000)}.{encode(claims())}.AAAA", "JSON"),
    "NaN": (f"{encode(NAN)}.{encode(claims())}.AAAA", "NaN"),
    "two parts": ("AAAA.BBBB", "JWS"),
    "JWS in JSON": (json.dumps({"payload": "", "signatures": []}), "JWS"),
    "padding": (visa(SIGNER) + "==", "JWS"),
    "nothing": ("", "JWS"),
    "conditions that are no list": (visa(SIGNER, visa={"conditions": {}}), "conditions"),
    "a condition that is no text": (
        visa(SIGNER, visa={"conditions": [[{"type": "A", "value": 1}]]}),
        "conditions",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_it_is_refused_and_nothing_is_fetched_but_the_issuer_s_own_keys(name):
    text, rule = VECTORS[name]
    fetched = Fetched()
    with pytest.raises(TokenError) as refused:
        check(text, fetched)
    assert rule in refused.value.rule
    assert set(fetched.asked) <= {JKU}


def test_a_refusal_never_repeats_what_the_token_says():
    with pytest.raises(TokenError) as refused:
        check(visa(SIGNER, issuer="https://evil.example.org", subject="Jane Doe"))
    assert "evil" not in str(refused.value)
    assert "Jane" not in str(refused.value)


def judged(*texts, own=(ADA,)):
    return judge(texts, own=own, trusted=TRUSTED, keys_of=Fetched(), now=NOW)


def test_a_visa_of_somebody_else_counts_for_nobody_here():
    assert judged(visa(SIGNER, subject="eve")).usable == ()
    assert "sub" in judged(visa(SIGNER, subject="eve")).refused[0][1]


def test_the_same_subject_of_another_issuer_is_somebody_else():
    signer = OTHER
    text = signer.sign(HEADER | {"jku": f"{SECOND}/jwk", "kid": "second"}, claims(issuer=SECOND))
    assert len(judged(text, own=[Identity(SECOND, "ada")]).usable) == 1
    assert judged(text).usable == ()


def test_the_same_visa_many_times_counts_once():
    text = visa(SIGNER)
    assert len(judged(text, text, text).usable) == 1


def test_one_bad_visa_does_not_spoil_the_others():
    outcome = judged(visa(SIGNER), visa(SIGNER, life=-1), UNSIGNED)
    assert len(outcome.usable) == 1
    assert len(outcome.refused) == 2


def test_a_passport_of_a_thousand_visas_is_refused_unread():
    fetched = Fetched()
    with pytest.raises(TokenError, match="too many"):
        judge([visa(SIGNER)] * 1000, own=[ADA], trusted=TRUSTED, keys_of=fetched, now=NOW)
    assert fetched.asked == []


def keys_of_issuer(issuer, kid):
    if issuer != ISSUER:
        raise TokenError("not trusted", rule="iss")
    return SIGNER.keys()


def read(text):
    return read_passport(text, keys_of_issuer=keys_of_issuer, now=NOW)


def test_a_passport_tells_whose_it_is_and_holds_the_visas_as_they_came():
    held = [visa(SIGNER), visa(RSA)]
    assert read(passport(SIGNER, held)) == (ADA, held)


PASSPORTS = {
    "typ of a visa": (passport(SIGNER, [], header={"typ": "vnd.ga4gh.visa+jwt"}), "typ"),
    "typ JWT": (passport(SIGNER, [], header={"typ": "JWT"}), "typ"),
    "no typ": (passport(SIGNER, [], header={"typ": None}), "typ"),
    "expired": (passport(SIGNER, [], exp=seconds(NOW)), "exp"),
    "future iat": (passport(SIGNER, [], iat=seconds(NOW) + 120), "iat"),
    "issuer that nobody trusts": (passport(SIGNER, [], iss="https://evil.example.org"), "iss"),
    "another's key": (passport(OTHER, []), "signature"),
    "no visas": (passport(SIGNER, None), "ga4gh_passport_v1"),
    "visas that are no list": (passport(SIGNER, {"0": "a"}), "ga4gh_passport_v1"),
    "visas that are no texts": (passport(SIGNER, [{"type": "x"}]), "ga4gh_passport_v1"),
    "1000 visas": (passport(SIGNER, ["a.b.c"] * 1000), "at most"),
    "half a megabyte and more": (passport(SIGNER, ["x" * 600_000]), "bytes"),
}


@pytest.mark.parametrize("name", PASSPORTS)
def test_a_passport_is_refused(name):
    text, rule = PASSPORTS[name]
    with pytest.raises(TokenError) as refused:
        read(text)
    assert rule in refused.value.rule


@pytest.mark.parametrize("name", ["ga4gh_passport_v1", "ga4gh_visa_v1"])
def test_an_access_token_that_carries_visas_is_refused(name):
    with pytest.raises(TokenError):
        refuse_access_token({"sub": "ada", name: []})
    refuse_access_token({"sub": "ada"})


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_whatever_is_handed_over_is_refused_and_never_a_fault(text):
    with pytest.raises(TokenError):
        take_apart(text)


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
        max_leaves=9,
    ),
    st.sampled_from(["iss", "sub", "iat", "exp", "nbf", "scope", "ga4gh_visa_v1"]),
)
def test_a_claim_of_any_shape_is_judged_and_never_a_fault(value, name):
    try:
        check(visa(SIGNER, **{name: value}))
    except TokenError:
        return
    assert name in ("nbf", "scope", "sub", "iat", "exp")
