"""Runs and their results through the doors: whose they are, and until when."""

from __future__ import annotations

import csv
import io
import json
import time
import zipfile

import numpy as np
import pytest
from rocrate.rocrate import ROCrate
from sqlalchemy import select

import run_world as world
from bigpicture.access.grant import revoke_grant
from bigpicture.analysis import registry
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.client.connect import ConnectedNode
from bigpicture.client.node import Node as Door
from bigpicture.client.node import UnreachedError
from bigpicture.client.run import Job, begin_run, find_job, list_jobs
from bigpicture.ledger.read import events_after
from bigpicture.metaflex.submission import read_submission
from bigpicture.model.errors import UnknownError
from bigpicture.model.grant import GrantUse
from bigpicture.model.run import RunState, SlideState
from bigpicture.storage.records.run_tables import results
from bigpicture.worker.pool import PoolExecutor
from bigpicture.worker.run_cohort import RunCohorts
from published import CONTROLLED, OPEN, Client, add_person, grant, make_stores, served

FAILING = "bb-dataset-failzz-failzz"


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A node over three controlled slides and an open one, computing; people with tokens."""
    stores = make_stores(tmp_path_factory.mktemp("runs") / "data")
    world.add_datasets(stores)
    slides = [world.add_slide(stores, CONTROLLED, number) for number in range(3)]
    opened = world.add_slide(stores, OPEN, 0)
    executor = PoolExecutor(stores, jobs=2)
    cohorts = RunCohorts(stores, executor, owner="0", task=world.compute)
    cohorts.start()
    patch = pytest.MonkeyPatch()
    patch.setattr(registry, "plugged", lambda: tuple(map(world.find, world.NAMES)))
    with Client(build(Node.open(stores, start_work=lambda _: None))) as client:
        yield stores, client, slides, opened
    patch.undo()
    cohorts.stop()
    executor.close()
    stores.records.close()


@pytest.fixture(scope="module")
def rita(here):
    """Has a grant of every use."""
    person, token = add_person(here[0], "rita", "researcher")
    return person, token, grant(here[0], person)


def ended(client, run, token):
    deadline = time.monotonic() + 60
    while True:
        told = client.get(f"/api/v1/runs/{run}", token=token).json()
        if told["state"] != "running":
            return told
        assert time.monotonic() < deadline, told
        time.sleep(0.05)


@pytest.fixture(scope="module")
def done(here, rita):
    """A run of rita's over the three, ended."""
    _, client, slides, _ = here
    wanted = {"algorithm": "test.mean", "images": slides, "parameters": {"above": 150}}
    begun = client.post("/api/v1/runs", wanted, token=rita[1])
    assert begun.status_code == 201, begun.text
    assert begun.json()["counts"]["waiting"] == 3
    return ended(client, begun.json()["id"], rita[1])


def test_a_run_is_shown_with_its_slides_and_results(here, rita, done):
    _, client, slides, _ = here
    assert (done["state"], done["counts"]["done"], done["seconds_left"]) == ("done", 3, 0)
    assert done["parameters"] == {"above": 150, "seconds": 0.0}
    assert "research use only" in done["notice"].lower()
    listed = client.get("/api/v1/runs", token=rita[1]).json()["items"]
    assert done["id"] in [each["id"] for each in listed]
    page = client.get(f"/api/v1/runs/{done['id']}/slides?limit=2", token=rita[1]).json()
    assert [each["image"] for each in page["items"]] == slides[:2]
    rest = client.get(
        f"/api/v1/runs/{done['id']}/slides?limit=2&after={page['next']}", token=rita[1]
    ).json()
    assert ([each["image"] for each in rest["items"]], rest["next"]) == (slides[2:], None)
    none = client.get(f"/api/v1/runs/{done['id']}/slides?state=failed", token=rita[1]).json()
    assert none["items"] == []
    found = client.get(f"/api/v1/images/{slides[1]}/results", token=rita[1]).json()["items"]
    by_name = {each["output"]: each for each in found}
    assert by_name["mean_red"]["value"] == pytest.approx((220 + 7) / 2)
    facet = client.get(by_name["mean_red"]["address"], token=rita[1])
    assert facet.json() == {"unit": "", "value": by_name["mean_red"]["value"]}
    mask = client.get(by_name["red"]["address"], token=rita[1])
    assert mask.headers["content-type"] == "application/dicom"
    assert mask.content[128:132] == b"DICM"
    assert len(mask.content) == by_name["red"]["size"]


