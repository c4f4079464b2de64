"""Texts among the frames: comments, application segments, boxes, and what hides behind an image."""

from __future__ import annotations

import gzip
import os
import struct

import imagecodecs
import numpy as np
import pydicom
import pytest
import simplejpeg
from pydicom.encaps import encapsulate

from bigpicture.deidentify.needles import Needle
from bigpicture.deidentify.scan import Scan
from bigpicture.deidentify.segments import Segments
from bigpicture.deidentify.spans import spans_of
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.read import read_instance
from slide_making import convert_all, write_jpeg_tiff

ERIKA = Needle("Erika", "a field")
"""Five letters: among the pixels it would be chance, in a text it counts."""
JPEG, J2K, JPEG_LS = (f"1.2.840.10008.1.2.4.{last}" for last in (50, 90, 80))


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clean")
    write_jpeg_tiff(folder / "slide.tif")
    convert_all(folder / "slide.tif", folder)
    return folder / "level-0.dcm"


def frames_of(dataset):
    count = int(dataset.NumberOfFrames)
    return list(pydicom.encaps.generate_frames(dataset.PixelData, number_of_frames=count))


def with_frames(clean, path, change, syntax=JPEG, encode=None):
    """The instance with each frame changed, in one fragment each; the header stays."""
    dataset = pydicom.dcmread(clean)
    frames = frames_of(dataset)
    if encode:
        frames = [bytes(encode(pattern)) for pattern in dataset.pixel_array]
    frames = [change(number, frame) for number, frame in enumerate(frames)]
    for name in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
        if name in dataset:
            delattr(dataset, name)
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    dataset.PixelData = encapsulate(frames)
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path)
    return path


def found(path, *needles):
    with FileSource(path) as source:
        spans = spans_of(source, read_instance(source))
        return Scan(needles or [ERIKA]).search(source, name="out", spans=spans)


def segment(marker, data):
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


LAST = 7
"""The frame that is changed; those before it look alike and are passed over."""


def at(number, change):
    return lambda each, frame: change(frame) if each == number else frame


def _after_start(data):
    return lambda frame: frame[:2] + data + frame[2:]


