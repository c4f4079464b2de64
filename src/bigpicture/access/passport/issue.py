"""Our grants as visas, for archives elsewhere (GA4GH Passport 1.2, ControlledAccessGrants)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey

from bigpicture.access.node_keys import NodeKeys
from bigpicture.model.grant import Grant
from bigpicture.model.visa import Authority, VisaType

LIFETIME = timedelta(hours=1)
"""No visa of ours lasts longer: what is revoked here is over elsewhere within that time."""
JWKS_PATH = "/jwks"


def public_keys(keys: NodeKeys) -> dict[str, Any]:
    """The key set (RFC 7517) by which others check our visas."""
    public = keys.signing.as_dict(private=False)
    return {"keys": [{**public, "kid": keys.signing.kid, "use": "sig", "alg": "ES256"}]}


def issue_visas(
    grants: Iterable[Grant], *, subject: str, node_url: str, keys: NodeKeys, now: datetime
) -> list[str]:
    """A visa for each grant that lives; it ends with the grant, and within an hour."""
    return [
        _issue(grant, subject=subject, node_url=node_url, key=keys.signing, now=now)
        for grant in grants
        if grant.is_live(now) and int(grant.end.timestamp()) > int(now.timestamp())
    ]


def _issue(grant: Grant, *, subject: str, node_url: str, key: ECKey, now: datetime) -> str:
    header = {
        "typ": "vnd.ga4gh.visa+jwt",
        "alg": "ES256",
        "kid": key.kid,
        "jku": f"{node_url}{JWKS_PATH}",
    }
    claims = {
        "iss": node_url,
        "sub": subject,
        "jti": secrets.token_hex(16),
        "iat": int(now.timestamp()),
        "exp": int(min(grant.end, now + LIFETIME).timestamp()),
        "ga4gh_visa_v1": {
            "type": VisaType.CONTROLLED_ACCESS_GRANTS,
            "asserted": int(grant.start.timestamp()),
            "value": f"{node_url}/datasets/{grant.dataset}",
            "source": node_url,
            "by": Authority.COMMITTEE,
        },
    }
    return jws.serialize_compact(header, json.dumps(claims), key, algorithms=["ES256"])
