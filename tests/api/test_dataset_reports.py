"""The report on a dataset through its door: counted by hand, for whom the dataset is open."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import insert

from bigpicture.analysis.feature_table import write_features
from bigpicture.analysis.values import Features
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.dicom.slide_frame import read_frame
from bigpicture.model.slide_frame import Maker
from bigpicture.storage.records import tables as t
from bigpicture.storage.records.run_tables import result_facets, results, runs
from bigpicture.vault.subject import DATASET as OF_DATASET
from bigpicture.viewing.stored import read_stored
from published import (
    CONTROLLED,
    OPEN,
    Client,
    add_person,
    grant,
    image_name,
    make_stores,
    publish_two,
)
from results_kept import run_row

RUN = "e" * 32
REPORT = f"/api/v1/datasets/{CONTROLLED}/report"


def keep_number(connection, image, value, *, name="quality", algorithm="core.quality", key=""):
    key, now = key or image[-6:].ljust(64, "0").encode().hex()[:64], datetime.now(UTC)
    row = {"key": key, "image": image, "output": name, "kind": "facet", "dataset": CONTROLLED}
    row |= {"run": RUN, "algorithm": algorithm, "version": "1.0.0", "object": None, "size": 1}
    row |= {"media_type": "application/json", "sha256": "0" * 64, "created": now}
    connection.execute(insert(results).values(row))
    facet = {"key": key, "image": image, "name": name, "algorithm": algorithm, "unit": "1"}
    connection.execute(insert(result_facets).values(**facet, number=value, text=None))


def state_site(connection, image):
    """In a companion table, where sites are stated."""
    variable = {"dataset": CONTROLLED, "name": "Hospital", "companion": "clinics", "ordinal": 0}
    variable |= {"entity": "image", "label": "Hospital", "type": "category", "missing": []}
    variable |= {"categories": [{"value": "n", "label": "North clinic"}], "established": "registry"}
    connection.execute(insert(t.companion_variables).values(variable))
    row = {"dataset": CONTROLLED, "companion": "clinics", "entity": image}
    connection.execute(insert(t.companion_rows).values(**row, held={"Hospital": "n"}))


def keep_features(stores, image, vectors):
    with stores.records.read() as connection:
        frame = read_frame(stores.vault.open(read_stored(connection, image).at(0).source))
    made = Features(np.zeros((len(vectors), 2), np.int64), vectors, 0.5, 224, "enc@1")
    data = write_features(made, frame=frame, maker=Maker(name="test.enc", version="1.0.0", key="r"))
    kept = stores.vault.keep([data], owner=CONTROLLED, subjects=[OF_DATASET])
    row = {"key": "f" * 64, "image": image, "output": "features", "kind": "features"}
    row |= {"dataset": CONTROLLED, "run": RUN, "algorithm": "test.enc", "version": "1.0.0"}
    row |= {"object": kept.key, "media_type": "application/vnd.apache.parquet", "size": 1}
    with stores.records.write() as connection:
        stores.vault.settle(connection, kept)
        row |= {"sha256": "0" * 64, "created": datetime.now(UTC)}
        connection.execute(insert(results).values(row))


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A node over two datasets; of the controlled one's images all but the last have a number."""
    stores = make_stores(tmp_path_factory.mktemp("reports") / "data")
    publish_two(stores)
    person, token = add_person(stores, "rita")
    grant(stores, person)
    with stores.records.write() as connection:
        connection.execute(insert(runs).values(run_row(RUN, person.id, datetime.now(UTC))))
        names = list(
            connection.scalars(
                t.images.select()
                .with_only_columns(t.images.c.accession)
                .where(t.images.c.dataset == CONTROLLED)
                .order_by(t.images.c.ordinal)
            )
        )
        state_site(connection, names[0])
        for at, name in enumerate(names[:-1]):
            keep_number(connection, name, 0.5 + 0.25 * at)
    with Client(build(Node.open(stores, start_work=lambda _: None))) as client:
        yield stores, client, token, names
    stores.records.close()


