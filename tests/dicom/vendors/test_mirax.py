"""MIRAX slides, made from the published description; OpenSlide reads the same files beside us."""

from __future__ import annotations

import hashlib
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from math import ceil

import numpy as np
import openslide
import pydicom
import pytest

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.rules import allow_list
from bigpicture.dicom import mirax_level
from bigpicture.dicom.open import belongings, open_slide
from bigpicture.model.errors import BigpictureError, SlideError
from bigpicture.model.image import Flavour
from bigpicture.submission.convert import convert_slide
from made_mirax import ASSOCIATED, SECRETS, Plan, jittered, write_mirax
from slide_making import convert_all

OVERLAP = (16, 12)
MOVED = Plan(overlap=OVERLAP)
PLANS = {
    "grid": Plan(),
    "grid of single photos": Plan(divisions=1, images=(7, 5)),
    "grid, photos left out": Plan(absent={(1, 1), (0, 0)}),
    "grid, noted": Plan(table="vimslide"),
    "grid, noted, photos left out": Plan(table="vimslide", absent={(1, 1)}),
    "grid, reduced": Plan(exponents=(2, 1, 1)),
    "png": Plan(image_format="PNG"),
    "bitmap": Plan(image_format="BMP24", image=(61, 40)),
    "overlap, not noted": Plan(overlap=OVERLAP),
    "overlap of broken pixels": Plan(overlap=(15.5, 11.25), image_format="PNG",
                                     positions=Plan(overlap=(15.5, 11.25)).nominal()),
    "overlap": Plan(overlap=OVERLAP, table="vimslide", positions=jittered(MOVED)),
    "overlap, deflated": Plan(overlap=OVERLAP, table="stitching", positions=jittered(MOVED),
                              header="utf-16"),
    "overlap, photos left out": Plan(
        divisions=4, images=(16, 12), exponents=(0, 1, 1, 1, 1), overlap=OVERLAP,
        table="stitching", absent={(0, 0), (2, 1)},
        positions=jittered(Plan(divisions=4, images=(16, 12), overlap=OVERLAP)),
    ),
    "overlap, reduced": Plan(exponents=(2, 1, 1), overlap=OVERLAP, table="vimslide",
                             positions=jittered(MOVED)),
    "overlap, reduced, photos left out": Plan(
        exponents=(2, 1, 1), overlap=OVERLAP, table="vimslide", absent={(1, 1), (3, 2)},
        positions=jittered(MOVED),
    ),
    "overlap, reduced, not noted": Plan(exponents=(2, 1, 1), overlap=OVERLAP),
    "overlap, parts of half pixels": Plan(
        image=(85, 40), divisions=1, images=(16, 12), exponents=(0, 1, 1, 1, 1),
        overlap=(10, 6), table="vimslide", image_format="PNG",
        positions=jittered(Plan(image=(85, 40), divisions=1, images=(16, 12), overlap=(10, 6))),
    ),
}  # fmt: skip
LARGEST_DIFFERENCE = 1
"""Of 255, at places between pixels, where two libraries may round one sum differently."""


def whole(level):
    """All tiles of a level, put together and cut to its size."""
    across, down = ceil(level.columns / level.tile_columns), ceil(level.rows / level.tile_rows)
    rows = [
        np.concatenate([level.pixels(row * across + column) for column in range(across)], axis=1)
        for row in range(down)
    ]
    return np.concatenate(rows)[: level.rows, : level.columns]


def shown(slide, level):
    """A level as OpenSlide shows it, over white."""
    pixels = np.asarray(slide.read_region((0, 0), level, slide.level_dimensions[level]))
    alpha = pixels[..., 3:].astype(int)
    return (pixels[..., :3] * alpha + 255 * (255 - alpha)) // 255


def refused(path):
    """Open the slide and decode every tile of it; return why that fails."""
    with pytest.raises(SlideError) as caught:
        read(path)
    return caught.value


def read(path):
    with open_slide(path) as slide:
        for level in slide.levels:
            whole(level)


