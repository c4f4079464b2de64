"""A slide is converted whole, proven clean and equal, or nothing of it is left."""

from __future__ import annotations

import io
import json
import os
import shutil
from dataclasses import replace

import numpy as np
import openslide
import pydicom
import pytest
import tifffile

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.report import Report
from bigpicture.model.errors import (
    BigpictureError,
    ConflictError,
    IntegrityError,
    LeakError,
    SandboxError,
    SlideError,
)
from bigpicture.sandbox.run import Limits, Sandbox
from bigpicture.submission.convert import convert_slide, subject_from_pseudonyms, verify
from places import shared

PSEUDONYMS = Pseudonyms(bytes(range(32)))
SVS = "testdata/wsi_svs/libvips__CMU-1-Small-Region.svs"
SMALL = "testdata/wsi_svs/openslide__small.svs"
SECRETS = ("Erika Mustermann", "Mustermann", "S-2019-1234", "1004486", "CPAPERIOCS")


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(preload=("bigpicture.submission.convert",)) as made:
        yield made


@pytest.fixture
def make(sandbox):
    def convert(source, folder, **given):
        return convert_slide(source, folder, pseudonyms=PSEUDONYMS, sandbox=sandbox, **given)

    return convert


def left_in(folder):
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


def svs(path, description, *, extra=()):
    """A small SVS with tissue-like noise, the given ImageDescription, a label and a macro."""
    noise = np.random.default_rng(1).integers(100, 255, (600, 700, 3), np.uint8)
    with tifffile.TiffWriter(path) as file:
        tiled = {"tile": (240, 240), "photometric": "ycbcr", "compression": "jpeg"}
        file.write(noise, description=description, metadata=None, extratags=extra, **tiled)
        stripped = {"photometric": "rgb", "metadata": None}
        file.write(noise[:100, :100], description=description, **stripped)
        file.write(noise[:90, :80], description="Aperio\nlabel 80x90", subfiletype=1, **stripped)
        file.write(noise[:90, :99], description="Aperio\nmacro 99x90", subfiletype=9, **stripped)
    return path


DESCRIPTION = (
    "Aperio Image Library v12.0.15 \r\n700x600 [0,0 700x600] (240x240) JPEG/YCC Q=70"
    "|AppMag = 20|MPP = 0.4990|User = Erika Mustermann|Filename = S-2019-1234"
    "|Date = 12/29/19|ScanScope ID = CPAPERIOCS|ImageID = 1004486|Title = Mustermann"
)


def test_a_real_slide_is_converted_with_its_proof(make, tmp_path):
    made = make(shared(SVS), tmp_path / "out")
    report = made.report
    assert left_in(tmp_path / "out") == [
        *("level-0.dcm", "level-1.dcm", "level-2.dcm"),
        *("report.json", "report.json.sig"),
    ]
    assert report.frames_copied == 130  # 10 x 13 tiles of 240 pixels cover 2220 x 2967
    assert (report.gate.reader[:9], report.gate.largest_difference) == ("OpenSlide", 0)
    assert {each.flavour for each in report.left_out} >= {"LABEL", "OVERVIEW"}
    assert Report.from_bytes((tmp_path / "out/report.json").read_bytes()) == report


def test_the_pixels_are_those_that_openslide_reads_from_the_source(make, tmp_path):
    made = make(shared(SVS), tmp_path / "out")
    before = openslide.OpenSlide(shared(SVS))
    after = openslide.OpenSlide(made.instances[0])
    assert after.dimensions == before.dimensions == (2220, 2967)
    for place in [(0, 0), (982, 1355), (1700, 2450)]:
        region = [np.asarray(each.read_region(place, 0, (500, 500))) for each in (before, after)]
        assert np.array_equal(*region)


def test_nothing_that_identified_the_source_is_in_any_output(make, tmp_path):
    source = svs(tmp_path / "S-2019-1234.svs", DESCRIPTION)
    made = make(source, tmp_path / "out")
    for path in made.folder.iterdir():
        data = path.read_bytes().lower()
        for secret in (*SECRETS, "12/29/19", "20191229"):
            assert secret.lower().encode() not in data, (path.name, secret)
    header = pydicom.dcmread(made.instances[0], stop_before_pixels=True)
    assert header.DeviceSerialNumber == PSEUDONYMS.name("device", "CPAPERIOCS")
    assert header.PatientID == PSEUDONYMS.name("patient", "S-2019-1234")