def test_what_a_run_would_do_is_told_before_it_begins(here, rita, done):
    _, client, slides, opened = here
    before = len(client.get("/api/v1/runs", token=rita[1]).json()["items"])
    wanted = {"algorithm": "test.mean", "images": [*slides, opened], "parameters": {"above": 150}}
    told = client.post("/api/v1/runs/plan", wanted, token=rita[1]).json()
    counts = {name: told[name] for name in ("images", "waiting", "reused", "failed", "erased")}
    assert counts == {"images": 4, "waiting": 1, "reused": 3, "failed": 0, "erased": 0}
    assert (told["datasets"], told["seconds"]) == (sorted([CONTROLLED, OPEN]), 20.0)
    assert [each["algorithm"] for each in told["stages"]] == ["test.mean"]
    other = client.post(
        "/api/v1/runs/plan", wanted | {"parameters": {"above": 151}}, token=rita[1]
    ).json()
    assert (other["waiting"], other["reused"]) == (4, 0)
    assert len(client.get("/api/v1/runs", token=rita[1]).json()["items"]) == before
    refused = client.post("/api/v1/runs/plan", wanted, token=add_person(here[0], "pia")[1])
    assert (refused.status_code, refused.json()["reason"]) == (403, "grant")


def test_why_slides_failed_is_counted_and_known_before_the_next_run(here, done):
    stores, client, _, _ = here
    world.add_datasets(stores, FAILING)
    white = np.full((64, 128, 3), 255, np.uint8)
    slides = [
        world.add_slide(stores, FAILING, 0, pixels=white),
        world.add_slide(stores, FAILING, 1),
    ]
    fay, token = add_person(stores, "fay", "researcher")
    world.add_grant(stores, fay, FAILING, uses=[GrantUse.COMPUTE])
    wanted = {"algorithm": "test.mean", "dataset": FAILING}
    begun = client.post("/api/v1/runs", wanted, token=token)
    assert begun.status_code == 201, begun.text
    told = ended(client, begun.json()["id"], token)
    assert told["reasons"] == [{"state": "failed", "reason": "crashed", "slides": 1}]
    page = f"/api/v1/runs/{told['id']}/slides?reason="
    (fallen,) = client.get(f"{page}crashed", token=token).json()["items"]
    assert fallen["image"] == slides[0]
    assert "secret-name" not in fallen["text"] + fallen["log"]
    assert client.get(f"{page}hung", token=token).json()["items"] == []
    again = client.post("/api/v1/runs/plan", wanted, token=token).json()
    assert [again[name] for name in ("waiting", "reused", "failed")] == [0, 1, 1]


def test_who_may_begin_one(here, done):
    stores, client, slides, opened = here
    wanted = {"algorithm": "test.mean", "images": slides}
    assert client.post("/api/v1/runs", wanted).status_code == 401
    _, nobody = add_person(stores, "norah", "researcher")
    refused = client.post("/api/v1/runs", wanted, token=nobody)
    assert (refused.status_code, refused.json()["reason"]) == (403, "grant")
    viewer, views = add_person(stores, "vera", "researcher")
    world.add_grant(stores, viewer, CONTROLLED, uses=[GrantUse.VIEW])
    refused = client.post("/api/v1/runs", wanted, token=views)
    assert (refused.status_code, refused.json()["reason"]) == (403, "use")
    # what is open to the world, everybody may compute on who is signed in
    begun = client.post(
        "/api/v1/runs", {"algorithm": "test.mean", "images": [opened]}, token=nobody
    )
    assert begun.status_code == 201
    assert ended(client, begun.json()["id"], nobody)["state"] == "done"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, 422),
        ({"dataset": CONTROLLED, "images": ["x"]}, 422),
        ({"images": ["bb-image-nnnnnn-nnnnnn"]}, 404),
        ({"dataset": "bb-dataset-nnnnnn-nnnnnn"}, 404),
        ({"cohort": {"id": "0" * 32}}, 404),
        ({"dataset": CONTROLLED, "parameters": {"above": "much"}}, 422),
        ({"dataset": CONTROLLED, "parameters": {"unknown": 1}}, 422),
    ],
)
def test_what_is_asked_wrongly_is_refused(here, rita, more, status):
    _, client, _, _ = here
    answer = client.post("/api/v1/runs", {"algorithm": "test.mean", **more}, token=rita[1])
    assert answer.status_code == status, answer.text


