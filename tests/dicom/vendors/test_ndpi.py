"""NDPI against OpenSlide and Pillow: the same pixels, the scanner's own bytes, nothing believed."""

from __future__ import annotations

import io
import itertools
import shutil
import struct

import numpy as np
import openslide
import pydicom
import pytest
from PIL import Image

from bigpicture.deidentify.needles import needles_of
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.dicom.open import belongings, open_slide
from bigpicture.dicom.restart_level import BandLevel, CutLevel, even
from bigpicture.dicom.slide import Channel, Stack
from bigpicture.model.errors import BigpictureError, IntegrityError, SlideError
from bigpicture.model.image import Flavour
from bigpicture.sandbox.run import Sandbox
from bigpicture.submission.convert import convert_slide
from made_hamamatsu import (
    PROPERTIES,
    Page,
    beside,
    decoded,
    intervals,
    jpeg,
    macro,
    page,
    picture,
    pyramid,
    starts,
    tissue,
    write_ndpi,
    write_ndpis,
)
from places import shared
from slide_making import convert_all

REAL = "testdata/wsi_ndpi/test3-DAPI-387.ndpi"
PSEUDONYMS = Pseudonyms(bytes(range(32)))


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(preload=("bigpicture.submission.convert",)) as made:
        yield made


def seen(path, level) -> np.ndarray:
    """The level as OpenSlide shows it."""
    with openslide.OpenSlide(path) as slide:
        number = slide.level_dimensions.index((level.columns, level.rows))
        shown = slide.read_region((0, 0), number, (level.columns, level.rows))
        return np.asarray(shown)[..., :3]


def difference(one, other) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


