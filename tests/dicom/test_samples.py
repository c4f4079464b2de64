"""Frames of every syntax against published vectors, and frames that lie."""

from __future__ import annotations

import struct

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom.pixels import convert_color_space

from bigpicture.dicom.jpegls import read_jpegls, without_applications
from bigpicture.dicom.samples import decode_samples
from bigpicture.dicom.syntax import FrameForm
from bigpicture.model.errors import SlideError
from places import shared

NATIVE, IMPLICIT, BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
BASELINE, EXTENDED, LOSSLESS = (f"1.2.840.10008.1.2.4.{last}" for last in (50, 51, 57))
LS, LS_NEAR, J2K_LOSSLESS, J2K = (f"1.2.840.10008.1.2.4.{last}" for last in (80, 81, 90, 91))
HTJ2K_LOSSLESS, HTJ2K_RPCL, HTJ2K = (f"1.2.840.10008.1.2.4.{last}" for last in (201, 202, 203))
RLE = "1.2.840.10008.1.2.5"
MONO = "MONOCHROME2"

# File, syntax, photometric interpretation, and by how much a sample may differ: 0 of what is
# lossless, 1 where the coder was told NEAR 1; the lossy ones differ from the picture that went in
# by what their quality costs, and not from what other decoders make of them (tested below).
VECTORS = [
    ("Explicit_VR_Little_Endian-GRAYSCALE-8.raw", NATIVE, MONO, 0),
    ("Explicit_VR_Little_Endian-GRAYSCALE-16.raw", NATIVE, MONO, 0),
    ("Implicit_VR_Little_Endian-GRAYSCALE-8.raw", IMPLICIT, MONO, 0),
    ("Implicit_VR_Little_Endian-GRAYSCALE-16.raw", IMPLICIT, MONO, 0),
    ("JPEG-LS_Lossless_Image_Compression-GRAYSCALE-8.jls", LS, MONO, 0),
    ("JPEG-LS_Lossless_Image_Compression-GRAYSCALE-16.jls", LS, MONO, 0),
    ("JPEG-LS_Lossy_(Near-Lossless)_Image_Compression-GRAYSCALE-8.jls", LS_NEAR, MONO, 1),
    ("JPEG-LS_Lossy_(Near-Lossless)_Image_Compression-GRAYSCALE-16.jls", LS_NEAR, MONO, 1),
    ("JPEG_2000_Image_Compression_(Lossless_Only)-GRAYSCALE-16.jp2", J2K_LOSSLESS, MONO, 0),
    ("JPEG_2000_Image_Compression_(Lossless_Only)-RGB-8.jp2", J2K_LOSSLESS, "RGB", 0),
    ("JPEG_2000_Image_Compression_(Lossless_Only)-YBR-8.jp2", J2K_LOSSLESS, "YBR_RCT", 0),
    ("JPEG_2000_Image_Compression-GRAYSCALE-8.jp2", J2K, MONO, 2),
    ("JPEG_2000_Image_Compression-GRAYSCALE-16.jp2", J2K, MONO, 28),
    ("JPEG_2000_Image_Compression-YBR-8.jp2", J2K, "YBR_ICT", 3),
    ("JPEG_Baseline_(Process_1)-RGB-8.jpg", BASELINE, "RGB", 8),
    ("JPEG_Baseline_(Process_1)-YBR-8.jpg", BASELINE, "YBR_FULL_422", 16),
    ("JPEG_Lossless,_Non-Hierarchical_(Process_14)-GRAYSCALE-8.jpg", LOSSLESS, MONO, 0),
    ("JPEG_Lossless,_Non-Hierarchical_(Process_14)-GRAYSCALE-16.jpg", LOSSLESS, MONO, 0),
    ("JPEG_Lossless,_Non-Hierarchical_(Process_14)-RGB-8.jpg", LOSSLESS, "RGB", 0),
    # The same bytes as the one before: process 14 knows no colours, its file's name says YBR.
    ("JPEG_Lossless,_Non-Hierarchical_(Process_14)-YBR-8.jpg", LOSSLESS, "RGB", 0),
    ("RLE_Lossless-GRAYSCALE-16.rle", RLE, MONO, 0),
    ("RLE_Lossless-RGB-8.rle", RLE, "RGB", 0),
]  # fmt: skip


def _truth(name: str, photometric: str) -> np.ndarray:
    """The picture beside the vectors; grey is its luminance, 16 bits are that in the high byte."""
    picture = Image.open(shared("testdata/codec_frames/test_tile.png"))
    if photometric != "MONOCHROME2":
        return np.asarray(picture.convert("RGB"))
    grey = np.asarray(picture.convert("L"))[:, :, None]
    return grey.astype(np.uint16) << 8 if "-16." in name else grey


def _form(name: str, syntax: str, photometric: str) -> FrameForm:
    bits = 16 if "-16." in name else 8
    samples = 1 if photometric == "MONOCHROME2" else 3
    return FrameForm(syntax, photometric, 240, 240, samples, bits, bits)