def test_the_same_slide_gives_the_same_bytes_and_the_report_no_time(make, tmp_path):
    one, two = make(shared(SMALL), tmp_path / "one"), make(shared(SMALL), tmp_path / "two")
    assert one.report == two.report
    assert one.instances[0].read_bytes() == two.instances[0].read_bytes()


def test_a_finished_slide_is_verified_and_used_again(make, tmp_path):
    first = make(shared(SMALL), tmp_path / "out")
    written = first.instances[0].stat().st_mtime_ns
    again = make(shared(SMALL), tmp_path / "out")
    assert again.was_there
    assert again.instances[0].stat().st_mtime_ns == written


def test_a_finished_slide_that_was_damaged_is_made_again(make, tmp_path):
    first = make(shared(SMALL), tmp_path / "out")
    whole = first.instances[0].read_bytes()
    first.instances[0].write_bytes(whole[:-1] + b"\1")
    with pytest.raises(IntegrityError, match="changed"):
        verify(first.folder, first.report)
    again = make(shared(SMALL), tmp_path / "out")
    assert not again.was_there
    assert again.instances[0].read_bytes() == whole
    assert left_in(tmp_path) == ["level-0.dcm", "out", "report.json", "report.json.sig"]


def test_another_subject_makes_it_again(make, tmp_path):
    make(shared(SMALL), tmp_path / "out")
    again = make(shared(SMALL), tmp_path / "out", mpp=0.25)
    assert not again.was_there
    header = pydicom.dcmread(again.instances[0], stop_before_pixels=True)
    spacing = header.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing
    assert [float(value) for value in spacing] == [0.00025, 0.00025]


def test_another_slide_replaces_it_only_where_that_is_meant(make, tmp_path):
    make(shared(SMALL), tmp_path / "out")
    other = svs(tmp_path / "other.svs", DESCRIPTION)
    with pytest.raises(ConflictError, match="same name"):
        make(other, tmp_path / "out", may_replace=False)
    assert not make(other, tmp_path / "out").was_there


