import asyncio
import json

import pytest
import structlog

from bigpicture.api.application import build
from bigpicture.ledger.read import events_after
from bigpicture.model.errors import StorageError
from published import CONTROLLED, OPEN, add_person, grant, image_name


def test_the_node_says_what_it_is(client):
    told = client.get("/api/v1/node").json()
    assert told["name"] == "Test node"
    assert told["counts"] == {"datasets": 2, "images": 5}
    assert told["intake"] == "deidentified"


def test_datasets_page_and_count(client):
    first = client.get("/api/v1/datasets?limit=1").json()
    assert [card["accession"] for card in first["items"]] == [CONTROLLED]
    assert first["total"] == 2
    rest = client.get("/api/v1/datasets", params={"limit": 1, "after": first["next"]}).json()
    assert [card["accession"] for card in rest["items"]] == [OPEN]
    assert rest["next"] is None


def test_facets_are_values_to_filter_by(client):
    facets = client.get("/api/v1/datasets").json()["facets"]
    liver = next(each for each in facets["organ"] if each["label"] == "Liver")
    assert liver == {"value": "SNOMED CT:10200004", "label": "Liver", "count": 1}
    found = client.get("/api/v1/datasets", params={"organ": liver["value"]}).json()
    assert [card["accession"] for card in found["items"]] == [OPEN]
    assert set(facets) == {"organ", "stain", "species", "diagnosis", "type", "tier", "companion"}


def test_a_dataset_shows_its_terms_and_landing_page_to_the_world(client):
    told = client.get(f"/api/v1/datasets/{CONTROLLED}").json()
    assert told["policy"]["allowed_uses"] == ["Research Use"]
    assert told["landing"]["changelog"] == "1.0.0: first"
    assert told["resolutions"] == [0.25]
    assert told["access"]["apply"] == "mailto:access@example.org"
    assert told["counts"]["images"] is None  # they are of few beings
    assert told["counts"]["annotations"] == 0


def test_an_image_answers_its_levels_and_its_tiles(client, frames):
    accession = image_name(OPEN, 0)
    told = client.get(f"/api/v1/images/{accession}").json()
    assert told["levels"][0] == {
        "level": 0,
        "columns": 200,
        "rows": 130,
        "tile_columns": 64,
        "tile_rows": 64,
        "mpp_x": 0.25,
        "mpp_y": 0.25,
        "media_type": "image/jpeg",
    }
    assert told["tiles"] == f"/tiles/{accession}/{{level}}/{{column}}_{{row}}"
    assert (told["focal_planes"], told["channels"]) == (1, [])
    tile = client.get(told["tiles"].format(level=1, column=1, row=1))
    assert tile.status_code == 200
    assert told["being"]["sex"] == "Female"
    assert told["specimens"] == [
        {
            "alias": "spcmn 0",
            "site": "Liver",
            "extraction": None,
            "fixation": None,
            "age": "P50Y/P5Y",
        }
    ]
    qualified = {each["codes"][0]["meaning"]: each["qualifier"] for each in told["observations"]}
    assert qualified == {"Adenoma": "confirmed", "Fibrosis": "candidate"}
    assert client.get(told["thumbnail"]).headers["content-type"] == "image/jpeg"


def test_images_of_a_dataset_are_filtered_and_paged(client):
    path = f"/api/v1/datasets/{OPEN}/images"
    told = client.get(path, params={"stain": "H&E", "limit": 1}).json()
    assert told["total"] == 2
    assert [card["alias"] for card in told["items"]] == ["image 0"]
    rest = client.get(path, params={"stain": "H&E", "after": told["next"]}).json()
    assert [card["alias"] for card in rest["items"]] == ["image 2"]


def test_a_steward_records_a_grant_that_opens_and_revokes_it(client, stores):
    _, steward = add_person(stores, "stew", "steward")
    ada, token = add_person(stores, "ada", "researcher")
    wanted = {
        "person": ada.id,
        "dataset": CONTROLLED,
        "end": "2999-01-01T00:00:00+01:00",
        "reason": "study",
    }
    recorded = client.post("/api/v1/grants", wanted, token=steward)
    assert recorded.status_code == 201
    assert client.get(f"/api/v1/datasets/{CONTROLLED}/images", token=token).status_code == 200
    path = f"/api/v1/grants/{recorded.json()['id']}"
    revoked = client.ask("DELETE", path, token=steward, json={"reason": "over"})
    assert revoked.json()["revoked"]
    actions = [
        each["action"] for each in client.get("/api/v1/events", token=steward).json()["items"]
    ]
    assert actions[-4:] == ["grant:record", "duty:open", "grant:revoke", "duty:close"]