def tile_count(level) -> int:
    return -(-level.columns // level.tile_columns) * -(-level.rows // level.tile_rows)


def read_all(path) -> None:
    with open_slide(path) as slide:
        for level in slide.levels:
            for index in range(tile_count(level) * level.stack.depth):
                level.pixels(index)


def assert_refused(path, what: str) -> SlideError:
    with pytest.raises(SlideError, match=what) as caught:
        read_all(path)
    return caught.value


def one(tmp_path, each: Page, **given):
    return write_ndpi(tmp_path / "made.ndpi", [each], **given)


# Real


def test_a_published_slide_has_openslide_s_geometry_and_pixels():
    path = shared(REAL)
    with open_slide(path) as slide, openslide.OpenSlide(path) as other:
        sizes = [(level.columns, level.rows) for level in slide.levels]
        assert sizes == [(3968, 4864), (1984, 2432), (992, 1216), (496, 608)]
        assert set(sizes) <= set(other.level_dimensions)
        assert slide.mpp == pytest.approx(
            (float(other.properties["openslide.mpp-x"]), float(other.properties["openslide.mpp-y"]))
        )
        assert [(each.flavour, each.columns, each.rows) for each in slide.associated] == [
            (Flavour.OVERVIEW, *other.associated_images["macro"].size),
            (Flavour.THUMBNAIL, 594, 203),
        ]
        for level in slide.levels:
            assert level.encoding.is_copied
            assert difference(picture(level), seen(path, level)) == 0
        # 76 x 26 mm of glass; the middle is 12.538720 mm right of and 0.096063 above its middle.
        wide, high = 3968 * slide.mpp[0] / 1000, 4864 * slide.mpp[1] / 1000
        expected = (38 + 12.53872 - wide / 2, 13 - 0.096063 - high / 2)
        assert slide.placement == pytest.approx(expected)


def test_frames_of_a_published_slide_are_its_own_bytes():
    path = shared(REAL)
    data = path.read_bytes()
    with open_slide(path) as slide:
        for level, directory in zip(
            slide.levels, (2067399, 2864360, 3179270, 3299909), strict=True
        ):
            at, length = _strip(data, directory)
            source = intervals(data[at : at + length])
            copied = [
                piece
                for index in range(tile_count(level))
                for piece in intervals(b"".join(level.frame(index)))
            ]
            assert copied == source  # a row is one interval here, so that their order stays


def _strip(data: bytes, directory: int) -> tuple[int, int]:
    (count,) = struct.unpack_from("<H", data, directory)
    entries = [
        struct.unpack_from("<HHII", data, directory + 2 + 12 * number) for number in range(count)
    ]
    values = {code: value for code, _, _, value in entries}
    return values[273], values[279]


def test_a_published_slide_is_converted_and_seen_alike_by_openslide(sandbox, tmp_path):
    made = convert_slide(shared(REAL), tmp_path / "out", pseudonyms=PSEUDONYMS, sandbox=sandbox)
    assert made.report.gate.largest_difference == 0
    assert made.report.gate.reader.startswith("OpenSlide")
    with openslide.OpenSlide(made.instances[0]) as slide:
        shown = np.asarray(slide.read_region((1000, 2000), 0, (900, 900)))
    with openslide.OpenSlide(shared(REAL)) as slide:
        assert np.array_equal(shown, np.asarray(slide.read_region((1000, 2000), 0, (900, 900))))
    for path in made.folder.iterdir():
        data = path.read_bytes()
        for secret in (b"950291", b"950410", b"2017/01/27", b"20170207", b"test3"):
            assert secret not in data, (path.name, secret)


def test_what_a_published_fluorescence_slide_says_of_its_channel():
    with open_slide(shared(REAL)) as slide:
        kept: dict[str, str] = {}
        for field in slide.fields:
            kept.setdefault(field.name, field.value)
        assert slide.channels(kept) == [Channel(dye="DAPI 2 (387)", emission=455.0)]
        assert slide.channels({}) == [Channel()]
        scanner = slide.scanner(kept)
        assert (scanner.model, scanner.serial, scanner.magnification) == ("C9600-12", "950291", 40)
        assert scanner.software == "NDP.scan 2.5.89"


# Made: cutting


@pytest.mark.parametrize("many", [40, 41, 1, 3])
def test_levels_are_cut_without_a_pixel_changing(tmp_path, many):
    """Also where the number of intervals is a prime, so that the last tile needs background."""
    path = write_ndpi(tmp_path / "made.ndpi", pyramid(1024, 128 * many, interval=16))
    with open_slide(path) as slide:
        assert [type(each) for each in slide.levels] == [CutLevel, CutLevel, BandLevel]
        assert slide.mpp == (0.5, 0.5)
        for level in slide.levels:
            assert difference(picture(level), seen(path, level)) == 0


def test_frames_hold_the_scanner_s_intervals_in_their_places(tmp_path):
    made = page(tissue(640, 640), interval=16)
    with open_slide(one(tmp_path, made)) as slide:
        level = slide.levels[0]
        across, down = level.tile
        source = np.array(intervals(made.stream), object).reshape(80, 5)
        for index in range(level.grid[0] * level.grid[1]):
            row, column = divmod(index, level.grid[0])
            wanted = source[row * down : (row + 1) * down, column * across : (column + 1) * across]
            got = np.array(intervals(b"".join(level.frame(index))), object).reshape(down, across)
            assert np.array_equal(got[: wanted.shape[0], : wanted.shape[1]], wanted)


def test_tiles_past_the_edge_are_completed_with_white_and_told(tmp_path):
    path = one(tmp_path, page(tissue(1040, 128 * 41), interval=16))
    with open_slide(path) as slide:
        level = slide.levels[0]
        assert level.completed
        (told,) = slide.remarks
        assert f"{level.completed} of {tile_count(level)} tiles reach past the edge" in told
        last = level.pixels(tile_count(level) - 1)
        right = level.columns - (level.grid[0] - 1) * level.tile_columns
        assert right < level.tile_columns
        # Eight times 127, divided by the quantiser and multiplied again.
        assert last[:, right:].min() >= 253
        assert difference(picture(level), decoded(jpeg(tissue(1040, 128 * 41), interval=16))) == 0


def test_a_level_whose_last_units_are_cut_is_copied_whole(tmp_path):
    """Neither side is a multiple of a unit; OpenSlide's geometry does not know such files."""
    made = page(tissue(301, 399), interval=25)
    with open_slide(one(tmp_path, made)) as slide:
        assert slide.levels[0].encoding.is_copied
        assert difference(picture(slide.levels[0]), decoded(made.stream)) == 0


def test_a_level_without_restart_markers_is_encoded_again(tmp_path):
    path = one(tmp_path, page(tissue(700, 900)))
    with open_slide(path) as slide:
        level = slide.levels[0]
        assert not level.encoding.is_copied
        assert "no restart markers" in level.encoding.reason
        assert difference(picture(level), seen(path, level)) == 0
        with pytest.raises(SlideError, match="cannot be copied"):
            level.frame(0)
    conversion = convert_all(path, tmp_path / "out")
    assert any("no restart markers" in remark for remark in conversion.remarks)
    assert conversion.frames_copied == 0


def test_restarts_that_do_not_begin_with_rows_are_decoded_in_bands(tmp_path):
    made = page(tissue(1200, 800), interval=7)
    with open_slide(one(tmp_path, made)) as slide:
        level = slide.levels[0]
        assert level.encoding.reason == "its restart intervals do not begin with its rows"
        assert difference(picture(level), decoded(made.stream)) == 0
        assert not level._whole  # it was never decoded as one


@pytest.mark.parametrize("sampling", ["4:2:2", "4:2:0"])
def test_subsampled_colour_is_cut_too(tmp_path, sampling):
    """Its upsampling looks across the borders of tiles, so that a decoder of all of it sees other
    chroma there: on two columns or rows, of what are the same coefficients."""
    made = page(tissue(512, 4096), interval=32, subsampling=sampling)
    with open_slide(one(tmp_path, made)) as slide:
        level = slide.levels[0]
        assert level.encoding.is_copied
        apart = np.abs(picture(level).astype(int) - decoded(made.stream)).max(axis=2)
        at_border = np.zeros(apart.shape, bool)
        for border in range(level.tile_columns, level.columns, level.tile_columns):
            at_border[:, border - 2 : border + 2] = True
        for border in range(level.tile_rows, level.rows, level.tile_rows):
            at_border[border - 2 : border + 2] = True
        assert at_border.any()
        assert not apart[~at_border].any()


def test_thrifty_tables_without_a_code_for_white_encode_the_level_again(tmp_path):
    """Huffman tables made for a dark picture have no code for the means of white."""
    dark = np.full((328, 328, 3), 128, np.uint8)
    path = one(tmp_path, page(dark, interval=1, optimize=True))
    with open_slide(path) as slide:
        assert slide.levels[0].encoding.is_copied  # nothing to complete: 41 x 41 intervals
    narrow = np.full((128, 8 * 331, 3), 128, np.uint8)  # a prime number of intervals
    with open_slide(one(tmp_path, page(narrow, interval=1, optimize=True))) as slide:
        assert "no code for background" in slide.levels[0].encoding.reason
        assert difference(picture(slide.levels[0]), narrow) == 0


def test_a_grey_stream_is_one_channel(tmp_path):
    grey = tissue(512, 1024)[..., 0]
    made = page(grey, interval=64)
    with open_slide(one(tmp_path, made)) as slide:
        level = slide.levels[0]
        assert level.stack == Stack(samples=1)
        assert level.encoding.photometric == "MONOCHROME2"
        assert slide.channels({}) == [Channel()]
        assert difference(picture(level)[..., 0], decoded(made.stream)) == 0


def test_a_level_wider_than_jpeg_can_say_is_read_by_its_tags(tmp_path):
    parts = [tissue(16, 35200, seed) for seed in (1, 2)]
    stream = beside([jpeg(part, interval=220) for part in parts], [20, 20])
    path = one(tmp_path, Page(stream, 70400, 16, listed=starts(stream)))
    with open_slide(path) as slide:
        level = slide.levels[0]
        assert (level.columns, level.rows) == (70400, 16)
        assert level.encoding.is_copied
        assert difference(picture(level), seen(path, level)) == 0


def test_groups_are_even():
    for count, target in itertools.product(range(1, 400), (1, 2, 8, 64, 128)):
        size = even(count, target)
        assert 1 <= size <= min(count, max(1, 3 * target // 2))
        assert size == count or size >= max(1, target // 2)
    assert (even(608, 64), even(41, 8), even(3, 64)) == (76, 7, 3)


# Made: where restarts lie


@pytest.mark.parametrize("listed", ["none", "few", "shifted", "falling", "one wrong", "text"])
def test_restart_markers_are_searched_for_where_their_list_fails(tmp_path, listed):
    made = page(tissue(1024, 1024), interval=16)
    good = made.listed
    assert good is not None
    made.listed = {
        "none": None,
        "few": good[:-1],
        "shifted": [start + 1 for start in good],
        "falling": good[::-1],
        # Between the places that are looked at when the slide is opened.
        "one wrong": [*good[:5], good[5] + 1, *good[6:]],
        "text": good,
    }[listed]
    if listed == "text":
        made.tags[65426] = (2, "none")
    path = one(tmp_path, made)
    with open_slide(path) as slide:
        assert difference(picture(slide.levels[0]), decoded(made.stream)) == 0
        was_told = any("searched for" in remark for remark in slide.remarks)
        assert was_told is (listed not in {"none", "one wrong"})


def test_a_file_beyond_four_gigabytes_is_read_by_its_upper_halves(tmp_path):
    """Links, offsets of values and of strips have more than 32 bits; the file is sparse."""
    pages = pyramid(512, 1024, interval=16)
    path = write_ndpi(tmp_path / "large.ndpi", pages, after=5 << 30)
    assert path.stat().st_size > 5 << 30
    assert path.stat().st_blocks * 512 < 16 << 20
    with open_slide(path) as slide:
        for level in slide.levels:
            assert difference(picture(level), seen(path, level)) == 0
        assert {field.value for field in slide.fields if field.name == "Hamamatsu.Reference"} == {
            "S-2031-4711 Mustermann"
        }
    conversion = convert_all(path, tmp_path / "out")
    assert conversion.frames_copied > 0


def test_a_file_below_four_gigabytes_has_no_upper_halves(tmp_path):
    """Writers of plain TIFFs have other things where they would be."""
    path = write_ndpi(tmp_path / "made.ndpi", [page(tissue(64, 64), interval=8)])
    data = bytearray(path.read_bytes())
    at = struct.unpack_from("<I", data, 4)[0]
    (count,) = struct.unpack_from("<H", data, at)
    data[8:12] = b"\1\2\3\4"
    end = at + 2 + 12 * count
    data[end + 4 : end + 8 + 4 * count] = b"\xff" * (4 + 4 * count)
    path.write_bytes(data)
    read_all(path)


# Made: focal planes and channels


def test_focal_planes_lie_over_each_other(tmp_path):
    planes = {focus: tissue(512, 1024, 20 + number)
              for number, focus in enumerate((0, 1500, -1500))}  # fmt: skip
    pages = [page(pixels, interval=64, focus=focus) for focus, pixels in planes.items()]
    smaller = [
        page(np.ascontiguousarray(pixels[::4, ::4]), interval=16, focus=focus)
        for focus, pixels in planes.items()
    ]
    path = write_ndpi(tmp_path / "made.ndpi", [*pages, *smaller, macro()])
    with open_slide(path) as slide:
        assert [level.stack for level in slide.levels] == [Stack(planes=3)] * 2
        assert slide.plane_spacing == 1.5
        for level, made in zip(slide.levels, (pages, smaller), strict=True):
            streams = {each.focus: each.stream for each in made}
            for number, focus in enumerate((-1500, 0, 1500)):
                assert difference(picture(level, number), decoded(streams[focus])) == 0
            assert difference(picture(level, 1), decoded(streams[0])) == 0
        body = slide.levels[0].frame(2).body
        assert intervals(pages[1].stream)[0] == intervals(b"\xff\xda\0\2" + body)[0]


def test_focal_planes_need_not_be_even_and_levels_may_lack_some(tmp_path):
    pages = [page(tissue(256, 256, n), interval=32, focus=focus)
             for n, focus in enumerate((0, 1000, 3000))]  # fmt: skip
    smaller = page(tissue(64, 64), interval=8)
    path = write_ndpi(tmp_path / "made.ndpi", [*pages, smaller])
    with open_slide(path) as slide:
        assert len(slide.levels) == 1
        assert slide.plane_spacing == 0.0
        assert [" ".join(remark.split(": ")[1:]) for remark in slide.remarks] == [
            "it lacks focal planes of level 0; it was left out.",
            "its focal planes are not evenly spaced.",
        ]


def test_two_images_of_one_plane_are_refused(tmp_path):
    pages = [page(tissue(256, 256, n), interval=32) for n in range(2)]
    assert_refused(write_ndpi(tmp_path / "made.ndpi", pages), "one size and one focal plane")


def _channel(number: int, name: str, wavelength: float, rows=512) -> Page:
    tags = {65434: (2, name), 65451: (11, [wavelength])}
    return page(tissue(rows, 1024, number), interval=64, tags=tags)


def test_a_set_is_one_slide_of_many_channels(tmp_path):
    made = {
        "Set-DAPI.ndpi": _channel(1, "DAPI 2 (387)", 455.0),
        "Set-FITC.ndpi": _channel(2, "FITC 2 (485)", 530.0),
    }
    for name, each in made.items():
        write_ndpi(tmp_path / name, [each, macro()])
    path = write_ndpis(tmp_path / "Set.ndpis", list(made))
    with open_slide(path) as slide:
        (level,) = slide.levels
        assert level.stack == Stack(paths=2)
        for number, each in enumerate(made.values()):
            assert difference(picture(level, number), decoded(each.stream)) == 0
        kept: dict[str, str] = {}
        for field in slide.fields:
            kept.setdefault(field.name, field.value)
        assert slide.channels(kept) == [
            Channel(dye="DAPI 2 (387)", emission=455.0),
            Channel(dye="FITC 2 (485)", emission=530.0),
        ]
        # The search for what identifies must not take a fluorophore, which is kept, for a leak.
        sought = {needle.text for needle in needles_of(slide.format, slide.fields)}
        assert not sought & {"DAPI 2 (387)", "FITC 2 (485)"}
        assert [each.flavour for each in slide.associated] == [Flavour.OVERVIEW] * 2
        named = {field.value for field in slide.fields if field.name == "Hamamatsu.Set.Image"}
        assert named == set(made)
    (tmp_path / "Set2-Other.ndpi").touch()
    assert belongings(path) == (path, *(tmp_path / name for name in made))
    assert belongings(tmp_path / "Set-DAPI.ndpi") == (tmp_path / "Set-DAPI.ndpi",)


def test_a_set_of_different_slides_is_refused(tmp_path):
    write_ndpi(tmp_path / "Set-1.ndpi", [_channel(1, "DAPI", 455.0)])
    write_ndpi(tmp_path / "Set-2.ndpi", [_channel(2, "FITC", 530.0, rows=256)])
    write_ndpi(tmp_path / "Set-3.ndpi", [_channel(2, "FITC", 530.0)], mpp=0.25)
    for other, what in (("Set-2.ndpi", "image sizes"), ("Set-3.ndpi", "its scale")):
        path = write_ndpis(tmp_path / "Set.ndpis", ["Set-1.ndpi", other])
        assert assert_refused(path, what).place == "Set.ndpis Image1"


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (["../away.ndpi"], "outside of its own folder"),
        (["Set-9.ndpi"], "is missing"),
        ([""], "does not name its image 0"),
        ([], "does not say how many images"),
        (["Set.ndpis"], "a directory lies past the end|no image of tissue|is damaged"),
    ],
)
def test_a_set_that_names_nothing_good_is_refused(tmp_path, names, what):
    error = assert_refused(write_ndpis(tmp_path / "Set.ndpis", names), what)
    assert "away" not in str(error)
    assert "Set-9" not in str(error)


# What leaks, what is unknown


def test_nothing_that_identifies_survives_a_conversion(sandbox, tmp_path):
    source = write_ndpi(tmp_path / "S-2031-4711.ndpi", pyramid(512, 1024, interval=16))
    made = convert_slide(source, tmp_path / "out", pseudonyms=PSEUDONYMS, sandbox=sandbox)
    secrets = ("Mustermann", "S-2031-4711", "770042", "770043", "2031/05/23", "2031/06/27",
               "20310627", "79141800C52A811A", "NanoZoomer")  # fmt: skip
    for path in made.folder.iterdir():
        data = path.read_bytes().lower()
        for secret in secrets:
            assert secret.lower().encode() not in data, (path.name, secret)
    assert made.report.frames_copied > 0


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({65449: (2, PROPERTIES + "Operator=Erika\r\n")}, "Hamamatsu.Properties.Operator"),
        ({65449: (2, "Filters=Erika Mustermann\r\n")}, "Hamamatsu.Properties.Filters"),
        ({65470: (2, "Erika")}, "Hamamatsu.65470"),
        ({60001: (2, "Erika")}, "TIFF.60001"),
    ],
)
def test_an_unknown_field_stops_the_slide(sandbox, tmp_path, tags, name):
    source = one(tmp_path, page(tissue(64, 64), interval=8, tags=tags))
    with pytest.raises(SlideError, match=name.replace(".", r"\.")) as caught:
        convert_slide(source, tmp_path / "out", pseudonyms=PSEUDONYMS, sandbox=sandbox)
    assert "Erika" not in str(caught.value)


