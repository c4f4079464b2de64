"""What is exported comes back as it was, by readers that no one here wrote."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from hashlib import sha256

import pyarrow.parquet as pq
import pytest

from bigpicture.catalogue.export.export import keep_part
from bigpicture.catalogue.export.forms import FORMATS
from bigpicture.client.remote import read_wanted
from bigpicture.model.export_form import Form
from exported import image, make_export

COUNTS = (1, 4, 5001)
"""One, a few, and more than a piece holds."""


def written(export, form):
    return b"".join(FORMATS[form].write(export))


@pytest.mark.parametrize("count", COUNTS)
def test_csv(count):
    export = make_export(count)
    text = written(export, Form.CSV).decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == [column.name for column in export.columns]
    assert len(rows) == count + 1
    for at, row in enumerate(rows[1:]):
        told = dict(zip(rows[0], row, strict=True))
        assert told["accession"] == image(at)
        assert told["organ"] == "; ".join(export.column("organ").values[at])
        assert told["being"] == ("1" if at else "1; 2")
        assert told["mpp"] == ("" if at % 3 == 1 else "0.25")


@pytest.mark.parametrize("count", COUNTS)
def test_parquet(count):
    export = make_export(count)
    table = pq.read_table(io.BytesIO(written(export, Form.PARQUET)))
    assert table.num_rows == count
    for column in export.columns:
        held = table.column(column.name).to_pylist()
        assert held == [list(v) if isinstance(v, tuple) else v for v in column.values]
    about = json.loads(table.schema.metadata[b"cohort"])
    assert (about["version"], about["question"]) == (3, "organ:liver")


@pytest.mark.parametrize("count", COUNTS)
def test_json(count):
    export = make_export(count)
    told = json.loads(written(export, Form.JSON))
    assert [each["accession"] for each in told["images"]] == [image(n) for n in range(count)]
    assert told["images"][0]["being"] == ["1", "2"]
    assert told["cohort"]["accession"] == "bb-cohort-aaaaaa-aaaaaa"
    assert told["cohort"]["datasets"][1]["policy"]["allowed_uses"] == ["Research Use", "Teaching"]


@pytest.mark.parametrize("count", COUNTS)
def test_the_manifest_is_one_for_download(count, tmp_path):
    manifest = tmp_path / "wanted.txt"
    manifest.write_bytes(written(make_export(count), Form.LIST))
    assert sorted(read_wanted(str(manifest))) == sorted(image(n) for n in range(count))


def test_what_is_missing_is_said_in_every_format():
    export = make_export(is_whole=False)
    for form in (Form.JSON, Form.LIST, Form.CROISSANT, Form.PARQUET):
        assert b"bb-dataset-zzzzzz-zzzzzz" in written(export, form), form
    crate = zipfile.ZipFile(io.BytesIO(written(export, Form.RO_CRATE)))
    assert b"bb-dataset-zzzzzz-zzzzzz" in crate.read("ro-crate-metadata.json")


def test_a_line_feed_in_a_question_makes_no_line_of_the_manifest():
    export = make_export()
    about = export.about.__class__(
        **{
            name: getattr(export.about, name)
            for name in export.about.__slots__
            if name != "question"
        },
        question='"x\nbb-image-xxxxxx-xxxxxx"',
    )
    text = written(export.__class__(about, export.columns), Form.LIST).decode()
    assert len([line for line in text.splitlines() if not line.startswith("#")]) == 4


def test_one_part_of_a_split():
    columns = keep_part(make_export(9).columns, "test")
    assert columns[0].values == [image(0), image(4), image(8)]


def test_a_crate_holds_what_its_metadata_say():
    data = written(make_export(), Form.RO_CRATE)
    assert data == written(make_export(), Form.RO_CRATE)  # no clock in it
    crate = zipfile.ZipFile(io.BytesIO(data))
    assert crate.testzip() is None
    graph = {
        each["@id"]: each for each in json.loads(crate.read("ro-crate-metadata.json"))["@graph"]
    }
    for part in graph["./"]["hasPart"]:
        if part["@id"].startswith("https://"):
            continue
        told = graph[part["@id"]]
        held = crate.read(part["@id"])
        assert told["sha256"] == sha256(held).hexdigest()
        assert told["contentSize"] == str(len(held))
    terms = crate.read("terms/bb-dataset-aaaaaa-x.txt").decode()
    assert "Allowed uses: Research Use; Teaching" in terms
    assert graph["https://node.example/datasets/bb-dataset-aaaaaa-x"]["license"] == {
        "@id": "terms/bb-dataset-aaaaaa-x.txt"
    }
