"""Doors of algorithms: published, listed to who may know, granted, withdrawn; never a surprise."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.ledger.read import events_after
from bigpicture.model.algorithm import RESEARCH_ONLY
from made_algorithm import MANIFEST, packed_algorithm
from published import Client, add_person, make_stores

NAME = "org.example.grey"
PATH = f"/api/v1/algorithms/{NAME}"
END = (datetime.now(UTC) + timedelta(days=1)).isoformat()


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return packed_algorithm(tmp_path_factory.mktemp("made") / "grey")


@pytest.fixture
def world(tmp_path):
    stores = make_stores(tmp_path / "data")
    people = {
        name: add_person(stores, name, role)
        for name, role in (
            ("ada", "researcher"),
            ("bob", "researcher"),
            ("stew", "steward"),
            ("audi", "auditor"),
        )
    }
    client = Client(build(Node.open(stores, start_work=lambda _: None)))

    def ask(who, method, path, *, body=None, data=None):
        token = people[who][1] if who else None
        more = {"json": body} if body is not None else {"content": data} if data else {}
        return client.ask(method, path, token=token, **more)

    ask.people = {name: person for name, (person, _) in people.items()}
    ask.stores = stores
    yield ask
    stores.records.close()


def test_a_version_is_published_and_shown_with_its_warning(world, package):
    made = world("ada", "POST", "/api/v1/algorithms?is_listed=true&tier=open", data=package)
    assert made.status_code == 201, made.text
    shown = made.json()
    assert (shown["id"], shown["version"], shown["tier"]) == (NAME, "1.0.0", "open")
    assert shown["run"]["allowed"]
    assert shown["files"]["allowed"]
    assert shown["parameters"]["below"]["default"] == 128
    for path in ("/api/v1/algorithms", PATH, f"{PATH}/versions/1.0.0"):
        answer = world(None, "GET", path)
        assert answer.status_code == 200
        assert answer.json()["research_use_only"] == RESEARCH_ONLY
    found = world(None, "GET", f"{PATH}/versions/1.0.0").json()
    assert found["run"]["reason"] == "sign-in"
    assert found["card"].startswith("# Mean grey")
    assert found["owner"]["id"] == ""  # the world is told no names
    assert not world("bob", "GET", f"{PATH}/versions/1.0.0").json()["files"]["allowed"]


def test_what_somebody_may_not_know_of_is_not_there(world, package):
    world("ada", "POST", "/api/v1/algorithms", data=package)
    for who in (None, "bob"):
        assert NAME not in {each["id"] for each in _listed(world, who)}
        for path in (PATH, f"{PATH}/versions/1.0.0"):
            assert world(who, "GET", path).status_code == 404
    for who in ("ada", "stew", "audi"):
        assert NAME in {each["id"] for each in _listed(world, who)}
    grant = {"person": "x", "end": END, "reason": "r"}
    asked = [
        ("GET", f"{PATH}/versions/1.0.0/files", None),
        ("GET", f"{PATH}/grants", None),
        ("POST", f"{PATH}/grants", grant),
        ("PUT", f"{PATH}/policy", {}),
        ("POST", f"{PATH}/versions/1.0.0/withdraw", {"reason": "r"}),
        ("DELETE", f"{PATH}/grants/none", {"reason": "r"}),
    ]
    for method, path, body in asked:
        assert world("bob", method, path, body=body).status_code == 404, path
        assert world(None, method, path, body=body).status_code == 401, path


def _listed(world, who):
    return world(who, "GET", "/api/v1/algorithms").json()["items"]


def test_a_grant_lets_run_and_not_see_until_it_is_revoked(world, package):
    world("ada", "POST", "/api/v1/algorithms", data=package)
    wanted = {"person": world.people["bob"].id, "end": END, "reason": "study"}
    made = world("ada", "POST", f"{PATH}/grants", body=wanted)
    assert made.status_code == 201
    assert world("bob", "GET", f"{PATH}/versions/1.0.0").json()["run"]["allowed"]
    assert world("bob", "GET", f"{PATH}/versions/1.0.0/files").status_code == 403
    assert [each["id"] for each in world("bob", "GET", f"{PATH}/grants").json()["items"]] == [
        made.json()["id"]
    ]
    assert world("bob", "POST", f"{PATH}/grants", body=wanted).status_code == 403
    given = f"{PATH}/grants/{made.json()['id']}"
    assert world("ada", "DELETE", given, body={"reason": "over"}).status_code == 200
    assert world("bob", "GET", f"{PATH}/versions/1.0.0").status_code == 404


def test_files_go_to_who_may_see_them_and_that_is_on_record(world, package):
    world("ada", "POST", "/api/v1/algorithms", data=package)
    given = world("ada", "GET", f"{PATH}/versions/1.0.0/files")
    assert given.content == package
    assert set(zipfile.ZipFile(BytesIO(given.content)).namelist()) >= {"algorithm.toml", "w.bin"}
    assert world("stew", "GET", f"{PATH}/versions/1.0.0/files").status_code == 403
    with world.stores.records.read() as connection:
        acts = [each.action for each in events_after(connection, 0, 100)]
    assert acts[-2:] == ["algorithm:publish", "algorithm:deliver"]


def test_policy_and_withdrawal_are_for_owner_and_steward(world, package):
    world("ada", "POST", "/api/v1/algorithms?is_listed=true", data=package)
    body = {"tier": "open", "is_listed": True, "terms": "Cite us."}
    assert world("bob", "PUT", f"{PATH}/policy", body=body).status_code == 403
    shown = world("stew", "PUT", f"{PATH}/policy", body=body)
    assert (shown.json()["tier"], shown.json()["terms"]) == ("open", "Cite us.")
    assert world("ada", "PUT", f"{PATH}/policy", body={"tier": "compute-only"}).status_code == 422
    withdrawn = f"{PATH}/versions/1.0.0/withdraw"
    assert world("bob", "POST", withdrawn, body={"reason": "r"}).status_code == 403
    assert world("ada", "POST", withdrawn, body={"reason": "wrong"}).json()["withdrawn"]
    shown = world("bob", "GET", f"{PATH}/versions/1.0.0").json()
    assert shown["run"]["reason"] == "withdrawn"
    assert world("ada", "POST", withdrawn, body={"reason": "again"}).status_code == 409
    assert NAME not in {each["id"] for each in _listed(world, "bob")}


def _zip(*entries):
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for name, data, mode in entries:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            package.writestr(entry, data)
    return made.getvalue()


_TOLD = MANIFEST.format(id=NAME, version="1.0.0", sha256="0" * 64)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"PK no zip", "ZIP"),
        (_zip(("../algorithm.toml", _TOLD, 0o100600)), "outside"),
        (_zip(("/etc/algorithm.toml", _TOLD, 0o100600)), "outside"),
        (_zip(("a\\..\\b", "x", 0o100600)), "outside"),
        (_zip(("algorithm.toml", "/etc/passwd", 0o120777)), "link"),
        (_zip(("a.py", "", 0), ("A.py", "", 0)), "twice"),
        (_zip(("grey.py", "", 0)), "manifest"),
        (_zip(("algorithm.toml", "[algorithm", 0)), "TOML"),
        (_zip(("algorithm.toml", _TOLD, 0)), "module"),
        (_zip(("algorithm.toml", _TOLD, 0), ("grey.py", "", 0), ("CARD.md", "", 0)), "weights"),
        (
            _zip(
                ("algorithm.toml", _TOLD, 0),
                ("grey.py", "", 0),
                ("CARD.md", "", 0),
                ("w.bin", "others", 0),
            ),
            "weights",
        ),
    ],
)
def test_what_is_no_algorithm_is_refused_and_leaves_nothing(world, data, told):
    answer = world("ada", "POST", "/api/v1/algorithms", data=data)
    assert answer.status_code in (422, 409), answer.text
    assert told in answer.text
    assert world("ada", "GET", PATH).status_code == 404


def test_a_bomb_is_refused_before_it_is_unpacked(world):
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for number in range(10_001):
            package.writestr(f"{number}", b"")
    answer = world("ada", "POST", "/api/v1/algorithms", data=made.getvalue())
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_only_some_roles_publish(world, package):
    assert world("audi", "POST", "/api/v1/algorithms", data=package).status_code == 403
    assert world(None, "POST", "/api/v1/algorithms", data=package).status_code == 401
