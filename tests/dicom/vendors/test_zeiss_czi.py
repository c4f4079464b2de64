"""Zeiss CZI is read as OpenSlide and Zeiss's own library read it."""

from __future__ import annotations

import hashlib
import struct
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import openslide
import pydicom
import pytest
import simplejpeg

import made_czi as made
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.dicom.codecs import JPEG_2000_LOSSLESS, JPEG_BASELINE
from bigpicture.dicom.convert import convert
from bigpicture.dicom.elements import EXPLICIT_LITTLE
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.slide import Channel, Stack
from bigpicture.dicom.tiles import open_tiles
from bigpicture.dicom.zisraw_level import ComposedLevel, CopiedLevel, _Held
from bigpicture.model.errors import BigpictureError, SlideError
from bigpicture.model.image import Flavour
from bigpicture.sandbox.run import Sandbox
from bigpicture.submission.convert import convert_slide
from made_czi import Tile, cut, draw, halved, intensities, metadata, tissue, write_czi
from places import shared
from slide_making import allow, convert_all, pattern, subject

ROWS, COLUMNS = 700, 900
PICTURE = tissue(ROWS, COLUMNS)
PSEUDONYMS = Pseudonyms(bytes(range(32)))


def whole(level, layer=0):
    """A layer of a level, put together from its tiles."""
    across = -(-level.columns // level.tile_columns)
    down = -(-level.rows // level.tile_rows)
    first = layer * across * down
    lines = [
        np.hstack([level.pixels(first + row * across + column) for column in range(across)])
        for row in range(down)
    ]
    return np.vstack(lines)[: level.rows, : level.columns]


def as_openslide(path, number=0):
    with openslide.OpenSlide(path) as slide:
        size = slide.level_dimensions[number]
        shown = np.asarray(slide.read_region((0, 0), number, size)).astype(int)
    alpha = shown[..., 3:]
    return ((shown[..., :3] * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)


def read(path):
    with open_slide(path) as slide:
        for level in slide.levels:
            whole(level)


def refused(path):
    with pytest.raises(SlideError) as caught:
        read(path)
    return caught.value


def pyramid(compression, *, x=0, y=0):
    tiles = list(cut(PICTURE, 512, compression, x=x, y=y))
    return tiles + list(cut(halved(PICTURE), 512, compression, x=x, y=y, factor=2))


def sized(rows=ROWS, columns=COLUMNS, **given):
    return metadata(columns, rows, **given)


LOSSLESS = [made.NONE, made.ZSTD, made.ZSTD_PACKED]


@pytest.mark.parametrize("compression", LOSSLESS)
def test_levels_sizes_scale_and_every_pixel_are_those_of_openslide(tmp_path, compression):
    path = write_czi(tmp_path / "a.czi", pyramid(compression, x=-300, y=77), sized())
    with openslide.OpenSlide(path) as theirs, open_slide(path) as slide:
        assert slide.format == "zeiss-czi"
        assert [(one.columns, one.rows) for one in slide.levels] == list(theirs.level_dimensions)
        assert slide.mpp == pytest.approx(
            [float(theirs.properties[f"openslide.mpp-{axis}"]) for axis in "xy"]
        )
        for number, level in enumerate(slide.levels):
            assert not level.encoding.is_lossy
            assert not level.encoding.is_copied
            assert np.array_equal(whole(level), as_openslide(path, number))
        assert np.array_equal(whole(slide.levels[0]), PICTURE)
        assert slide.remarks == ()


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("compression", LOSSLESS)
def test_intensities_are_those_that_were_packed(tmp_path, compression, bits):
    picture = intensities(300, 700, bits=bits)
    path = write_czi(tmp_path / "a.czi", cut(picture, 256, compression), sized())
    with open_slide(path) as slide:
        assert np.array_equal(whole(slide.levels[0]), picture)


def test_a_stream_of_another_size_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    def decode(*_, **__):
        raise AssertionError("it was decoded")

    monkeypatch.setattr("imagecodecs.jpegxr_decode", decode)
    data = made.jpegxr(intensities(2000, 2000))
    path = write_czi(tmp_path / "a.czi", [Tile(0, 0, GREY, made.JPEG_XR, data=data[:90_000])])
    assert "2000 × 2000 pixels, not 128 × 128" in refused(path).what


def test_what_lies_wholly_under_another_is_not_decoded(tmp_path):
    tiles = [Tile(0, 0, tissue(600, 600, seed=n), made.ZSTD, axes={"M": n}) for n in range(3)]
    path = write_czi(tmp_path / "a.czi", tiles, sized(600, 600))
    with open_slide(path) as slide:
        level = slide.levels[0]
        assert np.array_equal(whole(level), tiles[2].pixels)
        assert list(level._held._blocks) == [2]


def test_overlapping_tiles_lie_as_their_mosaic_index_says(tmp_path):
    rng = np.random.default_rng(5)
    tiles = [
        Tile(int(x), int(y), tissue(int(h), int(w), seed=n), made.ZSTD, axes={"M": int(order)})
        for n, (order, x, y, w, h) in enumerate(
            zip(
                rng.permutation(40),
                rng.integers(0, 1200, 40),
                rng.integers(0, 900, 40),
                rng.integers(20, 500, 40),
                rng.integers(20, 500, 40),
                strict=True,
            )
        )
    ]
    tiles += [Tile(0, 0, tissue(30, 40), axes={"M": 50}), Tile(1500, 1300, tissue(100, 100))]
    path = write_czi(tmp_path / "a.czi", tiles, sized(1400, 1600))
    with open_slide(path) as slide:
        shown = whole(slide.levels[0])
    # Zeiss's own library (pylibCZIrw 6.1.0) shows this file so, to the last pixel. OpenSlide 4.0.1
    # says that the highest index is frontmost, and draws the lowest there.
    assert np.array_equal(shown, draw(tiles, 1400, 1600))
    counts = np.zeros((1400, 1600), int)
    for tile in tiles:
        rows, columns = tile.pixels.shape[:2]
        counts[tile.y : tile.y + rows, tile.x : tile.x + columns] += 1
    alone = counts < 2
    assert np.array_equal(shown[alone], as_openslide(path)[alone])


def test_scenes_share_one_canvas_with_glass_between_them(tmp_path):
    one, two = tissue(300, 300, seed=1), tissue(200, 400, seed=2)
    tiles = [*cut(one, 256, x=1000, y=500, S=0), *cut(two, 256, x=2000, y=1000, S=1)]
    xml = sized(700, 1400, scenes="<SizeS>2</SizeS>")
    path = write_czi(tmp_path / "a.czi", tiles, xml)
    with open_slide(path) as slide:
        shown = whole(slide.levels[0])
        assert "2 scenes" in slide.remarks[0]
    assert shown.shape == (700, 1400, 3)
    assert np.array_equal(shown[:300, :300], one)
    assert np.array_equal(shown[500:, 1000:], two)
    assert (shown[300:500] == 255).all()
    assert np.array_equal(shown, as_openslide(path))


def test_a_level_that_lacks_a_scene_is_left_out_as_openslide_does(tmp_path):
    one, two = tissue(600, 600, seed=1), tissue(300, 400, seed=2)
    tiles = [*cut(one, 256, x=0, y=0, S=0), *cut(two, 256, x=1000, y=1000, S=1)]
    tiles += [*cut(halved(one), 256, factor=2, S=0), *cut(halved(two), 256, factor=2, x=1000,
              y=1000, S=1), *cut(one[::4, ::4], 256, factor=4, S=0)]  # fmt: skip
    path = write_czi(tmp_path / "a.czi", tiles, sized(1300, 1400, scenes="<SizeS>2</SizeS>"))
    with openslide.OpenSlide(path) as theirs, open_slide(path) as slide:
        assert [(one.columns, one.rows) for one in slide.levels] == list(theirs.level_dimensions)
        assert "reduced 4 times does not show all" in slide.remarks[0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"x": 1}, "begins between two pixels"),
        ({"size": (100, 64)}, "reduced differently"),
        ({"axes": {"C": 7}}, "lacks some channels"),
    ],
)
def test_a_level_that_cannot_stand_for_the_finest_is_left_out(tmp_path, change, told):
    odd = Tile(**{"x": 0, "y": 0, "pixels": intensities(64, 64), "factor": 2, **change})
    path = write_czi(tmp_path / "a.czi", [Tile(0, 0, intensities(128, 128)), odd], sized())
    with open_slide(path) as slide:
        assert len(slide.levels) == 1
        assert told in slide.remarks[0]