@pytest.mark.parametrize(("name", "syntax", "photometric", "apart"), VECTORS)
def test_published_frames_decode_to_the_picture_beside_them(name, syntax, photometric, apart):
    frame = shared(f"testdata/codec_frames/{name}").read_bytes()
    pixels = decode_samples(frame, _form(name, syntax, photometric))
    truth = _truth(name, photometric)
    assert pixels.dtype == truth.dtype
    assert np.abs(pixels.astype(int) - truth.astype(int)).max() <= apart


@pytest.mark.parametrize(("name", "syntax", "photometric", "apart"), VECTORS[13:16])
def test_lossy_frames_decode_as_pillow_decodes_them(name, syntax, photometric, apart):
    path = shared(f"testdata/codec_frames/{name}")
    pixels = decode_samples(path.read_bytes(), _form(name, syntax, photometric))
    by_pillow = np.asarray(Image.open(path).convert("RGB"))
    assert np.abs(pixels.astype(int) - by_pillow).max() <= 1


def test_all_published_frames_are_vectors():
    names = {path.name for path in shared("testdata/codec_frames").iterdir()}
    big = {name for name in names if "Big_Endian" in name}
    assert names == {vector[0] for vector in VECTORS} | big | {"test_tile.png"}
    for name in big:  # retired, and refused with the header already
        frame = shared(f"testdata/codec_frames/{name}").read_bytes()
        with pytest.raises(SlideError, match="cannot be decoded"):
            decode_samples(frame, _form(name, BIG, "MONOCHROME2"))


GREY = (np.arange(48 * 64).reshape(48, 64, 1) % 251).astype(np.uint8)
DEEP = (np.arange(48 * 64).reshape(48, 64, 1) * 21).astype(np.uint16)
COLOUR = np.concatenate([GREY, GREY[::-1], 250 - GREY], axis=2)
PICTURES = {"grey": GREY, "deep": DEEP, "colour": COLOUR}


def _of(picture: np.ndarray, syntax: str, **changed) -> FrameForm:
    bits = picture.itemsize * 8
    values = {"samples": picture.shape[2], "bits": bits, "stored": bits,
              "photometric": "RGB" if picture.shape[2] == 3 else "MONOCHROME2"}  # fmt: skip
    return FrameForm(syntax, columns=64, rows=48, **{**values, **changed})


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize(
    ("syntax", "encode"),
    [
        (HTJ2K_LOSSLESS, lambda given: imagecodecs.htj2k_encode(given, reversible=True)),
        (HTJ2K_RPCL, lambda given: imagecodecs.htj2k_encode(given, reversible=True)),
        (HTJ2K, lambda given: imagecodecs.htj2k_encode(given, reversible=True)),
        (LS, imagecodecs.jpegls_encode),
        (LOSSLESS, lambda given: imagecodecs.jpeg8_encode(given, lossless=True)),
        (NATIVE, lambda given: given.tobytes()),
    ],
)
def test_lossless_frames_of_other_encoders_come_back(kind, syntax, encode):
    picture = PICTURES[kind]
    frame = bytes(encode(picture if kind == "colour" else picture[:, :, 0]))
    assert np.array_equal(decode_samples(frame, _of(picture, syntax)), picture)


