from __future__ import annotations

import struct
import zlib

import pytest

from bigpicture.dicom.file import FileSource
from bigpicture.dicom.read import order_levels, read_instance
from bigpicture.model.errors import IntegrityError, SlideError
from places import shared
from slide_making import convert_all, write_jpeg_tiff

WHOLE_SLIDE = b"1.2.840.10008.5.1.4.1.1.77.1.6"


def _element(group, number, vr, value) -> bytes:
    if vr in {b"OB", b"SQ", b"UN"}:
        return struct.pack("<HH", group, number) + vr + struct.pack("<HI", 0, len(value)) + value
    value += (b"\0" if vr == b"UI" else b" ") * (len(value) % 2)
    return struct.pack("<HH", group, number) + vr + struct.pack("<H", len(value)) + value


def _file(path, syntax: bytes, body: bytes):
    meta = _element(2, 2, b"UI", WHOLE_SLIDE) + _element(2, 0x10, b"UI", syntax)
    length = _element(2, 0, b"UL", struct.pack("<I", len(meta)))
    path.write_bytes(b"MZ" + bytes(126) + b"DICM" + length + meta + body)
    return path


def _refused(path) -> SlideError:
    with FileSource(path) as source, pytest.raises(SlideError) as caught:
        read_instance(source, place=path.name)
    return caught.value


EXPLICIT = b"1.2.840.10008.1.2.1"


def test_a_length_past_the_end_is_refused(tmp_path):
    body = struct.pack("<HH", 0x0008, 0x0060) + b"UN\0\0" + struct.pack("<I", 0xFFFFFFF0) + b"abcd"
    error = _refused(_file(tmp_path / "a.dcm", EXPLICIT, body))
    assert "longer than what holds it" in error.what
    assert error.place == "a.dcm (0008,0060)"


@pytest.mark.parametrize("is_defined", [True, False])
def test_sequences_deep_inside_each_other_are_refused(tmp_path, is_defined):
    body = b""
    for _ in range(2000):
        if is_defined:
            item = struct.pack("<HHI", 0xFFFE, 0xE000, len(body)) + body
            body = _element(0x40, 0xA730, b"SQ", item)
        else:
            item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + body
            item += struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
            body = struct.pack("<HH", 0x40, 0xA730) + b"SQ\0\0" + struct.pack("<I", 0xFFFFFFFF)
            body += item
    assert "deep" in _refused(_file(tmp_path / "a.dcm", EXPLICIT, body)).what


def test_a_deflated_file_is_refused_before_it_inflates(tmp_path):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(bytes(1 << 20)) + packer.flush()
    error = _refused(_file(tmp_path / "a.dcm", b"1.2.840.10008.1.2.1.99", body))
    assert "deflated" in error.what


def test_another_kind_of_image_is_refused(tmp_path):
    body = _element(8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.2")
    assert "not a whole-slide image" in _refused(_file(tmp_path / "a.dcm", EXPLICIT, body)).what


def test_every_truncation_of_a_real_instance_is_refused_or_reads_its_header(tmp_path):
    data = shared("testdata/dicom_wsi/imagingdatacommons__sm_image.dcm").read_bytes()
    path = tmp_path / "cut.dcm"
    for length in range(0, len(data), 97):
        path.write_bytes(data[:length])
        with FileSource(path) as source:
            try:
                instance = read_instance(source)
            except SlideError:
                continue
            assert instance.level.columns == 50


def test_what_it_says_is_what_pydicom_says(tmp_path):
    instance = shared("testdata/dicom_wsi/cmu-1-small-region/level-1-frames-0-9.dcm")
    with FileSource(instance) as source:
        level = read_instance(source).level
    # dcmdump of the file: 1110 x 1483, frames of 500 x 500, Pixel Spacing 0.000998.
    assert (level.columns, level.rows, level.tile_columns) == (1110, 1483, 500)
    assert level.mpp_x == pytest.approx(0.998)
    assert level.frame_count == 9


def test_levels_are_ordered_and_doubles_refused(tmp_path):
    write_jpeg_tiff(tmp_path / "slide.tif", rows=2100, columns=2200)
    done = convert_all(tmp_path / "slide.tif", tmp_path / "out")
    instances = []
    for each in reversed(done.instances):
        with FileSource(each.path) as source:
            instances.append(read_instance(source, place=each.path.name))
    ordered = order_levels(instances)
    assert [each.level.columns for each in ordered] == [2200, 1100, 550]
    assert [each.level.index for each in ordered] == [0, 1, 2]
    with pytest.raises(SlideError, match="same total pixel matrix"):
        order_levels([*instances, instances[0]])


def test_a_source_reads_exactly_or_not_at_all(tmp_path):
    (tmp_path / "a").write_bytes(b"0123456789")
    with FileSource(tmp_path / "a") as source:
        assert source.read(3, 4) == b"3456"
        for offset, length in ((8, 3), (-1, 2), (11, 0), (0, -1)):
            with pytest.raises(IntegrityError):
                source.read(offset, length)
    with pytest.raises(SlideError):
        FileSource(tmp_path)


def test_a_file_meta_element_of_no_known_kind_is_refused(tmp_path):
    """pydicom converts a value when it is first asked for: that must not be by the allow-list."""
    meta = _element(2, 2, b"UI", WHOLE_SLIDE) + _element(2, 0x10, b"UI", EXPLICIT)
    meta += _element(2, 0x13, b"SI", b"INVENTED")
    length = _element(2, 0, b"UL", struct.pack("<I", len(meta)))
    path = tmp_path / "slide.dcm"
    path.write_bytes(bytes(128) + b"DICM" + length + meta + _element(8, 0x60, b"CS", b"SM"))
    assert "header cannot be read" in _refused(path).what
