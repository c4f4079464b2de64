"""One small slide of every format and kind that is read, as the tests of peers convert them.

A format joins with one row: its name, what its pixels are, and how a slide of it is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
import tifffile
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders import RLELosslessEncoder
from pydicom.uid import UID

import made_akoya
import made_czi
import made_gross
import made_hamamatsu
import made_leica_scn
import made_mirax
import made_olympus
import made_ome_tiff
import made_philips_tiff
import made_sis
import made_ventana
from bigpicture.dicom.convert import Conversion
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.slide import RGB_STACK, Stack
from bigpicture.dicom.tiles import open_tiles
from places import shared
from slide_making import pattern, write_jpeg_tiff

Make = Callable[[Path], Path]
"""Makes the slide in an empty folder, and returns what is to be converted."""

JPEG, J2K_LOSSLESS, J2K = (f"1.2.840.10008.1.2.4.{last}" for last in (50, 90, 91))
JPEG_LOSSLESS, JPEG_LS, HTJ2K = (f"1.2.840.10008.1.2.4.{last}" for last in (57, 80, 201))
NATIVE, RLE = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.5"

GREY = {"samples": 1}
DEEP = {"samples": 1, "bits": 16}


@dataclass(frozen=True)
class Case:
    """A slide of `name` with the `stack` its finest level has, in `syntax` once it is converted.

    `mpp` is given where the format states none.
    """

    name: str
    make: Make
    syntax: str
    stack: Stack = RGB_STACK
    mpp: float | None = None

    @property
    def is_colour(self) -> bool:
        return self.stack.samples == 3

    @property
    def is_read_by_openslide(self) -> bool:
        """Colour in one focal plane, in a syntax it knows; of several paths it shows the first."""
        return self.is_colour and self.stack.planes == 1 and self.syntax not in {JPEG_LS, HTJ2K}

    @property
    def is_decoded_by_dcmtk(self) -> bool:
        """Its free version has no JPEG 2000."""
        return self.syntax in {NATIVE, JPEG, JPEG_LS}

    @property
    def is_decoded_by_pydicom(self) -> bool:
        """With Pillow and pyjpegls, as here; high-throughput JPEG 2000 needs another plugin."""
        return self.syntax != HTJ2K


@dataclass(frozen=True)
class ConvertedCase:
    """A case, its slide at `source`, and what became of it in `folder`."""

    case: Case
    source: Path
    folder: Path
    conversion: Conversion

    @property
    def finest(self) -> Path:
        return self.conversion.instances[0].path

    def region(self, level: int, layer: int, x: int, y: int, width: int, height: int) -> np.ndarray:
        """Samples of one layer (path x planes + plane) as our reader has them."""
        instance = self.conversion.instances[level]
        with FileSource(instance.path) as file:
            return open_tiles(file).layer_region(layer, x, y, width, height)

    def frame(self, index: int) -> np.ndarray:
        """A frame of the finest level as our reader has it; -1 is the last one."""
        with FileSource(self.finest) as file:
            tiles = open_tiles(file)
            return tiles.samples(index % tiles.level.frame_count)


def _real(name: str) -> Make:
    return lambda _: shared(f"testdata/{name}")


APERIO = (
    "Aperio Image Library v12.0.15 \r\n400x300 [0,0 400x300] (128x128) {0}|AppMag = 20|MPP = 0.5"
)


def _svs_ycbcr(folder: Path) -> Path:
    write_jpeg_tiff(folder / "slide.svs", description=APERIO.format("JPEG/YCC Q=90"))
    return folder / "slide.svs"


def _svs_rgb(folder: Path) -> Path:
    given = {"photometric": "rgb", "description": APERIO.format("JPEG/RGB Q=90")}
    write_jpeg_tiff(folder / "slide.svs", **given)
    return folder / "slide.svs"


def _svs_j2k(folder: Path) -> Path:
    given = {"compression": 33005, "photometric": "rgb"}
    text = APERIO.format("J2K/KDU Q=70")
    return _tiff(folder, name="slide.svs", tile=128, level=70, description=text, **given)


def _svs_planes(folder: Path) -> Path:
    """As Aperio lays them: base and thumbnail, then the other planes."""
    with tifffile.TiffWriter(folder / "slide.svs") as writer:
        for number, offset in enumerate((0, -2, 2)):
            text = APERIO.format("JPEG/RGB Q=90") + f"|OffsetZ = {offset}"
            picture = np.roll(pattern(300, 400), 7 * number, axis=1)
            writer.write(picture, description=text, tile=(64, 64), photometric="rgb",
                         compression="jpeg", metadata=None)  # fmt: skip
            if number == 0:
                writer.write(pattern(60, 80), description="Aperio", photometric="rgb",
                             metadata=None)  # fmt: skip
    return folder / "slide.svs"


def _tiff(folder: Path, *, compression=None, name="slide.tif", tile=64, level=None, **more) -> Path:
    """A generic one of 300 x 400 pixels: by tifffile, or with JPEG 2000 streams put in."""
    layout = {"tile": (tile, tile), "photometric": "rgb", "resolution": (20000, 20000),
              "resolutionunit": "CENTIMETER", "metadata": None, **more}  # fmt: skip
    path = folder / name
    pixels = pattern(300, 400)
    if compression not in {33005, 34712}:
        tifffile.imwrite(path, pixels, compression=compression, **layout)
        return path
    padded = np.pad(pixels, ((0, -300 % tile), (0, -400 % tile), (0, 0)), mode="edge")
    streams = [
        imagecodecs.jpeg2k_encode(
            np.ascontiguousarray(padded[y : y + tile, x : x + tile]),
            codecformat="j2k", level=level, reversible=level is None,
        )
        for y in range(0, 300, tile)
        for x in range(0, 400, tile)
    ]  # fmt: skip
    tifffile.imwrite(path, iter(streams), shape=pixels.shape, dtype=np.uint8,
                     compression=compression, **layout)  # fmt: skip
    return path


def _generic(**given) -> Make:
    return lambda folder: _tiff(folder, **given)


def _generic_jpeg(folder: Path) -> Path:
    write_jpeg_tiff(folder / "slide.tif")
    return folder / "slide.tif"


def _ndpi(folder: Path) -> Path:
    pages = made_hamamatsu.pyramid(512, 1024, interval=16)
    return made_hamamatsu.write_ndpi(folder / "slide.ndpi", pages)


def _ndpi_planes(folder: Path) -> Path:
    pages = [
        made_hamamatsu.page(made_hamamatsu.tissue(512, 1024, n), interval=64, focus=focus)
        for n, focus in enumerate((-1500, 0, 1500))
    ]
    return made_hamamatsu.write_ndpi(folder / "slide.ndpi", [*pages, made_hamamatsu.macro()])


def _ndpis(folder: Path) -> Path:
    for number, (name, wavelength) in enumerate((("DAPI", 455.0), ("FITC", 530.0))):
        pixels = made_hamamatsu.tissue(512, 1024, number)
        tags = {65434: (2, name), 65451: (11, [wavelength])}
        page = made_hamamatsu.page(pixels, interval=64, tags=tags)
        made_hamamatsu.write_ndpi(folder / f"slide-{name}.ndpi", [page, made_hamamatsu.macro()])
    return made_hamamatsu.write_ndpis(
        folder / "slide.ndpis", ["slide-DAPI.ndpi", "slide-FITC.ndpi"]
    )


def _vms(folder: Path, layers: int = 1) -> Path:
    grids = [
        [[made_hamamatsu.tissue(256, 1024, 2 * layer), made_hamamatsu.tissue(256, 512, 9 + layer)]]
        for layer in range(layers)
    ]
    made_hamamatsu.write_vms(folder / "slide.vms", grids[0], interval=64, layers=grids[1:],
                             small_interval=16)  # fmt: skip
    return folder / "slide.vms"


def _vms_planes(folder: Path) -> Path:
    return _vms(folder, 2)


def _mirax(**plan) -> Make:
    return lambda folder: made_mirax.write_mirax(folder, made_mirax.Plan(**plan)).path


def _mirax_overlapping(folder: Path) -> Path:
    plan = made_mirax.Plan(overlap=(16, 12))
    plan = made_mirax.Plan(overlap=(16, 12), table="vimslide", positions=made_mirax.jittered(plan))
    return made_mirax.write_mirax(folder, plan).path


def _scn(folder: Path) -> Path:
    made_leica_scn.write_scn(folder / "slide.scn")
    return folder / "slide.scn"


def _scn_regions(folder: Path) -> Path:
    other = made_leica_scn.Region(left=600_000, picture=made_leica_scn.tissue(500, 333, 2))
    made_leica_scn.write_scn(folder / "slide.scn", [made_leica_scn.Region(), other])
    return folder / "slide.scn"


def _scn_planes(folder: Path) -> Path:
    pictures = [made_leica_scn.tissue(300, 400, seed) for seed in (1, 2, 3)]
    made_leica_scn.write_planes(folder / "slide.scn", pictures)
    return folder / "slide.scn"


def _scn_channels(planes: int) -> Make:
    def make(folder: Path) -> Path:
        made_leica_scn.write_fluorescence(folder / "slide.scn", planes=planes)
        return folder / "slide.scn"

    return make


def _philips(folder: Path) -> Path:
    made_philips_tiff.write_philips(folder / "slide.tiff", missing=frozenset({3}))
    return folder / "slide.tiff"


def _bif(folder: Path) -> Path:
    made_ventana.write_bif(folder / "slide.bif")
    return folder / "slide.bif"


def _bif_overlapping(folder: Path) -> Path:
    made_ventana.write_bif(folder / "slide.bif", overlap=lambda column, row: (6, 4, 100))
    return folder / "slide.bif"


def _ventana_tiff(folder: Path) -> Path:
    made_ventana.write_ventana_tiff(folder / "slide.tif")
    return folder / "slide.tif"


def _qptiff(folder: Path) -> Path:
    made_akoya.write_brightfield(folder / "slide.qptiff")
    return folder / "slide.qptiff"


def _qptiff_channels(**given) -> Make:
    def make(folder: Path) -> Path:
        made_akoya.write_fluorescence(folder / "slide.qptiff", levels=2, **given)
        return folder / "slide.qptiff"

    return make


def _ome_channels(**given) -> Make:
    def make(folder: Path) -> Path:
        made_ome_tiff.fluorescence(folder / "slide.ome.tif", tile=(64, 64), **given)
        return folder / "slide.ome.tif"

    return make


def _imagej(folder: Path) -> Path:
    pixels = made_ome_tiff.values(3, 2, 150, 200)
    tifffile.imwrite(folder / "slide.tif", pixels, imagej=True, resolution=(2, 2),
                     metadata={"axes": "ZCYX", "unit": "um", "spacing": 1.5})  # fmt: skip
    return folder / "slide.tif"


def _czi(compression: int, *, is_colour: bool = True) -> Make:
    def make(folder: Path) -> Path:
        # Smooth colours: of noise in them, another lossy coding would leave little.
        layers = [made_czi.intensities(512, 512, seed=number) for number in (1, 2)]
        layers = [pattern(512, 512)] if is_colour else layers
        tiles = [
            tile
            for number, layer in enumerate(layers)
            for tile in made_czi.cut(layer, 256, compression, C=number)
        ]
        text = made_czi.metadata(512, 512)
        return made_czi.write_czi(folder / "slide.czi", tiles, text)

    return make


def _photograph(name: str) -> Make:
    def make(folder: Path) -> Path:
        pixels = made_gross.picture()
        kinds = {"jpg": made_gross.jpeg(pixels), "png": made_gross.png(pixels)}
        kinds["grey.jpg"] = made_gross.jpeg(pixels[:, :, :1])
        (folder / f"photograph.{name}").write_bytes(kinds[name])
        return folder / f"photograph.{name}"

    return make


_JPEG_LOSSLESS_FRAME = (
    "testdata/codec_frames/JPEG_Lossless,_Non-Hierarchical_(Process_14)-RGB-8.jpg"
)
"""240 x 240 pixels; it stands for every tile, because no coder of such frames is at hand."""


def _encode(tile: np.ndarray, syntax: str) -> bytes:
    tile = np.ascontiguousarray(tile)
    if syntax == RLE:
        rows, columns, samples = tile.shape
        return RLELosslessEncoder.encode(
            tile, rows=rows, columns=columns, samples_per_pixel=samples, number_of_frames=1,
            bits_allocated=8, bits_stored=8, pixel_representation=0, planar_configuration=0,
            photometric_interpretation="RGB", byteorder="<",
        )  # fmt: skip
    made = {
        NATIVE: lambda: tile.tobytes(),
        J2K_LOSSLESS: lambda: imagecodecs.jpeg2k_encode(tile, codecformat="j2k", mct=False),
        JPEG_LOSSLESS: lambda: shared(_JPEG_LOSSLESS_FRAME).read_bytes(),
        JPEG_LS: lambda: imagecodecs.jpegls_encode(tile),
        HTJ2K: lambda: imagecodecs.htj2k_encode(tile, reversible=True),
    }
    return bytes(made[syntax]())


def _dicom(syntax: str) -> Make:
    """The published slide's finest level, its frames decoded and encoded in another syntax."""

    def make(folder: Path) -> Path:
        path = shared("testdata/dicom_wsi/cmu-1-small-region/level-2-frames-0-4.dcm")
        header = pydicom.dcmread(path)
        tiles = header.pixel_array
        frames = [_encode(tile, syntax) for tile in tiles]
        if syntax == JPEG_LOSSLESS:
            header.Rows = header.Columns = 240
            header.TotalPixelMatrixRows = header.TotalPixelMatrixColumns = 480
        header.PhotometricInterpretation = "RGB"
        header.file_meta.TransferSyntaxUID = UID(syntax)
        is_native = syntax == NATIVE
        header.PixelData = b"".join(frames) if is_native else encapsulate(frames)
        header["PixelData"].VR = "OB"
        header["PixelData"].is_undefined_length = not is_native
        for name in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
            if name in header:
                delattr(header, name)
        header.save_as(folder / "slide.dcm", enforce_file_format=True)
        return folder / "slide.dcm"

    return make


