"""Held back, a dataset is nowhere for those who may not know of it; taken back, it is a name.

Every door that the OpenAPI document names is asked, on both databases.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from bigpicture.access import decisions as module
from bigpicture.access.decisions import Decisions
from bigpicture.access.epoch import Epoch, Epochs
from bigpicture.api.landing_page import LandingPages
from bigpicture.ledger.read import events_after
from published import CONTROLLED, OPEN, image_name
from standing_world import INSIDERS, NAMES, STRANGERS, TRACES, embargo, opened_world

HERE = f"/api/v1/datasets/{CONTROLLED}"
DOOR = f"{HERE}/standing"
IMAGE = image_name(CONTROLLED, 0)
FIXED = {
    "form": "jsonld",
    "number": "0",
    "level": "0",
    "tile": "0_0",
    "first": "0_0",
    "last": "0_0",
    "region": "full",
    "size": "max",
    "rotation": "0",
    "picture": "default.jpg",
    "file": "cntrzz-0-0",
    "frames": "1",
    "frame": "1",
    "path": "00282000",
    "place": "000",
    "within": "metadata",
    "cohort": "0" * 32,
    "upload": "none",
    "draft": "none-0000",
    "token": "none",
    "grant": "none",
}
QUERIES = {
    "/api/v1/images/values": "?field=dataset&words=the",
    "/api/v1/ledger/proof": "?event=1",
    "/api/v1/ledger/consistency": "?from=1",
    "/api/v1/cohorts/{cohort}/compare": "?earlier=1",
}
OWN = ("/api/v1/grants", "/api/v1/duties")
"""One's own grant names the dataset that it was given to, and so do its duties."""


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request, tmp_path):
    is_remote = request.param == "postgresql"
    url = request.getfixturevalue("make_postgresql_url")() if is_remote else ""
    with opened_world(tmp_path / "data", url) as made:
        yield made


def _named(template, at):
    """A path with what the hidden dataset holds (`at` 0), or what nothing holds (1)."""

    def fill(found):
        name = found[1]
        if template.startswith("/deepzoom") and name == "tile":
            return "0_0.jpeg"
        if name == "accession":
            name = "image" if "/images/" in template else "dataset"
        return NAMES[name][at] if name in NAMES else FIXED.get(name, "none")

    return re.sub(r"\{([^}]*)\}", fill, template).replace("/tile/none", "/tile/0")


def _without_names(answer):
    text = answer.content
    for pair in NAMES.values():
        for name in pair:
            text = text.replace(name.encode(), b"X")
    return answer.status_code, re.sub(rb"file.{0,20}cntrzz-0-0", b"file", text)


@pytest.mark.parametrize("who", STRANGERS)
def test_embargoed_it_is_nowhere_at_any_door(world, who):
    embargo(world)
    doors = world.get("/openapi.json", "anonymous").json()["paths"]
    asked = 0
    for template in sorted(path for path, methods in doors.items() if "get" in methods):
        if template == "/metrics" or (who == "granted" and template in OWN):
            continue
        query = QUERIES.get(template, "")
        told = world.get(_named(template, 0) + query, who)
        unknown = world.get(_named(template, 1) + query, who)
        if "{" in template:
            assert _without_names(told) == _without_names(unknown), template
        else:
            content = told.content.lower()
            assert [trace for trace in TRACES if trace in content] == [], template
        asked += 1
    assert asked > 60


def test_so_it_is_when_words_and_lists_ask(world):
    found = {"question": {"field": "dataset", "in": [CONTROLLED]}, "facets": ["dataset", "organ"]}
    for who in STRANGERS:
        world.set("released")
        before = world.ask("POST", "/api/v1/images/find", who, json=found).json()
        assert CONTROLLED in str(before), who
        embargo(world)
        for path in ("/api/v1/datasets?q=controlled", "/api/v1/images?where=organ:lung"):
            content = world.get(path, who).content.lower()
            assert [trace for trace in TRACES if trace in content] == [], path
        told = world.ask("POST", "/api/v1/images/find", who, json={"facets": ["dataset", "organ"]})
        assert (told.json()["closed"], told.json()["datasets"]) == (0, 1)
        assert b"Lung" not in told.content
        match = world.ask("POST", f"{HERE}/policy/match", who, json={})
        assert match.status_code == 404
        tiles = world.ask("POST", f"/tiles/{IMAGE}/0", who, json=[[0, 0]])
        assert tiles.status_code == 404
        assert tiles.json()["detail"] == "there is no such image."


def test_counts_tell_nothing_of_it(world):
    embargo(world)
    counts = world.get("/api/v1/node", "contributor").json()["counts"]
    assert counts == {"datasets": 1, "images": 3}
    assert world.get("/api/v1/datasets", "researcher").json()["total"] == 1