CHANGES = {
    "COM": _after_start(segment(0xFE, b"by Erika")),
    "APP1": _after_start(segment(0xE1, b"Exif\0\0by Erika")),
    "APP13, UTF-16": _after_start(segment(0xED, "by Erika".encode("utf-16-le"))),
    "after tables": lambda frame: frame.replace(
        b"\xff\xda", segment(0xFE, b"Erika") + b"\xff\xda", 1
    ),
    "behind the image": lambda frame: frame[: frame.rindex(b"\xff\xd9") + 2] + b" Erika \xff\xd9",
    "between two images": lambda frame: frame + b"Erika  " + frame,
    "gzip in APP2": _after_start(segment(0xE2, gzip.compress(b"by Erika"))),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("number", [0, LAST])
def test_a_short_string_in_a_jpeg_frame_outside_its_scan_is_found(clean, tmp_path, change, number):
    path = with_frames(clean, tmp_path / "x.dcm", at(number, CHANGES[change]))
    (finding,) = found(path)
    assert "outside the pixels" in finding.place or "UTF-16" in change


def test_clean_frames_hold_no_text_and_the_scan_of_pixels_is_no_text(clean, tmp_path):
    assert found(clean) == []
    path = with_frames(clean, tmp_path / "x.dcm", lambda _, frame: frame)
    assert found(path) == []
    # Inside the entropy-coded data five letters are chance; ten are not.
    broken = with_frames(clean, tmp_path / "y.dcm", at(3, lambda f: f[:-40] + b"Erika" + f[-40:]))
    assert found(broken) == []
    broken = with_frames(
        clean, tmp_path / "y.dcm", at(3, lambda f: f[:-40] + b"Mustermann" + f[-40:])
    )
    (finding,) = found(broken, Needle("Mustermann", "a field"))
    assert "among the pixels" in finding.place


def _j2k(tile):
    return imagecodecs.jpeg2k_encode(np.ascontiguousarray(tile), codecformat="j2k", mct=False)


def _comment(frame, where=b"\xff\x90"):
    place = frame.index(where)
    text = segment(0x64, b"\0\1by Erika")
    return frame[:place] + text + frame[place:]


def _in_tile_part(frame):
    """A comment before SOD, and the length of the tile-part (Psot, A.4.2) grown with it."""
    start = frame.index(b"\xff\x90")
    text = segment(0x64, b"\0\1by Erika")
    (length,) = struct.unpack_from(">I", frame, start + 6)
    head = frame[: start + 6] + struct.pack(">I", length + len(text) if length else 0)
    place = frame.index(b"\xff\x93", start)
    return head + frame[start + 10 : place] + text + frame[place:]


J2K_CHANGES = {
    "COM": _comment,
    "COM of a tile-part": _in_tile_part,
    "behind": lambda frame: frame + b"Erika ",
    "unknown segment": lambda frame: frame[: frame.index(b"\xff\x90")] + segment(0x70, b"Erika!")
    + frame[frame.index(b"\xff\x90") :],
    "boxes around": lambda frame: b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x10xml by Erika"
    + struct.pack(">I", len(frame) + 8) + b"jp2c" + frame,
}  # fmt: skip


@pytest.mark.parametrize("change", J2K_CHANGES)
@pytest.mark.parametrize("number", [0, LAST])
def test_a_short_string_in_a_jpeg_2000_frame_outside_its_packets_is_found(
    clean, tmp_path, change, number
):
    path = with_frames(clean, tmp_path / "x.dcm", at(number, J2K_CHANGES[change]), J2K, _j2k)
    (finding,) = found(path)
    assert "outside the pixels" in finding.place


def test_clean_jpeg_2000_frames_hold_no_text(clean, tmp_path):
    path = with_frames(clean, tmp_path / "x.dcm", lambda _, frame: frame, J2K, _j2k)
    with FileSource(path) as source:
        spans = spans_of(source, read_instance(source))
        (pixels,) = [span for span in spans if span.segments]
        data = source.read(pixels.start, pixels.end - pixels.start)
        # What OpenJPEG says of itself is a comment, the same in each frame.
        texts = list(pixels.segments.within(data, pixels.start, len(data)))
    assert len(texts) <= 1


def test_comments_of_jpeg_ls_are_texts(clean, tmp_path):
    change = at(LAST, _after_start(segment(0xFE, b"by Erika")))
    path = with_frames(clean, tmp_path / "x.dcm", change, JPEG_LS, imagecodecs.jpegls_encode)
    assert found(path)


def test_bytes_between_two_frames_are_text(clean, tmp_path):
    """Where the extended offset table passes over an item, nothing else would look at it."""
    data = bytearray(clean.read_bytes())
    dataset = pydicom.dcmread(clean)
    lengths = np.frombuffer(dataset.ExtendedOffsetTableLengths, "<u8").copy()
    shortened = lengths[LAST]
    lengths[LAST] -= 30
    data = bytes(data).replace(dataset.ExtendedOffsetTableLengths, lengths.tobytes())
    frames = frames_of(dataset)
    place = data.index(frames[LAST]) + int(shortened) - 30
    data = data[:place] + b"^Erika^" + data[place + 7 :]
    (tmp_path / "x.dcm").write_bytes(data)
    with FileSource(tmp_path / "x.dcm") as source:
        spans = spans_of(source, read_instance(source))
    assert any(span.is_text and span.start <= place < span.end for span in spans)


@pytest.mark.parametrize("size", [1 << 20, 3 << 19])
def test_segments_are_found_across_the_borders_of_reads(clean, tmp_path, size):
    """A comment of 60 kB, wherever the border of a read falls into it."""
    text = segment(0xFE, os.urandom(30_000) + b"^Erika^" + os.urandom(30_000))
    for shift in (-61_000, -30_000, -6, -4, -3, -2, -1, 0, 1):
        filler = size + shift

        def pad(number, frame, filler=filler):
            if number == 0:
                return frame[:-2] + b"\xb7" * (filler - len(frame)) + b"\xff\xd9"
            return _after_start(text)(frame) if number == 1 else frame

        path = with_frames(clean, tmp_path / "x.dcm", pad)
        assert found(path), shift


@pytest.mark.parametrize("shift", range(0, 14_000, 2000))
def test_frames_of_jpeg_2000_across_the_border_of_two_reads_are_read_to_their_end(
    clean, tmp_path, shift
):
    def change(number, frame, filler=bytes((1 << 20) - shift)):
        return frame + (filler if number == 0 else b"Erika " if number == 1 else b"")

    path = with_frames(clean, tmp_path / "x.dcm", change, J2K, _j2k)
    assert found(path)


def test_a_frame_of_simplejpeg_has_only_its_jfif_segment():
    """By hand: SOI, then APP0 of 16 bytes from byte 2 on; its text begins after four bytes."""
    frame = simplejpeg.encode_jpeg(np.zeros((64, 64, 3), np.uint8), 80, "RGB", "420")
    segments = Segments(None, np.array([100]), np.array([100 + len(frame)]), JPEG)
    assert list(segments.within(frame, 100, len(frame))) == [(106, 120)]
