"""Real files come out clean; what each held is told by kind and number, never by value."""

from __future__ import annotations

import base64
import re
from collections import Counter

import pytest

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.rules import rules_of
from bigpicture.dicom.open import open_slide
from bigpicture.model.allowance import Action
from bigpicture.sandbox.run import Sandbox
from bigpicture.submission.convert import convert_slide
from places import shared

FILES = (
    "wsi_svs/libvips__CMU-1-Small-Region.svs",
    "wsi_svs/openslide__small.svs",
    "wsi_ndpi/test3-DAPI-387.ndpi",
    "wsi_qptiff/dana-farber-aios__small_vectra.qptiff",
    "wsi_vsi/vsi-ets-test-jpg2k.vsi",
    "wsi_czi/sebi06__nuc_small_new_red.czi",
    "wsi_ometiff/petebankhead__OS-1-detail.ome.tif",
    "wsi_ometiff/petebankhead__OS-2-ndpi.ome.tif",
    "wsi_tiff/rationai__CMU-1-small.tiff",
    "dicom_wsi/cmu-1-small-region",
    "dicom_wsi/3dhistech_BPAEC",
    "dicom_wsi/imagingdatacommons__sm_image.dcm",
    "dicom_wsi/imagingdatacommons__sm_image_grayscale.dcm",
)
KINDS = (
    ("person", r"user|artist|operator|author|physician|patient(?!.*(species|sex))|person"),
    ("case or label", r"accession|barcode|label|case|studyid|slideid|container|specimen.*id|title"),
    ("day or time", r"date|time(?!.*incr)"),
    ("device or machine", r"serial|scanscope|computer|host|station|device|s/n|hardware"),
    ("file or folder", r"file|path|folder|directory|document"),
    ("identifier", r"uid|uuid|identifier|(?<![a-z])id$|ID$"),
    ("free text", r"description|comment|name|text|note|image"),
)


def kind_of(name: str) -> str:
    """What a field says, by its name."""
    return next(
        (k for k, p in KINDS if re.search(p, name.partition(".")[2], re.IGNORECASE)), "other"
    )


def writings_of(text: str):
    yield text.encode()
    yield text.encode("utf-16-le")
    yield text.encode().hex().encode()
    yield base64.b64encode(text.encode())[: len(text) // 3 * 4]


def held(source):
    """What a slide holds: kinds with their numbers, and the values that must not come out."""
    with open_slide(source) as slide:
        rules = rules_of(slide.format)
        counts: Counter[str] = Counter()
        kept = " ".join(
            field.value for field in slide.fields if rules[field.name] is Action.KEEP
        ).casefold()
        values = set()
        for field in slide.fields:
            if rules[field.name] is Action.KEEP or not field.value.strip("\0 "):
                continue
            kind = kind_of(field.name)
            counts[kind] += 1
            text = field.value.strip("\0 ")
            telling = len(text) >= 8 and any(letter.isdecimal() for letter in text)
            if kind != "other" and telling and text.casefold() not in kept:
                values.add(text[:200])
        counts["pictures of label or glass"] = len(slide.associated)
        return slide.format, counts, values


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(preload=("bigpicture.submission.convert",)) as made:
        yield made


@pytest.mark.long
@pytest.mark.parametrize("name", FILES)
def test_a_real_file_comes_out_clean(name, sandbox, tmp_path):
    source = shared(f"testdata/{name}")
    slide_format, counts, values = held(source)
    done = convert_slide(
        source, tmp_path / "out", pseudonyms=Pseudonyms(bytes(32)), sandbox=sandbox, mpp=None
    )
    said = Counter()
    for field in done.report.fields:
        said[field.action] += field.count
    told = ", ".join(f"{kind} {counts[kind]}" for kind in sorted(counts) if counts[kind])
    print(f"\n| `{name.split('/')[1]}` | {slide_format} | {told} | {said['keep']} | {said['drop']} "
          f"| {said['pseudonym']} | {said['date']} |")  # fmt: skip
    written = [each.read_bytes() for each in (tmp_path / "out").iterdir()]
    for value in values:
        if value[:8] == "19700101" or not value.strip("0.:"):
            continue
        for writing in writings_of(value):
            assert not any(writing in data for data in written), kind_of(name)
    assert said["stop"] == 0
