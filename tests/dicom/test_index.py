from __future__ import annotations

import pydicom
import pytest
from pydicom.encaps import encapsulate, generate_frames

from bigpicture.dicom.file import FileSource
from bigpicture.dicom.index import FrameIndex, build_index
from bigpicture.dicom.read import read_instance
from bigpicture.dicom.syntax import frame_media_type
from bigpicture.dicom.tiles import open_tiles
from bigpicture.model.errors import IntegrityError, SlideError
from places import shared
from slide_making import convert_all, write_jpeg_tiff


def _frames(path) -> list[bytes]:
    with FileSource(path) as source:
        index = build_index(source, read_instance(source))
        return [source.read(*index.frame(number)) for number in range(len(index))]


def _by_pydicom(path) -> list[bytes]:
    dataset = pydicom.dcmread(path)
    return list(generate_frames(dataset.PixelData, number_of_frames=int(dataset.NumberOfFrames)))


@pytest.mark.parametrize(
    "name",
    [
        "cmu-1-small-region/level-0-frames-0-30.dcm",
        "googlecloudplatform__multi_frame_jpeg_camelyon_challenge_image.dcm",
        "imagingdatacommons__sm_image_jpegls_nobot.dcm",
    ],
)
def test_frames_are_those_pydicom_finds(name):
    path = shared(f"testdata/dicom_wsi/{name}")
    assert _frames(path) == _by_pydicom(path)


def test_native_frames_follow_each_other():
    path = shared("testdata/dicom_wsi/imagingdatacommons__sm_image.dcm")
    joined = pydicom.dcmread(path).PixelData
    assert b"".join(_frames(path)) == joined
    assert len(_frames(path)[0]) == 10 * 10 * 3


def test_the_extended_table_and_the_items_agree(tmp_path):
    write_jpeg_tiff(tmp_path / "slide.tif")
    path = convert_all(tmp_path / "slide.tif", tmp_path / "out").instances[0].path
    by_table = _frames(path)
    dataset = pydicom.dcmread(path)
    del dataset.ExtendedOffsetTable
    del dataset.ExtendedOffsetTableLengths
    dataset.PixelData = encapsulate(by_table, has_bot=False)
    dataset.save_as(tmp_path / "items.dcm")
    assert _frames(tmp_path / "items.dcm") == by_table == _by_pydicom(path)


def test_a_table_that_points_outside_is_refused(tmp_path):
    write_jpeg_tiff(tmp_path / "slide.tif")
    path = convert_all(tmp_path / "slide.tif", tmp_path / "out").instances[0].path
    dataset = pydicom.dcmread(path)
    table = bytearray(dataset.ExtendedOffsetTable)
    table[8:16] = (1 << 40).to_bytes(8, "little")
    dataset.ExtendedOffsetTable = bytes(table)
    dataset.save_as(tmp_path / "outside.dcm")
    with pytest.raises(SlideError, match="frame 1 lies outside"):
        _frames(tmp_path / "outside.dcm")


def test_an_index_is_the_same_in_memory_and_on_disk(tmp_path):
    path = shared("testdata/dicom_wsi/cmu-1-small-region/level-0-frames-0-30.dcm")
    with FileSource(path) as source:
        index = build_index(source, read_instance(source))
    (tmp_path / "index").write_bytes(index.to_bytes())
    mapped = FrameIndex.open(tmp_path / "index")
    assert len(mapped) == 30
    assert [mapped.frame(n) for n in range(30)] == [index.frame(n) for n in range(30)]
    for outside in (-1, 30):
        with pytest.raises(IndexError):
            mapped.frame(outside)
    with pytest.raises(IntegrityError):
        FrameIndex.from_bytes(index.to_bytes()[:-1])


def test_tiles_outside_the_level_are_an_index_error():
    path = shared("testdata/dicom_wsi/cmu-1-small-region/level-0-frames-0-30.dcm")
    with FileSource(path) as source:
        tiles = open_tiles(source)
        assert tiles.frame(0, 0)[:2] == b"\xff\xd8"
        assert tiles.media_type == "image/jpeg"
        for column, row in ((5, 0), (0, 6), (-1, 0)):
            with pytest.raises(IndexError):
                tiles.frame(column, row)
        assert (tiles.region(-5, -5, 4, 4) == 255).all()


def test_media_types_are_those_of_the_standard():
    # PS3.18 table 8.7.3-5.
    assert frame_media_type("1.2.840.10008.1.2.4.90") == "image/jp2"
    assert frame_media_type("1.2.840.10008.1.2.1") == "application/octet-stream"
    assert frame_media_type("1.2.840.10008.1.2.4.80") == "image/jls"