def test_its_landing_page_is_that_of_no_dataset(world):
    pages = LandingPages(world.node)
    scope = {"type": "http", "scheme": "http", "headers": []}
    page = "<title>Portal</title>"
    assert "controlled set" in pages.land(page, CONTROLLED, scope).html
    embargo(world)
    assert pages.land(page, CONTROLLED, scope) == pages.land(page, "none", scope)
    world.set("withdrawn")


@pytest.mark.parametrize("who", INSIDERS)
def test_those_who_answer_for_it_see_it(world, who):
    embargo(world)
    listed = world.get("/api/v1/datasets", who).json()["items"]
    standing = {card["accession"]: card["standing"] for card in listed}
    assert standing == {OPEN: "released", CONTROLLED: "embargoed"}
    shown = world.get(HERE, who).json()
    assert shown["standing"] == "embargoed"
    assert shown["embargo_until"]
    assert world.get(f"{HERE}/policy", who).status_code == 200
    assert world.get(f"{HERE}/thumbnails/0", who).status_code == 200
    # No role opens a controlled dataset: this stays as it was.
    assert world.get(f"/api/v1/images/{IMAGE}", who).status_code == 403


def test_it_is_released_by_itself_on_the_second(world, monkeypatch):
    until = datetime.now(UTC) + timedelta(days=9)
    embargo(world, until=until)
    assert world.get(f"/api/v1/images/{IMAGE}", "granted").status_code == 404
    assert world.get("/api/v1/images?where=organ:lung", "granted").json()["total"] == 0

    class Clock(datetime):
        at = until - timedelta(microseconds=1)

        @classmethod
        def now(cls, zone=None):
            return cls.at

    monkeypatch.setattr(module, "datetime", Clock)
    assert world.get(f"/api/v1/images/{IMAGE}", "granted").status_code == 404
    Clock.at = until
    assert world.get(f"/api/v1/images/{IMAGE}", "granted").status_code == 200
    assert world.get("/api/v1/images?where=organ:lung", "granted").json()["total"] == 2


def test_withdrawn_it_is_a_tombstone(world):
    world.set("withdrawn")
    for who in ("anonymous", "granted", "contributor", "steward"):
        told = world.get(HERE, who)
        assert told.status_code == 200
        assert told.json()["standing"] == "withdrawn"
        assert told.json()["title"] == "The controlled set of livers and lungs"
        assert told.json()["reason"] == "an invented reason"
        assert told.json().keys() == {
            "accession", "title", "version", "doi", "published", "standing", "withdrawn", "reason"
        }  # fmt: skip


def test_withdrawn_nobody_reads_it_under_whatever_grant(world):
    assert world.get(f"/tiles/{IMAGE}/0/0_0", "granted").status_code == 200
    world.set("withdrawn")
    doors = world.get("/openapi.json", "anonymous").json()["paths"]
    by_name = [
        path
        for path, methods in doors.items()
        if "get" in methods
        and re.search(r"\{(dataset|image|study)\}|(datasets|images)/\{accession\}", path)
        and path not in ("/api/v1/datasets/{accession}", "/api/v1/submissions/{accession}")
        # for those who answer for it
        and not path.endswith(("{accession}/uses", "{accession}/barred"))
        and path != "/dicomweb/studies/{study}/{within}"
    ]
    assert len(by_name) > 20
    for template in by_name:
        if "{image}" in template and "/submissions/" in template:
            continue
        for who in ("granted", "steward", "anonymous"):
            told = world.get(_named(template, 0), who)
            assert told.status_code == 403, (template, who, told.text)
            assert told.json()["reason"] == "withdrawn"


def test_withdrawn_it_is_out_of_search_and_counts_and_comes_back_released(world):
    def seen():
        return (
            world.get("/api/v1/datasets", "granted").json()["total"],
            world.get("/api/v1/images?where=organ:lung", "granted").json()["total"],
            world.get("/api/v1/node", "anonymous").json()["counts"]["images"],
            CONTROLLED in world.get("/sitemap.xml", "anonymous").text,
            world.get("/dicomweb/studies", "granted").text.count(NAMES["study"][0]) > 0,
        )

    assert seen() == (2, 2, 5, True, True)
    world.set("withdrawn")
    assert seen() == (1, 0, 3, False, False)
    world.set("released")
    assert seen() == (2, 2, 5, True, True)


def test_withdrawn_under_an_embargo_it_stays_hidden(world):
    embargo(world)
    world.set("withdrawn")
    assert world.get(HERE, "granted").status_code == 404
    assert world.get(HERE, "contributor").json()["standing"] == "withdrawn"