def rewrite_settings(made, old, new):
    text = (made.folder / "Slidedat.ini").read_text("utf-8-sig")
    assert old in text
    (made.folder / "Slidedat.ini").write_text(text.replace(old, new))


@pytest.fixture(params=PLANS)
def case(request, tmp_path):
    return PLANS[request.param], write_mirax(tmp_path, PLANS[request.param])


def test_geometry_and_pixels_are_those_of_openslide(case):
    plan, made = case
    theirs = openslide.OpenSlide(made.path)
    with open_slide(made.path) as slide:
        assert slide.format == "mirax"
        sizes = [(level.columns, level.rows) for level in slide.levels]
        assert sizes == list(theirs.level_dimensions)
        stated = theirs.properties
        assert slide.mpp == (float(stated["openslide.mpp-x"]), float(stated["openslide.mpp-y"]))
        for number, level in enumerate(slide.levels):
            difference = np.abs(whole(level).astype(int) - shown(theirs, number))
            between = number and plan.overlap != (0, 0)
            assert difference.max() <= (LARGEST_DIFFERENCE if between else 0), number
            assert np.count_nonzero(difference) <= difference.size / 10_000


def test_photos_lie_where_the_camera_took_them(tmp_path):
    made = write_mirax(tmp_path, PLANS["overlap of broken pixels"])
    with open_slide(made.path) as slide:
        pixels = whole(slide.levels[0])
    rows, columns = (min(pair) for pair in zip(pixels.shape[:2], made.glass.shape[:2], strict=True))
    # What was drawn comes back: every photo shows the place of the glass it was taken of.
    assert np.array_equal(pixels[:rows, :columns], made.glass[:rows, :columns])


def test_images_on_a_grid_are_copied_byte_for_byte(tmp_path):
    made = write_mirax(tmp_path, Plan(absent={(1, 1)}))
    with open_slide(made.path) as slide:
        for level, streams in zip(slide.levels, made.streams, strict=True):
            assert level.encoding.is_copied
            frames = [
                level.frame(n) for n in range(ceil(level.columns / 64) * ceil(level.rows / 48))
            ]
            bodies = {frame.body for frame in frames if frame is not None}
            assert len(bodies) == len(streams)
            for body in bodies:
                assert any(stream.endswith(body) for stream in streams.values())
        assert (
            sum(frame is None for frame in (slide.levels[0].frame(n) for n in range(48))) == 4
        )  # one photo of 2 x 2
        assert any("4 tiles are not stored" in remark for remark in slide.remarks)


@pytest.mark.parametrize(
    ("case", "word"),
    [("overlap", "overlap"), ("png", "PNG"), ("bitmap", "BMP24")],
)
def test_what_cannot_be_copied_says_why(tmp_path, case, word):
    made = write_mirax(tmp_path, PLANS[case])
    with open_slide(made.path) as slide:
        encodings = [level.encoding for level in slide.levels]
        assert {level.tile_columns for level in slide.levels} == {512}
    assert all(word in encoding.reason and not encoding.is_copied for encoding in encodings)
    assert {encoding.is_lossy for encoding in encodings} == {case == "overlap"}


def test_the_slide_is_found_by_its_preview_its_folder_and_the_folder_around_them(tmp_path):
    made = write_mirax(tmp_path, Plan())
    for path in (made.path, made.folder, tmp_path):
        with open_slide(path) as slide:
            assert slide.format == "mirax"
            assert len(slide.levels) == 4
    assert belongings(made.path) == (made.path, made.folder)
    renamed = made.path.rename(tmp_path / "slide.jpg")
    with open_slide(renamed) as slide:
        assert slide.format == "mirax"


