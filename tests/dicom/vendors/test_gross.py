"""Photographs: what is copied, what is turned, and that nothing beside the pixels goes on."""

from __future__ import annotations

import struct
import zlib
from math import ceil

import cv2
import imagecodecs
import numpy as np
import pydicom
import pytest
import simplejpeg

import made_gross as made
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.rules import allow_list
from bigpicture.dicom.open import endings, open_slide
from bigpicture.dicom.vendors import gross
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour
from bigpicture.submission.convert import convert_slide
from places import shared
from slide_making import convert_all

EVERYTHING = [
    made.exif_segment(thumbnail=made.jpeg(made.picture(30, 40))),
    made.xmp_segment(),
    made.iptc_segment(),
    *made.icc_segments(made.profile()),
    made.comment_segment(),
    made.segment(0xE5, b"Samsung\0" + made.SERIAL.encode()),
]
PSEUDONYMS = Pseudonyms(bytes(range(32)))


def whole(level):
    across, down = ceil(level.columns / level.tile_columns), ceil(level.rows / level.tile_rows)
    rows = [
        np.concatenate([level.pixels(row * across + column) for column in range(across)], axis=1)
        for row in range(down)
    ]
    return np.concatenate(rows)[: level.rows, : level.columns]


def write(tmp_path, data, name="photo.bin"):
    """The name says nothing."""
    path = tmp_path / name
    path.write_bytes(data)
    return path


def opened(path):
    with open_slide(path) as slide:
        (level,) = slide.levels
        return slide, level, whole(level)


def refused(path):
    with pytest.raises(SlideError) as caught:
        opened(path)
    return caught.value


@pytest.mark.parametrize("sampling", ["420", "422", "444"])
def test_a_baseline_jpeg_is_one_copied_frame(tmp_path, sampling):
    data = made.jpeg(made.picture(), *EVERYTHING, subsampling=sampling)
    with open_slide(write(tmp_path, data)) as slide:
        assert slide.format == "gross-image"
        (level,) = slide.levels
        assert (level.columns, level.rows, level.tile_columns, level.tile_rows) == (200, 120) * 2
        assert level.encoding.is_copied
        frame = level.frame(0)
        # The scan is the source's own, from its first byte to the end of the image.
        assert data.endswith(frame.body)
        assert b"Muster" not in frame.head
        both = [simplejpeg.decode_jpeg(each) for each in (data, frame.head + frame.body)]
        assert np.array_equal(*both)
        assert np.array_equal(level.pixels(0), both[0])


def test_a_grey_jpeg_is_copied_with_one_sample(tmp_path):
    data = made.jpeg(made.picture()[:, :, :1])
    with open_slide(write(tmp_path, data)) as slide:
        (level,) = slide.levels
        assert (level.stack.samples, level.stack.bits) == (1, 8)
        assert (level.encoding.is_copied, level.encoding.photometric) == (True, "MONOCHROME2")
        assert data.endswith(level.frame(0).body)
        expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert np.array_equal(level.pixels(0)[:, :, 0], expected)


def test_what_follows_the_picture_is_not_copied(tmp_path):
    data = made.jpeg(made.picture())
    with open_slide(write(tmp_path, data + made.jpeg(made.picture(8, 8)) + b"Mustermann")) as slide:
        assert slide.levels[0].frame(0).body == data[-len(slide.levels[0].frame(0).body) :]


def test_a_progressive_jpeg_is_encoded_again(tmp_path):
    _, stream = cv2.imencode(".jpg", made.picture()[..., ::-1], [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])
    _, level, pixels = opened(write(tmp_path, stream.tobytes()))
    assert "not JPEG Baseline" in level.encoding.reason
    assert level.encoding.is_lossy
    assert (level.tile_columns, level.tile_rows) == (512, 512)
    assert np.array_equal(pixels, cv2.imdecode(stream, cv2.IMREAD_COLOR)[..., ::-1])