# JPEG XR: this OpenSlide is built without it. The library of Zeiss itself (pylibCZIrw 6.1.0) reads
# the colours and the 16-bit values of exactly these streams as they are expected here.
@pytest.mark.parametrize("picture", [PICTURE, intensities(ROWS, COLUMNS)], ids=["colour", "16 bit"])
def test_jpeg_xr_is_decoded_in_the_right_colours(tmp_path, picture):
    path = write_czi(tmp_path / "a.czi", cut(picture, 512, made.JPEG_XR), sized())
    with open_slide(path) as slide:
        level = slide.levels[0]
        assert np.array_equal(whole(level), picture)
        encoding = level.encoding
        assert encoding.is_lossy
        assert encoding.method == "ISO_29199_2"
        assert encoding.ratio > 0.9  # noise does not become shorter
        assert encoding.reason


def test_what_is_only_labelled_as_jpeg_xr_is_read_as_it_is(tmp_path):
    """ZEN does so where compression gains nothing (libCZI pull request 48)."""
    tiles = [
        Tile(tile.x, tile.y, tile.pixels, made.JPEG_XR, data=tile.stream())
        for tile in cut(PICTURE, 512)
    ]
    path = write_czi(tmp_path / "a.czi", tiles, sized())
    with open_slide(path) as slide:
        assert np.array_equal(whole(slide.levels[0]), PICTURE)