def test_a_name_where_a_number_belongs_stops_the_slide(sandbox, tmp_path):
    source = one(tmp_path, page(tissue(64, 64), interval=8, tags={65441: (2, "Erika")}))
    with pytest.raises(SlideError, match=r"Hamamatsu\.CaptureMode does not hold a number"):
        convert_slide(source, tmp_path / "out", pseudonyms=PSEUDONYMS, sandbox=sandbox)


def test_without_a_scale_there_is_none(tmp_path):
    made = page(tissue(64, 64), interval=8, without=(282, 283))
    with open_slide(one(tmp_path, made)) as slide:
        assert slide.mpp is None
        assert slide.placement is None


# Nothing is believed


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"tags": {256: (4, [2**31])}}, "impossible"),
        ({"tags": {257: (4, [0])}}, "impossible"),
        ({"tags": {256: (4, [512])}}, "was to be 512"),
        ({"tags": {273: (4, [2**32 - 1])}}, "past the end"),
        ({"tags": {273: (4, [60])}}, "does not begin as a JPEG"),
        ({"tags": {279: (4, [2**32 - 1])}}, "past the end"),
        ({"tags": {279: (4, [900])}}, "restart intervals of|ends inside"),
        ({"tags": {279: (4, [1, 1])}}, "not in one piece"),
        ({"without": (273,)}, "not in one piece"),
        ({"tags": {259: (3, [22610])}}, "JPEG XR, 16 bits deep"),
        ({"tags": {259: (3, [1])}}, "compression is number 1"),
        ({"lens": -1.0}, "no image of tissue"),
        ({"lens": float("nan")}, "no image of tissue"),
        ({"tags": {65421: (2, "forty")}}, "text where numbers belong"),
        ({"tags": {65424: (11, [float("nan")])}}, "holds no number"),
        ({"tags": {65424: (11, [float("inf")])}}, "holds no number"),
        ({"tags": {65449: (2, "x" * 70_000)}}, "claims 70001 bytes"),
    ],
)
def test_hostile_values_are_refused(tmp_path, changed, what):
    path = one(tmp_path, page(tissue(256, 256), interval=8, **changed))
    error = assert_refused(path, what)
    assert error.place.startswith("made.ndpi")