@pytest.mark.parametrize("stored", ["CMYK", "YCCK"])
def test_inks_become_light(tmp_path, stored):
    light = made.picture()
    black = light.max(axis=2, keepdims=True)
    inks = np.concatenate([np.rint(light.astype(float) * 255 / black), black], axis=2)
    data = imagecodecs.jpeg8_encode(
        inks.astype(np.uint8), level=100, colorspace="CMYK", outcolorspace=stored
    )
    slide, level, pixels = opened(write(tmp_path, bytes(data)))
    assert "CMYK" in level.encoding.reason
    assert any("colours may differ" in remark for remark in slide.remarks)
    # As drawn, but for the rounding of two multiplications and of the compression.
    assert np.abs(pixels.astype(int) - light).mean() < 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photograph_is_shown_upright(tmp_path, orientation):
    data = made.jpeg(made.picture(), made.exif_segment(orientation=orientation), subsampling="444")
    _, level, pixels = opened(write(tmp_path, data))
    # OpenCV turns by Exif on its own.
    expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    assert pixels.shape == expected.shape
    assert np.array_equal(pixels, expected)
    assert level.encoding.is_copied == (orientation == 1)
    assert ("held turned" in level.encoding.reason) == (orientation != 1)


def test_an_orientation_that_does_not_exist_is_upright(tmp_path):
    slide, level, _ = opened(
        write(tmp_path, made.jpeg(made.picture(), made.exif_segment(orientation=99)))
    )
    assert level.encoding.is_copied
    assert any("none of 1 to 8" in remark for remark in slide.remarks)


PNGS = {
    "colour": (made.png(made.picture()), made.picture()),
    "interlaced": (made.interlaced(made.picture()), made.picture()),
    "grey": (made.png(made.picture()[:, :, :1]), made.picture()[:, :, :1]),
    "grey of 16 bits": (
        made.png(made.picture()[:, :, :1].astype(np.uint16) * 257),
        made.picture()[:, :, :1].astype(np.uint16) * 257,
    ),
    "clear": (
        made.png(np.dstack([made.picture(), np.full((120, 200), 255, np.uint8)])), made.picture()
    ),
    "see-through": (
        made.png(np.dstack([made.picture(), np.zeros((120, 200), np.uint8)])),
        np.full((120, 200, 3), 255),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", PNGS)
def test_a_png_keeps_every_pixel(tmp_path, kind):
    data, expected = PNGS[kind]
    _, level, pixels = opened(write(tmp_path, data))
    assert np.array_equal(pixels, expected)
    assert level.encoding.reason.startswith("it is a PNG")
    assert not level.encoding.is_lossy
    assert level.stack.bits == (16 if kind == "grey of 16 bits" else 8)


def test_half_transparent_pixels_lie_over_white(tmp_path):
    pixels = np.full((2, 2, 4), (100, 0, 255, 51), np.uint8)
    _, _, shown = opened(write(tmp_path, made.png(pixels)))
    # 100 x 0.2 + 255 x 0.8, and so on.
    assert shown[0, 0].tolist() == [224, 204, 255]


def test_a_palette_becomes_colours(tmp_path):
    head = struct.pack(">IIBBBBB", 4, 1, 2, 3, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + made.chunk(b"IHDR", head)
    data += made.chunk(b"PLTE", bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7]))
    data += made.chunk(b"IDAT", zlib.compress(b"\0\x1b")) + made.chunk(b"IEND", b"")
    _, _, shown = opened(write(tmp_path, data))
    assert shown[0].tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 8, 7]]


def test_a_png_with_16_bits_a_colour_is_refused(tmp_path):
    error = refused(write(tmp_path, made.png(made.picture().astype(np.uint16))))
    assert "16 bits a colour" in error.what
    assert "your decision" in error.remedy


def test_no_resolution_is_a_scale(tmp_path):
    jpeg = made.jpeg(made.picture(), made.exif_segment())
    for data in (jpeg, made.png(made.picture(), *made.texts())):
        slide, _, _ = opened(write(tmp_path, data))
        assert slide.mpp is None
        with pytest.raises(SlideError, match="how large its pixels are"):
            convert_all(tmp_path / "photo.bin", tmp_path / "out")


def _values(slide):
    return {field.name: field.value for field in slide.fields}