def test_a_double_click_makes_one_grant(client, stores):
    _, steward = add_person(stores, "stew", "steward")
    ada, _ = add_person(stores, "ada", "researcher")
    wanted = {
        "person": ada.id,
        "dataset": CONTROLLED,
        "end": "2999-01-01T00:00:00Z",
        "reason": "study",
    }
    answers = [client.post("/api/v1/grants", wanted, token=steward) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 409]
    assert answers[1].json()["remedy"].startswith("Revoke it first")
    assert len(client.get("/api/v1/grants", token=steward).json()["items"]) == 1


def test_events_are_read_from_either_end_with_the_names_of_people(client, stores):
    stew, steward = add_person(stores, "stew", "steward")
    ada, _ = add_person(stores, "ada", "researcher")
    given = grant(stores, ada)
    oldest = client.get("/api/v1/events", token=steward).json()
    seqs = [each["seq"] for each in oldest["items"]]
    assert seqs == sorted(seqs)
    assert oldest["names"] == {stew.id: "Stew", ada.id: "Ada"}
    seen, params = [], {"first": "newest", "limit": 2}
    while params.get("after", "") is not None:
        page = client.get("/api/v1/events", params=params, token=steward).json()
        seen += page["items"]
        params["after"] = page["next"]
    assert [each["seq"] for each in seen] == seqs[::-1]
    assert (seen[1]["action"], seen[1]["subject"]) == ("grant:record", given.id)


def test_the_names_on_a_page_are_those_it_needs(client, stores):
    _, auditor = add_person(stores, "odo", "auditor")
    ada, _ = add_person(stores, "ada", "researcher")
    grant(stores, ada)
    page = client.get("/api/v1/events?first=newest&limit=2", token=auditor).json()
    assert page["items"][1]["details"]["person"] == ada.id
    assert page["names"] == {ada.id: "Ada"}
    assert client.get("/api/v1/events?first=middle", token=auditor).status_code == 422


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("who=stew&action=grant:", 1),  # by sign-in name: the grant is recorded by the steward
        ("who=STEW&action=grant:", 1),
        ("who=nobody", 0),
        ("who=%25", 0),
        ("action=grant:record&thing=", 1),
        ("action=grant:revoke", 0),
        (f"thing={CONTROLLED}&mentioned=true&action=grant:", 1),
        (f"thing={CONTROLLED}&action=grant:", 0),
        ("since=2999-01-01T00:00:00Z", 0),
        ("until=1999-01-01T00:00:00%2B02:00", 0),
    ],
)
def test_an_auditor_searches_the_record(client, stores, asked, count):
    _, auditor = add_person(stores, "odo", "auditor")
    stew, steward = add_person(stores, "stew", "steward")
    ada, _ = add_person(stores, "ada", "researcher")
    wanted = {"person": ada.id, "dataset": CONTROLLED, "end": "2999-01-01T00:00:00Z", "reason": "r"}
    assert client.post("/api/v1/grants", wanted, token=steward).status_code == 201
    found = client.get(f"/api/v1/events?{asked}", token=auditor).json()["items"]
    assert len(found) == count
    assert all((each["actor"], each["action"]) == (stew.id, "grant:record") for each in found)


def test_a_moment_without_its_offset_is_no_moment_to_search_by(client, stores):
    _, auditor = add_person(stores, "odo", "auditor")
    answer = client.get("/api/v1/events?since=2026-01-01T00:00:00", token=auditor)
    assert (answer.status_code, answer.json()["place"]) == (422, "query.since")


@pytest.mark.parametrize(
    ("end", "place"), [("2999-01-01T00:00:00", "body.end"), ("2020-01-01T00:00:00Z", "end")]
)
def test_a_grant_ends_at_a_known_moment_in_the_future(client, stores, end, place):
    ada, token = add_person(stores, "ada", "steward")
    wanted = {"person": ada.id, "dataset": OPEN, "end": end, "reason": "r"}
    answer = client.post("/api/v1/grants", wanted, token=token)
    assert (answer.status_code, answer.json()["place"]) == (422, place)


def test_a_steward_opens_an_account_that_can_sign_in(client, stores):
    _, steward = add_person(stores, "stew", "steward")
    wanted = {"name": "New", "roles": ["researcher"], "password": "a long one"}
    made = client.post("/api/v1/people", wanted, token=steward)
    assert made.status_code == 201
    assert client.post("/api/v1/people", wanted, token=steward).status_code == 409
    credentials = {"name": "new", "password": "a long one"}
    assert client.post("/api/v1/sessions", credentials).status_code == 201
    assert "password" not in client.get("/api/v1/people", token=steward).text