def test_a_cohort_is_run_as_it_was_frozen(here, rita, done):
    client = here[1]
    saved = client.post("/api/v1/cohorts", {"name": "All", "where": ""}, token=rita[1]).json()
    asked = {"algorithm": "test.mean", "cohort": {"id": saved["id"]}, "parameters": {"above": 150}}
    never = client.post("/api/v1/runs", asked, token=rita[1])
    assert never.status_code == 409
    frozen = client.post(f"/api/v1/cohorts/{saved['id']}/versions", None, token=rita[1]).json()
    begun = client.post("/api/v1/runs", asked, token=rita[1]).json()
    assert begun["cohort"] == {"id": saved["id"], "version": frozen["number"]}
    told = ended(client, begun["id"], rita[1])
    assert told["counts"]["reused"] == 3  # of the run before
    assert told["counts"]["done"] + told["counts"]["reused"] == 4


def test_the_catalogue_filters_by_what_was_computed(here, rita, done):
    _, client, slides, _ = here
    # half of a slide has a red of 220, the other of 0, 7 and 14
    where = "companion.test.mean.mean_red>112"
    found = client.get("/api/v1/images", params={"where": where}, token=rita[1])
    assert found.status_code == 200, found.text
    mine = [each["accession"] for each in found.json()["items"] if CONTROLLED in each["dataset"]]
    assert mine == slides[1:]
    shown = client.get(f"/api/v1/images/{slides[1]}", token=rita[1]).json()["labels"]
    (label,) = [each for each in shown if each["name"] == "test.mean.mean_red"]
    assert (label["value"], label["established"]) == ("113.5", "algorithm")
    landing = client.get(f"/api/v1/datasets/{CONTROLLED}", token=rita[1]).json()
    assert "test.mean.mean_red" in [each["name"] for each in landing["variables"]]


def test_other_peoples_runs_are_as_if_they_were_not(here, done):
    stores, client, _, _ = here
    _, token = add_person(stores, "otto", "steward")
    run = f"/api/v1/runs/{done['id']}"
    for path in (run, f"{run}/slides", f"{run}/provenance"):
        assert client.get(path, token=token).status_code == 404
    assert client.post(f"{run}/cancel", None, token=token).status_code == 404
    assert client.get("/api/v1/runs", token=token).json()["items"] == []


def test_a_read_is_on_record_once(here, done):
    stores, client, slides, _ = here
    reader, token = add_person(stores, "rhea", "researcher")
    grant(stores, reader)
    found = client.get(f"/api/v1/images/{slides[0]}/results", token=token).json()["items"]
    for each in found * 2:
        assert client.get(each["address"], token=token).status_code == 200
    with stores.records.read() as connection:
        told = [
            each
            for each in events_after(connection, 0, 1000)
            if (each.actor, each.action) == (reader.id, "result:read")
        ]
    assert len(told) == len({each["key"] for each in found})
    assert told[0].subject == slides[0]


def test_a_grant_that_is_revoked_closes_results_at_once(here, done):
    stores, client, slides, _ = here
    reader, token = add_person(stores, "rolf", "researcher")
    held = grant(stores, reader)
    (first, *_) = client.get(f"/api/v1/images/{slides[0]}/results", token=token).json()["items"]
    assert client.get(first["address"], token=token).status_code == 200
    with stores.records.write() as connection:
        revoke_grant(connection, held.id, reason="over", by="node")
    deadline = time.monotonic() + 10  # a process knows within a quarter of a second
    while client.get(first["address"], token=token).status_code == 200:
        assert time.monotonic() < deadline
    for path in (first["address"], f"/api/v1/images/{slides[0]}/results"):
        answer = client.get(path, token=token)
        assert (answer.status_code, answer.json()["reason"]) == (403, "grant")


