"""Who may do what: every kind of person at every door, from one table.

A row gives the status for each of ROLES; `controlled` doors are asked of a dataset that is listed
and needs a grant.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bigpicture.access.grant import revoke_grant
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.ledger.kept import KeptCheckpoint
from bigpicture.ledger.note import Signer
from bigpicture.ledger.sequence import Sequencer
from bigpicture.model.metadata_form import MetadataForm
from published import (
    CONTROLLED,
    OPEN,
    Client,
    add_person,
    grant,
    image_name,
    instance_uid,
    make_stores,
    named_series,
    publish_two,
)

ROLES = (
    "anonymous",
    "researcher",
    "granted",
    "expired",
    "revoked",
    "future",
    "contributor",
    "steward",
    "auditor",
    "committee",
)
EVERYBODY = dict.fromkeys(ROLES, 200)
WITH_GRANT = dict.fromkeys(ROLES, 403) | {"anonymous": 401, "granted": 200}
SIGNED_IN = EVERYBODY | {"anonymous": 401}
STEWARDS = dict.fromkeys(ROLES, 403) | {"anonymous": 401, "steward": 200}
READERS = STEWARDS | {"auditor": 200}
SUBMITTERS = dict.fromkeys(ROLES, 403) | {"anonymous": 401, "contributor": 200, "steward": 200}
NO_SUBMITTERS = dict.fromkeys(ROLES, 403) | {"anonymous": 401}
SEALERS_404 = STEWARDS | {"steward": 404, "committee": 404}
UNKNOWN = dict.fromkeys(ROLES, 404)
USES = UNKNOWN | {"anonymous": 401, "steward": 200, "auditor": 200}
SIGNED_IN_UNKNOWN = UNKNOWN | {"anonymous": 401}

OPEN_IMAGE, CONTROLLED_IMAGE = image_name(OPEN, 0), image_name(CONTROLLED, 0)
SHUT = named_series(CONTROLLED, 0)
SHUT_STUDY = f"/dicomweb/studies/{SHUT['StudyInstanceUID']}"
SHUT_SERIES = f"{SHUT_STUDY}/series/{SHUT['SeriesInstanceUID']}"
SHUT_INSTANCE = f"{SHUT_SERIES}/instances/{instance_uid(CONTROLLED, 0, 0)}"
NOBODY = "bb-dataset-nnnnnn-nnnnnn"
GRANT = {"person": "nobody", "dataset": NOBODY, "end": "2999-01-01T00:00:00Z", "reason": "r"}
NO_APPLICATION = "/api/v1/applications/none"
WHOLE = "x=0&y=0&width=9&height=9&cell=1"
COMMITTEE = {"name": "Invented", "rule": "majority", "quorum": 1}
AGREEMENT = {"id": "invented", "kind": "click", "title": "Invented", "text": "Rules"}
ALGORITHM_PATH = "/api/v1/algorithms/org.example.none"
ALGORITHM_GRANT = {"person": "nobody", "end": "2999-01-01T00:00:00Z", "reason": "r"}
PUBLISHERS_404 = UNKNOWN | {"anonymous": 401, "auditor": 403, "committee": 403}
PUBLISHERS_422 = dict.fromkeys(ROLES, 422) | {"anonymous": 401, "auditor": 403, "committee": 403}
NO_COHORT = "/api/v1/cohorts/" + "0" * 32
NO_VERSION = f"{NO_COHORT}/versions/1"
NO_RUN = "/api/v1/runs/" + "0" * 32
NO_ALGORITHM = {"algorithm": "none.such", "dataset": CONTROLLED}
NO_PROGRAMS = dict.fromkeys(ROLES, 403) | {"anonymous": 401}
NO_PASSPORT = dict.fromkeys(ROLES, 422) | {"anonymous": 401}
SERVICE = {"name": "n", "organisation": "o", "purpose": "p", "roles": ["steward"]}
TOKEN = {"label": "l", "days": 1}
PERSON = {"name": "new", "roles": ["researcher"], "password": "short"}

# What a person may do but asks wrongly answers 404 or 422: the door itself was open.
TABLE = [
    ("GET", "/api/v1/node", None, EVERYBODY),
    ("GET", "/api/v1/sessions/current", None, EVERYBODY),
    ("GET", "/api/v1/sessions", None, SIGNED_IN),
    ("DELETE", "/api/v1/sessions/none", None, SIGNED_IN_UNKNOWN),
    ("GET", "/api/v1/datasets", None, EVERYBODY),
    ("GET", f"/api/v1/datasets/{OPEN}", None, EVERYBODY),
    ("GET", f"/api/v1/datasets/{OPEN}/images", None, EVERYBODY),
    ("GET", f"/api/v1/datasets/{OPEN}/report", None, EVERYBODY),
    ("GET", "/api/v1/images?where=organ:lung", None, EVERYBODY),
    ("GET", "/api/v1/images/values?field=organ&words=lu", None, EVERYBODY),
    ("GET", "/api/v1/fields", None, EVERYBODY),
    ("POST", "/api/v1/images/find", {"question": {"words": ["lung"]}}, EVERYBODY),
    ("GET", "/api/v1/snapshot.parquet", None, EVERYBODY),
    ("GET", f"/api/v1/images/{OPEN_IMAGE}", None, EVERYBODY),
    ("GET", f"/api/v1/images/{OPEN_IMAGE}/thumbnail", None, EVERYBODY),
    ("GET", f"/tiles/{OPEN_IMAGE}/0/0_0", None, EVERYBODY),
    ("GET", f"/api/v1/datasets/{CONTROLLED}", None, EVERYBODY),
    ("GET", f"/api/v1/datasets/{CONTROLLED}/policy", None, EVERYBODY),
    ("POST", f"/api/v1/datasets/{CONTROLLED}/policy/match", {"uses": ["health"]}, EVERYBODY),
    (
        "POST",
        f"/api/v1/datasets/{NOBODY}/standing",
        {"standing": "withdrawn", "reason": "r"},
        STEWARDS | {"steward": 404},
    ),
    ("GET", f"/api/v1/datasets/{NOBODY}/barred", None, STEWARDS),
    (
        "DELETE",
        f"/api/v1/datasets/{NOBODY}/barred/nobody",
        {"reason": "r"},
        STEWARDS | {"steward": 404},
    ),
    ("GET", "/api/v1/purposes", None, EVERYBODY),
    ("GET", "/api/v1/policies/codes", None, EVERYBODY),
    ("GET", "/api/v1/guidelines", None, EVERYBODY),
    ("GET", "/api/v1/guidelines/contributors", None, EVERYBODY),
    ("GET", "/api/v1/guidelines/nobody", None, UNKNOWN),
    ("GET", "/api/v1/guidelines/templates/agreement", None, EVERYBODY),
    ("POST", "/api/v1/policies/preview", {"fields": {}}, EVERYBODY),
    ("GET", f"/api/v1/datasets/{NOBODY}/policy", None, UNKNOWN),
    ("POST", f"/api/v1/datasets/{NOBODY}/policy/match", {}, UNKNOWN),
    *(
        ("GET", f"/api/v1/datasets/{CONTROLLED}/metadata.{form}", None, EVERYBODY)
        for form in MetadataForm
    ),
    ("GET", f"/api/v1/datasets/{NOBODY}/metadata.jsonld", None, UNKNOWN),
    ("GET", "/sitemap.xml", None, EVERYBODY),
    ("GET", "/robots.txt", None, EVERYBODY),
    ("GET", f"/api/v1/datasets/{CONTROLLED}/images", None, WITH_GRANT),
    ("GET", f"/api/v1/datasets/{CONTROLLED}/report", None, WITH_GRANT),
    ("GET", f"/api/v1/datasets/{CONTROLLED}/images?q=nothing", None, WITH_GRANT),
    ("GET", f"/api/v1/images/{CONTROLLED_IMAGE}", None, WITH_GRANT),
    ("GET", f"/api/v1/images/{CONTROLLED_IMAGE}/thumbnail", None, WITH_GRANT),
    ("GET", f"/tiles/{CONTROLLED_IMAGE}/0/0_0", None, WITH_GRANT),
    ("GET", f"/tiles/{CONTROLLED_IMAGE}/1/0_0", None, WITH_GRANT),
    ("HEAD", f"/tiles/{CONTROLLED_IMAGE}/0/0_0", None, WITH_GRANT),
    ("GET", f"/tiles/{CONTROLLED_IMAGE}/0/0_0-1_1", None, WITH_GRANT),
    ("POST", f"/tiles/{CONTROLLED_IMAGE}/0", [[0, 0]], WITH_GRANT),
    ("GET", f"/regions/{CONTROLLED_IMAGE}?region=0,0,9,9", None, WITH_GRANT),
    ("GET", f"/iiif/3/{CONTROLLED_IMAGE}/info.json", None, WITH_GRANT),
    ("GET", f"/iiif/3/{CONTROLLED_IMAGE}/0,0,9,9/max/0/default.jpg", None, WITH_GRANT),
    ("GET", f"/deepzoom/{CONTROLLED_IMAGE}.dzi", None, WITH_GRANT),
    ("GET", f"/deepzoom/{CONTROLLED_IMAGE}_files/0/0_0.jpeg", None, WITH_GRANT),
    # A search answers with what its asker may open: nothing is 204.
    ("GET", "/dicomweb/studies", None, EVERYBODY),
    ("GET", "/dicomweb/series", None, EVERYBODY),
    ("GET", "/dicomweb/instances", None, EVERYBODY),
    ("GET", f"{SHUT_STUDY}/series", None, dict.fromkeys(ROLES, 204) | {"granted": 200}),
    ("GET", f"{SHUT_SERIES}/instances", None, dict.fromkeys(ROLES, 204) | {"granted": 200}),
    ("GET", f"{SHUT_STUDY}/metadata", None, WITH_GRANT),
    ("GET", f"{SHUT_SERIES}/metadata", None, WITH_GRANT),
    ("GET", f"{SHUT_INSTANCE}/metadata", None, WITH_GRANT),
    ("GET", SHUT_STUDY, None, WITH_GRANT),
    ("GET", SHUT_SERIES, None, WITH_GRANT),
    ("GET", SHUT_INSTANCE, None, WITH_GRANT),
    ("HEAD", SHUT_INSTANCE, None, WITH_GRANT),
    ("GET", f"{SHUT_INSTANCE}/frames/1,2", None, WITH_GRANT),
    ("HEAD", f"{SHUT_INSTANCE}/frames/1,2", None, WITH_GRANT),
    ("GET", f"{SHUT_INSTANCE}/frames/999", None, WITH_GRANT | {"granted": 404}),
    ("GET", f"{SHUT_INSTANCE}/pixeldata", None, WITH_GRANT),
    ("GET", f"{SHUT_INSTANCE}/rendered", None, WITH_GRANT),
    ("GET", f"{SHUT_SERIES}/rendered", None, WITH_GRANT),
    ("GET", f"{SHUT_STUDY}/thumbnail", None, WITH_GRANT),
    ("GET", f"{SHUT_INSTANCE}/thumbnail", None, WITH_GRANT),
    ("GET", f"{SHUT_INSTANCE}/frames/1/rendered", None, WITH_GRANT),
    ("GET", f"{SHUT_INSTANCE}/bulkdata/00282000", None, WITH_GRANT | {"granted": 404}),
    ("GET", f"{SHUT_SERIES}/instances/1.2.3/metadata", None, UNKNOWN),
    ("GET", "/dicomweb/studies/1.2.3/metadata", None, UNKNOWN),
    ("POST", "/dicomweb/studies", {}, SUBMITTERS | {"contributor": 415, "steward": 415}),
    ("POST", "/dicomweb/studies/1.2.3", {}, SUBMITTERS | {"contributor": 415, "steward": 415}),
    ("GET", f"/api/v1/datasets/{OPEN}/files", None, EVERYBODY),
    ("GET", f"/api/v1/datasets/{CONTROLLED}/files", None, WITH_GRANT),
    ("GET", f"/files/{OPEN}/document-dataset", None, EVERYBODY),
    ("GET", f"/files/{CONTROLLED}/document-dataset", None, WITH_GRANT),
    ("GET", f"/files/{CONTROLLED}/cntrzz-0-0", None, WITH_GRANT),
    ("HEAD", f"/files/{CONTROLLED}/cntrzz-0-0", None, WITH_GRANT),
    ("GET", f"/files/{CONTROLLED}/document-rems", None, WITH_GRANT | {"granted": 404}),
    # What does not exist inside is told only to those who may look inside.
    ("GET", f"/tiles/{CONTROLLED_IMAGE}/9/0_0", None, WITH_GRANT | {"granted": 404}),
    ("GET", f"/tiles/{CONTROLLED_IMAGE}/0/99_0", None, WITH_GRANT | {"granted": 404}),
    ("GET", f"/api/v1/datasets/{NOBODY}", None, UNKNOWN),
    ("GET", f"/api/v1/datasets/{NOBODY}/images", None, UNKNOWN),
    ("GET", f"/api/v1/datasets/{NOBODY}/report", None, UNKNOWN),
    ("GET", "/api/v1/images/bb-image-nnnnnn-nnnnnn", None, UNKNOWN),
    ("GET", "/tiles/bb-image-nnnnnn-nnnnnn/0/0_0", None, UNKNOWN),
    ("GET", "/api/v1/tokens", None, SIGNED_IN),
    ("DELETE", "/api/v1/tokens/none", None, dict.fromkeys(ROLES, 404) | {"anonymous": 401}),
    ("GET", "/api/v1/second-factor", None, SIGNED_IN),
    # Tokens of programs, which this matrix asks with, have no business with a second factor.
    ("POST", "/api/v1/second-factor", None, NO_PROGRAMS),
    ("POST", "/api/v1/second-factor/confirm", {"code": "000000"}, NO_PROGRAMS),
    ("DELETE", "/api/v1/second-factor", {"code": "000000"}, NO_PROGRAMS),
    ("DELETE", "/api/v1/people/nobody/second-factor", None, STEWARDS | {"steward": 404}),
    ("GET", "/api/v1/service-accounts", None, STEWARDS),
    ("POST", "/api/v1/service-accounts", SERVICE, STEWARDS | {"steward": 422}),
    ("GET", "/api/v1/service-accounts/none/tokens", None, STEWARDS | {"steward": 404}),
    ("POST", "/api/v1/service-accounts/none/tokens", TOKEN, STEWARDS | {"steward": 404}),
    ("DELETE", "/api/v1/service-accounts/none/tokens/x", None, STEWARDS | {"steward": 404}),
    ("GET", "/api/v1/identity/issuers", None, EVERYBODY),
    ("GET", "/api/v1/identity/none/begin", None, UNKNOWN),
    ("GET", "/api/v1/identity/none/callback", None, UNKNOWN),
    ("GET", "/api/v1/people/me/identities", None, SIGNED_IN),
    ("DELETE", "/api/v1/people/me/identities/none", None, SIGNED_IN_UNKNOWN),
    ("GET", "/api/v1/people/me/visas", None, SIGNED_IN),
    ("POST", "/api/v1/people/me/password", {"old": "x", "password": "y"}, NO_PROGRAMS),
    ("POST", "/api/v1/people/me/passport", {"passport": "x"}, NO_PASSPORT),
    ("GET", "/jwks", None, EVERYBODY),
    ("GET", "/.well-known/jwks.json", None, EVERYBODY),
    ("GET", "/permissions/me", None, SIGNED_IN),
    ("GET", "/permissions/nobody", None, SIGNED_IN_UNKNOWN),
    ("GET", "/api/v1/people", None, STEWARDS),
    ("POST", "/api/v1/people", PERSON, STEWARDS | {"steward": 422}),
    ("GET", "/api/v1/grants", None, SIGNED_IN),
    ("POST", "/api/v1/grants", GRANT, STEWARDS | {"steward": 404}),
    ("DELETE", "/api/v1/grants/none", {"reason": "r"}, STEWARDS | {"steward": 404}),
    ("POST", "/api/v1/grants/none/hold", {"reason": "r"}, STEWARDS | {"steward": 404}),
    ("POST", "/api/v1/grants/none/release", {"reason": "r"}, STEWARDS | {"steward": 404}),
    ("GET", "/api/v1/duties", None, SIGNED_IN),
    ("GET", "/api/v1/duties?view=all", None, READERS),
    ("POST", "/api/v1/duties/none/done", {"evidence": "e"}, SIGNED_IN_UNKNOWN),
    ("POST", "/api/v1/duties/none/waive", {"reason": "r"}, STEWARDS | {"steward": 404}),
    ("GET", f"/api/v1/datasets/{CONTROLLED}/uses", None, USES),
    ("GET", f"/api/v1/datasets/{NOBODY}/uses", None, SIGNED_IN_UNKNOWN),
    ("GET", "/api/v1/seals", None, READERS | {"committee": 200}),
    (
        "POST",
        "/api/v1/seals",
        {"scope": "dataset", "reason": "r"},
        STEWARDS | {"steward": 422, "committee": 422},
    ),
    ("POST", "/api/v1/seals/none/unseal", {"reason": "r"}, SEALERS_404),
    # Whose an application is, and who decides on it, tests/api/test_applications.py asks.
    ("GET", "/api/v1/committees", None, SIGNED_IN),
    ("POST", "/api/v1/committees", COMMITTEE, STEWARDS | {"steward": 201}),
    ("PATCH", "/api/v1/committees/none", {"quorum": 1}, STEWARDS | {"steward": 404}),
    ("PUT", "/api/v1/committees/none/members/none", None, STEWARDS | {"steward": 404}),
    ("DELETE", "/api/v1/committees/none/members/none", None, STEWARDS | {"steward": 404}),
    ("PUT", "/api/v1/committees/none/datasets/none", None, STEWARDS | {"steward": 404}),
    ("DELETE", "/api/v1/committees/none/datasets/none", None, STEWARDS | {"steward": 404}),
    ("GET", "/api/v1/applications/form", None, SIGNED_IN),
    ("GET", "/api/v1/applications", None, SIGNED_IN),
    ("GET", "/api/v1/applications?view=desk", None, SIGNED_IN),
    ("GET", "/api/v1/applications?view=all", None, READERS),
    ("POST", "/api/v1/applications", {"datasets": [NOBODY]}, SIGNED_IN_UNKNOWN),
    ("GET", NO_APPLICATION, None, SIGNED_IN_UNKNOWN),
    ("PATCH", NO_APPLICATION, {}, SIGNED_IN_UNKNOWN | dict.fromkeys(ROLES[1:], 428)),
    ("POST", f"{NO_APPLICATION}/commands", {"command": "submit"}, SIGNED_IN_UNKNOWN),
    ("PUT", f"{NO_APPLICATION}/documents/x.pdf", None, SIGNED_IN_UNKNOWN),
    ("GET", f"{NO_APPLICATION}/documents/x.pdf", None, SIGNED_IN_UNKNOWN),
    ("DELETE", f"{NO_APPLICATION}/documents/x.pdf", None, SIGNED_IN_UNKNOWN),
    ("GET", "/api/v1/agreements", None, SIGNED_IN),
    ("POST", "/api/v1/agreements", AGREEMENT, STEWARDS | {"steward": 201}),
    ("GET", "/api/v1/uses", None, EVERYBODY),
    ("GET", "/api/v1/notices", None, SIGNED_IN),
    ("POST", "/api/v1/notices/read", {"ids": []}, dict.fromkeys(ROLES, 204) | {"anonymous": 401}),
    ("GET", "/api/v1/preparations/form", None, SUBMITTERS),
    ("GET", "/api/v1/preparations/template", None, SUBMITTERS),
    ("POST", "/api/v1/preparations/check", {"columns": ["file"], "rows": []}, SUBMITTERS),
    # Of drafts and tables the matrix's node, which takes no identified data, has none.
    ("POST", "/api/v1/preparations/read", {}, NO_SUBMITTERS),
    (
        "POST",
        "/api/v1/preparations/dataset",
        {"columns": ["file"], "rows": [], "slides": []},
        NO_SUBMITTERS,
    ),
    ("GET", "/api/v1/preparations/drafts", None, NO_SUBMITTERS),
    ("GET", "/api/v1/preparations/drafts/none-0000", None, NO_SUBMITTERS),
    (
        "PUT",
        "/api/v1/preparations/drafts/none-0000",
        {"columns": ["file"], "rows": []},
        NO_SUBMITTERS,
    ),
    (
        "DELETE",
        "/api/v1/preparations/drafts/none-0000",
        None,
        SUBMITTERS | {"contributor": 404, "steward": 404},
    ),
    # What is installed is for all; whose a published one is, tests/api/test_algorithms.py asks.
    ("GET", "/api/v1/algorithms", None, EVERYBODY),
    ("GET", ALGORITHM_PATH, None, UNKNOWN),
    ("GET", f"{ALGORITHM_PATH}/versions/1.0.0", None, UNKNOWN),
    ("GET", f"{ALGORITHM_PATH}/versions/1.0.0/files", None, SIGNED_IN_UNKNOWN),
    ("GET", f"{ALGORITHM_PATH}/grants", None, SIGNED_IN_UNKNOWN),
    ("POST", "/api/v1/algorithms", None, PUBLISHERS_422),
    ("POST", f"{ALGORITHM_PATH}/versions/1.0.0/withdraw", {"reason": "r"}, PUBLISHERS_404),
    ("PUT", f"{ALGORITHM_PATH}/policy", {}, PUBLISHERS_404),
    ("POST", f"{ALGORITHM_PATH}/grants", ALGORITHM_GRANT, PUBLISHERS_404),
    ("DELETE", f"{ALGORITHM_PATH}/grants/none", {"reason": "r"}, PUBLISHERS_404),
    # Cohorts are anybody's who is signed in; whose they are, tests/api/test_cohorts.py asks.
    ("GET", "/api/v1/cohorts", None, SIGNED_IN),
    (
        "POST",
        "/api/v1/cohorts",
        {"name": "x", "where": "("},
        dict.fromkeys(ROLES, 422) | {"anonymous": 401},
    ),
    ("GET", NO_COHORT, None, SIGNED_IN_UNKNOWN),
    ("PATCH", NO_COHORT, {"notes": "x"}, SIGNED_IN_UNKNOWN | dict.fromkeys(ROLES[1:], 428)),
    ("DELETE", NO_COHORT, None, SIGNED_IN_UNKNOWN),
    ("GET", f"{NO_COHORT}/compare?earlier=1", None, SIGNED_IN_UNKNOWN),
    ("GET", f"{NO_COHORT}/request", None, SIGNED_IN_UNKNOWN),
    ("GET", f"{NO_COHORT}/versions", None, SIGNED_IN_UNKNOWN),
    ("POST", f"{NO_COHORT}/versions", None, SIGNED_IN_UNKNOWN),
    ("GET", NO_VERSION, None, SIGNED_IN_UNKNOWN),
    ("POST", f"{NO_VERSION}/accession", None, SIGNED_IN_UNKNOWN),
    ("GET", f"{NO_VERSION}/split", None, SIGNED_IN_UNKNOWN),
    ("GET", f"{NO_VERSION}/export", None, SIGNED_IN_UNKNOWN),
    ("GET", "/api/v1/cohorts/by-accession/bb-cohort-nnnnnn-nnnnnn", None, UNKNOWN),
    ("GET", "/api/v1/cohorts/by-accession/bb-cohort-nnnnnn-nnnnnn/export", None, UNKNOWN),
    # Runs are their owner's; whose a result is, tests/api/test_runs.py asks.
    ("GET", "/api/v1/runs", None, SIGNED_IN),
    ("POST", "/api/v1/runs", NO_ALGORITHM, SIGNED_IN_UNKNOWN),
    ("POST", "/api/v1/runs/plan", NO_ALGORITHM, SIGNED_IN_UNKNOWN),
    ("GET", NO_RUN, None, SIGNED_IN_UNKNOWN),
    ("GET", f"{NO_RUN}/slides", None, SIGNED_IN_UNKNOWN),
    ("POST", f"{NO_RUN}/cancel", None, SIGNED_IN_UNKNOWN),
    ("GET", f"{NO_RUN}/provenance", None, SIGNED_IN_UNKNOWN),
    ("GET", f"{NO_RUN}/observations", None, SIGNED_IN_UNKNOWN),
    ("GET", f"/api/v1/images/{OPEN_IMAGE}/results", None, EVERYBODY),
    ("GET", f"/api/v1/images/{CONTROLLED_IMAGE}/results", None, WITH_GRANT),
    ("GET", f"/api/v1/results/{'0' * 64}/mask", None, UNKNOWN),
    ("GET", f"/api/v1/results/{'0' * 64}/mask/overlay", None, UNKNOWN),
    ("GET", f"/api/v1/results/{'0' * 64}/mask/tiles/0/0_0", None, UNKNOWN),
    ("GET", f"/api/v1/results/{'0' * 64}/mask/shapes?{WHOLE}", None, UNKNOWN),
    ("GET", f"/api/v1/results/{'0' * 64}/mask/geojson", None, UNKNOWN),
    ("GET", "/api/v1/events", None, READERS),
    ("GET", "/api/v1/ledger/proof?event=1", None, READERS),
    ("GET", "/api/v1/ledger/proof?event=999999", None, READERS | {"steward": 404, "auditor": 404}),
    # Sizes and hashes tell nothing of who or what: everybody may hold the node to its record.
    ("GET", "/api/v1/ledger/consistency?from=1", None, EVERYBODY),
    ("GET", "/ledger/checkpoint", None, EVERYBODY),
    ("GET", "/ledger/tile/0/000.p/1", None, EVERYBODY),
    ("GET", "/ledger/tile/0/999", None, UNKNOWN),
    ("GET", "/healthz", None, EVERYBODY),
    ("GET", "/metrics", None, EVERYBODY),
    ("GET", "/openapi.json", None, EVERYBODY),
]


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A client, and the token of each kind of person."""
    stores = make_stores(tmp_path_factory.mktemp("matrix") / "data")
    publish_two(stores)
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    given = {
        "granted": {},
        "expired": {"end": now - timedelta(seconds=1)},
        "revoked": {},
        "future": {"start": now + hour, "end": now + 2 * hour},
    }
    tokens = {"anonymous": None}
    for role in ROLES[1:]:
        held = "researcher" if role in given else role
        person, tokens[role] = add_person(stores, role, held)
        if role in given:
            recorded = grant(stores, person, **given[role])
        if role == "revoked":
            with stores.records.write() as connection:
                revoke_grant(connection, recorded.id, reason="over", by="node")
    signer = Signer("node.example/ledger", Ed25519PrivateKey.generate())
    Sequencer(stores.records, signer, KeptCheckpoint(stores.settings.data / "kept")).run()
    with Client(build(Node.open(stores, start_work=lambda _: None))) as client:
        yield client, tokens
    stores.records.close()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("method", "path", "body", "expected"), TABLE, ids=[f"{row[0]} {row[1]}" for row in TABLE]
)
def test_each_kind_of_person_at_each_door(asked, method, path, body, expected, role):
    client, tokens = asked
    more = {} if body is None else {"json": body}
    answer = client.ask(method, path, token=tokens[role], **more)
    assert answer.status_code == expected[role], answer.text
    if answer.status_code >= 400 and method != "HEAD":
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize("role", [role for role in ROLES if role != "granted"])
@pytest.mark.parametrize(
    "path", [f"/tiles/{CONTROLLED_IMAGE}/0/0_0", f"/api/v1/images/{CONTROLLED_IMAGE}"]
)
def test_a_refusal_says_why_and_where_to_apply(asked, path, role):
    client, tokens = asked
    told = client.get(path, token=tokens[role]).json()
    assert told["reason"] == ("sign-in" if role == "anonymous" else "grant")
    assert told["apply"] == "mailto:access@example.org"