def test_everything_beside_the_pixels_of_a_jpeg_is_a_field(tmp_path):
    slide, _, _ = opened(write(tmp_path, made.jpeg(made.picture(), *EVERYTHING)))
    values = _values(slide)
    assert values["Photo.Exif.CameraOwnerName"] == made.OWNER
    assert values["Photo.Exif.BodySerialNumber"] == made.SERIAL
    assert values["Photo.Exif.GPSLatitude"] == "48/1 8/1 14512/1000"
    assert values["Photo.Exif.GPSDateStamp"] == "2021:06:17"
    assert values["Photo.Exif.DateTimeOriginal"] == "2021:06:17 12:41:35"
    assert values["Photo.Exif.XPAuthor"] == made.OWNER
    assert "Sektionssaal" in values["Photo.Exif.MakerNote"]
    assert "S-2021-0815" in values["Photo.Exif.UserComment"]
    assert values["Photo.XMP.li"] == made.OWNER
    assert values["Photo.XMP.Description@source"] == "S-2021-0815"
    assert values["Photo.IPTC.2:80"] == "Klinikum Musterstadt"
    assert values["Photo.Photoshop.1029"] == "Sektionssaal"
    assert values["Photo.JPEG.Comment"] == "aufgenommen im Sektionssaal"
    assert made.SERIAL in values["Photo.JPEG.APP5"]
    assert values["Photo.ICC.cprt"].endswith("Klinikum Musterstadt")
    assert made.SERIAL in values["Photo.ICC.dmdd"]
    thumbnail = [(each.flavour, each.columns, each.rows) for each in slide.associated]
    assert thumbnail == [(Flavour.THUMBNAIL, 40, 30)]
    rules = allow_list("gross-image")
    assert {name for name in values if rules.action(name) is None} == set()


def test_everything_beside_the_pixels_of_a_png_is_a_field(tmp_path):
    slide, _, _ = opened(write(tmp_path, made.png(made.picture(), *made.texts())))
    values = _values(slide)
    assert values["Photo.PNG.Text.Author"] == made.OWNER
    assert values["Photo.PNG.Text.Comment"] == "Klinikum Musterstadt"
    assert values["Photo.PNG.Text.Title"] == "S-2021-0815"
    assert values["Photo.XMP.li"] == made.OWNER
    assert values["Photo.Exif.GPSLatitude"] == "48/1 8/1 14512/1000"
    assert values["Photo.PNG.tIME"] == "2021-06-17"
    assert values["Photo.PNG.iCCP"] == "Musterkamera"
    assert "Photo.PNG.pHYs" in values
    rules = allow_list("gross-image")
    assert {name for name in values if rules.action(name) is None} == set()


@pytest.mark.parametrize("version", [2, 4])
def test_a_profile_goes_on_with_its_colours_and_without_its_texts(tmp_path, version):
    original = made.profile(version=version)
    slide, _, _ = opened(write(tmp_path, made.jpeg(made.picture(), *made.icc_segments(original))))
    name, data = slide.profile
    assert name == "Photo.Profile"
    assert struct.unpack_from(">I", data)[0] == len(data)
    for secret in ("Musterkamera", "Klinikum", made.SERIAL, "MUST"):
        assert secret.encode() not in data
        assert secret.encode("utf-16-be") not in data
    # lcms reads the same colours out of both.
    grid = np.stack(np.meshgrid(*[np.arange(0, 256, 51)] * 3), axis=-1).astype(np.uint8)
    grid = np.ascontiguousarray(grid.reshape(36, 6, 3))
    target = imagecodecs.cms_profile("srgb")
    both = [
        imagecodecs.cms_transform(grid, each, target, colorspace="rgb", outcolorspace="rgb")
        for each in (original, data)
    ]
    assert np.array_equal(*both)


def test_the_profile_of_other_colours_is_left_out(tmp_path):
    inks = made.profile(space=b"CMYK")
    slide, _, _ = opened(write(tmp_path, made.jpeg(made.picture(), *made.icc_segments(inks))))
    assert slide.profile is None
    assert _values(slide)["Photo.ICC.desc"].endswith("Musterkamera")


def test_a_damaged_exif_record_is_left_out_with_its_texts_told(tmp_path):
    record = bytearray(made.exif())
    struct.pack_into("<I", record, 4, 1 << 30)
    data = made.jpeg(made.picture(), made.segment(0xE1, b"Exif\0\0" + bytes(record)))
    slide, level, _ = opened(write(tmp_path, data))
    assert level.encoding.is_copied
    assert any("Exif record is damaged" in remark for remark in slide.remarks)
    told = [field.value for field in slide.fields if field.name == "Photo.Exif.Unreadable"]
    assert made.OWNER in told
    assert made.SERIAL in told