def test_it_counts_what_the_records_hold(here):
    _, client, token, names = here
    told = client.get(REPORT, token=token).json()
    assert told["images"] == len(names)
    assert "research use only" in told["notice"].lower()
    covered = {each["name"]: each["shares"] for each in told["coverage"]}
    assert {"site", "scanner", "sex", "age", "stain"} <= covered.keys()
    for shares in covered.values():
        assert sum(each["images"] for each in shares) == len(names)
    told_sites = [(each["value"], each["images"]) for each in covered["site"]]
    assert told_sites == [("North clinic", 1), (None, len(names) - 1)]
    (found,) = told["quality"]
    named = {name: found[name] for name in ("facet", "label", "unit", "algorithm")}
    assert named == {
        "facet": "core.quality.quality",
        "label": "Quality",
        "unit": "1",
        "algorithm": "core.quality",
    }
    assert (found["whole"]["images"], found["whole"]["missing"]) == (len(names), 1)
    numbers = [0.5 + 0.25 * at for at in range(len(names) - 1)]
    assert found["whole"]["quantiles"][2] == pytest.approx(np.median(numbers))
    assert sum(found["counts"]) == len(numbers)
    by_site = {each["group"]: (each["images"], each["missing"]) for each in found["by_site"]}
    assert by_site == {"North clinic": (1, 0), "not stated": (len(names) - 1, 1)}
    assert (told["probes"], told["can_probe"]) == ([], False)


def test_it_is_for_whom_the_dataset_is_open(here):
    stores, client, _, _ = here
    assert client.get(REPORT).status_code == 401
    refused = client.get(REPORT, token=add_person(stores, "norah")[1])
    assert (refused.status_code, refused.json()["reason"]) == (403, "grant")
    opened = f"/api/v1/datasets/{OPEN}/report"
    told = client.get(opened)
    assert (told.status_code, told.json()["quality"]) == (200, [])
    assert client.get(f"{opened}?probe=true").status_code == 401
    assert client.get("/api/v1/datasets/bb-dataset-nnnnnn-nnnnnn/report").status_code == 404


def test_it_is_a_file_as_well(here):
    _, client, token, names = here
    answer = client.get(f"{REPORT}?form=markdown", token=token)
    assert answer.headers["content-type"].startswith("text/markdown")
    assert f"{len(names)} generated images" in answer.text
    assert "## Quality (core.quality)" in answer.text
    page = client.get(f"{REPORT}?form=html", token=token)
    assert "attachment" in page.headers["content-disposition"]
    start, end = page.text.index("<article"), page.text.index("</article>") + len("</article>")
    article = ElementTree.fromstring(page.text[start:end])
    assert article.findall(".//{http://www.w3.org/2000/svg}svg")


def test_features_are_probed_where_they_are_kept(here):
    stores, client, token, names = here
    keep_features(stores, names[0], np.array([[1.0, 3.0], [3.0, 5.0]], np.float32))
    told = client.get(f"{REPORT}?probe=true", token=token).json()
    assert told["can_probe"]
    assert [each["property"] for each in told["probes"]] == ["site", "scanner"]
    for each in told["probes"]:
        assert (each["accuracy"], each["encoder"]) == (None, "test.enc 1.0.0")
        assert "not evaluated" in each["sentence"]


def test_what_was_erased_is_not_counted(here):
    stores, client, token, names = here
    with stores.records.write() as connection:
        held = connection.scalars(
            t.levels.select()
            .with_only_columns(t.levels.c.object)
            .where(t.levels.c.image == image_name(CONTROLLED, 0))
        ).all()
        connection.execute(t.objects.update().where(t.objects.c.key.in_(held)).values(header=None))
    told = client.get(REPORT, token=token).json()
    assert told["images"] == len(names) - 1