def test_lists_page_by_key(client, stores):
    _, steward = add_person(stores, "stew", "steward")
    for name in ("ada", "bob"):
        add_person(stores, name)
    for path in ("people", "events"):
        seen, after, pages = [], "", 0
        while after is not None:
            params = {"limit": 1} | ({"after": after} if after else {})
            page = client.get(f"/api/v1/{path}", params=params, token=steward).json()
            seen += [each.get("id") or each["seq"] for each in page["items"]]
            after, pages = page["next"], pages + 1
        assert len(seen) == len(set(seen)) == pages >= 3


def test_health_tells_when_the_objects_are_away(client, node, monkeypatch):
    assert client.get("/healthz").json() == {"status": "ok"}

    def fail(_):
        raise StorageError("no answer from bucket-of-ours")

    monkeypatch.setattr(type(node.vault), "check", fail)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "bucket" not in answer.text


def test_metrics_count_requests_and_tiles_by_slot(client):
    tile = f"/tiles/{image_name(OPEN, 0)}/0/0_0"
    client.get(tile)
    client.get(tile)
    client.get(f"/api/v1/datasets/{OPEN}")
    told = client.get("/metrics").text
    assert 'bigpicture_tiles_total{slot="0",source="memory"} 1.0' in told
    assert 'bigpicture_tiles_total{slot="0",source="store"} 1.0' in told
    assert (
        'bigpicture_requests_total{method="GET",route="/api/v1/datasets/{accession}",'
        'slot="0",status="200"} 1.0' in told
    )
    assert OPEN not in told


def test_log_lines_name_the_route_and_nothing_that_was_typed(client, node):
    with structlog.testing.capture_logs() as lines:
        client.get("/api/v1/datasets?q=Meier")
        client.get("/api/v1/datasets/Meier")
        client.get("/Meier")
    assert [line["route"] for line in lines[:2]] == [
        "/api/v1/datasets",
        "/api/v1/datasets/{accession}",
    ]
    assert "Meier" not in str(lines)


def test_each_refusal_is_logged_with_its_reason_and_nothing_that_was_typed(client, node, stores):
    _, token = add_person(stores, "ada", "researcher")
    tile = f"/tiles/{image_name(CONTROLLED, 0)}/0/0_0"
    with structlog.testing.capture_logs() as lines:
        client.get(tile)
        client.get(tile, token=token)
        client.get("/api/v1/events", token=token)
        client.post("/api/v1/sessions", {"name": "Meier", "password": "Meier-1234"})
    told = [(line["status"], line["reason"]) for line in lines if line["event"] == "refused"]
    assert told == [(401, "sign-in"), (403, "grant"), (403, ""), (401, "")]
    answered = [(line["route"], line["status"]) for line in lines if line["event"] == "request"]
    assert answered[:2] == [("tiles", 401), ("tiles", 403)]
    assert "Meier" not in str(lines)


def test_a_fault_of_ours_is_a_plain_problem_and_a_log_line(client, node, monkeypatch):
    def fail(*_):
        raise RuntimeError("SELECT secret FROM people")

    monkeypatch.setattr(type(node.catalogue), "count", fail)
    with structlog.testing.capture_logs() as lines:
        answer = client.get("/api/v1/node")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "SELECT" not in answer.text
    assert [line["kind"] for line in lines if line["event"] == "failed"] == ["RuntimeError"]


def test_the_document_names_every_problem(client):
    document = client.get("/openapi.json").json()
    assert set(document["components"]["schemas"]["Problem"]["properties"]) >= {
        "type", "title", "status", "detail", "place", "rule", "remedy", "apply",
    }  # fmt: skip
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for status in ("401", "403", "404", "503"):
                content = operation["responses"][status]["content"]
                assert list(content) == ["application/problem+json"], path
    assert "HTTPValidationError" not in json.dumps(document)


def test_counts_of_reads_are_recorded_when_the_node_stops(node, stores):
    ada, _ = add_person(stores, "ada")
    grant(stores, ada)
    application = build(node)
    node.reads.admit(person=ada.id, image="bb-image-1", dataset=CONTROLLED, grant="g")

    async def live():
        told = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
        sent = []

        async def receive():
            return next(told)

        async def send(message):
            sent.append(message["type"])

        await application({"type": "lifespan", "state": {}}, receive, send)
        return sent

    assert asyncio.run(live()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]

    with stores.records.read() as connection:
        assert events_after(connection, 0, 99)[-1].action == "image:read-count"