def test_xmp_that_is_no_xml_is_told_as_text(tmp_path):
    bomb = '<!DOCTYPE l [<!ENTITY a "Mustermann">]><x>&a;</x>'
    slide, _, _ = opened(write(tmp_path, made.jpeg(made.picture(), made.xmp_segment(bomb))))
    assert "Mustermann" in _values(slide)["Photo.XMP.Packet"]


@pytest.mark.parametrize("kind", ["copied", "turned", "png"])
def test_no_secret_of_a_photograph_is_in_what_is_written(tmp_path, kind):
    turned = [made.exif_segment(orientation=6), *EVERYTHING[1:]]
    data = {
        "copied": made.jpeg(made.picture(), *EVERYTHING),
        "turned": made.jpeg(made.picture(), *turned),
        "png": made.png(made.picture(), *made.texts()),
    }[kind]
    source = write(tmp_path, data, "S-2021-0815.jpg")
    done = convert_slide(source, tmp_path / "out", pseudonyms=PSEUDONYMS, mpp=50.0)
    written = b"".join(each.read_bytes() for each in done.folder.iterdir())
    for secret in made.SECRETS:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            assert secret.encode(encoding) not in written
    assert b"14512" not in written
    assert (done.report.frames_copied, done.report.frames_encoded) == (
        (1, 0) if kind == "copied" else (0, 1)
    )
    header = pydicom.dcmread(done.instances[0], stop_before_pixels=True)
    profile = header.OpticalPathSequence[0].ICCProfile
    assert b"rTRC" in profile
    assert struct.pack(">iii", 31_000, 16_000, 1_000) in profile


def test_an_unknown_chunk_stops_the_conversion(tmp_path):
    data = made.png(made.picture(), made.chunk(b"muSt", made.OWNER.encode()))
    with pytest.raises(SlideError) as caught:
        convert_slide(write(tmp_path, data), tmp_path / "out", pseudonyms=PSEUDONYMS, mpp=50.0)
    assert "Photo.PNG.muSt" in str(caught.value)
    assert made.OWNER not in str(caught.value)


def test_conversion_end_to_end_keeps_pixels(tmp_path):
    picture = made.picture(700, 2100)
    for name, data in (("a", made.jpeg(picture, made.exif_segment())), ("b", made.png(picture))):
        done = convert_all(write(tmp_path, data, name), tmp_path / f"out-{name}", mpp=40.0)
        dataset = pydicom.dcmread(done.instances[0].path)
        assert (dataset.TotalPixelMatrixColumns, dataset.TotalPixelMatrixRows) == (2100, 700)
        assert done.frames_copied == (1 if name == "a" else 0)
        assert len(done.instances) > 1  # reduced levels, because it is large


def read(path):
    with open_slide(path) as slide:
        (level,) = slide.levels
        whole(level)
        if level.encoding.is_copied:
            level.frame(0)


