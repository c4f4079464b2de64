"""Dataset folders that the schemas of the standard and our own check accept."""

import hashlib
import json

import openslide
import pytest
from lxml import etree

from bigpicture.phantom.datasets import Kind, write_dataset
from places import shared

SIZE = (700, 600)


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    out = tmp_path_factory.mktemp("datasets")
    return {kind: write_dataset(kind, out, slides=5, size=SIZE, processes=1) for kind in Kind}


@pytest.mark.parametrize("kind", Kind)
def test_every_document_is_valid(datasets, kind):
    schemas = shared("reference/metaflex/v2.0.0/src")
    documents = sorted(datasets[kind].rglob("*.xml"))
    assert {path.stem for path in documents} >= {
        "dataset",
        "policy",
        "image",
        "observation",
        "observer",
        "sample",
        "staining",
        "landing_page",
        "rems",
        "organisation",
    }
    for path in documents:
        schema = etree.XMLSchema(etree.parse(schemas / f"BP.{path.stem}.xsd"))
        schema.assertValid(etree.parse(path))


@pytest.mark.parametrize("kind", Kind)
def test_files_are_listed_with_their_digests(datasets, kind):
    folder = datasets[kind]
    listed = {}
    for path in folder.rglob("*.xml"):
        for entry in etree.parse(path).iter("FILE", "SAMPLE_IMAGE_FILE"):
            listed[entry.get("filename")] = entry.get("unencrypted_checksum")
    there = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".xml" and path.parent.name != "COMPANIONS"
    }
    assert listed == there


def test_the_clinical_images_are_vendor_files_with_planted_names(datasets):
    folder = datasets[Kind.CLINICAL]
    planted = json.loads((folder.parent / "TRUTH_colon-breast-phantom/planted.json").read_text())
    images = sorted(folder.rglob("*.svs"))
    assert len(images) == len(planted) == 5
    for path in images:
        who = planted[path.parent.name.removeprefix("IMAGE_")]
        with openslide.OpenSlide(path) as slide:
            assert slide.dimensions == SIZE
            assert slide.properties["aperio.Title"] == who["title"]


def test_serial_sections_show_the_same_anatomy(datasets):
    found = {path.stem: path for path in datasets[Kind.CLINICAL].rglob("slide-02-*.geojson")}
    texts = {path.read_text() for path in found.values()}
    assert len(found) == 3
    assert len(texts) == 1


def test_the_nonclinical_images_come_in_three_forms(datasets):
    suffixes = {path.suffix for path in (datasets[Kind.NONCLINICAL] / "IMAGES").rglob("*.*")}
    assert suffixes == {".svs", ".tiff", ".dcm"}
    level = next(datasets[Kind.NONCLINICAL].rglob("level-0.dcm"))
    with openslide.OpenSlide(level) as slide:
        assert slide.dimensions == SIZE


@pytest.mark.parametrize("kind", Kind)
def test_no_planted_name_leaves_the_vendor_files(datasets, kind):
    folder = datasets[kind]
    planted = json.loads(
        next(folder.parent.glob(f"TRUTH_{folder.name.removeprefix('DATASET_')}/*")).read_text()
    )
    needles = {
        value
        for who in planted.values()
        for key, value in who.items()
        if key in {"family_name", "accession", "barcode", "hospital_number"}
    }
    assert needles
    for path in folder.rglob("*.*"):
        if path.is_file() and path.suffix != ".svs":
            data = path.read_bytes()
            assert not [needle for needle in needles if needle.encode() in data], path.name