def test_label_macro_and_preview_are_told_and_left_out(tmp_path):
    made = write_mirax(tmp_path, Plan())
    theirs = openslide.OpenSlide(made.path).associated_images
    with open_slide(made.path) as slide:
        found = {each.place.rpartition(" ")[2]: each for each in slide.associated}
    sizes = {(each.flavour, each.columns, each.rows) for each in found.values()}
    assert (Flavour.LABEL, *theirs["label"].size) in sizes
    assert (Flavour.OVERVIEW, *theirs["macro"].size) in sizes
    assert (Flavour.THUMBNAIL, *theirs["thumbnail"].size) in sizes
    # The preview shows the glass with its label.
    assert (found["preview"].flavour, found["preview"].columns) == (Flavour.OVERVIEW, 60)
    assert len(found) == len(ASSOCIATED) + 1


def test_every_key_of_the_settings_is_a_field_with_a_rule(tmp_path):
    made = write_mirax(tmp_path, Plan(table="stitching"))
    theirs = openslide.OpenSlide(made.path).properties
    rules = allow_list("mirax")
    with open_slide(made.path) as slide:
        fields = slide.fields
        scanner = slide.scanner({"Mirax.GENERAL.OBJECTIVE_MAGNIFICATION": "20"})
    assert len(fields) == sum(key.startswith("mirax.") for key in theirs)
    assert {field.name for field in fields if rules.action(field.name) is None} == set()
    values = {field.value for field in fields}
    assert {value for key, value in theirs.items() if key.startswith("mirax.")} == values
    assert scanner.magnification == 20.0


@pytest.mark.parametrize("line", ["# Erika Mustermann", "Erika Mustermann", "; x = y"])
def test_a_comment_in_the_settings_is_a_field_too(tmp_path, line):
    made = write_mirax(tmp_path, Plan())
    rewrite_settings(made, "[HIERARCHICAL]", f"{line}\n[HIERARCHICAL]")
    with open_slide(made.path) as slide:
        assert [field.value for field in slide.fields if field.name == "Mirax.Line"] == [line]


@pytest.mark.parametrize("case", ["grid", "overlap", "bitmap"])
def test_conversion_end_to_end(tmp_path, case):
    made = write_mirax(tmp_path / "in", PLANS[case])
    done = convert_all(made.path, tmp_path / "out")
    theirs = openslide.OpenSlide(made.path)
    assert [(each.level.columns, each.level.rows) for each in done.instances] == list(
        theirs.level_dimensions
    )
    assert (done.frames_encoded == 0) == (case == "grid")
    header = pydicom.dcmread(done.instances[0].path, stop_before_pixels=True)
    spacing = header.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing
    assert [float(each) for each in spacing] == pytest.approx([0.2330e-3, 0.2325e-3])
    ours = openslide.OpenSlide(done.instances[0].path)
    difference = np.abs(shown(ours, 0).astype(int) - shown(theirs, 0).astype(int))
    assert difference.mean() < (3 if case == "overlap" else 0.001)
    assert header.ManufacturerModelName == "MIRAX"


@pytest.mark.parametrize("case", ["grid, noted", "overlap, photos left out", "png"])
def test_no_secret_of_the_slide_is_in_what_is_written(tmp_path, case):
    made = write_mirax(tmp_path / "in", PLANS[case], name="S-2021-0815")
    done = convert_slide(
        made.path, tmp_path / "out", pseudonyms=Pseudonyms(bytes(range(32))), may_replace=True
    )
    written = b"".join(each.read_bytes() for each in done.folder.iterdir())
    for secret in SECRETS:
        assert secret.encode() not in written
        assert secret.encode("utf-16-le") not in written
    assert done.report.gate.reader.startswith("OpenSlide")


def test_an_unknown_key_stops_the_conversion(tmp_path):
    made = write_mirax(tmp_path / "in", Plan(general={"PATIENT_NAME": "Mustermann"}))
    with pytest.raises(SlideError) as caught:
        convert_slide(made.path, tmp_path / "out", pseudonyms=Pseudonyms(bytes(range(32))))
    assert "Mirax.GENERAL.PATIENT_NAME" in str(caught.value)
    assert "Mustermann" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_fluorescence_is_refused_with_its_reason(tmp_path):
    plan = Plan(general={"SLIDE_TYPE": "SLIDE_TYPE_FLUORESCENCE"})
    error = refused(write_mirax(tmp_path, plan).path)
    assert "fluorescence" in error.what
    assert "OME-TIFF" in error.remedy