def test_jpeg_tiles_on_a_grid_are_copied_byte_for_byte(tmp_path):
    picture = tissue(512, 768)
    tiles = list(cut(picture, 256, made.JPEG))
    path = write_czi(tmp_path / "a.czi", tiles, sized(512, 768))
    source = path.read_bytes()
    with open_slide(path) as slide:
        level = slide.levels[0]
        assert level.encoding.transfer_syntax == JPEG_BASELINE
        assert level.encoding.photometric == "YBR_FULL_422"
        assert (level.tile_columns, level.tile_rows) == (256, 256)
        for number, tile in enumerate(tiles):
            frame = level.frame(number)
            assert source.count(bytes(frame.body)) == 1
            assert tile.stream().endswith(frame.body)
            assert b"JFIF" not in frame.head
            expected = simplejpeg.decode_jpeg(tile.stream())
            assert np.abs(level.pixels(number).astype(int) - expected).max() <= 2  # two decoders


def test_grey_jpeg_is_copied_too(tmp_path):
    picture = intensities(256, 256, bits=8)
    path = write_czi(tmp_path / "a.czi", cut(picture, 128, made.JPEG), sized(256, 256))
    with open_slide(path) as slide:
        level = slide.levels[0]
        assert level.encoding.photometric == "MONOCHROME2"
        assert level.encoding.transfer_syntax == JPEG_BASELINE
        assert level.stack == Stack(1, 8)
        assert level.pixels(3).shape == (128, 128, 1)


def test_jpeg_that_does_not_say_its_colours_is_not_copied(tmp_path):
    stream = simplejpeg.encode_jpeg(PICTURE[:256, :256], 90)
    assert stream[2:4] == b"\xff\xe0"
    plain = stream[:2] + stream[20:]
    path = write_czi(tmp_path / "a.czi", [Tile(0, 0, PICTURE[:256, :256], made.JPEG, data=plain)])
    with open_slide(path) as slide:
        assert not slide.levels[0].encoding.is_copied
        assert slide.levels[0].encoding.method == "ISO_10918_1"


@pytest.mark.parametrize("bits", [8, 16])
def test_uncompressed_intensities_on_a_grid_are_copied(tmp_path, bits):
    picture = intensities(384, 512, bits=bits)
    tiles = list(cut(picture, 128))
    path = write_czi(tmp_path / "a.czi", tiles, sized(384, 512))
    with open_slide(path) as slide:
        level = slide.levels[0]
        assert isinstance(level, CopiedLevel)
        assert level.encoding.transfer_syntax == EXPLICIT_LITTLE
        assert level.stack == Stack(1, bits)
        assert [bytes(level.frame(n).body) for n in range(12)] == [t.stream() for t in tiles]
        assert np.array_equal(whole(level), picture)


def test_a_tile_that_was_not_scanned_has_no_frame(tmp_path):
    tiles = list(cut(intensities(256, 256), 128))
    path = write_czi(tmp_path / "a.czi", [tiles[0], tiles[3]], sized(256, 256))
    with open_slide(path) as slide:
        level = slide.levels[0]
        assert level.frame(1) is None
        assert level.frame(3) is not None
        assert not level.pixels(1).any()


@pytest.mark.parametrize(
    "tiles",
    [
        lambda: cut(intensities(300, 300), 128),  # smaller at the edges
        lambda: [*cut(intensities(256, 256), 128), Tile(0, 0, intensities(128, 128))],  # twice
        lambda: [Tile(0, 0, intensities(128, 128)), Tile(100, 0, intensities(128, 128))],
        lambda: [Tile(0, 0, intensities(128, 128)), Tile(200, 0, intensities(128, 128))],
        lambda: cut(intensities(64, 64), 32),  # frames of a few pixels
    ],
    ids=["edges", "twice", "overlap", "between", "small"],
)
def test_what_is_no_grid_is_composed(tmp_path, tiles):
    path = write_czi(tmp_path / "a.czi", tiles(), sized())
    with open_slide(path) as slide:
        level = slide.levels[0]
        assert isinstance(level, ComposedLevel)
        assert "grid" in level.encoding.reason
        assert (level.tile_columns, level.tile_rows) == (512, 512)


CHANNELS = "".join(
    made.CHANNEL.format(n=n, excitation=ex, emission=em, colour=colour, dye=dye, exposure=exposure)
    for n, (ex, em, colour, dye, exposure) in enumerate(
        [(353, 465, "#FF0000FF", "DAPI", 5000000), (493, 517, "#00FF5B", "EGFP", 2500000)]
    )
)


