"""Our grants as visas: checked by a library that is none of ours, and by our own validator."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from bigpicture.access.grant import revoke_grant
from bigpicture.access.identity.attempt import decode
from bigpicture.access.identity.key_sets import read_keys
from bigpicture.access.passport.judge import Trust, judge
from bigpicture.access.passport.rights import controlled
from bigpicture.model.visa import Identity
from published import CONTROLLED, add_person, grant


@pytest.fixture
def ada(stores, frames):
    return add_person(stores, "ada", "researcher")


def visas(client, token, user="me"):
    return client.get(f"/permissions/{user}", token=token).json()["ga4gh_passport_v1"]


def verify_by_hand(text, jwk):
    """ES256 (RFC 7518, section 3.4) with `cryptography` alone."""
    head, body, signature = text.split(".")
    numbers = ec.EllipticCurvePublicNumbers(
        int.from_bytes(decode(jwk["x"])), int.from_bytes(decode(jwk["y"])), ec.SECP256R1()
    )
    raw = decode(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    numbers.public_key().verify(der, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    return json.loads(decode(head)), json.loads(decode(body))


def test_a_grant_is_a_visa_as_the_standard_asks(client, stores, ada):
    person, token = ada
    held = grant(stores, person, end=datetime.now(UTC) + timedelta(days=300))
    (text,) = visas(client, token)
    (jwk,) = client.get("/jwks").json()["keys"]
    assert "d" not in jwk
    assert client.get("/.well-known/jwks.json").json()["keys"] == [jwk]
    header, claims = verify_by_hand(text, jwk)
    node = claims["iss"]
    assert header == {
        "typ": "vnd.ga4gh.visa+jwt",
        "alg": "ES256",
        "kid": jwk["kid"],
        "jku": f"{node}/jwks",
    }
    now = datetime.now(UTC).timestamp()
    assert claims["sub"] == person.id
    assert now - 60 < claims["iat"] <= now
    assert now + 3500 < claims["exp"] <= now + 3600  # an hour, however long the grant
    assert claims["ga4gh_visa_v1"] == {
        "type": "ControlledAccessGrants",
        "asserted": int(held.start.timestamp()),
        "value": f"{node}/datasets/{CONTROLLED}",
        "source": node,
        "by": "dac",
    }
    head, body, signature = text.split(".")
    with pytest.raises(InvalidSignature):
        verify_by_hand(f"{head}.{body[:-4]}AAAA.{signature}", jwk)


def test_a_visa_of_ours_opens_the_dataset_at_a_node_that_trusts_us(client, stores, ada):
    person, token = ada
    grant(stores, person)
    texts = visas(client, token)
    keys = read_keys(client.get("/jwks").json()["keys"])
    node = json.loads(decode(texts[0].split(".")[1]))["iss"]
    trust = {
        node: Trust(frozenset({f"{node}/jwks"}), {"ControlledAccessGrants": frozenset({node})})
    }
    judged = judge(
        texts,
        own=[Identity(node, person.id)],
        trusted=trust,
        keys_of=lambda *_: keys,
        now=datetime.now(UTC),
    )
    assert judged.refused == ()
    assert set(controlled(judged.usable, lambda each: each.visa.value)) == {
        f"{node}/datasets/{CONTROLLED}"
    }


def test_it_ends_with_the_grant_where_that_ends_sooner(client, stores, ada):
    person, token = ada
    held = grant(stores, person, end=datetime.now(UTC) + timedelta(minutes=10))
    claims = json.loads(decode(visas(client, token)[0].split(".")[1]))
    assert claims["exp"] == int(held.end.timestamp())


def test_what_is_over_or_not_begun_or_revoked_is_no_visa(client, node, stores, ada):
    person, token = ada
    now = datetime.now(UTC)
    grant(stores, person, end=now - timedelta(seconds=1))
    grant(stores, person, start=now + timedelta(hours=1), end=now + timedelta(hours=2))
    held = grant(stores, person, end=now + timedelta(minutes=30))
    assert len(visas(client, token)) == 1
    with stores.records.write() as connection:
        revoke_grant(connection, held.id, reason="over", by="node")
    node.epochs.outdate()  # what another process did is known within a quarter of a second
    assert visas(client, token) == []


def test_stewards_ask_for_anybody_s_and_others_for_their_own(client, stores, ada):
    person, _ = ada
    grant(stores, person)
    _, steward = add_person(stores, "sana", "steward")
    _, other = add_person(stores, "eve", "researcher")
    assert len(visas(client, steward, person.id)) == 1
    assert client.get(f"/permissions/{person.id}", token=other).status_code == 404
    assert client.get("/permissions/me").status_code == 401