def test_several_filter_levels_are_fluorescence_whatever_the_type_says(tmp_path):
    made = write_mirax(tmp_path, Plan(filters={"DATA_IN_THIS_FILTER_LEVEL": "FilterLevel_0"}))
    with open_slide(made.path) as slide:
        assert slide.format == "mirax"
    rewrite_settings(
        made,
        "[LAYER_1_LEVEL_0_SECTION]",
        "[LAYER_1_LEVEL_1_SECTION]\nDATA_IN_THIS_FILTER_LEVEL = FilterLevel_1\n"
        "[LAYER_1_LEVEL_0_SECTION]",
    )
    assert "fluorescence" in refused(made.path).what


def test_focal_planes_that_are_left_out_are_told(tmp_path):
    made = write_mirax(tmp_path, Plan(filters={"OFFSET_IN_MICROMETERS": "0"}))
    rewrite_settings(made, "[LAYER_1_LEVEL_0_SECTION]",
                     "[LAYER_3_LEVEL_1_SECTION]\nOFFSET_IN_MICROMETERS = 1.5\n"
                     "[LAYER_1_LEVEL_0_SECTION]")  # fmt: skip
    with open_slide(made.path) as slide:
        assert any("2 focal planes" in remark for remark in slide.remarks)


def test_a_preview_without_its_folder_is_refused(tmp_path):
    made = write_mirax(tmp_path, Plan())
    made.folder.rename(tmp_path / "elsewhere")
    error = refused(made.path)
    assert "folder of the same name is missing" in error.what
    assert error.place == "slide.mrxs"
    assert "Copy the folder" in error.remedy


@pytest.mark.parametrize("name", ["Index.dat", "Data0001.dat"])
def test_a_missing_companion_is_refused(tmp_path, name):
    made = write_mirax(tmp_path, Plan())
    (made.folder / name).unlink()
    assert "missing" in refused(made.path).what


@pytest.mark.parametrize(
    "name", ["../slide.mrxs", "/etc/passwd", "C:\\Windows\\win.ini", "..\\x", "Data0000.dat/.."]
)
def test_a_data_file_outside_of_the_folder_is_refused(tmp_path, name):
    made = write_mirax(tmp_path, Plan())
    rewrite_settings(made, "FILE_0 = Data0000.dat", f"FILE_0 = {name}")
    error = refused(made.path)
    assert "outside of its own folder" in error.what
    assert name not in str(error)


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    made = write_mirax(tmp_path / "in", Plan())
    target = (made.folder / "Data0000.dat").rename(tmp_path / "Data0000.dat")
    (made.folder / "Data0000.dat").symlink_to(target)
    assert "outside of its own folder" in refused(made.path).what


def test_swapped_data_files_are_refused(tmp_path):
    made = write_mirax(tmp_path, Plan())
    rewrite_settings(made, "FILE_0 = Data0000.dat", "FILE_0 = Data0001.dat")
    assert "another order" in refused(made.path).what


@pytest.mark.parametrize(("name", "at"), [("Data0000.dat", 9), ("Index.dat", 9)])
def test_a_file_of_another_slide_is_refused(tmp_path, name, at):
    made = write_mirax(tmp_path, Plan())
    data = bytearray((made.folder / name).read_bytes())
    data[at] ^= 1
    (made.folder / name).write_bytes(data)
    assert "another slide" in refused(made.path).what


def _pages(made):
    """Where Index.dat points to the first page of level 0."""
    root = 5 + 32
    table = struct.unpack_from("<i", made.index, root)[0]
    head = struct.unpack_from("<i", made.index, table)[0]
    return head, struct.unpack_from("<i", made.index, head + 4)[0]