WHOLE = {
    "jpeg": made.jpeg(made.picture(), *EVERYTHING),
    "png": made.png(made.picture(), *made.texts()),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_photograph_truncated_anywhere_is_refused(tmp_path, kind):
    for part in range(16):
        path = write(tmp_path, WHOLE[kind][: len(WHOLE[kind]) * part // 16])
        with pytest.raises(SlideError):
            read(path)


def _header(columns, rows, bits=8, colour=2, **more):
    fields = (columns, rows, bits, colour, more.get("method", 0), 0, more.get("interlace", 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + made.chunk(b"IHDR", struct.pack(">IIBBBBB", *fields))
        + made.chunk(b"IDAT", zlib.compress(bytes(1 << 20)))
        + made.chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (_header(2_000_000_000, 2_000_000_000), "2000000000 × 2000000000"),
        (_header(0, 5), "no PNG has"),
        (_header(5, 5, bits=7), "no PNG has"),
        (_header(5, 5, colour=5), "no PNG has"),
        (_header(5, 5, interlace=9), "no PNG has"),
        (_header(20_000, 1000), "decoded"),
        (
            made.png(made.picture())[:33] + struct.pack(">I4s", 1 << 31, b"tEXt") + bytes(9),
            "past its end",
        ),
        (b"\x89PNG\r\n\x1a\n", "does not begin"),
        (b"\xff\xd8\xff\xe0", "segment"),
        (b"\xff\xd8\xff\xd9", "marker"),
        (b"\xff\xd8\xff\xe0\x00\x01", "segment"),
    ],
)
def test_hostile_pictures_are_refused(tmp_path, data, what):
    error = refused(write(tmp_path, data))
    assert what in error.what
    assert error.place.startswith("photo.bin")


def test_a_jpeg_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path):
    data = bytearray(made.jpeg(made.picture()))
    at = data.find(b"\xff\xc0") + 5
    struct.pack_into(">HH", data, at, 65_500, 65_500)
    assert "65500 × 65500" in refused(write(tmp_path, bytes(data))).what


def test_a_jpeg_with_more_pixels_than_its_scan_is_refused(tmp_path):
    data = bytearray(made.jpeg(made.picture()))
    struct.pack_into(">HH", data, data.find(b"\xff\xc0") + 5, 4000, 4000)
    with pytest.raises(SlideError), open_slide(write(tmp_path, bytes(data))) as slide:
        slide.levels[0].pixels(0)


@pytest.mark.parametrize("process", [0xC3, 0xC9, 0xCA])
def test_other_processes_of_jpeg_are_refused(tmp_path, process):
    data = made.jpeg(made.picture()).replace(b"\xff\xc0", bytes([0xFF, process]), 1)
    assert "process" in refused(write(tmp_path, data)).what


def test_texts_that_unpack_to_much_are_cut(tmp_path):
    bomb = made.chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200 << 20)))
    slide, _, _ = opened(write(tmp_path, made.png(made.picture(), bomb)))
    assert len(_values(slide)["Photo.PNG.Text.Comment"]) <= 4 << 20


def test_pictures_are_known_by_their_first_bytes_and_usual_names(tmp_path):
    assert not {".jpg", ".jpeg", ".png"} & endings()  # only where somebody names one
    assert gross.VENDOR.format == "gross-image"


@pytest.mark.parametrize(
    "sample",
    [
        "codec_frames/test_tile.png",
        "codec_frames/JPEG_Baseline_(Process_1)-YBR-8.jpg",
        "codec_frames/JPEG_Baseline_(Process_1)-RGB-8.jpg",
        "label_images/googlecloudplatform__barcode_datamatrix.jpeg",
        "label_images/googlecloudplatform__barcode_datamatrix_cropped.jpg",
        "label_images/googlecloudplatform__barcode_wikipedia_pdf417.png",
        "label_images/googlecloudplatform__ndpi_macro.jpg",
        "wsi_tiff/rationai__mask_test.jpeg",
        "patches/torchstain/source.png",
        "patches/histolab_tiles/no-tissue-green-pen.png",
        "patches/deepliif_large/ROI_1.png",
    ],
)
def test_published_pictures_show_what_opencv_shows(sample):
    path = shared(f"testdata/{sample}")
    slide, level, pixels = opened(path)
    kind = cv2.IMREAD_COLOR if level.stack.samples == 3 else cv2.IMREAD_GRAYSCALE
    raw = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    expected = cv2.imread(str(path), kind)
    expected = expected[..., ::-1] if expected.ndim == 3 else expected[..., None]
    if raw.ndim == 3 and raw.shape[2] == 4:
        alpha = raw[..., 3:].astype(float) / 255
        expected = np.rint(raw[..., 2::-1] * alpha + 255 * (1 - alpha))
    assert np.abs(pixels.astype(int) - expected).max() <= 1
    rules = allow_list("gross-image")
    assert {field.name for field in slide.fields if rules.action(field.name) is None} == set()


@pytest.mark.parametrize("kind", ["RGB-8", "YBR-8", "GRAYSCALE-8", "GRAYSCALE-16"])
def test_lossless_jpeg_is_refused_with_its_reason(kind):
    name = f"codec_frames/JPEG_Lossless,_Non-Hierarchical_(Process_14)-{kind}.jpg"
    error = refused(shared(f"testdata/{name}"))
    assert "process 3" in error.what
    assert error.remedy
