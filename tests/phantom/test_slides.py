"""Slides that other programs read as what they claim to be."""

import numpy as np
import openslide
import pytest
import tifffile
import zxingcpp

from bigpicture.phantom.identity import identity
from bigpicture.phantom.jpeg import Colour
from bigpicture.phantom.slides import write_svs, write_tiff
from bigpicture.phantom.tissue import Tissue

SLIDE = Tissue(seed=3, width=1300, height=1100)


@pytest.fixture(scope="module")
def svs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("svs")
    return {
        colour: write_svs(folder / f"{colour}.svs", SLIDE, colour=colour, tile=240).path
        for colour in Colour
    }


@pytest.mark.parametrize("colour", Colour)
def test_openslide_reads_an_aperio_slide_in_its_colours(svs, colour):
    with openslide.OpenSlide(svs[colour]) as slide:
        assert slide.properties["openslide.vendor"] == "aperio"
        assert float(slide.properties["openslide.mpp-x"]) == 0.5
        assert slide.properties["openslide.objective-power"] == "20"
        assert slide.level_dimensions == ((1300, 1100), (325, 275), (81, 68))
        assert set(slide.associated_images) == {"thumbnail", "label", "macro"}
        read = np.asarray(slide.read_region((100, 200), 0, (800, 700)).convert("RGB"), int)
        coarse = np.asarray(slide.read_region((0, 0), 1, (325, 275)).convert("RGB"), int)
    painted = SLIDE.region(100, 200, 800, 700).astype(int)
    assert np.abs(read - painted).mean() < 4
    assert np.abs((read - painted).mean(axis=(0, 1))).max() < 1
    whole = SLIDE.region(0, 0, 1300, 1100).reshape(275, 4, 325, 4, 3).mean(axis=(1, 3))
    assert np.abs(coarse - whole).mean() < 6
    assert np.abs((coarse - whole).mean(axis=(0, 1))).max() < 1


def test_tiles_are_abbreviated_with_their_tables_in_the_page(svs):
    with tifffile.TiffFile(svs[Colour.RGB]) as file:
        assert file.is_bigtiff
        assert [page.is_tiled for page in file.pages] == [True, False, True, True, False, False]
        page = file.pages[0]
        assert page.tile == (240, 240)
        assert page.tags["JPEGTables"].value[:2] == b"\xff\xd8"
        file.filehandle.seek(page.dataoffsets[0])
        tile = file.filehandle.read(page.databytecounts[0])
        assert b"\xff\xdb" not in tile[: tile.index(b"\xff\xda")]
        assert page.photometric == tifffile.PHOTOMETRIC.RGB


def test_the_label_carries_the_planted_identity(svs):
    who = identity(SLIDE.seed, organ="COLON")
    with openslide.OpenSlide(svs[Colour.RGB]) as slide:
        label = np.asarray(slide.associated_images["label"].convert("RGB"))
        macro = np.asarray(slide.associated_images["macro"].convert("RGB"))
        assert slide.properties["aperio.Filename"] == who.file_name
        assert slide.properties["aperio.ScanScope ID"] == who.scanner_serial
        assert slide.properties["aperio.Barcode"] == who.barcode
        assert slide.properties["aperio.User"] == who.operator
    codes = {code.text for code in zxingcpp.read_barcodes(label)}
    assert codes == {who.barcode, who.hospital_number}
    assert who.barcode in {code.text for code in zxingcpp.read_barcodes(macro)}


def test_the_same_arguments_give_the_same_bytes(svs, tmp_path):
    again = write_svs(tmp_path / "again.svs", SLIDE, colour=Colour.RGB, tile=240, threads=1)
    assert again.path.read_bytes() == svs[Colour.RGB].read_bytes()
    assert not list(tmp_path.glob(".*"))


def test_a_plain_tiff_is_a_pyramid_without_identifiers(tmp_path):
    path = write_tiff(tmp_path / "slide.tiff", SLIDE).path
    with openslide.OpenSlide(path) as slide:
        assert slide.properties["openslide.vendor"] == "generic-tiff"
        assert float(slide.properties["openslide.mpp-x"]) == pytest.approx(0.5, rel=1e-3)
        assert slide.level_dimensions[1] == (325, 275)
        read = np.asarray(slide.read_region((300, 300), 0, (500, 500)).convert("RGB"), int)
    assert np.abs(read - SLIDE.region(300, 300, 500, 500)).mean() < 4
    data = path.read_bytes()
    for planted in identity(SLIDE.seed).planted.values():
        assert len(planted) < 5 or planted.encode() not in data