@pytest.mark.parametrize(
    ("at", "value", "what"),
    [
        ("link", "self", "loop"),
        ("link", 1 << 30, "past its end"),
        ("link", -5, "negative"),
        ("count", 1 << 30, "more items"),
        ("count", -1, "negative"),
        ("image", 5000, "where none can be"),
        ("image", -1, "negative"),
        ("offset", (1 << 31) - 1, "past the end"),
        ("offset", -1, "negative"),
        ("length", 0, "without bytes"),
        ("length", (1 << 31) - 1, "past the end"),
        ("file", 7, "does not"),
        ("file", -1, "does not"),
        ("first", 3, "does not begin with an empty one"),
        ("root", 1 << 30, "past its end"),
    ],
)
def test_hostile_numbers_in_the_index_are_refused(tmp_path, at, value, what):
    made = write_mirax(tmp_path, Plan())
    head, page = _pages(made)
    places = {"root": 37, "first": head, "count": page, "link": page + 4, "image": page + 8,
              "offset": page + 12, "length": page + 16, "file": page + 20}  # fmt: skip
    data = bytearray(made.index)
    struct.pack_into("<i", data, places[at], page if value == "self" else value)
    (made.folder / "Index.dat").write_bytes(data)
    assert what in refused(made.path).what


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("IMAGENUMBER_X = 8", "IMAGENUMBER_X = 2147483647"),
        ("IMAGENUMBER_X = 8", "IMAGENUMBER_X = 0"),
        ("IMAGENUMBER_X = 8", "IMAGENUMBER_X = 7"),
        ("IMAGENUMBER_X = 8", "IMAGENUMBER_X = eight"),
        ("IMAGENUMBER_X = 8", ""),
        ("CameraImageDivisionsPerSide = 2", "CameraImageDivisionsPerSide = 3"),
        ("CameraImageDivisionsPerSide = 2", "CameraImageDivisionsPerSide = -2"),
        ("HIER_0_COUNT = 4", "HIER_0_COUNT = 1000000000"),
        ("HIER_0_COUNT = 4", "HIER_0_COUNT = 5"),
        ("HIER_0_NAME = Slide zoom level", "HIER_0_NAME = Other"),
        ("NONHIER_COUNT = 2", "NONHIER_COUNT = 99999999"),
        ("FILE_COUNT = 2", "FILE_COUNT = 1000000000"),
        ("FILE_COUNT = 2", "FILE_COUNT = 3"),
        ("DIGITIZER_WIDTH = 64", "DIGITIZER_WIDTH = 100000"),
        ("DIGITIZER_WIDTH = 64", "DIGITIZER_WIDTH = 63"),
        ("IMAGE_CONCAT_FACTOR = 1", "IMAGE_CONCAT_FACTOR = 24"),
        ("IMAGE_CONCAT_FACTOR = 1", "IMAGE_CONCAT_FACTOR = 0"),
        ("IMAGE_FORMAT = JPEG", "IMAGE_FORMAT = PNG"),
        ("IMAGE_FORMAT = JPEG", "IMAGE_FORMAT = BMP24"),
        ("IMAGE_FORMAT = JPEG", "IMAGE_FORMAT = JPEGXR"),
        ("OVERLAP_X = 16.0", "OVERLAP_X = 1e300"),
        ("OVERLAP_X = 16.0", "OVERLAP_X = nan"),
        ("OVERLAP_X = 16.0", "OVERLAP_X = -16"),
        ("MICROMETER_PER_PIXEL_X = 0.2325", "MICROMETER_PER_PIXEL_X = little"),
    ],
)
def test_impossible_settings_are_refused(tmp_path, old, new):
    made = write_mirax(tmp_path, PLANS["overlap"])
    rewrite_settings(made, old, new)
    error = refused(made.path)
    assert error.place.startswith("slide.mrxs")
    assert error.what