def test_links_that_loop_or_lead_away_are_refused(tmp_path):
    path = write_ndpi(tmp_path / "made.ndpi", [page(tissue(64, 64), interval=8)] * 2)
    data = bytearray(path.read_bytes())
    first = struct.unpack_from("<I", data, 4)[0]
    end = first + 2 + 12 * struct.unpack_from("<H", data, first)[0]
    for link, what in (
        (first, "in a loop"),
        (len(data) - 1, "past the end"),
        (9, "is damaged|no "),
    ):
        struct.pack_into("<I", data, end, link)
        (tmp_path / "bad.ndpi").write_bytes(data)
        assert_refused(tmp_path / "bad.ndpi", what)


def test_too_many_intervals_are_refused(tmp_path):
    made = page(tissue(64, 64), interval=1)
    made.columns = made.rows = 1_000_000
    assert_refused(one(tmp_path, made), "restart intervals")


def test_a_stream_that_is_too_large_to_decode_whole_is_refused_when_it_is_opened(tmp_path):
    made = page(tissue(64, 64))
    made.columns = made.rows = 70_000
    with (
        pytest.raises(SlideError, match="too large to decode whole"),
        open_slide(one(tmp_path, made)),
    ):
        pass


def test_a_stray_marker_inside_an_interval_is_refused(tmp_path):
    made = page(tissue(256, 256), interval=8)
    assert made.listed is not None
    at = made.listed[7] + 5
    made.stream = made.stream[:at] + b"\xff\xfe" + made.stream[at + 2 :]
    assert_refused(one(tmp_path, made), "damaged")