def test_a_frozen_cohort_says_what_went(world):
    saved = world.ask("POST", "/api/v1/cohorts", "granted", json={"name": "All"}).json()
    versions = f"/api/v1/cohorts/{saved['id']}/versions"
    frozen = world.ask("POST", versions, "granted").json()
    assert not frozen["hidden"]
    world.set("withdrawn")
    told = world.get(f"{versions}/1", "granted").json()
    assert [(each["dataset"], each["is_withdrawn"]) for each in told["hidden"]] == [
        (CONTROLLED, True)
    ]
    listed = world.get(f"{versions}/1/export?form=json", "granted")
    assert IMAGE not in listed.text
    assert image_name(OPEN, 0) in listed.text


def test_a_shared_cohort_names_nothing_that_is_hidden(world):
    asked = {"name": "All", "sharing": "node"}
    saved = world.ask("POST", "/api/v1/cohorts", "granted", json=asked).json()
    here = f"/api/v1/cohorts/{saved['id']}"
    world.ask("POST", f"{here}/versions", "granted")
    minted = world.ask("POST", f"{here}/versions/1/accession", "granted").json()
    embargo(world)
    for path in (
        here,
        f"{here}/versions",
        f"{here}/versions/1",
        f"{here}/versions/1/export?form=json",
        f"{here}/compare?earlier=1",
        f"{here}/request",
        f"/api/v1/cohorts/by-accession/{minted['accession']}",
    ):
        answer = world.get(path, "researcher")
        assert answer.status_code == 200, (path, answer.text)
        assert [trace for trace in TRACES if trace in answer.content.lower()] == [], path
    told = world.get(f"{here}/versions/1", "researcher").json()
    assert [each["title"] for each in told["hidden"]] == ["Images that are not released"]


def test_the_door_is_the_stewards(world):
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    given = {"standing": "embargoed", "until": later, "reason": "a paper waits"}
    for who in ("researcher", "contributor", "committee", "auditor"):
        assert world.ask("POST", DOOR, who, json=given).status_code == 403
    assert world.ask("POST", DOOR, "anonymous", json=given).status_code == 401
    unknown = "/api/v1/datasets/bb-dataset-nnnnnn-nnnnnn/standing"
    assert world.ask("POST", unknown, "steward", json=given).status_code == 404
    assert world.get(HERE, "researcher").status_code == 200
    told = world.ask("POST", DOOR, "steward", json=given)
    assert told.json()["standing"] == "embargoed"
    assert world.get(HERE, "researcher").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"standing": "embargoed", "reason": "r"},
        {"standing": "embargoed", "reason": "r", "until": "2020-01-01T00:00:00Z"},
        {"standing": "embargoed", "reason": "r", "until": "2999-01-01T00:00:00"},
        {"standing": "withdrawn", "reason": "r", "until": "2999-01-01T00:00:00Z"},
        {"standing": "withdrawn", "reason": "  "},
        {"standing": "lost", "reason": "r"},
    ],
)
def test_what_makes_no_sense_changes_nothing(world, wrong):
    assert world.ask("POST", DOOR, "steward", json=wrong).status_code == 422
    assert world.get(HERE, "anonymous").json()["standing"] == "released"


def test_each_change_is_on_record_and_reaches_other_processes(world):
    others = Epochs(world.stores.records, fresh_seconds=0)
    elsewhere = Decisions(world.stores.records, others)
    person = world.people["granted"]
    assert elsewhere.decide(person, CONTROLLED).allowed
    before = others.current()[Epoch.SEAL]
    world.ask("POST", DOOR, "steward", json={"standing": "withdrawn", "reason": "consent"})
    assert others.current()[Epoch.SEAL] == before + 1
    assert not elsewhere.decide(person, CONTROLLED).allowed
    with world.stores.records.read() as connection:
        last = list(events_after(connection, 0, 1000))[-1]
    assert (last.action, last.subject, last.actor) == (
        "dataset:withdraw",
        CONTROLLED,
        world.people["steward"].id,
    )
    assert last.details == {"before": "released", "reason": "consent"}


def test_nobody_asks_for_what_they_may_not_know_of_or_what_is_gone(world):
    wanted = {"datasets": [CONTROLLED]}
    assert world.ask("POST", "/api/v1/applications", "researcher", json=wanted).status_code == 201
    listed = world.get("/api/v1/committees", "researcher").json()["items"]
    assert [each["accession"] for each in listed[0]["datasets"]] == [CONTROLLED]
    embargo(world)
    told = world.ask("POST", "/api/v1/applications", "other contributor", json=wanted)
    assert (told.status_code, told.json()["detail"]) == (404, "there is no such dataset.")
    assert world.get("/api/v1/committees", "researcher").json()["items"][0]["datasets"] == []
    world.set("withdrawn", now=datetime.now(UTC) + timedelta(days=99))
    told = world.ask("POST", "/api/v1/applications", "researcher", json=wanted)
    assert (told.status_code, told.json()["reason"]) == (403, "withdrawn")