@pytest.mark.parametrize("side", [128, 100], ids=["copied", "composed"])
def test_channels_and_focal_planes_are_counted_as_dicom_does(tmp_path, side):
    planes = {(c, z): intensities(256, 256, seed=10 * c + z) for c in range(2) for z in (3, 4, 5)}
    # Written plane by plane, channels inside, as microscopes scan.
    tiles = [
        tile
        for (c, z), picture in sorted(planes.items(), key=lambda each: each[0][::-1])
        for tile in cut(picture, side, C=c, Z=z)
    ]
    path = write_czi(tmp_path / "a.czi", tiles, sized(256, 256, channels=CHANNELS))
    with open_slide(path) as slide:
        level = slide.levels[0]
        assert level.stack == Stack(1, 16, planes=3, paths=2)
        assert level.encoding.is_copied is (side == 128)
        for (c, z), picture in planes.items():
            assert np.array_equal(whole(level, layer=c * 3 + z - 3), picture)
        assert slide.plane_spacing == pytest.approx(1.5)
        kept = {field.name: field.value for field in slide.fields}
        assert slide.channels(kept) == (
            Channel("DAPI", (0, 0, 255), 353.0, 465.0, 5.0),
            Channel("EGFP", (0, 255, 91), 493.0, 517.0, 2.5),
        )
        assert slide.channels({}) == (Channel(), Channel())


def test_a_plane_that_was_not_scanned_is_told(tmp_path):
    tiles = [Tile(0, 0, intensities(128, 128), axes={"C": c, "Z": z}) for c, z in [(0, 0), (0, 1),
             (1, 0)]]  # fmt: skip
    path = write_czi(tmp_path / "a.czi", tiles, sized())
    with open_slide(path) as slide:
        assert slide.levels[0].stack.depth == 4
        assert "1 of 4 focal planes" in slide.remarks[0]
        assert not slide.levels[0].pixels(3).any()


# SHA-256 of the plane as pylibCZIrw 6.1.0, Zeiss's own reader, gives it: little endian, row by row.
@pytest.mark.parametrize(
    ("name", "sizes", "digest"),
    [
        (
            "1_tileregion",
            [(1480, 570), (740, 285)],
            "2e84a2f4a3f8b94e8b185d071266ad2aea18bc796c108aa1699dd70df129d8ea",
        ),
        (
            "newCZI_compressed",
            [(512, 512)],
            "752880e941df37cdf9550bfddb207e8ca572b05b930f3d48eb11db38b7217ca7",
        ),
        (
            "nuc_small_new_red",
            [(320, 240)],
            "addf2e4d44da50ae47f3394fc3bcca35e703164e2fdb6697726523289f2fe546",
        ),
    ],
)
def test_published_files_show_what_zeiss_shows(name, sizes, digest):
    with open_slide(shared(f"testdata/wsi_czi/sebi06__{name}.czi")) as slide:
        assert [(level.columns, level.rows) for level in slide.levels] == sizes
        shown = np.ascontiguousarray(whole(slide.levels[0]))
        assert hashlib.sha256(shown.tobytes()).hexdigest() == digest


def test_what_a_published_file_says_of_its_channel():
    """As its metadata say: EGFP, 4E-07 metres, 2 ms, a 5x objective."""
    with open_slide(shared("testdata/wsi_czi/sebi06__1_tileregion.czi")) as slide:
        kept = {field.name: field.value for field in reversed(slide.fields)}
        assert slide.mpp == pytest.approx((0.4, 0.4))
        assert slide.channels(kept) == (Channel("EGFP", (0, 255, 91), 488.0, 509.0, 2.0),)
        scanner = slide.scanner(kept)
        assert (scanner.model, scanner.magnification) == ("Celldiscoverer 7", 5.0)
        assert scanner.software == "ZEN (blue edition) 3.6.095.00000"
        assert [each.flavour for each in slide.associated] == [Flavour.THUMBNAIL]


def test_an_image_of_an_electron_microscope_is_refused():
    error = refused(shared("testdata/wsi_czi/sebi06__Al2O3_SE_020_sp.czi"))
    assert "electron microscope" in error.what


def test_label_and_overview_are_told_and_left(tmp_path):
    label = made.czi([Tile(0, 0, PICTURE[:50, :40])])
    attachments = [
        ("Label", "CZI", label),
        ("SlidePreview", "CZI", b"broken"),
        ("Thumbnail", "JPG", made.compress(PICTURE[:64, :96], made.JPEG)),
        ("EventList", "CZEVL", b"events"),
    ]
    path = write_czi(tmp_path / "a.czi", pyramid(made.NONE), sized(), attachments)
    with open_slide(path) as slide:
        told = [(each.flavour, each.columns, each.rows) for each in slide.associated]
        names = [field.value for field in slide.fields if field.name == "Zeiss.Attachment@Name"]
    assert told == [(Flavour.LABEL, 40, 50), (Flavour.OVERVIEW, 0, 0), (Flavour.THUMBNAIL, 96, 64)]
    assert names == ["Label", "SlidePreview", "Thumbnail", "EventList"]


GREY = intensities(128, 128)


