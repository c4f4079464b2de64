"""Exports of cohorts, read by the tools that their formats come from."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from hashlib import sha256

import pytest

from bigpicture.catalogue.export.forms import FORMATS
from bigpicture.model.export_form import Form
from exported import image, make_export


def written(form, folder, **more):
    path = folder / f"cohort{FORMATS[form].ending}"
    path.write_bytes(b"".join(FORMATS[form].write(make_export(**more))))
    return path


def test_duckdb_reads_parquet_and_csv(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    parquet, table = written(Form.PARQUET, tmp_path, count=100), tmp_path / "cohort.csv"
    written(Form.CSV, tmp_path, count=100)
    asked = "SELECT split, count(*), count(mpp) FROM '{}' GROUP BY split ORDER BY split"
    counts = [("test", 25, 17), ("train", 75, 50)]  # of 0..99: n % 4 == 0; there n % 3 != 1
    assert duckdb.sql(asked.format(parquet)).fetchall() == counts
    assert duckdb.sql(asked.format(table)).fetchall() == counts
    [(organs,)] = duckdb.sql(f"SELECT count(DISTINCT organ) FROM '{parquet}'").fetchall()
    assert organs == 5  # four terms, and none


def test_rocrate_opens_the_crate(tmp_path):
    rocrate = pytest.importorskip("rocrate.rocrate")
    crate = rocrate.ROCrate(written(Form.RO_CRATE, tmp_path))
    assert crate.metadata["conformsTo"] == "https://w3id.org/ro/crate/1.1"
    assert crate.name == "Livers of two, version 3"
    files = {each.id for each in crate.get_by_type("File")}
    assert files == {
        "images.csv",
        "images.txt",
        "terms/bb-dataset-aaaaaa-x.txt",
        "terms/bb-dataset-bbbbbb-x.txt",
    }
    licences = {each.id for each in crate.root_dataset["license"]}
    assert licences == {each for each in files if each.startswith("terms/")}
    assert {each["identifier"] for each in crate.root_dataset["isBasedOn"]} == {
        "bb-dataset-aaaaaa-x",
        "bb-dataset-bbbbbb-x",
    }
    crate.write(tmp_path / "out")  # and writes it again, with every file that it knows
    assert (tmp_path / "out/images.csv").is_file()


@pytest.mark.parametrize("is_split", [True, False])
def test_mlcroissant_finds_no_fault_and_loads_every_record(tmp_path, is_split):
    croissant = pytest.importorskip("mlcroissant")
    path = written(Form.CROISSANT, tmp_path, count=50, is_split=is_split)
    table = written(Form.CSV, tmp_path, count=50, is_split=is_split)
    dataset = croissant.Dataset(jsonld=path, mapping={"images.csv": str(table)})
    assert not dataset.metadata.issues.errors
    assert not dataset.metadata.issues.warnings
    records = list(dataset.records("images"))
    assert len(records) == 50
    assert [each["images/accession"].decode() for each in records] == [image(n) for n in range(50)]
    if is_split:
        assert {each["images/split"].decode() for each in records} == {"train", "test"}
        parts = [each["parts/name"] for each in dataset.records("parts")]
        assert parts == ["test", "train"]


def test_the_croissant_names_the_table_by_its_digest(tmp_path):
    told = json.loads(written(Form.CROISSANT, tmp_path).read_bytes())
    table = written(Form.CSV, tmp_path).read_bytes()
    assert told["distribution"][0]["sha256"] == sha256(table).hexdigest()
    assert told["distribution"][0]["contentSize"] == f"{len(table)} B"
    inside = zipfile.ZipFile(written(Form.RO_CRATE, tmp_path)).read("images.csv")
    assert inside == table
    assert len(list(csv.reader(io.StringIO(table.decode(), newline="")))) == 5