@pytest.mark.parametrize("syntax", [HTJ2K_LOSSLESS, HTJ2K])
def test_a_high_throughput_stream_cut_short_is_refused(syntax):
    """The reference decoder of its blocks would hand over what it has, and say nothing."""
    frame = bytes(imagecodecs.htj2k_encode(COLOUR, reversible=True))
    for part in range(1, 16):
        with pytest.raises(SlideError):
            decode_samples(frame[: len(frame) * part // 16], _of(COLOUR, syntax))


def test_a_jpeg_ls_scan_without_an_end_is_refused_before_it_is_decoded(monkeypatch):
    """The decoder takes seconds for a hundred bytes of it."""
    frame = bytes(imagecodecs.jpegls_encode(GREY[:, :, 0]))
    assert frame.endswith(b"\xff\xd9")
    monkeypatch.setattr(imagecodecs, "jpegls_decode", lambda frame: pytest.fail("it was decoded"))
    with pytest.raises(SlideError, match="its scan has no end"):
        decode_samples(frame[:-2] + b"\0\0", _of(GREY, LS))


def test_twelve_bit_jpeg_is_read_in_sixteen():
    deep = (DEEP % 4096).astype(np.uint16)
    smooth = np.sort(deep.ravel()).reshape(deep.shape)
    frame = bytes(imagecodecs.jpeg8_encode(smooth[:, :, 0], level=98, bitspersample=12))
    pixels = decode_samples(frame, _of(smooth, EXTENDED, stored=12))
    assert pixels.dtype == np.uint16
    assert np.abs(pixels.astype(int) - smooth).max() <= 4


def test_colour_by_plane_is_put_together():
    planes = COLOUR.transpose(2, 0, 1).tobytes()
    assert np.array_equal(decode_samples(planes, _of(COLOUR, NATIVE, is_planar=True)), COLOUR)


def test_full_ybr_becomes_rgb_as_pydicom_makes_it():
    pixels = decode_samples(COLOUR.tobytes(), _of(COLOUR, NATIVE, photometric="YBR_FULL"))
    wanted = convert_color_space(COLOUR, "YBR_FULL", "RGB")
    assert np.abs(pixels.astype(int) - wanted).max() <= 1  # it rounds coefficients of its own
    # By hand: 81 + 1.402 × 112, 81 + 0.34414 × 38 - 0.71414 × 112, 81 - 1.772 × 38.
    red = np.tile(np.array([81, 90, 240], np.uint8), (48, 64, 1))
    pixels = decode_samples(red.tobytes(), _of(red, NATIVE, photometric="YBR_FULL"))
    assert pixels[0, 0].tolist() == [238, 14, 14]


def test_monochrome_1_is_turned_over_within_its_stored_bits():
    low = (DEEP % 4096).astype(np.uint16)
    pixels = decode_samples(low.tobytes(), _of(low, NATIVE, photometric="MONOCHROME1", stored=12))
    assert np.array_equal(pixels, 4095 - low)


def test_what_stands_above_the_stored_bits_is_no_pixel():
    low = (DEEP % 4096).astype(np.uint16)
    frame = (low | 0xA000).tobytes()
    assert np.array_equal(decode_samples(frame, _of(low, NATIVE, stored=12)), low)


@pytest.mark.parametrize(
    "changed",
    [
        {"photometric": "PALETTE COLOR"},
        {"photometric": "YBR_FULL_422", "samples": 3},
        {"photometric": "RGB"},
        {"bits": 32, "stored": 32},
        {"bits": 12, "stored": 12},
        {"stored": 9},
    ],
)
def test_kinds_of_pixel_that_no_slide_has_are_refused(changed):
    with pytest.raises(SlideError, match="cannot be decoded"):
        decode_samples(COLOUR.tobytes(), _of(GREY, NATIVE, **changed))


@pytest.mark.parametrize(("name", "syntax", "photometric", "_"), VECTORS)
def test_frames_of_another_size_or_kind_are_refused(name, syntax, photometric, _):
    frame = shared(f"testdata/codec_frames/{name}").read_bytes()
    form = _form(name, syntax, photometric)
    wrong = [FrameForm(syntax, photometric, 480, 240, form.samples, form.bits, form.bits)]
    if ".raw" not in name:
        other = ("RGB", 3) if form.samples == 1 else (MONO, 1)
        wrong.append(FrameForm(syntax, other[0], 240, 240, other[1], form.bits, form.bits))
    for each in wrong:
        with pytest.raises(SlideError):
            decode_samples(frame, each)


@pytest.mark.parametrize(("name", "syntax", "photometric", "_"), VECTORS)
def test_a_frame_cut_anywhere_is_refused_or_of_its_size(name, syntax, photometric, _):
    frame = shared(f"testdata/codec_frames/{name}").read_bytes()
    for part in range(16):
        try:
            pixels = decode_samples(
                frame[: len(frame) * part // 16], _form(name, syntax, photometric)
            )
        except SlideError:
            continue
        assert pixels.shape[:2] == (240, 240)


@pytest.mark.parametrize("at", [0, 4, 8])
@pytest.mark.parametrize("value", [0, 1, 63, 0xFFFFFFFF])
def test_run_lengths_with_a_lying_header_are_refused(at, value):
    frame = bytearray(shared("testdata/codec_frames/RLE_Lossless-GRAYSCALE-16.rle").read_bytes())
    struct.pack_into("<I", frame, at, value)
    with pytest.raises(SlideError):
        decode_samples(bytes(frame), _form("-16.", RLE, "MONOCHROME2"))


def test_run_lengths_that_unpack_to_more_are_refused():
    bomb = struct.pack("<16I", 1, 64, *(0,) * 14) + b"\x81\0" * 100_000
    with pytest.raises(SlideError):
        decode_samples(bomb, _of(GREY, RLE))


def test_jpeg_ls_loses_its_free_text_and_nothing_else():
    frame = shared(
        "testdata/codec_frames/JPEG-LS_Lossless_Image_Compression-GRAYSCALE-8.jls"
    ).read_bytes()
    said = b"\xff\xfe" + struct.pack(">H", 2 + 9) + b"ANNA MUST"
    clean = without_applications(frame[:2] + said + frame[2:] + b"after the end", place="frame")
    assert b"ANNA" not in clean
    assert b"SPIFF" not in clean
    assert b"after" not in clean
    form = _form("-8.", LS, "MONOCHROME2")
    assert np.array_equal(decode_samples(clean, form), decode_samples(frame, form))
    assert frame.find(clean[clean.index(b"\xff\xda") :]) > 0  # the scan, byte for byte
    assert read_jpegls(clean, place="frame").near == 0