def test_bytes_that_fill_up_before_a_marker_are_left_out(tmp_path):
    """ITU-T T.81 B.1.1.2: any number of FF may stand before a marker."""
    made = page(tissue(256, 256), interval=8, lists=False)
    at = starts(made.stream)[7] - 2
    filled = made.stream[:at] + b"\xff\xff" + made.stream[at:]
    path = one(tmp_path, Page(filled, made.columns, made.rows))
    with open_slide(path) as slide:
        assert difference(picture(slide.levels[0]), decoded(made.stream)) == 0
        assert b"\xff\xff" not in slide.levels[0].frame(0).body


def test_restarts_that_are_missing_or_swapped_are_refused(tmp_path):
    made = page(tissue(256, 256), interval=8, lists=False)
    begins = starts(made.stream)
    swapped = bytearray(made.stream)
    swapped[begins[2] - 1], swapped[begins[3] - 1] = swapped[begins[3] - 1], swapped[begins[2] - 1]
    lost = made.stream[: begins[4] - 2] + made.stream[begins[5] - 2 :]
    for stream in (bytes(swapped), lost, made.stream + b"\xff\xd0\xff\xd9"):
        made.stream = stream
        path = one(tmp_path, made)
        if stream.endswith(b"\xff\xd0\xff\xd9"):
            read_all(path)  # what stands behind the end of the image is no part of it
        else:
            assert_refused(path, "restart intervals of|does not end with its marker")