def test_where_every_result_came_from(here, rita, done, tmp_path):
    """Read by the RO-Crate library, which nobody here wrote; and PROV as JSON-LD."""
    stores, client, slides, _ = here
    answer = client.get(f"/api/v1/runs/{done['id']}/provenance", token=rita[1])
    with zipfile.ZipFile(io.BytesIO(answer.content)) as held:
        held.extractall(tmp_path)
    crate = ROCrate(tmp_path)
    profiles = {each.id for each in crate.root_dataset["conformsTo"]}
    assert "https://w3id.org/ro/wfrun/process/0.5" in profiles
    assert "https://w3id.org/ro/wfrun/workflow/0.5" in profiles
    assert crate.mainEntity.id == "stages.json"
    assert "ComputationalWorkflow" in crate.mainEntity.type
    actions = [each for each in crate.get_entities() if each.type == "CreateAction"]
    whole = next(each for each in actions if each["instrument"].id == "stages.json")
    assert whole["agent"]["name"] == "Rita"
    per_slide = [each for each in actions if each is not whole]
    assert len(per_slide) == 3
    with stores.records.read() as connection:
        digests = set(
            connection.scalars(select(results.c.sha256).where(results.c.run == done["id"]))
        )
    told = set()
    for each in per_slide:
        assert each["instrument"]["softwareVersion"] == "1.0.0"
        assert each["actionStatus"] == "http://schema.org/CompletedActionStatus" or (
            each["actionStatus"].id == "http://schema.org/CompletedActionStatus"
        )
        told |= {result["sha256"] for result in each["result"]}
    assert told == digests
    rows = list(csv.DictReader((tmp_path / "slides.csv").open()))
    assert [row["image"] for row in rows] == slides
    graph = json.loads((tmp_path / "prov.jsonld").read_text())["@graph"]
    activities = {each["@id"] for each in graph if each["@type"] == "prov:Activity"}
    made = [each for each in graph if "prov:wasGeneratedBy" in each]
    assert len(made) == 6
    assert all(each["prov:wasGeneratedBy"]["@id"] in activities for each in made)
    alone = client.get(f"/api/v1/runs/{done['id']}/provenance?form=jsonld", token=rita[1])
    assert alone.json()["@graph"][0]["@id"] == "ro-crate-metadata.json"


def test_what_a_run_states_stands_in_metaflex(here, rita, done):
    """Read as a submission is: a finding for each image, of a machine, on that image."""
    stores, client, slides, _ = here
    answer = client.get(f"/api/v1/runs/{done['id']}/observations", token=rita[1])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert "research use only" in answer.headers["bigpicture-notice"].lower()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as held:
        documents = {
            name.partition("/")[2]: held.read(name)
            for name in held.namelist()
            if name.startswith(f"{CONTROLLED}/")
        }
        assert len(documents) == len(held.namelist())
    study = read_submission(documents)
    for image in slides:
        assert f'accession="{image}"'.encode() in documents["METADATA/observation.xml"]
    assert [each.on.alias for each in study.observations] == [f"image {at}" for at in range(3)]
    assert study.resolve(study.observations[0].observers[0]).is_machine
    facets = [
        each["value"]
        for image in slides
        for each in client.get(f"/api/v1/images/{image}/results", token=rita[1]).json()["items"]
        if (each["output"], each["run"]) == ("mean_red", done["id"])
    ]
    for stated, value in zip(study.observations, facets, strict=True):
        assert {each.tag: float(each.value) for each in stated.custom} == {"mean_red": value}
        remarks = {each.tag: each.value for each in stated.remarks}
        assert remarks["run"].endswith(f"/api/v1/runs/{done['id']}")
    with stores.records.read() as connection:
        events = [
            each for each in events_after(connection, 0, 1000) if each.action == "result:read"
        ]
    assert {each.subject for each in events} >= set(slides)


