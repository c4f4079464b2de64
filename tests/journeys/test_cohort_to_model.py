"""A researcher finds slides, judges, reads, embeds and learns from them, and shares the model."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

pytest.importorskip("torch", reason="needs the extra `ai`")

import bigpicture
from bigpicture.analysis.card_text import card_text
from bigpicture.analysis.feature_table import read_features
from bigpicture.analysis.folder import open_folder
from bigpicture.client.run import begin_run
from bigpicture.model.errors import ConflictError, ForbiddenError, UnknownError
from cohort_to_learn import CLASSES, write_patients

BEINGS = 16
MODEL, PROBABILITY = "org.example.tumour", "p_adenocarcinoma_of_colon"
ENOUGH = 0.5
"""Of the facet `quality`, by which the cohort is filtered."""


class Someone:
    """A person at a node, through the command, HTTP and the library."""

    def __init__(self, node, steward, name):
        self.address = node.address
        made = steward.post(
            "/api/v1/people",
            json={
                "name": name,
                "display_name": name.title(),
                "organisation": "Invented hospital",
                "password": f"the long password of {name}",
                "roles": ["researcher"],
            },
        )
        assert made.status_code == 201, made.text
        self.id = made.json()["id"]
        with node.client(name, f"the long password of {name}") as session:
            self.token = session.post("/api/v1/tokens", json={"label": "l", "days": 1}).json()[
                "token"
            ]
        self._node = replace(node, environment={**node.environment, "BIGPICTURE_TOKEN": self.token})

    def run(self, *words, check=True):
        return self._node.run(*words, "--node", self.address, check=check)

    def http(self):
        shown = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=self.address, headers=shown, timeout=30)

    def connect(self):
        return bigpicture.connect(self.address, self.token)


def grant(steward, dataset, person):
    end = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    wanted = {"person": person.id, "dataset": dataset, "end": end, "reason": "an invented study"}
    given = steward.post("/api/v1/grants", json=wanted)
    assert given.status_code == 201, given.text
    return given.json()["id"]


def quality_by_filter(ada, connected):
    """The images that the facet of a run finds are those whose result says so."""
    told = json.loads(ada.run("run", "core.quality", "--cohort", "Learn", "--json").stdout)
    assert told["counts"]["done"] == BEINGS
    job = bigpicture.job(told["id"], node=ada.address, token=ada.token)
    with job:
        values = {each.image: each.value for each in job.results("quality")}
        overlays = {each.image: each.told["address"] for each in job.results("usable")}
    wanted = {image for image, value in values.items() if value > ENOUGH}
    found = connected.query(f"companion.core.quality.quality>{ENOUGH}")
    assert {each.accession for each in found} == wanted
    assert wanted
    return overlays[min(wanted)]


def overlay_tile(client, address):
    path, _, image = address.partition("?")
    told = client.get(f"{path}/overlay?{image}")
    if told.status_code != 200:
        return told
    return client.get(told.json()["tiles"].replace("{level}", "0").replace("{column}_{row}", "0_0"))


def trained_model(ada, tmp_path, run):
    folder = tmp_path / "model"
    words = ["train", run, "--id", MODEL, "--licence", "CC0-1.0", "--generated", "-o", folder]
    for each in CLASSES:
        words += ["--class", each]
    words += ["--parts", "train:0.25,tune:0.125,test:0.625", "--rate", "1e-3", "--epochs", "30"]
    ada.run(*words)
    return folder


def check_words_that_nobody_stated(ada, tmp_path, run):
    words = ["train", run, "--id", MODEL, "--licence", "CC0-1.0", "--generated"]
    words += ["--class", "seldom", "--class", "often", "-o", tmp_path / "none"]
    told = ada.run(*words, check=False)
    assert told.returncode == 1
    assert "no slide of this run has a class" in told.stderr
    assert not (tmp_path / "none").exists()


def check_card(card):
    """Its figure is measured, with its interval, and says what it is of; nothing else is told."""
    question = f"AUROC of {PROBABILITY} on generated slides".replace("_", "\\_")
    [line] = [each for each in card.splitlines() if each.startswith(f"| {question} |")]
    figure = line.split("|")[2].strip()
    value, _, rest = figure.partition(" (")
    low, _, high = rest.partition("; ")[0].partition(" to ")
    # of ten beings, drawn anew with each node: how wide it is says nothing
    assert 0 <= float(low) <= float(value) <= float(high) <= 1
    assert float(value) > 0.5
    assert figure.endswith(", generated")
    assert "of run" not in figure
    real = question.replace("generated", "real")
    assert f"| {real} | not evaluated |" in card
    assert "Learned from: " in card


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_from_a_question_to_a_model_that_others_run(make_node, tmp_path):
    node = make_node()
    node.submit(write_patients(tmp_path / "made", beings=BEINGS), tmp_path / "site")
    with node.client() as steward:
        dataset = steward.get("/api/v1/datasets").json()["items"][0]["accession"]
        ada, eve, tom = (Someone(node, steward, name) for name in ("ada", "eve", "tom"))
        given = grant(steward, dataset, ada)
        grant(steward, dataset, eve)
        with ada.connect() as connected, ada.http() as client:
            cohort = connected.save_cohort("Learn", "organ:colon mpp<1").freeze()
            assert cohort.told["open_images"] == BEINGS
            overlay = quality_by_filter(ada, connected)
            tile = overlay_tile(client, overlay)
            assert (tile.status_code, tile.headers["content-type"]) == (200, "image/png")

            job = begin_run(connected.node, "org.bigpicture.features", cohort="Learn").wait()
            [result, *_] = job.results("features")
            features = read_features(result.read())
            with connected.slide(result.image) as slide:
                x, y = map(int, features.coordinates[0])
                own = slide.at_mpp(x, y, mpp=features.mpp, size=(features.size, features.size))
            stream = connected.patches([result.image], mpp=0.5, size=224, batch=64)
            streamed = next(
                batch.pixels[at]
                for batch in stream
                for at in range(batch.count)
                if tuple(batch.corners[at]) == (x, y)
            )
            assert (streamed == own).all()

            check_words_that_nobody_stated(ada, tmp_path, job.id)
            folder = trained_model(ada, tmp_path, job.id)
            card = card_text(open_folder(folder))
            check_card(card)
            published = ada.run("algorithm", "publish", folder).stdout.strip()
            assert published == open_folder(folder).algorithm.digest
            others_run_it(ada, client, eve, tom, card, result.image)
            revoked(steward, given, ada, connected, client, cohort, result, overlay)
        with eve.http() as client:
            assert overlay_tile(client, overlay).status_code == 200


def others_run_it(ada, client, eve, tom, card, image):
    """Whoever was granted it sees the card and runs it; to others it is not there."""
    wanted = {
        "person": eve.id,
        "uses": ["run"],
        "end": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        "reason": "to judge it",
    }
    made = client.post(f"/api/v1/algorithms/{MODEL}/grants", json=wanted)
    assert made.status_code == 201, made.text
    assert eve.run("algorithm", "card", MODEL).stdout == card
    assert "no such algorithm" in tom.run("algorithm", "card", MODEL, check=False).stderr
    told = json.loads(eve.run("run", MODEL, "--image", image, "--json").stdout)
    assert told["counts"]["done"] == 1
    with eve.http() as theirs:
        found = theirs.get(f"/api/v1/images/{image}/results").json()["items"]
        taken = theirs.get(f"/api/v1/algorithms/{MODEL}/versions/1.0.0/files")
    assert taken.status_code == 403  # who may run it does not see its weights
    of_model = {each["output"]: each for each in found if each["algorithm"] == MODEL}
    assert set(of_model) == {"label", PROBABILITY, "attention"}
    assert of_model["label"]["value"] == CLASSES[of_model[PROBABILITY]["value"] > 0.5]


def revoked(steward, given, ada, connected, client, cohort, result, overlay):
    """What was open closes, in the middle of reading too."""
    stream = connected.patches(cohort, mpp=0.5, size=224, batch=4, mixed=1, ahead=1)
    first = iter(stream)
    assert next(first).count == 4
    ended = steward.request("DELETE", f"/api/v1/grants/{given}", json={"reason": "over"})
    assert ended.status_code == 200, ended.text
    with pytest.raises(ForbiddenError):
        list(first)
    with pytest.raises(ForbiddenError):
        result.read()
    with pytest.raises((ForbiddenError, UnknownError)):
        begin_run(connected.node, "core.tissue", images=[result.image])
    assert client.get(f"/api/v1/images/{result.image}/results").status_code == 403
    assert overlay_tile(client, overlay).status_code == 403
    with pytest.raises(ConflictError, match="open to you"):
        cohort.images()
    again = ada.run("run", "core.quality", "--cohort", "Learn", check=False)
    assert again.returncode == 1
