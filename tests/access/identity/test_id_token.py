"""Id tokens: what OpenID Connect Core 3.1.3.7 has a client refuse, each signed here by hand."""

from __future__ import annotations

import pytest

from bigpicture.access.identity.id_token import read_id_token
from bigpicture.access.passport.token import TokenError
from bigpicture.model.visa import Identity
from made_visas import NOW, Signer, encode, seconds, sign_hs256

ISSUER, CLIENT, NONCE = "https://login.example.org", "bigpicture", "n-0S6_WzA2Mj"
SIGNER, OTHER = Signer(), Signer()
RSA = Signer("rsa", 2048)


def said(**more):
    given = {
        "iss": ISSUER,
        "sub": "248289761001",
        "aud": CLIENT,
        "nonce": NONCE,
        "iat": seconds(NOW) - 5,
        "exp": seconds(NOW) + 300,
        "name": "Ada",
        "acr": "https://refeds.org/profile/mfa",
    } | more
    return {name: value for name, value in given.items() if value is not None}


def read(text):
    keys = SIGNER.keys()
    keys.keys.extend(RSA.keys().keys)
    return read_id_token(
        text, issuer=ISSUER, client=CLIENT, nonce=NONCE, keys_of=lambda _: keys, now=NOW
    )


@pytest.mark.parametrize(
    "more",
    [{}, {"aud": [CLIENT]}, {"aud": [CLIENT, "other"], "azp": CLIENT}, {"azp": CLIENT}],
)
def test_a_token_as_the_standard_asks_signs_its_subject_in(more):
    told = read(SIGNER.sign({}, said(**more)))
    assert told.identity == Identity(ISSUER, "248289761001")
    assert (told.name, told.acr) == ("Ada", "https://refeds.org/profile/mfa")


REJECTED = {
    "of another issuer": (SIGNER.sign({}, said(iss="https://evil.example.org")), "iss"),
    "of an issuer almost of that name": (SIGNER.sign({}, said(iss=ISSUER + "/")), "iss"),
    "for another client": (SIGNER.sign({}, said(aud="other")), "aud"),
    "for nobody": (SIGNER.sign({}, said(aud=None)), "aud"),
    "for several, and not said for whom": (SIGNER.sign({}, said(aud=[CLIENT, "other"])), "azp"),
    "given to another client": (SIGNER.sign({}, said(azp="other")), "azp"),
    "of another sign-in": (SIGNER.sign({}, said(nonce="another")), "nonce"),
    "without nonce": (SIGNER.sign({}, said(nonce=None)), "nonce"),
    "expired": (SIGNER.sign({}, said(exp=seconds(NOW))), "exp"),
    "without end": (SIGNER.sign({}, said(exp=None)), "exp"),
    "of the future": (SIGNER.sign({}, said(iat=seconds(NOW) + 120)), "iat"),
    "of yesterday": (SIGNER.sign({}, said(iat=seconds(NOW) - 86400)), "iat"),
    "without subject": (SIGNER.sign({}, said(sub=None)), "sub"),
    "with a subject too long": (SIGNER.sign({}, said(sub="a" * 300)), "sub"),
    "of another key": (OTHER.sign({}, said()), "signature"),
    "of a key that nobody has": (SIGNER.sign({"kid": "k9"}, said()), "kid"),
    "unsigned": (f"{encode({'alg': 'none', 'kid': 'k1'})}.{encode(said())}.", "JWS"),
    "signed by none": (SIGNER.sign({"alg": "none"}, said()), "alg"),
    "HS256 with the public key": (
        sign_hs256(RSA.pem(), {"alg": "HS256", "kid": "rsa"}, said()),
        "alg",
    ),
    "the userinfo of somebody": (encode(said()), "JWS"),
}


@pytest.mark.parametrize("name", REJECTED)
def test_it_is_refused_by_the_rule_it_breaks_and_not_repeated(name):
    text, rule = REJECTED[name]
    with pytest.raises(TokenError) as refused:
        read(text)
    assert rule in refused.value.rule
    assert "248289761001" not in str(refused.value)
