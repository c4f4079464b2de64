"""Headers are read in bounded memory: files of other makers, damaged and hostile ones."""

from __future__ import annotations

import shutil
import struct

import pydicom
import pytest
from pydicom.encaps import generate_frames
from pydicom.sequence import Sequence

from bigpicture.dicom.image_facts import image_attributes
from bigpicture.dicom.read_facts import read_facts, read_image_facts
from bigpicture.model.attribute import find
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour
from bigpicture.model.slide_facts import combined
from places import shared
from slide_making import convert_all, write_jpeg_tiff


@pytest.fixture(scope="module")
def slide(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slide")
    write_jpeg_tiff(folder / "slide.tif", rows=900, columns=700)
    return [one.path for one in convert_all(folder / "slide.tif", folder / "out").instances]


def named(paths):
    return {path.name: path for path in paths}


def test_reading_by_parts_tells_what_the_whole_header_tells(slide):
    told, errors = read_image_facts(named(slide))
    assert errors == []
    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in slide]
    assert combined(list(told.values())).attributes == image_attributes(headers)


@pytest.mark.parametrize(
    "name",
    ["imagingdatacommons__sm_image.dcm", "openslide__boxes_0.dcm", "3dhistech_BPAEC"],
)
def test_files_of_other_makers(name):
    place = shared(f"testdata/dicom_wsi/{name}")
    files = sorted(place.glob("*.dcm")) if place.is_dir() else [place]
    told, errors = read_image_facts(named(files))
    assert errors == []
    headers = [pydicom.dcmread(file, stop_before_pixels=True) for file in files]
    assert combined(list(told.values())).attributes == image_attributes(headers)


def test_the_ratio_of_a_lossless_compression_comes_from_the_bytes():
    place = shared("testdata/dicom_wsi/imagingdatacommons__sm_image_jpegls_nobot.dcm")
    whole = pydicom.dcmread(place)
    frames = list(generate_frames(whole.PixelData, number_of_frames=25))
    told = read_facts(place, "")
    [step] = find(told.attributes, "image_compressions").members
    # 25 frames of 10 by 10 pixels of 3 bytes; an item's head takes 8 bytes more
    expected = 7500 / sum(map(len, frames))
    assert float(find(step.members, "ratio").number) == pytest.approx(expected, rel=0.2)


@pytest.mark.parametrize(
    "data", [b"", b"no DICOM", bytes(128) + b"DICM", bytes(128) + b"DICM" + b"\xff" * 4096]
)
def test_what_is_no_dicom_is_named(tmp_path, data):
    path = tmp_path / "a.dcm"
    path.write_bytes(data)
    told, [error] = read_image_facts({"a.dcm": path})
    assert told == {}
    assert "a.dcm" in error.place
    assert error.remedy


def test_a_header_cut_anywhere_is_refused_or_read_but_never_crashes(slide, tmp_path):
    data = slide[0].read_bytes()
    path = tmp_path / "cut.dcm"
    refused = 0
    for end in range(140, 4000, 37):
        path.write_bytes(data[:end])
        _, errors = read_image_facts({"cut.dcm": path})
        refused += len(errors)
    assert refused > 50


def test_other_sop_classes_are_refused():
    place = shared("testdata/annotations/dicom_ann/sm_annotations.dcm")
    with pytest.raises(SlideError, match="not a whole-slide"):
        read_facts(place, "a.dcm")


def test_an_element_of_a_gigabyte_is_stepped_over_and_one_that_is_read_is_refused(slide, tmp_path):
    header = pydicom.dcmread(slide[0], stop_before_pixels=True)
    header.OpticalPathSequence[0].ICCProfile = bytes(40 << 20)
    header.save_as(tmp_path / "profile.dcm")
    with pytest.raises(SlideError, match="MiB"):
        read_facts(tmp_path / "profile.dcm", "profile.dcm")
    header = pydicom.dcmread(slide[0], stop_before_pixels=True)
    header.add_new(0x00090010, "LO", "INVENTED")
    header.add_new(0x00091001, "OB", bytes(40 << 20))
    header.save_as(tmp_path / "private.dcm")
    assert read_facts(tmp_path / "private.dcm", "").flavour is Flavour.VOLUME


def test_sequences_deep_inside_each_other_are_refused(slide, tmp_path):
    deep = b""
    for _ in range(2000):
        item = struct.pack("<HHI", 0xFFFE, 0xE000, len(deep)) + deep
        deep = b"\x48\x00\x05\x01SQ\0\0" + struct.pack("<I", len(item)) + item
    data = slide[0].read_bytes()
    at = data.index(b"\x48\x00\x05\x01SQ")
    path = tmp_path / "deep.dcm"
    path.write_bytes(data[:at] + deep)
    with pytest.raises(SlideError):
        read_facts(path, "deep.dcm")


def test_values_of_the_wrong_kind_are_told_not_raised(slide, tmp_path):
    header = pydicom.dcmread(slide[0], stop_before_pixels=True)
    header.TotalPixelMatrixOriginSequence = Sequence([])
    header.save_as(tmp_path / "a.dcm")
    data = (tmp_path / "a.dcm").read_bytes()
    at = data.index(b"\x18\x00\x23\x10") if b"\x18\x00\x23\x10" in data else None
    assert at is None  # nothing that is not looked at decides
    spoiled = data.replace(b"12.50", b"a.b,c")
    (tmp_path / "a.dcm").write_bytes(spoiled)
    assert read_facts(tmp_path / "a.dcm", "").columns == 700


def test_a_file_that_is_gone_is_named(tmp_path, slide):
    shutil.copy(slide[0], tmp_path / "a.dcm")
    files = {"a.dcm": tmp_path / "a.dcm", "b.dcm": tmp_path / "b.dcm"}
    told, [error] = read_image_facts(files)
    assert set(told) == {"a.dcm"}
    assert error.place == "b.dcm"
