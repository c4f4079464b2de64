"""A copy that is not the source is caught: by digests alone, and by decoded frames alone."""

from __future__ import annotations

import hashlib
import struct

import pytest
from pydicom.encaps import generate_frames

from bigpicture.dicom import convert as converting
from bigpicture.dicom.slide import Frame
from bigpicture.dicom.witness import witness_instance
from bigpicture.model.errors import IntegrityError
from slide_making import convert_all, write_jpeg_tiff

ITEM = b"\xfe\xff\x00\xe0"


@pytest.fixture
def slide(tmp_path):
    path = tmp_path / "slide.tif"
    write_jpeg_tiff(path)
    return path


@pytest.fixture
def written(slide, tmp_path):
    return convert_all(slide, tmp_path / "out").instances[0].path


def swap_two(frames):
    first, second, *others = frames
    return [second, first, *others]


def change_a_byte(frames):
    head, body = (bytes(each) for each in frames[3])
    body = body[:-9] + bytes([body[-9] ^ 1 or 2]) + body[-8:]
    return [*frames[:3], Frame(head, body), *frames[4:]]


def repeat_the_first(frames):
    return [frames[0], frames[0], *frames[2:]]


@pytest.mark.parametrize("witness", ["compare_frames", "_check_copied"])
@pytest.mark.parametrize("spoil", [swap_two, change_a_byte, repeat_the_first])
def test_either_witness_alone_catches_a_writer_that_errs(
    slide, tmp_path, monkeypatch, spoil, witness
):
    """The other one is put out; what was written is removed."""
    monkeypatch.setattr(converting, witness, lambda *_, **__: True)
    write = converting.write_instance

    def write_spoilt(path, header, frames, **more):
        return write(path, header, spoil(list(frames)), **more)

    monkeypatch.setattr(converting, "write_instance", write_spoilt)
    with pytest.raises(IntegrityError, match=r"not on disk as|shows other pixels"):
        convert_all(slide, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_another_process_may_hash(written):
    alone = witness_instance(written)
    assert alone.sha256 == hashlib.sha256(written.read_bytes()).hexdigest()
    asked = witness_instance(written, sha256=lambda: "told elsewhere")
    assert asked.sha256 == "told elsewhere"
    assert (asked.size, asked.frame_digests) == (alone.size, alone.frame_digests)


def spoilt(path, change):
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)


def test_a_marker_inside_a_scan_is_refused(written):
    frame = next(iter(generate_frames(_pixel_data(written), number_of_frames=12)))

    def hide(data):
        at = data.index(frame) + len(frame) - 20
        data[at : at + 2] = b"\xff\xfe"

    spoilt(written, hide)
    with pytest.raises(IntegrityError, match="a marker inside"):
        witness_instance(written)


def _pixel_data(path):
    data = path.read_bytes()
    return data[data.index(b"\xe0\x7f\x10\x00OB") + 12 :]


@pytest.mark.parametrize("number", [0x0001, 0x0002])
def test_an_offset_table_that_does_not_fit_is_refused(written, number):
    def shift(data):
        at = data.index(struct.pack("<HH2s", 0x7FE0, number, b"OV")) + 12
        data[at + 8] ^= 2

    spoilt(written, shift)
    with pytest.raises(IntegrityError, match="does not fit its frames"):
        witness_instance(written)


def test_a_file_cut_short_is_refused(written):
    spoilt(written, lambda data: data.__delitem__(slice(-1000, None)))
    with pytest.raises(IntegrityError, match="ends inside its pixel data"):
        witness_instance(written)


def test_a_lost_frame_is_refused(written):
    def lose(data):
        last, end = data.rindex(ITEM), data.rindex(b"\xfe\xff\xdd\xe0")
        del data[last:end]

    spoilt(written, lose)
    with pytest.raises(IntegrityError, match="11 of 12 frames"):
        witness_instance(written)


def test_what_is_no_item_is_refused(written):
    def spoil(data):
        at = data.rindex(ITEM)
        data[at : at + 4] = b"\xfe\xff\x0d\xe0"

    spoilt(written, spoil)
    with pytest.raises(IntegrityError, match="no item stands after frame 11"):
        witness_instance(written)
