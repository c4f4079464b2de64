"""REMS as the decider, spoken to over HTTP: a server that answers in REMS' own JSON."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bigpicture.access.grant import list_grants, record_grant, revoke_grant
from bigpicture.access.identity.accounts import link_identity
from bigpicture.access.identity.fetch import UnreachedError
from bigpicture.access.identity.trusted import Rems
from bigpicture.access.rems import poll
from bigpicture.model.grant import GrantState
from bigpicture.model.visa import Identity
from published import CONTROLLED, add_person

ISSUER = "https://issuer.example.org"
KEY = "an invented key"


def text(at):
    """As REMS writes a moment."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


class Server(ThreadingHTTPServer):
    """Answers `GET /api/entitlements` for a known key, as REMS does."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.entitlements = []
        self.raw = None
        self.asked = []

    def give(self, user, resource, *, application=1, start=None, end=None):
        now = datetime.now(UTC)
        self.entitlements.append(
            {
                "resource": resource,
                "user": {"userid": user, "name": "Invented", "email": "x@example.org"},
                "application-id": application,
                "start": text(start or now - timedelta(days=1)),
                "end": text(end) if end else None,
                "mail": "x@example.org",
            }
        )


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        known = (self.headers["x-rems-api-key"], self.headers["x-rems-user-id"]) == (KEY, "owner")
        body = self.server.raw or json.dumps(self.server.entitlements if known else []).encode()
        self.send_response(200 if known else 401)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def rems(server, tmp_path):
    file = tmp_path / "rems.key"
    file.write_text(KEY + "\n")
    return Rems(
        url=f"http://127.0.0.1:{server.server_port}",
        user="owner",
        key_file=file,
        issuer=ISSUER,
        datasets={"urn:rems:1": CONTROLLED},
    )


@pytest.fixture
def ada(stores, frames):
    person, _ = add_person(stores, "ada", "researcher")
    with stores.records.write() as connection:
        link_identity(connection, person.id, Identity(ISSUER, "elixir-ada"))
    return person


def live(stores, person):
    now = datetime.now(UTC)
    with stores.records.read() as connection:
        return list_grants(connection, person=person.id, state=GrantState.ACTIVE, now=now)


def test_an_entitlement_becomes_a_grant_and_ends_with_it(stores, rems, server, ada):
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=9)
    server.give("elixir-ada", "urn:rems:1", application=7, end=end)
    server.give("somebody-else", "urn:rems:1")
    server.give("elixir-ada", "urn:of-another-archive")
    assert poll(stores.records, rems) == 1
    (held,) = live(stores, ada)
    assert (held.dataset, held.end) == (CONTROLLED, end)
    assert "application 7" in held.reason
    assert poll(stores.records, rems) == 1
    assert live(stores, ada) == [held]  # the same again changes nothing
    server.entitlements.clear()
    poll(stores.records, rems)
    assert live(stores, ada) == []
    server.give("elixir-ada", "urn:rems:1", application=8, end=end)
    poll(stores.records, rems)
    assert len(live(stores, ada)) == 1  # REMS withdrew it, and REMS gives it again


def test_without_an_end_a_grant_ends_all_the_same_and_is_renewed_before(stores, rems, server, ada):
    server.give("elixir-ada", CONTROLLED, start=datetime.now(UTC) - timedelta(days=364))
    poll(stores.records, rems)
    (held,) = live(stores, ada)
    left = held.end - datetime.now(UTC)
    assert timedelta(days=365) < left <= timedelta(days=366)


def test_a_shorter_end_shortens_the_grant(stores, rems, server, ada):
    now = datetime.now(UTC).replace(microsecond=0)
    server.give("elixir-ada", CONTROLLED, end=now + timedelta(days=9))
    poll(stores.records, rems)
    server.entitlements.clear()
    server.give("elixir-ada", CONTROLLED, end=now + timedelta(days=2))
    poll(stores.records, rems)
    assert [each.end for each in live(stores, ada)] == [now + timedelta(days=2)]
    server.entitlements.clear()
    server.give("elixir-ada", CONTROLLED, end=now + timedelta(days=20))
    poll(stores.records, rems)
    with stores.records.read() as connection:
        held = list_grants(connection, person=ada.id, dataset=CONTROLLED)
    ahead = [each for each in held if each.revoked is None]
    assert max(each.end for each in ahead) == now + timedelta(days=20)


def test_what_was_revoked_here_rems_does_not_open_again(stores, rems, server, ada):
    server.give("elixir-ada", CONTROLLED)
    poll(stores.records, rems)
    (held,) = live(stores, ada)
    with stores.records.write() as connection:
        revoke_grant(connection, held.id, reason="misuse", by="steward")
    poll(stores.records, rems)
    assert live(stores, ada) == []


def test_a_grant_recorded_here_stands_beside_what_rems_says(stores, rems, server, ada):
    with stores.records.write() as connection:
        own = record_grant(
            connection,
            person=ada.id,
            dataset=CONTROLLED,
            end=datetime.now(UTC) + timedelta(days=900),
            reason="of this node",
            by="steward",
        )
    server.give("elixir-ada", CONTROLLED)
    poll(stores.records, rems)
    server.entitlements.clear()
    poll(stores.records, rems)
    assert [each.id for each in live(stores, ada)] == [own.id]


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[{}]", b'[{"resource": "x"}]', b"<html>", b"[1]", b"[" * 100_000]
)
def test_an_answer_that_is_not_whole_revokes_nothing(stores, rems, server, ada, raw):
    server.give("elixir-ada", CONTROLLED)
    poll(stores.records, rems)
    server.raw = raw or b" "
    with pytest.raises(UnreachedError):
        poll(stores.records, rems)
    assert len(live(stores, ada)) == 1


def test_a_wrong_key_or_no_server_revokes_nothing(stores, rems, server, ada):
    server.give("elixir-ada", CONTROLLED)
    poll(stores.records, rems)
    rems.key_file.write_text("another")
    with pytest.raises(UnreachedError):
        poll(stores.records, rems)
    server.shutdown()
    server.server_close()
    with pytest.raises(UnreachedError):
        poll(stores.records, rems)
    assert len(live(stores, ada)) == 1