@pytest.mark.parametrize(
    ("tiles", "told"),
    [
        ([Tile(0, 0, GREY, axes={"T": t}) for t in (0, 1)], "several points in time"),
        ([Tile(0, 0, GREY, axes={"H": t}) for t in (0, 1)], "several phases"),
        ([Tile(0, 0, GREY, axes={"R": t}) for t in (0, 1)], "several rotations"),
        ([Tile(0, 0, GREY, axes={"I": t}) for t in (0, 1)], "directions of illumination"),
        ([Tile(0, 0, GREY, axes={"B": t}) for t in (0, 1)], "acquisition blocks"),
        ([Tile(0, 0, GREY, axes={"V": t}) for t in (0, 1)], "several views"),
        ([Tile(0, 0, GREY, axes={"Q": 0})], "dimension that is not known"),
        ([Tile(0, 0, GREY, axes={"Z": 0}, axis_size=2)], "planes in one subblock"),
        ([Tile(0, 0, GREY, pixel_type=made.FLOAT)], "floating point"),
        ([Tile(0, 0, GREY, pixel_type=made.BGR48)], "colour of 16 bits"),
        ([Tile(0, 0, GREY, pixel_type=made.BGRA32)], "transparency"),
        ([Tile(0, 0, GREY, pixel_type=99)], "unknown type"),
        (
            [Tile(0, 0, GREY), Tile(0, 0, PICTURE[:99, :99], axes={"C": 1})],
            "different types of pixels",
        ),
        ([Tile(0, 0, PICTURE[:99, :99], axes={"C": c}) for c in (0, 1)], "channels in colour"),
        ([Tile(0, 0, GREY, made.LZW, data=b"")], "LZW"),
        ([Tile(0, 0, GREY, 103, data=b"")], "number 103"),
        ([Tile(0, 0, GREY, file_part=1)], "one of several files"),
        ([Tile(0, 0, GREY, factor=2)], "finest level"),
        ([Tile(0, 0, GREY, size=(130, 128))], "finest level"),
        ([Tile(0, 0, GREY, size=(64, 64))], "finest level"),
        ([], "cannot list 0 subblocks"),
        ([Tile(0, 0, GREY, axes={"C": c}) for c in range(300)], "300 channels"),
        ([Tile(0, 0, GREY), Tile(2_000_000, 0, GREY)], "impossible"),
        ([Tile(0, 0, GREY, axes={"XX": 0, "Z": 0}), Tile(0, 0, GREY)], "not known"),
    ],
)
def test_what_is_no_slide_is_refused_with_its_reason(tmp_path, tiles, told):
    assert told in refused(write_czi(tmp_path / "a.czi", tiles, sized())).what


@pytest.mark.parametrize(
    ("given", "told"), [({"part": 1}, "one of several files"), ({"major": 2}, "version")]
)
def test_files_that_are_not_alone_or_of_another_version_are_refused(tmp_path, given, told):
    assert told in refused(write_czi(tmp_path / "a.czi", [Tile(0, 0, GREY)], **given)).what


def test_an_unfinished_file_is_read_and_told(tmp_path):
    path = write_czi(tmp_path / "a.czi", [Tile(0, 0, GREY)], sized(), pending=1)
    with open_slide(path) as slide:
        assert "not finished" in slide.remarks[0]


def test_a_file_without_metadata_has_no_scale(tmp_path):
    path = write_czi(tmp_path / "a.czi", [Tile(0, 0, GREY)])
    with open_slide(path) as slide:
        assert slide.mpp is None
        assert {field.name for field in slide.fields} == {
            "Zeiss.File.PrimaryFileGuid",
            "Zeiss.File.FileGuid",
        }


BOMB = made.compress(np.zeros((6000, 6000, 1), np.uint16), made.ZSTD)
SQUARE = PICTURE[:256, :256]


@pytest.mark.parametrize(
    "tile",
    [
        Tile(0, 0, GREY, made.ZSTD, data=BOMB),
        Tile(0, 0, GREY, made.ZSTD, data=b"junk"),
        Tile(0, 0, GREY, made.ZSTD, data=made.compress(GREY[:64], made.ZSTD)),
        Tile(0, 0, GREY, made.ZSTD_PACKED, data=b""),
        Tile(0, 0, GREY, made.ZSTD_PACKED, data=b"\x03\x02\x01" + b"x" * 9),
        Tile(0, 0, GREY, made.ZSTD_PACKED, data=b"\xff"),
        Tile(0, 0, GREY, made.NONE, data=b"x" * 9),
        Tile(0, 0, GREY, made.JPEG_XR, data=b"II\xbc\x01"),
        Tile(0, 0, GREY, made.JPEG_XR, data=made.jpegxr(intensities(128, 256))),
        Tile(0, 0, SQUARE, made.JPEG_XR, data=made.jpegxr(intensities(256, 256))),
        Tile(0, 0, SQUARE, made.JPEG, data=made.compress(PICTURE[:256, :300], made.JPEG)),
        Tile(0, 0, SQUARE, made.JPEG, data=b"\xff\xd8junk"),
        Tile(0, 0, SQUARE, made.JPEG, data=b"x" * (1 << 20)),
        Tile(0, 0, np.zeros((60, 60, 1), np.uint16), made.ZSTD, data=b"", size=(60, 60)),
    ],
)
def test_a_stream_that_is_not_what_its_entry_says_is_refused(tmp_path, tile):
    error = refused(write_czi(tmp_path / "a.czi", [tile], sized()))
    assert error.place.startswith("a.czi level 0 subblock 0")