def test_a_folder_that_holds_something_else_is_left_alone(make, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(ConflictError, match="something else"):
        make(shared(SMALL), tmp_path / "out")
    assert left_in(tmp_path) == ["out", "thesis.txt"]


def test_what_a_killed_run_left_is_swept(make, tmp_path):
    (tmp_path / ".converting-0123456789abcdef").mkdir()
    (tmp_path / ".converting-0123456789abcdef" / "level-0.dcm").write_bytes(b"half")
    make(shared(SMALL), tmp_path / "out")
    assert left_in(tmp_path) == ["level-0.dcm", "out", "report.json", "report.json.sig"]


@pytest.mark.parametrize(
    ("description", "told"),
    [
        (DESCRIPTION + "|Favourite Colour = blue", r"Aperio\.Favourite Colour"),
        (DESCRIPTION.replace("AppMag = 20", "AppMag = Mustermann"), r"Aperio\.AppMag"),
        (DESCRIPTION.replace("MPP = 0.4990|", ""), "how large its pixels"),
    ],
)
def test_what_nobody_has_judged_stops_the_slide_without_being_repeated(
    make, tmp_path, description, told
):
    source = svs(tmp_path / "a.svs", description)
    with pytest.raises(SlideError, match=told) as caught:
        make(source, tmp_path / "folder" / "out")
    assert "blue" not in str(caught.value)
    assert "Mustermann" not in str(caught.value)
    assert left_in(tmp_path / "folder") == []


def test_a_private_tag_stops_the_slide(make, tmp_path):
    source = svs(tmp_path / "a.svs", DESCRIPTION, extra=[(65001, "s", 0, "Erika", True)])
    with pytest.raises(SlideError, match="65001"):
        make(source, tmp_path / "out")
    assert left_in(tmp_path) == ["a.svs"]


@pytest.mark.parametrize("sixteenth", range(0, 16, 3))
def test_a_truncated_slide_is_refused_and_leaves_nothing(make, tmp_path, sixteenth):
    whole = shared(SVS).read_bytes()
    source = tmp_path / "cut.svs"
    source.write_bytes(whole[: len(whole) * sixteenth // 16])
    with pytest.raises(BigpictureError):
        make(source, tmp_path / "folder" / "out")
    assert left_in(tmp_path / "folder") == []


def test_a_damaged_tile_is_refused_and_leaves_nothing(make, tmp_path):
    whole = bytearray(shared(SVS).read_bytes())
    whole[20_000:21_000] = os.urandom(1000)
    source = tmp_path / "damaged.svs"
    source.write_bytes(whole)
    try:
        made = make(source, tmp_path / "out")
    except BigpictureError:
        assert left_in(tmp_path) == ["damaged.svs"]
    else:  # copied bytes are copied, whatever they decode to: then both sides are equal
        assert made.report.gate.largest_difference == 0


@pytest.mark.parametrize("content", [b"", b"\0", b"II*\0\xff\xff\xff\x7f", b"<html>" * 999])
def test_what_is_no_slide_is_refused(make, tmp_path, content):
    source = tmp_path / "wrong.svs"
    source.write_bytes(content)
    with pytest.raises(SlideError):
        make(source, tmp_path / "out")
    assert left_in(tmp_path) == ["wrong.svs"]


def test_a_header_that_claims_terapixels_is_refused_quickly(make, tmp_path):
    data = io.BytesIO()
    tifffile.imwrite(data, np.zeros((64, 64, 3), np.uint8), tile=(64, 64), photometric="rgb")
    huge = data.getvalue().replace(
        (64).to_bytes(4, "little"), (2_000_000_000).to_bytes(4, "little")
    )
    (tmp_path / "huge.tif").write_bytes(huge)
    with pytest.raises(BigpictureError):
        make(tmp_path / "huge.tif", tmp_path / "out", mpp=0.5, limits=Limits(2 << 30, 30))
    assert left_in(tmp_path) == ["huge.tif"]


def test_a_slide_that_takes_too_long_is_stopped_and_leaves_nothing(make, tmp_path):
    with pytest.raises(SandboxError, match="stopped after"):
        make(shared(SVS), tmp_path / "folder" / "out", limits=Limits(seconds=0.01))
    assert left_in(tmp_path / "folder") == []


def test_a_leak_destroys_the_output(make, tmp_path, monkeypatch):
    """What the allow-list lets through by mistake, the scan stops: a name like a pseudonym."""
    name = "ERIKAMUSTERMANNX"
    given = subject_from_pseudonyms(PSEUDONYMS, "a")
    leaking = replace(given, specimen=name)
    source = svs(tmp_path / "a.svs", DESCRIPTION.replace("Erika Mustermann", name))
    with pytest.raises(LeakError, match=r"Aperio\.") as caught:
        make(source, tmp_path / "folder" / "out", subject=leaking)
    assert name not in str(caught.value)
    assert left_in(tmp_path / "folder") == []


def test_a_difference_of_one_pixel_destroys_the_output(tmp_path, monkeypatch, make):
    made = make(shared(SMALL), tmp_path / "out")
    from bigpicture.submission.gate import Pair, _judge

    white = np.full((4, 4, 3), 255, np.uint8)
    grey = white.copy()
    grey[0, 0, 0] = 254
    with pytest.raises(IntegrityError, match="differ"):
        _judge([Pair(white, grey, 0.0)], reader="test")
    assert _judge([Pair(white, grey, 3.0)], reader="test").largest_difference == 1
    with pytest.raises(IntegrityError, match="nothing could be compared"):
        _judge([], reader="test")
    assert made.report.gate.regions > 0


def test_a_folder_that_cannot_be_written_is_told(make, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BigpictureError, match="cannot be written"):
        make(shared(SMALL), tmp_path / "file" / "out")


def test_progress_counts_the_tiles(make, tmp_path):
    seen = []
    make(shared(SVS), tmp_path / "out", progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1]


def test_a_dicom_folder_is_one_slide(make, tmp_path):
    source = shutil.copytree(shared("testdata/dicom_wsi/cmu-1-small-region"), tmp_path / "in")
    made = make(source, tmp_path / "out")
    assert len(made.instances) == 12
    uids = {each.sop_instance_uid for each in made.report.instances}
    assert all(uid.startswith("2.25.") for uid in uids)
    assert json.loads((made.folder / "report.json").read_text())["format"] == "dicom"


def test_converting_what_was_converted_changes_no_pixel(make, tmp_path):
    """PS3.15 asks nothing else of a file that is clean already: it must pass again."""
    first = make(svs(tmp_path / "a.svs", DESCRIPTION), tmp_path / "one")
    second = make(first.folder, tmp_path / "two")
    assert [each.frames_root for each in second.report.instances] == [
        each.frames_root for each in first.report.instances
    ]