def test_the_card_tells_each_person_whether_it_opens(asked):
    client, tokens = asked
    for role in ROLES:
        cards = client.get("/api/v1/datasets", token=tokens[role]).json()["items"]
        access = {card["accession"]: card["access"]["may_open"] for card in cards}
        assert access == {OPEN: True, CONTROLLED: role == "granted"}


def test_people_other_than_stewards_and_auditors_see_only_their_own_grants(asked):
    client, tokens = asked
    for role, seen in (("granted", 1), ("researcher", 0), ("steward", 4), ("auditor", 4)):
        listed = client.get("/api/v1/grants", token=tokens[role]).json()["items"]
        assert len(listed) == seen, role


def test_every_door_of_the_document_is_in_the_table(asked):
    client, _ = asked
    paths = client.get("/openapi.json").json()["paths"]
    elsewhere = ("/api/v1/submissions", "/api/v1/uploads")  # their own tests
    doors = {
        (method.upper(), path)
        for path, methods in paths.items()
        for method in methods
        if not path.startswith(elsewhere)
    }
    not_by_role = {
        ("POST", "/api/v1/sessions"),  # this is how somebody becomes anybody
        ("POST", "/api/v1/sessions/second-factor"),
        ("DELETE", "/api/v1/sessions/current"),
        ("POST", "/api/v1/tokens"),
        ("GET", "/api/v1/datasets/{accession}/thumbnails/{number}"),  # the world's
    }
    held = {(method, _template(path, paths)) for method, path, _, _ in TABLE}
    assert doors - not_by_role - held == set()


def _template(path, paths):
    """The path of the document that a real path is an instance of."""
    asked = path.partition("?")[0]

    def fits(template):
        return re.fullmatch(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template)), asked)

    def literal(template):
        return len(re.sub(r"\{[^}]*\}", "", template))

    return max(filter(fits, paths), key=literal, default=None)