def _patched(data: bytes, place: int, form: str, *values) -> bytes:
    changed = bytearray(data)
    struct.pack_into(form, changed, place, *values)
    return bytes(changed)


HEADER = 32  # of a segment; the file's own header begins there
DIRECTORY_AT, METADATA_AT, ATTACHMENTS_AT = HEADER + 52, HEADER + 60, HEADER + 72


@pytest.mark.parametrize("position", [-1, 0, 7, 544, 1 << 40, (1 << 63) - 1])
@pytest.mark.parametrize("field", [DIRECTORY_AT, METADATA_AT, ATTACHMENTS_AT])
def test_links_to_nowhere_are_refused(tmp_path, field, position):
    """A link of 0 or less says that there are no metadata, or no attachments."""
    data = made.czi([Tile(0, 0, GREY)], sized())
    path = tmp_path / "a.czi"
    path.write_bytes(_patched(data, field, "<q", position))
    if position <= 0 and field != DIRECTORY_AT:
        with open_slide(path) as slide:
            assert np.array_equal(whole(slide.levels[0]), GREY)
    else:
        assert "CZI file is damaged" in refused(path).what


@pytest.mark.parametrize("count", [-1, 0, 2, 1 << 20, (1 << 31) - 1])
@pytest.mark.parametrize("field", [DIRECTORY_AT, ATTACHMENTS_AT, METADATA_AT])
def test_impossible_counts_and_lengths_are_refused(tmp_path, field, count):
    data = made.czi([Tile(0, 0, GREY)], sized())
    (at,) = struct.unpack_from("<q", data, field)
    path = tmp_path / "a.czi"
    path.write_bytes(_patched(data, at + HEADER, "<i", count))
    if count == 0 and field != DIRECTORY_AT:
        with open_slide(path):
            return
    assert refused(path).what


@pytest.mark.parametrize("field", [32 + 16 + 28, 32])
def test_impossible_lengths_in_a_subblock_are_refused(tmp_path, field):
    data = made.czi([Tile(0, 0, GREY)], sized())
    path = tmp_path / "a.czi"
    for value in (-1, 1 << 30, (1 << 31) - 1):
        path.write_bytes(_patched(data, 544 + field, "<i", value))
        assert "subblock 0" in refused(path).place


def test_a_subblock_that_claims_terapixels_is_refused_before_memory_is_taken(tmp_path):
    data = made.czi([Tile(0, 0, GREY)], sized())
    (at,) = struct.unpack_from("<q", data, DIRECTORY_AT)
    huge = data
    for number in range(2):  # size and stored size of X and Y
        place = at + HEADER + 128 + 32 + 20 * number
        huge = _patched(huge, place + 8, "<i", 1 << 20)
        huge = _patched(huge, place + 16, "<i", 1 << 20)
    (tmp_path / "a.czi").write_bytes(huge)
    assert "too large to decode" in refused(tmp_path / "a.czi").what


@pytest.mark.parametrize(
    "xml",
    [
        "<a>" * 300 + "</a>" * 300,
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<a",
        "<ImageDocument><Metadata></ImageDocument>",
    ],
)
def test_hostile_metadata_are_refused(tmp_path, xml):
    assert "XML" in refused(write_czi(tmp_path / "a.czi", [Tile(0, 0, GREY)], xml)).what


def test_metadata_that_are_not_utf8_are_refused(tmp_path):
    path = write_czi(tmp_path / "a.czi", [Tile(0, 0, GREY)], "<a>ÄÖ</a>")
    path.write_bytes(path.read_bytes().replace("ÄÖ".encode(), b"\xff\xfe\xff\xfe"))
    assert "UTF-8" in refused(path).what


