"""SIS TIFF against tifffile: the block of the published VSI, and generated files."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from bigpicture.deidentify.rules import allow_list
from bigpicture.dicom.convert import convert
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.sift import sift
from bigpicture.dicom.slide import Channel, Stack
from bigpicture.dicom.tiff import read_tiff
from bigpicture.dicom.vendors.olympus_sis import read_block
from bigpicture.model.errors import BigpictureError, SlideError
from made_sis import SECRETS, write
from places import shared
from slide_making import pattern, subject

SAMPLE = "testdata/wsi_vsi/vsi-ets-test-jpg2k.vsi"


def test_the_block_of_the_published_slide_is_as_tifffile_reads_it():
    path = shared(SAMPLE)
    with FileSource(path) as source, tifffile.TiffFile(path) as theirs:
        base = read_tiff(source, place="a").directories[0]
        found = read_block(base)
        told = theirs.pages[0].tags[33560].value
    # A metre a pixel, power 1: what stands there where nobody measured.
    assert (told["pixelsizex"], told["pixelsizey"], told["magnification"]) == (1.0, 1.0, 1.0)
    assert (found.scale, found.power) == (None, None)
    assert found.date == "2021-12-22 16:39" == told["datetime"].strftime("%Y-%m-%d %H:%M")
    assert (found.camera, found.kind) == (told["cameraname"], told["picturetype"])


def test_the_block_of_a_generated_picture_is_as_tifffile_reads_it(tmp_path):
    write(tmp_path / "a.tif", power=-7, across=2.5, down=2.5)
    with open_slide(tmp_path / "a.tif") as slide, tifffile.TiffFile(tmp_path / "a.tif") as theirs:
        told = theirs.pages[0].tags[33560].value
        assert slide.mpp == pytest.approx((told["pixelsizex"] * 1e6, told["pixelsizey"] * 1e6))
        assert told["magnification"] == 20.0
        values = {each.name: each.value for each in slide.fields}
    assert values["OlympusSIS.Name"] == told["name"] == SECRETS[1]
    assert values["OlympusSIS.Camera"] == told["cameraname"] == SECRETS[0]


@pytest.mark.parametrize("kind", ["rgb", "u1", "u2"])
def test_a_picture_is_read_with_the_scale_of_its_block(tmp_path, kind):
    picture = pattern(200, 300)
    if kind != "rgb":
        picture = (picture[..., 0].astype(kind) * (np.iinfo(kind).max // 255)).astype(kind)
    write(tmp_path / "a.tif", picture)
    with open_slide(tmp_path / "a.tif") as slide:
        assert slide.format == "olympus-sis"
        assert slide.mpp == (0.25, 0.25)
        level = slide.levels[0]
        samples = 3 if kind == "rgb" else 1
        assert level.stack == Stack(samples, 16 if kind == "u2" else 8)
        tile = level.pixels(0)[:200, :300]
        assert np.array_equal(tile, picture.reshape(200, 300, samples)[: tile.shape[0]])
        kept = sift(slide, allow_list(slide.format), subject())[0]
        assert slide.channels(kept) == (() if kind == "rgb" else (Channel(),))
        assert slide.scanner(kept).magnification == 20.0
        assert not any(secret in " ".join(kept.values()) for secret in SECRETS)
    made = convert(
        tmp_path / "a.tif", tmp_path, allowed=allow_list("olympus-sis"), subject=subject()
    )
    data = made.instances[0].path.read_bytes()
    assert not any(secret.encode() in data for secret in SECRETS)


@pytest.mark.parametrize(
    ("given", "mpp"),
    [
        ({"power": -9, "across": 250.0, "down": 250.0}, (0.25, 0.25)),
        ({"down": 0.5}, None),  # tifffile and Bio-Formats contradict each other
        ({"power": 200}, None),
        ({"across": float("nan")}, None),
        ({"across": 0.0, "down": 0.0}, None),
    ],
)
def test_a_scale_that_is_not_certain_is_none(tmp_path, given, mpp):
    write(tmp_path / "a.tif", **given)
    with open_slide(tmp_path / "a.tif") as slide:
        assert slide.mpp == (pytest.approx(mpp) if mpp else None)


def refused(path) -> SlideError:
    with pytest.raises(SlideError) as caught, open_slide(path):
        pass
    return caught.value


@pytest.mark.parametrize(
    "given", [{"pages": 2}, {"ini": "[Dimension]\nZ=3\nBand=1\nTime=1\n"}, {"ini": "Band = 2"}]
)
def test_several_pictures_are_refused(tmp_path, given):
    write(tmp_path / "a.tif", **given)
    assert "several planes" in refused(tmp_path / "a.tif").what


@pytest.mark.parametrize(
    "given", [{"magic": b"nope"}, {"offset": 0xFFFFFFFF}, {"offset": 0xFFFFFF00}]
)
def test_a_block_that_is_none_is_refused(tmp_path, given):
    write(tmp_path / "a.tif", **given)
    assert "block of settings" in refused(tmp_path / "a.tif").what


def test_a_truncated_picture_is_refused(tmp_path):
    write(tmp_path / "a.tif")
    data = (tmp_path / "a.tif").read_bytes()
    for sixteenth in range(16):
        (tmp_path / "cut.tif").write_bytes(data[: len(data) * sixteenth // 16])
        with pytest.raises(BigpictureError), open_slide(tmp_path / "cut.tif") as slide:
            slide.levels[0].pixels(0)