def test_a_truncated_slide_is_refused(tmp_path):
    path = write_ndpi(tmp_path / "made.ndpi", pyramid(512, 1024, interval=16))
    whole = path.read_bytes()
    for sixteenth in range(16):
        (tmp_path / "cut.ndpi").write_bytes(whole[: len(whole) * sixteenth // 16])
        with pytest.raises(SlideError):
            read_all(tmp_path / "cut.ndpi")


def test_any_byte_may_be_wrong(tmp_path):
    """Whatever a damaged file leads to, it is one of our own errors, or pixels."""
    source = write_ndpi(tmp_path / "made.ndpi", [page(tissue(64, 96), interval=4), macro()])
    whole = np.frombuffer(source.read_bytes(), np.uint8)
    with source.open("rb") as file:
        first = struct.unpack("<I", file.read(8)[4:])[0]
    rng = np.random.default_rng(7)
    refused = 0
    for trial in range(300):
        data = whole.copy()
        # Half of the damage is in the first directory, a quarter in the head of its stream.
        span = [(first, first + 330), (first, first + 330), (12, 660), (4, len(data))][trial % 4]
        for at in rng.integers(*span, 3):
            data[at] = rng.integers(256)
        (tmp_path / "bad.ndpi").write_bytes(data.tobytes())
        try:
            read_all(tmp_path / "bad.ndpi")
        except (SlideError, IntegrityError):
            refused += 1
        except BigpictureError as error:
            raise AssertionError(trial) from error
    assert refused > 100


def test_the_name_is_not_what_tells(tmp_path):
    made = write_ndpi(tmp_path / "made.ndpi", [page(tissue(64, 64), interval=8)])
    shutil.move(made, tmp_path / "given.svs")
    with open_slide(tmp_path / "given.svs") as slide:
        assert slide.format == "hamamatsu-ndpi"


@pytest.mark.parametrize("link", [0xFFFFFFFFFFFFFFFF, 11, 12, 13])
def test_a_link_to_nowhere_makes_no_ndpi(tmp_path, link):
    (tmp_path / "given.ndpi").write_bytes(b"II*\0" + struct.pack("<Q", link) + b"\xff")
    with pytest.raises(SlideError) as caught:
        read_all(tmp_path / "given.ndpi")
    assert "NDPI" not in caught.value.what


@pytest.mark.parametrize("count", ["1" * 5000, "\u0662", "-1", "2147483648"])
def test_a_set_of_a_strange_number_of_images_is_refused(tmp_path, count):
    path = tmp_path / "slide.ndpis"
    path.write_text(f"[NanoZoomer Digital Pathology Image Set]\nNoImages={count}\nImage0=a.ndpi\n")
    with pytest.raises(SlideError, match="does not say how many"), open_slide(path):
        pass


def test_a_set_of_channels_stored_in_colour_is_converted(sandbox, tmp_path):
    """As the scanner stores a single channel: three samples, of which the light makes one."""
    names = ["slide-DAPI.ndpi", "slide-FITC.ndpi"]
    for number, name in enumerate(names):
        write_ndpi(tmp_path / name, pyramid(128, 256, interval=16, seed=number))
    path = write_ndpis(tmp_path / "slide.ndpis", names)
    made = convert_slide(path, tmp_path / "out", pseudonyms=PSEUDONYMS, sandbox=sandbox)
    instance = pydicom.dcmread(made.instances[0])
    assert (instance.SamplesPerPixel, instance.NumberOfFrames) == (3, 2)
    first, second = instance.OpticalPathSequence
    assert [first.OpticalPathIdentifier, second.OpticalPathIdentifier] == ["0", "1"]
    for each in (first, second):
        assert each.IlluminationTypeCodeSequence[0].CodeMeaning == "Epifluorescence illumination"
        assert len(each.ICCProfile) > 128
    frames = list(pydicom.encaps.generate_frames(instance.PixelData, number_of_frames=2))
    for name, frame in zip(names, frames, strict=True):
        (source,) = [
            Image.open(io.BytesIO(each))
            for each in [pyramid(128, 256, interval=16, seed=names.index(name))[0].stream]
        ]
        assert np.array_equal(np.asarray(source), np.asarray(Image.open(io.BytesIO(frame))))