@pytest.mark.parametrize("sixteenth", range(16))
def test_a_truncated_file_is_refused(tmp_path, sixteenth):
    """Its directory lies at the end, so that nothing of it can be read without."""
    data = made.czi(pyramid(made.ZSTD), sized())
    (tmp_path / "a.czi").write_bytes(data[: len(data) * sixteenth // 16])
    with pytest.raises(SlideError), open_slide(tmp_path / "a.czi"):
        pass


def test_a_flipped_byte_never_ends_in_anything_but_a_told_error(tmp_path):
    small = tissue(200, 200)
    data = made.czi(
        [*cut(small, 128, made.ZSTD), *cut(halved(small), 128, made.JPEG_XR, factor=2)], sized(),
        [("Label", "CZI", made.czi([Tile(0, 0, small[:20, :20])]))],
    )  # fmt: skip
    rng = np.random.default_rng(3)
    path = tmp_path / "a.czi"
    ended = 0
    for _ in range(400):
        changed = bytearray(data)
        for place in rng.integers(0, len(data), 3):
            changed[place] = rng.integers(256)
        # Most bytes are pixels: half of the changes go where numbers are.
        where = int(rng.choice([32, 544, data.rfind(b"ZISRAWDIR"), data.rfind(b"ZISRAWATT")]))
        changed[min(len(data) - 1, where + int(rng.integers(0, 200)))] = rng.integers(256)
        path.write_bytes(changed)
        try:
            with open_slide(path) as slide:
                for level in slide.levels:
                    if level.columns * level.rows < 1 << 22:
                        whole(level)
        except BigpictureError:
            ended += 1
    assert 0 < ended < 400


def test_what_two_threads_want_is_decoded_once_and_little_is_held():
    asked = []

    def decode(number):
        asked.append(number)
        return np.full((100, 100, 1), number, np.uint8)

    held = _Held(decode, 35_000)
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(held.get, [0, 1, 2] * 200))
    assert [int(block[0, 0, 0]) for block in got] == [0, 1, 2] * 200
    assert sorted(asked) == [0, 1, 2]
    for number in range(10):
        held.get(number)
    assert held._bytes == 30_000
    assert len(held._blocks) == 3


def test_an_error_in_a_shared_block_reaches_everyone_and_is_not_kept():
    def decode(number):
        raise SlideError("damaged")

    held = _Held(decode, 10)
    for _ in range(2):
        with pytest.raises(SlideError):
            held.get(1)
    assert not held._under_way


def test_colour_is_converted_without_loss_and_openslide_sees_no_difference(tmp_path):
    path = write_czi(tmp_path / "a.czi", pyramid(made.ZSTD), sized())
    done = convert_all(path, tmp_path / "out")
    assert {each.transfer_syntax for each in done.instances} == {JPEG_2000_LOSSLESS}
    assert "without loss" in done.remarks[0]
    after = openslide.OpenSlide(done.instances[0].path)
    shown = np.asarray(after.read_region((0, 0), 0, (COLUMNS, ROWS)))[..., :3]
    assert np.array_equal(shown, PICTURE)


def test_jpeg_is_converted_by_copying(tmp_path):
    path = write_czi(tmp_path / "a.czi", cut(tissue(512, 768), 256, made.JPEG), sized(512, 768))
    done = convert_all(path, tmp_path / "out")
    assert (done.frames_copied, done.frames_encoded) == (6, 0)


def test_lossy_jpeg_xr_becomes_jpeg_and_says_so(tmp_path):
    path = write_czi(tmp_path / "a.czi", cut(PICTURE, 512, made.JPEG_XR), sized())
    done = convert_all(path, tmp_path / "out")
    header = pydicom.dcmread(done.instances[0].path, stop_before_pixels=True)
    assert header.LossyImageCompression == "01"
    assert list(header.LossyImageCompressionMethod) == ["ISO_29199_2", "ISO_10918_1"]


@pytest.mark.parametrize("compression", [made.NONE, made.ZSTD_PACKED])
def test_channels_and_planes_are_converted_without_loss(tmp_path, compression):
    planes = {(c, z): intensities(256, 256, seed=10 * c + z) for c in range(2) for z in range(3)}
    tiles = [
        tile
        for (c, z), picture in planes.items()
        for tile in cut(picture, 128, compression, C=c, Z=z)
    ]
    path = write_czi(tmp_path / "a.czi", tiles, sized(256, 256, channels=CHANNELS))
    done = convert_all(path, tmp_path / "out")
    with FileSource(done.instances[0].path) as file, open_slide(path) as slide:
        tiles = open_tiles(file, place="level-0.dcm")
        for number in range(tiles.level.frame_count):
            assert np.array_equal(tiles.samples(number), slide.levels[0].pixels(number))
    header = pydicom.dcmread(done.instances[0].path, stop_before_pixels=True)
    assert (header.BitsStored, header.NumberOfOpticalPaths) == (16, 2)
    assert header.TotalPixelMatrixFocalPlanes == 3


def test_the_same_file_gives_the_same_bytes(tmp_path):
    path = write_czi(tmp_path / "a.czi", pyramid(made.ZSTD), sized())
    one, two = (convert_all(path, tmp_path / name) for name in ("one", "two"))
    assert [each.sha256 for each in one.instances] == [each.sha256 for each in two.instances]


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(preload=("bigpicture.submission.convert",)) as made_sandbox:
        yield made_sandbox


@pytest.mark.parametrize("compression", [made.ZSTD, made.JPEG_XR])
def test_nothing_that_identified_the_source_is_in_any_output(tmp_path, sandbox, compression):
    attachments = [("Label", "CZI", made.czi([Tile(0, 0, PICTURE[:50, :40])]))]
    path = tmp_path / "S-2023-0815.czi"
    smooth = pattern(ROWS, COLUMNS)  # noise does not survive JPEG
    write_czi(path, cut(smooth, 512, compression), sized(), attachments)
    done = convert_slide(path, tmp_path / "out", pseudonyms=PSEUDONYMS, sandbox=sandbox)
    for each in done.folder.iterdir():
        data = each.read_bytes().lower()
        for secret in made.SECRETS:
            for form in (secret.lower().encode(), secret.lower().encode("utf-16-le")):
                assert form not in data, (each.name, secret)
    header = pydicom.dcmread(done.instances[0], stop_before_pixels=True)
    assert header.DeviceSerialNumber == PSEUDONYMS.name("device", "2731000123")
    assert header.Manufacturer == "Zeiss"
    assert header.ManufacturerModelName == "Axioscan 7"
    assert {each.flavour for each in done.report.left_out} == {"LABEL"}


SETTINGS = """<HardwareSetting><Mode>Monochrome</Mode><Speed>12.5</Speed><Limit>0.1234567</Limit>
<Serial>SN-2731000123</Serial><Folder>D:\\SCANPC-07\\Ida Gr</Folder><Mail>ida@clinic.example</Mail>
<Day>on 2023-08-17T09:30</Day><Embedded>&lt;Name&gt;2731000123&lt;/Name&gt;</Embedded>
</HardwareSetting>"""


def test_of_settings_only_what_may_identify_is_searched_for(tmp_path):
    path = write_czi(tmp_path / "a.czi", [Tile(0, 0, GREY)], sized(more=SETTINGS))
    with open_slide(path) as slide:
        told = {
            field.name.rpartition(".")[2]: field.value
            for field in slide.fields
            if field.name.startswith("Zeiss.HardwareSetting")
        }
    assert told == {
        "Mode": "",
        "Speed": "",
        "Limit": "",
        "Serial": "SN-2731000123",
        "Folder": "D:\\SCANPC-07\\Ida Gr",
        "Mail": "ida@clinic.example",
        "Day": "2023-08-17T09:30",
        "Embedded": "2731000123",
    }


@pytest.mark.parametrize("unit", ["a", "a-", "a:", "1a", "123456a", "a.", "1.1.", "D:\\"])
def test_a_long_setting_takes_no_longer_than_it_is(tmp_path, unit):
    """Quadratic time would take hours, and end at the time limit of the tests."""
    xml = sized(more=f"<HardwareSetting><A>{unit * (1 << 21)}</A></HardwareSetting>")
    with open_slide(write_czi(tmp_path / "a.czi", [Tile(0, 0, GREY)], xml)) as slide:
        assert slide.fields


@pytest.mark.parametrize(
    ("xml", "told"),
    [
        (sized(more="<Patients><Name>Ida Grünwald</Name></Patients>"), "Zeiss.Patients.Name"),
        (sized(more='<Patients Id="Grünwald"/>'), "Zeiss.Patients@Id"),
        (sized(x="Ida Grünwald"), "Zeiss.Scaling.Items.Distance.Value"),
        (
            sized().replace("<ImageDocument>", "<ImageDocument><Other>Grünwald</Other>"),
            "Zeiss.ImageDocument.Other",
        ),
    ],
)
def test_what_nobody_has_judged_stops_the_slide(tmp_path, sandbox, xml, told):
    path = write_czi(tmp_path / "a.czi", pyramid(made.ZSTD), xml)
    with pytest.raises(SlideError) as caught:
        convert_slide(path, tmp_path / "out", pseudonyms=PSEUDONYMS, sandbox=sandbox, mpp=0.5)
    assert told in str(caught.value)
    assert "Grünwald" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_published_file_is_converted_under_our_own_rules(tmp_path, sandbox):
    source = shared("testdata/wsi_czi/sebi06__1_tileregion.czi")
    done = convert_slide(source, tmp_path / "out", pseudonyms=PSEUDONYMS, sandbox=sandbox)
    header = pydicom.dcmread(done.instances[0], stop_before_pixels=True)
    assert header.ManufacturerModelName == "Celldiscoverer 7"
    for each in done.folder.iterdir():
        data = each.read_bytes()
        # As the manifest of the shared data lists them.
        for secret in (b"M1SRH", b"2022-09-30", b"20220930"):
            assert secret not in data


def test_a_file_without_scale_needs_one(tmp_path):
    source = shared("testdata/wsi_czi/sebi06__newCZI_compressed.czi")
    (tmp_path / "out").mkdir()
    with pytest.raises(SlideError, match="how large its pixels are"):
        convert(source, tmp_path / "out", allowed=allow(source), subject=subject())
    assert len(convert_all(source, tmp_path / "given", mpp=0.5).instances) == 1
