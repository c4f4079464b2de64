"""SCN files as OpenSlide and tifffile read them; what does not fit is refused, nothing leaks."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import openslide
import pytest
import tifffile
from PIL import Image

from bigpicture.deidentify.proof import prove
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.slide import Channel, Stack
from bigpicture.dicom.tiles import open_tiles
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour
from bigpicture.submission.convert import subject_from_pseudonyms
from bigpicture.submission.rewrite import rewrite
from made_leica_scn import (
    CHANNELS,
    NAMESPACES,
    SECRETS,
    TILE,
    Region,
    write_fluorescence,
    write_planes,
    write_scn,
)
from made_tiled_tiff import cut, jpegs, rgb_jpegs, scan_of, tissue
from slide_making import convert_all

PSEUDONYMS = Pseudonyms(bytes(range(32)))
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"


def regions(*kinds: str) -> list[Region]:
    made = {
        "one": Region(),
        "right": Region(left=600_000, top=100_500, picture=tissue(500, 333, 2)),
        "over": Region(left=400_000, top=580_000, picture=tissue(400, 300, 3)),
        "fine": Region(left=30_250, top=20_000, picture=tissue(300, 310, 4), nanometres=497.0),
    }
    return [made[kind] for kind in kinds]


def shown(slide: openslide.OpenSlide, level: int) -> tuple[np.ndarray, tuple[int, int]]:
    """What OpenSlide shows inside the bounds of a level, over white, and where they begin."""
    whole = np.asarray(slide.read_region((0, 0), level, slide.level_dimensions[level]))
    rows, columns = np.nonzero(whole[..., 3])
    whole = whole[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    alpha = whole[..., 3:].astype(np.uint16)
    over = (whole[..., :3] * alpha + 255 * (255 - alpha)) // 255
    return over.astype(np.uint8), (int(columns.min()), int(rows.min()))


def assembled(level, layer: int = 0) -> np.ndarray:
    """All tiles of one layer of a level, put together and cut to its size."""
    across = -(-level.columns // level.tile_columns)
    down = -(-level.rows // level.tile_rows)
    tiles = [level.pixels(layer * across * down + n) for n in range(across * down)]
    bands = [np.hstack(tiles[row * across : (row + 1) * across]) for row in range(down)]
    return np.vstack(bands)[: level.rows, : level.columns]


def read_all(path: Path) -> None:
    with open_slide(path) as slide:
        for level in slide.levels:
            assembled(level)


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_a_region_has_the_geometry_that_openslide_reads(tmp_path, namespace):
    path = tmp_path / "named.tif"
    write_scn(path, namespace=namespace)
    theirs = openslide.OpenSlide(path)
    bounds = [int(theirs.properties[f"openslide.bounds-{side}"]) for side in ("width", "height")]
    with open_slide(path) as slide:
        assert slide.format == "leica-scn"
        sizes = [(level.columns, level.rows) for level in slide.levels]
        # 620 x 700 pixels, and every fourth of them.
        assert sizes == [tuple(bounds), (155, 175)]
        assert [str(value) for value in slide.mpp] == [
            theirs.properties["openslide.mpp-x"],
            theirs.properties["openslide.mpp-y"],
        ]
        assert slide.placement == (0.201, 0.3035)
        assert slide.plane_spacing == 0.0
        macro = slide.associated[0]
        assert (macro.flavour, macro.columns, macro.rows) == (
            Flavour.OVERVIEW, *theirs.associated_images["macro"].size,
        )  # fmt: skip
        assert {each.flavour for each in slide.associated} == {Flavour.OVERVIEW}
        assert slide.channels({}) == ()
        kept = {field.name: field.value for field in slide.fields}
        scanner = slide.scanner(kept)
        assert (scanner.manufacturer, scanner.model) == ("Leica", "Leica SCN400")
        assert (scanner.software, scanner.magnification) == ("1.4.0.9691", 20.0)
        assert slide.scanner({}).magnification is None


@pytest.mark.parametrize(
    "kinds",
    [("one",), ("one", "right"), ("one", "right", "over"), ("over", "one"), ("fine", "right")],
)
def test_pixels_are_those_that_openslide_shows(tmp_path, kinds):
    path = tmp_path / "slide.scn"
    write_scn(path, regions(*kinds))
    theirs = openslide.OpenSlide(path)
    with open_slide(path) as slide:
        assert len(slide.levels) == theirs.level_count
        for number, level in enumerate(slide.levels):
            wanted, origin = shown(theirs, number)
            assert np.array_equal(assembled(level), wanted)
            if number == 0:
                assert origin == (
                    int(theirs.properties["openslide.bounds-x"]),
                    int(theirs.properties["openslide.bounds-y"]),
                )
        left, top = (int(theirs.properties[f"openslide.bounds-{side}"]) for side in "xy")
        # Places on the glass are told in nanometres; OpenSlide rounds them down to pixels.
        assert slide.placement == pytest.approx((left * 5e-4, top * 5e-4), abs=5e-4 * 2)


def test_frames_of_one_region_are_copied_byte_for_byte(tmp_path):
    path = tmp_path / "slide.scn"
    (region,) = write_scn(path)
    data = path.read_bytes()
    with open_slide(path) as slide:
        for number, stream in enumerate(jpegs(region.picture, TILE)):
            frame = slide.levels[0].frame(number)
            assert scan_of(stream) == frame.body
            assert frame.body in data
        assert slide.levels[0].encoding.photometric == "YBR_FULL_422"


def test_several_regions_are_told_and_encoded_again(tmp_path):
    path = tmp_path / "slide.scn"
    write_scn(path, regions("one", "right"))
    with open_slide(path) as slide:
        assert not slide.levels[0].encoding.is_copied
        assert "no common grid" in slide.levels[0].encoding.reason
        assert "2 regions became one image" in slide.remarks[0]
        with pytest.raises(SlideError, match="cannot be copied"):
            slide.levels[0].frame(0)
        # A tile between the regions shows glass.
        assert slide.levels[0].pixels(0).min() == 255


def test_two_threads_see_the_same_mosaic(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    path = tmp_path / "slide.scn"
    write_scn(path, regions("one", "right", "over"))
    with open_slide(path) as slide, ThreadPoolExecutor(2) as pool:
        wanted = assembled(slide.levels[1])
        for found in pool.map(lambda _: assembled(slide.levels[1]), range(8)):
            assert np.array_equal(found, wanted)


@pytest.mark.parametrize(("kinds", "copied"), [(("one",), 10), (("one", "right"), 0)])
def test_a_slide_is_converted(tmp_path, kinds, copied):
    path = tmp_path / "slide.scn"
    write_scn(path, regions(*kinds))
    conversion = convert_all(path, tmp_path / "out")
    assert conversion.frames_copied == copied
    assert len(conversion.instances) == 2
    wanted, _ = shown(openslide.OpenSlide(path), 0)
    after = openslide.OpenSlide(conversion.instances[0].path)
    seen = np.asarray(after.read_region((0, 0), 0, after.dimensions))[..., :3]
    if copied:
        assert np.array_equal(seen, wanted)
    else:  # JPEG of quality 95 at half the chroma, on noise
        assert np.abs(seen.astype(int) - wanted).mean() < 3
    assert float(after.properties["openslide.mpp-x"]) == 0.5


@pytest.mark.parametrize("streams", ["jpeg", "plain"])
def test_channels_and_planes_are_in_dicoms_order(tmp_path, streams):
    path = tmp_path / "slide.scn"
    given = {} if streams == "jpeg" else {
        "streams": lambda picture, tile: [part.tobytes() for part in cut(picture, tile)],
        "compression": 1,
    }  # fmt: skip
    pictures = write_fluorescence(path, planes=3, **given)
    with open_slide(path) as slide, tifffile.TiffFile(path) as tiff:
        assert slide.levels[0].stack == Stack(samples=1, bits=8, planes=3, paths=2)
        assert slide.plane_spacing == 0.4
        assert [(level.columns, level.rows) for level in slide.levels] == [(520, 600), (130, 150)]
        encoding = slide.levels[0].encoding
        assert encoding.photometric == "MONOCHROME2"
        assert encoding.is_lossy is (streams == "jpeg")
        assert encoding.is_copied
        for r, level in enumerate(slide.levels):
            for layer, (c, z) in enumerate((c, z) for c in range(2) for z in range(3)):
                # The writer puts a channel's resolutions, each with its planes, after the macro.
                page = tiff.pages[2 + 6 * c + 3 * r + z]
                found = assembled(level, layer)[..., 0]
                assert np.array_equal(found, page.asarray())
                if streams == "plain":
                    assert np.array_equal(found, pictures[r, c, z])
        tiles = 9
        for number in (0, tiles + 4, 5 * tiles + 8):
            frame = slide.levels[0].frame(number)
            pixels = slide.levels[0].pixels(number)[..., 0]
            if streams == "jpeg":
                image = Image.open(io.BytesIO(frame.head + frame.body))
                assert (image.mode, image.size) == ("L", (TILE, TILE))
                assert np.array_equal(np.asarray(image), pixels)
            else:
                assert frame.body == pixels.tobytes()


def test_channels_are_told_where_their_fields_are_kept(tmp_path):
    path = tmp_path / "slide.scn"
    write_fluorescence(path)
    with open_slide(path) as slide:
        kept = {field.name: field.value for field in slide.fields}
        # The middles of the filters BP 405/60 and 470/50, BP 480/40 and 527/30.
        assert slide.channels(kept) == [
            Channel("405", (0, 0, 255), 405.0, 470.0),
            Channel("L5", (0, 255, 0), 480.0, 527.0),
        ]
        assert slide.channels({}) == [Channel(), Channel()]
        assert slide.levels[0].stack == Stack(samples=1, paths=2)


def test_channels_without_settings_are_still_channels(tmp_path):
    path = tmp_path / "slide.scn"
    write_fluorescence(path, channels=1, settings="")
    with open_slide(path) as slide:
        assert slide.channels({}) == [Channel()]
        assert slide.levels[0].stack == Stack(samples=1)


def test_focal_planes_of_a_brightfield_slide(tmp_path):
    path = tmp_path / "slide.scn"
    pictures = [tissue(300, 400, seed) for seed in (1, 2, 3)]
    write_planes(path, pictures)
    with open_slide(path) as slide, tifffile.TiffFile(path) as tiff:
        (level,) = slide.levels
        assert level.stack == Stack(planes=3)
        assert slide.plane_spacing == 0.4
        for z in range(3):
            assert np.abs(assembled(level, z).astype(int) - pictures[z]).mean() < 20
            wanted = tiff.pages[2 + z].asarray()
            # tifffile's decoder and ours are one library with other settings for chroma.
            assert np.abs(assembled(level, z).astype(int) - wanted).max() <= 2
        # OpenSlide shows the first one.
        assert np.array_equal(assembled(level), shown(openslide.OpenSlide(path), 0)[0])


@pytest.mark.parametrize("dropped", [{(0, 1, 0)}, {(1, 0, 1)}])
def test_a_channel_without_all_its_planes_is_refused(tmp_path, dropped):
    write_fluorescence(tmp_path / "a.scn", planes=2, dropped=dropped)
    with pytest.raises(SlideError, match="lacks a focal plane"), open_slide(tmp_path / "a.scn"):
        pass


def test_colours_in_channels_are_refused(tmp_path):
    path = tmp_path / "a.scn"
    write_scn(path, extra=CHANNELS, xml=lambda xml: xml.replace(
        'r="1" ifd="3"', 'r="0" c="1" ifd="3"').replace('sizeX="155" sizeY="175"',
        'sizeX="620" sizeY="700"'))  # fmt: skip
    with pytest.raises(SlideError) as caught, open_slide(path):
        pass
    assert "of another size" in caught.value.what


def rewritten(path: Path, folder: Path):
    """All that `convert_slide` does before the gate, in this process."""
    folder.mkdir()
    subject = subject_from_pseudonyms(PSEUDONYMS, "S-2021-77431")
    made = rewrite(path, folder, subject, progress=lambda done, total: None)
    names = [each.path.name for each in made.conversion.instances]
    return made, prove(folder, names, made.needles)


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_nothing_that_identifies_leaves_with_the_pixels(tmp_path, namespace):
    path = tmp_path / "S-2021-77431.scn"
    extra = '<comment>Mustermann</comment><user name="Mustermann"/>'
    write_scn(path, namespace=namespace, extra=extra)
    made, (findings, _) = rewritten(path, tmp_path / "out")
    assert findings == []
    assert {needle.text for needle in made.needles} >= {"S-2021-77431", "Mustermann"}
    for each in made.conversion.instances:
        data = each.path.read_bytes().lower()
        for secret in SECRETS:
            assert secret.lower().encode() not in data, secret
        assert b"leica scn400" in data


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ("<favourite>blue</favourite>", r"Leica\.favourite"),
        ('<objectiveSettings mood="blue"/>', r"Leica\.objectiveSettings@mood"),
        ("<exposureTime>blue</exposureTime>", r"Leica\.exposureTime"),
    ],
)
def test_what_nobody_has_judged_stops_the_slide(tmp_path, extra, told):
    write_scn(tmp_path / "a.scn", extra=extra)
    with pytest.raises(SlideError, match=told) as caught:
        rewritten(tmp_path / "a.scn", tmp_path / "out")
    assert "blue" not in str(caught.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_the_device_gets_a_pseudonym(tmp_path):
    write_scn(tmp_path / "a.scn", xml=lambda xml: xml.replace("<device ", '<device id="SN88421" '))
    made, (findings, _) = rewritten(tmp_path / "a.scn", tmp_path / "out")
    assert findings == []
    assert "SN88421" in {needle.text for needle in made.needles}


def swap(old: str, new: str):
    return lambda xml: xml.replace(old, new)


@pytest.mark.parametrize(
    ("xml", "what"),
    [
        (swap('ifd="2"', 'ifd="99"'), "directory that the file does not have"),
        (swap('ifd="2"', 'ifd="-1"'), "directory that the file does not have"),
        (swap('ifd="2"', 'ifd="3"'), "another size"),
        (swap('ifd="2"', 'ifd="two"'), "ifd is no number"),
        (swap('ifd="2"', f'ifd="{"9" * 5000}"'), "ifd is no number"),
        (swap(' ifd="2"', ""), "ifd is no number"),
        (swap('sizeX="620"', 'sizeX="1"'), "another size"),
        (swap('sizeX="310000"', 'sizeX="0"'), "no length"),
        (swap('sizeX="310000"', 'sizeX="-5"'), "no length"),
        (swap('sizeX="310000"', 'sizeX="9999999999"'), "no number that can be"),
        (swap('offsetX="201000"', 'offsetX="left"'), "offsetX is no number"),
        (swap("<view", "<review"), "where it lies"),
        (swap("collection", "selection"), "no collection"),
        (swap("<image name=\"image_0\"", "<picture name=\"image_0\""), "does not parse"),
        (lambda xml: '<!DOCTYPE scn [<!ENTITY a "b">]>' + xml[22:], "document type"),
        (lambda xml: xml[:-20], "does not parse"),
        (swap("</scanSettings>", "<a>" * 99 + "</a>" * 99 + "</scanSettings>"), "nests"),
        (swap('sizeX="155" sizeY="175"', 'sizeX="620" sizeY="175"'), "one width"),
    ],
)  # fmt: skip
def test_descriptions_that_do_not_fit_are_refused(tmp_path, xml, what):
    path = tmp_path / "a.scn"
    write_scn(path, xml=xml)
    with pytest.raises(SlideError, match=what) as caught, open_slide(path):
        pass
    assert caught.value.place.startswith("a.scn IFD")


@pytest.mark.parametrize(
    ("made", "what"),
    [
        ([Region(), Region(objective="40")], "different light or objectives"),
        ([Region(), Region(top=800_000, factors=(1,))], "different resolutions"),
        ([Region(), Region(top=800_000, nanometres=550.0)], "different resolutions"),
        ([Region(), Region(left=999_999_999)], "further from each other"),
        ([Region(), Region(left=-999_999_999)], "further from each other"),
        ([], "0 scanned regions"),
    ],
)
def test_regions_that_are_no_one_slide_are_refused(tmp_path, made, what):
    path = tmp_path / "a.scn"
    write_scn(path, made)
    with pytest.raises(SlideError, match=what), open_slide(path):
        pass


def test_one_directory_in_two_regions_is_refused(tmp_path):
    path = tmp_path / "a.scn"
    write_scn(path, [Region(), Region(top=700_000)], xml=swap('ifd="4"', 'ifd="2"'))
    with pytest.raises(SlideError, match="two parts"), open_slide(path):
        pass


def test_rgb_streams_stay_rgb(tmp_path):
    path = tmp_path / "a.scn"
    write_scn(path, [Region(streams=rgb_jpegs)])
    with tifffile.TiffFile(path, mode="r+b") as tiff:
        for page in tiff.pages[2:]:
            page.tags["PhotometricInterpretation"].overwrite(2)
    with open_slide(path) as slide:
        assert slide.levels[0].encoding.photometric == "RGB"
        wanted, _ = shown(openslide.OpenSlide(path), 0)
        assert np.array_equal(assembled(slide.levels[0]), wanted)
    instance = convert_all(path, tmp_path / "out").instances[0]
    with FileSource(instance.path) as source:
        assert np.array_equal(open_tiles(source).region(0, 0, 620, 700), wanted)


@pytest.mark.parametrize("kinds", [("one",), ("one", "right")])
def test_a_slide_truncated_anywhere_is_refused(tmp_path, kinds):
    path = tmp_path / "slide.scn"
    write_scn(path, regions(*kinds))
    whole = path.read_bytes()
    for part in range(16):
        path.write_bytes(whole[: len(whole) * part // 16])
        with pytest.raises(SlideError) as caught:
            read_all(path)
        assert str(tmp_path) not in str(caught.value)
