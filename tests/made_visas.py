"""Visas and passports signed here with `cryptography` alone, so that no JOSE library of ours helps.

RFC 7515 by hand: base64url of header and claims, and ES256 as r and s of 32 bytes each.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import KeySet

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ISSUER = "https://issuer.example.org/oidc/"
JKU = "https://issuer.example.org/oidc/jwk"
DAC = "https://dac.example.org/committees/1"
REGISTERED = "https://doi.org/10.1038/s41431-018-0219-y"
DATASET = "https://archive.example.org/datasets/D1"


def encode(data):
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def number(value, length):
    return encode(value.to_bytes(length, "big"))


class Signer:
    """An issuer's key: ES256, or RS256 with `bits`."""

    def __init__(self, kid="k1", bits=0):
        self.kid = kid
        self.key = (
            rsa.generate_private_key(65537, bits)
            if bits
            else ec.generate_private_key(ec.SECP256R1())
        )
        self.alg = "RS256" if bits else "ES256"

    def public(self):
        numbers = self.key.public_key().public_numbers()
        if self.alg == "RS256":
            size = (numbers.n.bit_length() + 7) // 8
            return {"kty": "RSA", "kid": self.kid, "n": number(numbers.n, size), "e": "AQAB"}
        x, y = number(numbers.x, 32), number(numbers.y, 32)
        return {"kty": "EC", "crv": "P-256", "kid": self.kid, "x": x, "y": y}

    def pem(self):
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def keys(self):
        return KeySet.import_key_set({"keys": [self.public()]})

    def sign(self, header, claims):
        given = {"alg": self.alg, "kid": self.kid} | header
        text = f"{encode({k: v for k, v in given.items() if v is not None})}.{encode(claims)}"
        return f"{text}.{encode(self._signature(text.encode()))}"

    def _signature(self, data):
        if self.alg == "RS256":
            return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def sign_hs256(secret, header, claims):
    """What whoever has a public key can make of it, where a verifier lets the token choose."""
    text = f"{encode(header)}.{encode(claims)}"
    return f"{text}.{encode(hmac.digest(secret, text.encode(), hashlib.sha256))}"


def seconds(at):
    return int(at.timestamp())


def claims(now=NOW, *, subject="ada", issuer=ISSUER, life=3600, visa=None, **more):
    """The claims of a visa: a committee's grant of DATASET unless `visa` says otherwise."""
    held = {
        "type": "ControlledAccessGrants",
        "asserted": seconds(now) - 86400,
        "value": DATASET,
        "source": DAC,
        "by": "dac",
    } | (visa or {})
    given = {
        "iss": issuer,
        "sub": subject,
        "iat": seconds(now) - 60,
        "exp": seconds(now) + life,
        "jti": "j",
        "ga4gh_visa_v1": {name: value for name, value in held.items() if value is not None},
    } | more
    return {name: value for name, value in given.items() if value is not None}


HEADER = {"typ": "vnd.ga4gh.visa+jwt", "jku": JKU}


def visa(signer, now=NOW, header=None, **given):
    return signer.sign(HEADER | (header or {}), claims(now, **given))


def passport(signer, visas, now=NOW, *, header=None, **more):
    given = {
        "iss": ISSUER,
        "sub": "ada",
        "iat": seconds(now) - 60,
        "exp": seconds(now) + 3600,
        "ga4gh_passport_v1": visas,
    } | more
    held = {name: value for name, value in given.items() if value is not None}
    return signer.sign({"typ": "vnd.ga4gh.passport+jwt"} | (header or {}), held)