def test_what_a_run_states_closes_with_any_of_its_datasets(here):
    stores, client, slides, opened = here
    person, token = add_person(stores, "rosa", "researcher")
    held = grant(stores, person)
    wanted = {"algorithm": "test.mean", "images": [*slides, opened]}
    begun = client.post("/api/v1/runs", wanted, token=token).json()
    ended(client, begun["id"], token)
    path = f"/api/v1/runs/{begun['id']}/observations"
    assert client.get(path, token=token).status_code == 200
    with stores.records.write() as connection:
        revoke_grant(connection, held.id, reason="over", by="node")
    deadline = time.monotonic() + 10  # a process knows within a quarter of a second
    while (answer := client.get(path, token=token)).status_code == 200:
        assert time.monotonic() < deadline
    assert (answer.status_code, answer.json()["reason"]) == (403, "grant")


@pytest.fixture
def door(here, rita):
    with served(here[1].application) as address, Door(f"http://{address}", token=rita[1]) as door:
        yield door


def test_the_client_begins_watches_and_takes(here, door, tmp_path):
    _, _, slides, opened = here
    job = begin_run(door, "test.share", images=[*slides, opened])
    states = [seen.state for seen in job.watch()]
    assert states[-1] is RunState.DONE
    assert job.is_over
    assert [each["state"] for each in job.slides()] == [SlideState.DONE] * 4
    values = {found.image: found.value for found in job.results("share")}
    assert values == dict.fromkeys([*slides, opened], 0.5)
    again = find_job(door, job.id[:10])
    assert again.told["counts"]["done"] == 4
    assert job.id in [each.id for each in list_jobs(door)]
    crate = job.save_provenance(tmp_path / "run.zip")
    assert zipfile.is_zipfile(crate)
    (facet, *_) = job.results()
    assert json.loads(facet.save(tmp_path / "facet.json").read_bytes())["value"] == facet.value
    with pytest.raises(UnknownError):
        find_job(door, "nothing")
    with pytest.raises(UnknownError):
        begin_run(door, "test.mean", images=["bb-image-nnnnnn-nnnnnn"])


def test_a_run_is_a_table_and_a_report(here, rita, door):
    slides = here[2]
    connected = ConnectedNode(door, {})
    cohort = connected.save_cohort("lungs", f"dataset:{CONTROLLED}").freeze()
    job = connected.run("test.mean", cohort, above=150).wait()
    assert connected.job(job.id).id == job.id
    table = job.table()
    assert table.columns["image"] == slides
    assert set(table.columns["state"]) <= {"done", "reused"}
    # half of a slide has a red of 220, the other of 0, 7 and 14
    assert table.columns["mean_red"] == pytest.approx([110, 113.5, 117])
    report = job.report(cohort, title="Lungs", is_generated=True)
    assert report.told.title == "Lungs"
    by_name = {each.name: each.shares for each in report.told.coverage}
    assert [(each.value, each.images, each.beings) for each in by_name["site"]] == [
        (CONTROLLED, 3, 1)
    ]
    assert [each.value for each in by_name["age"]] == ["50 to 59 years"]
    (spread,) = report.told.quality
    assert (spread.facet, spread.whole.quantiles[2]) == ("mean_red", pytest.approx(113.5))
    assert "generated" in report.markdown()
    assert "<svg" in report._repr_html_()
    alone = connected.run("test.mean", slides[:1], above=150).wait()
    assert len(alone.table()) == 1


def test_a_watch_outlives_a_node_that_is_away(here, door):
    _, _, slides, _ = here
    job = begin_run(door, "test.mean", images=slides, parameters={"above": 7})
    real, answers = door.get, iter([True, True, False])

    def sometimes(path, **more):
        if next(answers, False):
            raise UnreachedError("nobody is there.")
        return real(path, **more)

    door.get = sometimes
    try:
        assert [seen.state for seen in job.watch(sleep=lambda _: None)][-1] is RunState.DONE
    finally:
        door.get = real
    assert isinstance(job, Job)