def _with_table(folder, table, *, size=None):
    """A slide whose table of positions is replaced by `table`, at the same place."""
    made = write_mirax(folder, PLANS["overlap, deflated"])
    found = None
    for path in made.folder.glob("Data*.dat"):
        data = path.read_bytes()
        packed = zlib.compress(
            b"".join(
                struct.pack("<Bii", 1, *map(int, each))
                for each in PLANS["overlap, deflated"].positions.reshape(-1, 2)
            )
        )
        at = data.find(packed)
        if at >= 0:
            found = path, at, len(packed)
    path, at, length = found
    index = bytearray((made.folder / "Index.dat").read_bytes())
    number = int(path.stem[-4:])
    entry = struct.pack("<iii", at, length, number)
    place = bytes(index).find(entry)
    assert place > 0
    with path.open("ab") as file:
        struct.pack_into("<iii", index, place, file.tell(), len(table), number)
        file.write(table)
    (made.folder / "Index.dat").write_bytes(index)
    return made


@pytest.mark.parametrize(
    ("table", "what"),
    [
        (zlib.compress(bytes(9 * 12 + 1)), "not as long"),
        (zlib.compress(bytes(9 * 11)), "not as long"),
        (zlib.compress(bytes(200 << 20)), "not as long"),
        (b"no deflated bytes", "unpacked"),
        (zlib.compress(b"\7" * 9 * 12), "something else"),
        (zlib.compress(struct.pack("<Bii", 1, -(1 << 31), (1 << 31) - 1) * 12), ""),
    ],
    ids=["long", "short", "bomb", "raw", "flags", "far"],
)
def test_a_bad_table_of_positions_is_refused(tmp_path, table, what):
    made = _with_table(tmp_path, table)
    if what:
        assert what in refused(made.path).what
        return
    # Photos that lie nowhere near the slide leave it blank.
    with open_slide(made.path) as slide:
        assert (whole(slide.levels[0]) == 255).all()


def test_photos_that_overlap_more_than_any_scanners_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(mirax_level, "MAXIMUM_ENTRIES", 10)
    assert "overlap more" in refused(write_mirax(tmp_path, PLANS["overlap"]).path).what


@pytest.mark.parametrize("case", ["grid", "overlap, deflated", "png"])
@pytest.mark.parametrize("name", ["Slidedat.ini", "Index.dat", "Data0000.dat"])
def test_a_slide_truncated_anywhere_is_refused(tmp_path, case, name):
    made = write_mirax(tmp_path, PLANS[case])
    path = made.folder / name
    data = path.read_bytes()
    # The end of the settings tells of the filter and the label, that of the index of the label.
    spare = {"Slidedat.ini": 3, "Index.dat": 0 if PLANS[case].table else 2}.get(name, 0)
    for part in range(16 - spare):
        path.write_bytes(data[: len(data) * part // 16])
        with pytest.raises(BigpictureError):
            read(made.path)


def test_a_damaged_image_is_refused_by_its_number(tmp_path):
    made = write_mirax(tmp_path, Plan(image_format="PNG", data_files=1))
    stream = made.streams[0][9]
    path = made.folder / "Data0000.dat"
    path.write_bytes(path.read_bytes().replace(stream, bytes(len(stream))))
    error = refused(made.path)
    assert error.place == "slide.mrxs level 0 image 9"


def test_two_slides_in_a_folder_are_not_one(tmp_path):
    write_mirax(tmp_path, Plan(), name="one")
    write_mirax(tmp_path, Plan(), name="two")
    assert "2 MIRAX slides" in refused(tmp_path).what


def test_reading_from_two_threads_gives_the_same(tmp_path):
    made = write_mirax(tmp_path, PLANS["overlap, photos left out"])
    with open_slide(made.path) as slide:
        level = slide.levels[0]
        tiles = range(ceil(level.columns / 512) * ceil(level.rows / 512))
        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(level.pixels, [*tiles, *tiles]))
    digests = [hashlib.sha256(each.tobytes()).digest() for each in both]
    assert digests[: len(tiles)] == digests[len(tiles) :]
