"""A person with three slides and no knowledge of the standard gets to a published dataset."""

from __future__ import annotations

import hashlib
import json
import time
from datetime import date

import pytest

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.metaflex.submission import read_submission
from bigpicture.preparation.aliases import Aliases
from bigpicture.preparation.handed import SentSlide, handed_in
from bigpicture.preparation.read import read_tables
from bigpicture.preparation.template import template
from bigpicture.preparation.understand import understand
from bigpicture.standard.check import check
from filled_table import fill
from running import PASSWORD, STEWARD, settled
from scanned import scanned

NAMES = ("Meier_1", "Meier_2", "Meier_3")
ROWS = [
    {"File": f"{name}.svs", "Being": f"P-{number}", "Case": f"C-{number}"}
    for number, name in enumerate(NAMES, start=1)
]
TERMS = {
    "data_use": "HMB; NCU; GS: EEA | CH; TS: 24",
    "access_route": "consent",
    "controllers": "Invented University Hospital",
    "retention_until": "2046-12-31",
}


@pytest.fixture
def slides(tmp_path):
    return scanned(tmp_path / "slides", NAMES)


def published(client, title):
    for _ in range(100):
        items = client.get("/api/v1/datasets").json()["items"]
        if [each for each in items if each["title"] == title]:
            return items[0]
        time.sleep(0.1)
    raise AssertionError("it is not listed")


def test_by_the_command_line_alone(node, slides, tmp_path):
    """The commands of docs/prepare.md in their order, and nothing else."""
    begun = time.monotonic()
    table, dataset = tmp_path / "table.xlsx", tmp_path / "DATASET_colon"
    node.run("prepare", "--template", table, "--slides", slides)
    fill(table, ROWS, TERMS)
    node.run("prepare", slides, table, "--check", "--mapping", tmp_path / "mapping.csv")
    node.run(
        "prepare", slides, table, "--out", dataset, "--jobs", 2, "--thumbnails", 1,
        "--key", tmp_path / "site.key", "--mapping", tmp_path / "mapping.csv",
    )  # fmt: skip
    told = json.loads(node.run("validate", dataset, "--json").stdout)
    assert told["can_be_submitted"]
    assert told["counts"] == {"error": 0, "warning": 0, "repaired": 0}
    node.submit(dataset, tmp_path / "site")
    with node.client() as client:
        shown = published(client, "Invented colons")
        assert shown["counts"]["images"] is None  # of few beings, and not open
    told = node.run("policy", "show", shown["accession"], "--node", node.address, "--json")
    policy = json.loads(told.stdout)
    assert {each["shorthand"]: each["values"] for each in policy["terms"]} == {
        "HMB": [],
        "NCU": [],
        "GS": ["CH", "EEA"],
        "TS": ["24"],
    }
    assert (policy["route"], policy["retention_until"]) == ("consent", "2046-12-31")
    assert policy["controllers"] == ["Invented University Hospital"]
    assert time.monotonic() - begun < 600


def handed_over(slides, table, folder):
    """A dataset folder of scanners' own files, described by a table; images state nothing."""
    plan = understand(read_tables(table)).plan
    sent = [
        SentSlide(each.name, each.stat().st_size, hashlib.sha256(each.read_bytes()).hexdigest())
        for each in sorted(slides.iterdir())
    ]
    aliases = Aliases(Pseudonyms(b"k" * 32).name)
    made = handed_in(plan, sent, alias_of=aliases, today=date(2026, 1, 2))
    for path, data in made.documents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    for file, path in made.images.items():
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_bytes((slides / file).read_bytes())
    return folder


@pytest.mark.long
def test_what_only_the_node_can_know_of_a_slide_is_published_too(make_node, slides, tmp_path):
    """As the portal hands it over: the node converts, and its slides tell of the images."""
    table = tmp_path / "table.xlsx"
    table.write_bytes(template())
    fill(table, ROWS)
    folder = handed_over(slides, table, tmp_path / "DATASET_colon")
    node = make_node(intake="identified")
    readers = ("reader one", "reader two")
    with node.client() as client:
        for name in readers:
            person = {"name": name, "roles": ["steward"], "password": PASSWORD}
            assert client.post("/api/v1/people", json=person).status_code == 201
    node.submit(folder, tmp_path / "site", "--identified")
    with node.client() as client:
        [waiting] = client.get("/api/v1/submissions").json()["items"]
    accession = waiting["accession"]
    for name in readers:
        with node.client(name) as client:
            door = f"/api/v1/submissions/{accession}/review"
            digest = client.get(door).json()["digest"]
            answer = client.post(door, json={"decision": "release", "digest": digest})
            assert answer.status_code == 200, answer.text
    with node.client() as client:
        assert settled(client, accession)["state"] == "published"
        shown = published(client, "Invented colons")
        [steward] = [
            each["id"]
            for each in client.get("/api/v1/people").json()["items"]
            if each["name"] == STEWARD
        ]
        whole = {"dataset": accession, "end": "2999-01-01T00:00:00Z", "reason": "to read it"}
        answer = client.post("/api/v1/grants", json={"person": steward, **whole})
        assert answer.status_code == 201, answer.text
        assert shown["counts"]["images"] is None  # of few beings, and not open
    taken = tmp_path / "taken"
    node.run("download", accession, "--node", node.address, "--user", STEWARD, "--to", taken)
    documents = {
        path.relative_to(taken).as_posix(): path.read_bytes() for path in taken.rglob("*.xml")
    }
    documents = {
        name[name.index("METADATA") :]: data
        for name, data in documents.items()
        if "METADATA" in name
    }
    study = read_submission(documents)
    assert len(study.images) == 3
    assert all(image.stated and len(image.files) > 1 for image in study.images)
    missing = [each for each in check(study) if each.rule.startswith("6.")]
    assert missing == []