def _vsi(folder: Path) -> Path:
    stack = made_olympus.Stack(made_olympus.brightfield(), compression=made_olympus.JPEG)
    made_olympus.write_slide(folder / "slide.vsi", stack)
    return folder / "slide.vsi"


def _sis(folder: Path) -> Path:
    made_sis.write(folder / "slide.tif")
    return folder / "slide.tif"


CASES = (
    Case("svs, rgb", _svs_rgb, JPEG),
    Case("svs, ycbcr", _svs_ycbcr, JPEG),
    Case("svs, jpeg 2000", _svs_j2k, J2K),
    Case("svs, focal planes", _svs_planes, JPEG, Stack(planes=3)),
    Case("svs, real", _real("wsi_svs/libvips__CMU-1-Small-Region.svs"), JPEG),
    Case("ndpi", _ndpi, JPEG),
    Case("ndpi, focal planes", _ndpi_planes, JPEG, Stack(planes=3)),
    Case("ndpi, fluorescence, real", _real("wsi_ndpi/test3-DAPI-387.ndpi"), JPEG),
    Case("ndpis", _ndpis, JPEG, Stack(paths=2)),
    Case("vms", _vms, JPEG),
    Case("vms, focal planes", _vms_planes, JPEG, Stack(planes=2)),
    Case("mirax", _mirax(), JPEG),
    Case("mirax, png", _mirax(image_format="PNG"), J2K_LOSSLESS),
    Case("mirax, overlapping", _mirax_overlapping, JPEG),
    Case("scn", _scn, JPEG),
    Case("scn, two regions", _scn_regions, JPEG),
    Case("scn, focal planes", _scn_planes, JPEG, Stack(planes=3)),
    Case("scn, fluorescence", _scn_channels(1), JPEG, Stack(**GREY, paths=2)),
    Case("scn, fluorescence, focal planes", _scn_channels(3), JPEG,
         Stack(**GREY, planes=3, paths=2)),
    Case("philips", _philips, JPEG),
    Case("bif", _bif, JPEG),
    Case("bif, overlapping", _bif_overlapping, JPEG),
    Case("ventana tiff", _ventana_tiff, JPEG),
    Case("qptiff", _qptiff, JPEG),
    Case("qptiff, fluorescence, 8 bit", _qptiff_channels(kind=np.uint8, compression="jpeg"), JPEG,
         Stack(**GREY, paths=3)),
    Case("qptiff, fluorescence, 16 bit", _qptiff_channels(), J2K_LOSSLESS, Stack(**DEEP, paths=3)),
    Case("qptiff, real", _real("wsi_qptiff/dana-farber-aios__small_vectra.qptiff"), J2K_LOSSLESS,
         Stack(**GREY, paths=3)),
    Case("czi, jpeg", _czi(made_czi.JPEG), JPEG),
    Case("czi, jpeg xr", _czi(made_czi.JPEG_XR), JPEG),
    Case("czi, fluorescence, 16 bit", _czi(made_czi.ZSTD_PACKED, is_colour=False), J2K_LOSSLESS,
         Stack(**DEEP, paths=2)),
    Case("czi, real", _real("wsi_czi/sebi06__nuc_small_new_red.czi"), NATIVE, Stack(**GREY)),
    Case("ome-tiff, real", _real("wsi_ometiff/petebankhead__OS-1-detail.ome.tif"), JPEG),
    Case("ome-tiff, channels, 16 bit", _ome_channels(planes=1), NATIVE, Stack(**DEEP, paths=2)),
    Case("ome-tiff, channels, focal planes, packed", _ome_channels(compression="zlib"),
         J2K_LOSSLESS, Stack(**DEEP, planes=3, paths=2)),
    Case("ome-tiff, channels, 8 bit", _ome_channels(planes=1, kind=np.uint8), NATIVE,
         Stack(**GREY, paths=2)),
    Case("ome-tiff, one channel, 16 bit", _ome_channels(planes=1, channels=1), NATIVE,
         Stack(**DEEP)),
    Case("vsi", _vsi, JPEG),
    Case("vsi, channels, focal planes, real", _real("wsi_vsi/vsi-ets-test-jpg2k.vsi"), J2K,
         Stack(**DEEP, planes=11, paths=2)),
    Case("sis tiff", _sis, J2K_LOSSLESS),
    Case("imagej tiff", _imagej, J2K_LOSSLESS, Stack(**DEEP, planes=3, paths=2)),
    Case("tiff, lzw", _generic(compression="lzw"), J2K_LOSSLESS),
    Case("tiff, jpeg", _generic_jpeg, JPEG),
    Case("tiff, jpeg 2000", _generic(compression=34712), J2K),
    Case("tiff, uncompressed", _generic(), NATIVE),
    Case("tiff, real", _real("wsi_tiff/rationai__CMU-1-small.tiff"), JPEG),
    Case("dicom, jpeg, real", _real("dicom_wsi/cmu-1-small-region"), JPEG),
    Case("dicom, native", _dicom(NATIVE), NATIVE),
    Case("dicom, jpeg 2000", _dicom(J2K_LOSSLESS), J2K_LOSSLESS),
    Case("dicom, jpeg-ls", _dicom(JPEG_LS), JPEG_LS),
    Case("dicom, jpeg lossless", _dicom(JPEG_LOSSLESS), J2K_LOSSLESS),
    Case("dicom, htj2k", _dicom(HTJ2K), HTJ2K),
    Case("dicom, rle", _dicom(RLE), J2K_LOSSLESS),
    Case("dicom, channels, real", _real("dicom_wsi/3dhistech_BPAEC"), JPEG,
         Stack(**GREY, paths=3)),
    Case("dicom, grey, real", _real("dicom_wsi/imagingdatacommons__sm_image_grayscale.dcm"), NATIVE,
         Stack(**DEEP)),
    Case("photograph, jpeg", _photograph("jpg"), JPEG, mpp=50.0),
    Case("photograph, grey jpeg", _photograph("grey.jpg"), JPEG, Stack(**GREY), mpp=50.0),
    Case("photograph, png", _photograph("png"), J2K_LOSSLESS, mpp=50.0),
)  # fmt: skip
"""Formats in the order of the docs; of each, brightfield first."""

EVERY_CASE = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
