"""A small slide of every format that is read: what tests of damage begin with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile

import made_akoya
import made_czi
import made_dicom
import made_gross
import made_hamamatsu
import made_leica_scn
import made_mirax
import made_olympus
import made_ome_tiff
import made_philips_tiff
import made_sis
import made_ventana
from places import SHARED
from slide_making import pattern, write_jpeg_tiff, write_sparse_tiff

Write = Callable[[Path], object]


@dataclass(frozen=True)
class Seed:
    """A slide that reads well: its format, a name of its own, and the name of its file.

    `write` is given the path at which it writes the slide, companions beside it; `shared` names a
    real file instead, or those of a pattern, which then keep their names. `secrets` identify: no
    error may repeat them.
    """

    format: str
    name: str
    file: str
    write: Write | None = None
    shared: str = ""
    secrets: tuple[str, ...] = ()

    @property
    def is_here(self) -> bool:
        """False of a real file that is not beside this checkout."""
        return self.write is not None or any(SHARED.glob(self.shared))

    def files(self, folder: Path) -> dict[str, bytes]:
        """Its bytes by name, relative to the folder that holds it; `folder` is used to write it."""
        if self.write is None:
            found = sorted(SHARED.glob(self.shared))
            names = [each.name if "*" in self.shared else self.file for each in found]
            return {name: path.read_bytes() for name, path in zip(names, found, strict=True)}
        path = folder / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        self.write(path)
        found = sorted(each for each in folder.rglob("*") if each.is_file())
        return {each.relative_to(folder).as_posix(): each.read_bytes() for each in found}


APERIO = (
    "Aperio Image Library v12.0.15 \r\n400x300 [0,0 400x300] (128x128) JPEG/YCC Q=70"
    "|AppMag = 20|MPP = 0.4990|User = Erika Mustermann|Filename = S-2019-1234"
    "|Date = 12/29/19|ScanScope ID = CPAPERIOCS|ImageID = 1004486|Title = Mustermann"
)
APERIO_SECRETS = ("Mustermann", "S-2019-1234", "1004486", "CPAPERIOCS")


def _svs(path: Path, **given) -> None:
    write_jpeg_tiff(path, description=APERIO, **given)


def _mirax(**plan) -> Write:
    made = made_mirax.Plan(image=(32, 24), images=(4, 4), exponents=(0, 1, 1), **plan)
    return lambda path: made_mirax.write_mirax(path.parent, made, name=path.stem)


def _vms(path: Path) -> None:
    grid = [
        [made_hamamatsu.tissue(80, 320, 1), made_hamamatsu.tissue(80, 160, 2)],
        [made_hamamatsu.tissue(40, 320, 3), made_hamamatsu.tissue(40, 160, 4)],
    ]
    small = made_hamamatsu.tissue(32, 112, 5)
    made_hamamatsu.write_vms(path, grid, interval=10, small=small, small_interval=7)


def _ndpi(path: Path, **given) -> None:
    made_hamamatsu.write_ndpi(path, made_hamamatsu.pyramid(128, 256, interval=16, **given))


def _ndpis(path: Path) -> None:
    names = [f"{path.stem}-{dye}.ndpi" for dye in ("DAPI", "FITC")]
    for number, name in enumerate(names):
        _ndpi(path.parent / name, seed=number)
    made_hamamatsu.write_ndpis(path, names)


def _dicom(picture: np.ndarray, **given) -> Write:
    return lambda path: made_dicom.write(path, picture, **given)


def _scn(path: Path) -> None:
    region = made_leica_scn.Region(picture=made_leica_scn.tissue(300, 280))
    made_leica_scn.write_scn(path, [region])


def _photo(path: Path) -> None:
    segments = [
        made_gross.exif_segment(orientation=6),
        made_gross.xmp_segment(),
        made_gross.iptc_segment(),
        *made_gross.icc_segments(made_gross.profile()),
        made_gross.comment_segment(),
    ]
    path.write_bytes(made_gross.jpeg(made_gross.picture(), *segments))


def _png(path: Path) -> None:
    path.write_bytes(made_gross.png(made_gross.picture(), *made_gross.texts()))


def _czi(compression: int, *, is_colour: bool = True) -> Write:
    def write(path: Path) -> None:
        layers = [made_czi.tissue(128, 160)]
        if not is_colour:
            layers = [made_czi.intensities(96, 128, seed=number) for number in (1, 2)]
        tiles = [
            tile
            for number, layer in enumerate(layers)
            for tile in made_czi.cut(layer, 64, compression, C=number)
        ]
        rows, columns = layers[0].shape[:2]
        made_czi.write_czi(path, tiles, made_czi.metadata(columns, rows))

    return write


def _vsi(compression: int) -> Write:
    stack = made_olympus.Stack(made_olympus.brightfield(150, 100), compression=compression)
    return lambda path: made_olympus.write_slide(path, stack)


def _sis(path: Path) -> None:
    made_sis.write(path, pattern(60, 80))


def _imagej(path: Path) -> None:
    values = np.random.default_rng(1).integers(0, 60000, (3, 2, 40, 50)).astype(np.uint16)
    told = {"axes": "ZCYX", "spacing": 0.5, "unit": "um", "Info": "Erika Mustermann"}
    tifffile.imwrite(path, values, imagej=True, resolution=(4, 4), metadata=told)


_HAMAMATSU = ("Mustermann", "S-2031-4711", "770042")


SEEDS: tuple[Seed, ...] = (
    Seed("aperio-svs", "svs", "slide.svs", _svs, secrets=APERIO_SECRETS),
    Seed("aperio-svs", "svs rgb", "slide.svs",
         lambda path: _svs(path, photometric="rgb"), secrets=APERIO_SECRETS),
    Seed("aperio-svs", "svs real", "slide.svs",
         shared="testdata/wsi_svs/openslide__small.svs"),
    Seed("generic-tiff", "tiff", "slide.tiff", write_jpeg_tiff),
    Seed("generic-tiff", "tiff sparse", "slide.tiff",
         lambda path: write_sparse_tiff(path, missing={2, 5})),
    Seed("generic-tiff", "tiff real", "slide.tiff",
         shared="testdata/wsi_tiff/dana-farber-aios__small_HE_levels.tiff"),
    Seed("generic-tiff", "tiff boxes", "slide.tiff",
         shared="testdata/wsi_tiff/openslide__boxes.tiff"),
    Seed("generic-tiff", "tiff mask", "slide.tif",
         shared="testdata/wsi_tiff/rationai__mask_test.tif"),
    Seed("ome-tiff", "ome", "slide.ome.tiff",
         lambda path: made_ome_tiff.fluorescence(path, rows=70, columns=90, planes=2),
         secrets=made_ome_tiff.SECRETS),
    Seed("ome-tiff", "ome tiled", "slide.ome.tiff",
         lambda path: made_ome_tiff.fluorescence(
             path, planes=1, tile=(64, 64), compression="zlib"),
         secrets=made_ome_tiff.SECRETS),
    Seed("ome-tiff", "ome real", "slide.ome.tif",
         shared="testdata/wsi_ometiff/qupath__cells-2c.ome.tif"),
    Seed("leica-scn", "scn", "slide.scn", _scn, secrets=made_leica_scn.SECRETS),
    Seed("leica-scn", "scn fluorescence", "slide.scn", made_leica_scn.write_fluorescence,
         secrets=made_leica_scn.SECRETS),
    Seed("philips-tiff", "philips", "slide.tiff",
         lambda path: made_philips_tiff.write_philips(path, across=3, down=2, factors=(1, 2)),
         secrets=made_philips_tiff.SECRETS),
    Seed("ventana-bif", "bif", "slide.bif", made_ventana.write_bif,
         secrets=made_ventana.SECRETS),
    Seed("ventana-bif", "bif moved", "slide.bif",
         lambda path: made_ventana.write_bif(path, overlap=lambda column, row: (5, 3, 100)),
         secrets=made_ventana.SECRETS),
    Seed("ventana-bif", "ventana tiff", "slide.tif", made_ventana.write_ventana_tiff,
         secrets=made_ventana.SECRETS),
    Seed("akoya-qptiff", "qptiff", "slide.qptiff",
         lambda path: made_akoya.write_fluorescence(path, rows=150, columns=200, tile=64),
         secrets=made_akoya.SECRETS),
    Seed("akoya-qptiff", "qptiff strips", "slide.qptiff",
         lambda path: made_akoya.write_fluorescence(
             path, rows=80, columns=100, tile=None, kind=np.uint8),
         secrets=made_akoya.SECRETS),
    Seed("akoya-qptiff", "qptiff brightfield", "slide.qptiff", made_akoya.write_brightfield,
         secrets=made_akoya.SECRETS),
    Seed("hamamatsu-ndpi", "ndpi", "slide.ndpi", _ndpi, secrets=_HAMAMATSU),
    Seed("hamamatsu-ndpi", "ndpi unlisted", "slide.ndpi",
         lambda path: _ndpi(path, lists=False), secrets=_HAMAMATSU),
    Seed("hamamatsu-ndpi", "ndpis", "slide.ndpis", _ndpis, secrets=_HAMAMATSU),
    Seed("hamamatsu-vms", "vms", "slide.vms", _vms, secrets=_HAMAMATSU),
    Seed("mirax", "mirax", "slide.mrxs", _mirax(), secrets=made_mirax.SECRETS),
    Seed("mirax", "mirax stitched", "slide.mrxs",
         _mirax(overlap=(8, 6), table="stitching"), secrets=made_mirax.SECRETS),
    Seed("mirax", "mirax noted png", "slide.mrxs",
         _mirax(overlap=(8, 6), table="vimslide", image_format="PNG", header="utf-16"),
         secrets=made_mirax.SECRETS),
    Seed("dicom", "dicom native", "slide.dcm",
         _dicom(made_dicom.stack(samples=3)), secrets=("Mustermann",)),
    Seed("dicom", "dicom channels", "slide.dcm",
         _dicom(made_dicom.stack(paths=2, planes=2, bits=16)), secrets=("Mustermann",)),
    Seed("dicom", "dicom real", "slide.dcm",
         shared="testdata/dicom_wsi/openslide__boxes_0.dcm"),
    Seed("dicom", "dicom jpeg-ls", "slide.dcm",
         shared="testdata/dicom_wsi/imagingdatacommons__sm_image_jpegls_nobot.dcm"),
    Seed("dicom", "dicom sparse", "slide.dcm",
         lambda path: made_dicom.write_sparse(
             path, made_dicom.stack(paths=2, planes=2), missing=frozenset({3})),
         secrets=("Mustermann",)),
    Seed("dicom", "dicom levels", "level-3-frames-0-1.dcm",
         shared="testdata/dicom_wsi/cmu-1-small-region/level-[3-6]-*.dcm"),
    *(
        Seed("dicom", f"dicom {syntax}", "slide.dcm",
             _dicom(made_dicom.stack(samples=samples), syntax=syntax), secrets=("Mustermann",))
        for syntax, samples in (
            (made_dicom.JPEG, 3), (made_dicom.JPEG_LS, 1), (made_dicom.J2K_LOSSLESS, 3),
            (made_dicom.J2K, 3), (made_dicom.HTJ2K, 3), (made_dicom.RLE, 3),
            (made_dicom.JPEG_LOSSLESS, 1), (made_dicom.IMPLICIT, 3),
        )
    ),
    Seed("imagej-tiff", "imagej", "slide.tif", _imagej, secrets=("Mustermann",)),
    *(
        Seed("zeiss-czi", f"czi {name}", "slide.czi", write, secrets=made_czi.SECRETS)
        for name, write in (
            ("jpeg", _czi(made_czi.JPEG)), ("jpeg xr", _czi(made_czi.JPEG_XR)),
            ("zstd", _czi(made_czi.ZSTD_PACKED)), ("plain", _czi(made_czi.NONE)),
            ("channels", _czi(made_czi.ZSTD_PACKED, is_colour=False)),
        )
    ),
    Seed("zeiss-czi", "czi real", "slide.czi",
         shared="testdata/wsi_czi/sebi06__nuc_small_new_red.czi"),
    Seed("olympus-vsi", "vsi jpeg", "slide.vsi", _vsi(made_olympus.JPEG),
         secrets=made_olympus.SECRETS),
    Seed("olympus-vsi", "vsi raw", "slide.vsi", _vsi(made_olympus.RAW),
         secrets=made_olympus.SECRETS),
    Seed("olympus-sis", "sis", "slide.tif", _sis, secrets=made_sis.SECRETS),
    Seed("gross-image", "photo", "photo.jpg", _photo, secrets=made_gross.SECRETS),
    Seed("gross-image", "photo png", "photo.png", _png, secrets=made_gross.SECRETS),
)  # fmt: skip


def seeds(*formats: str) -> list[Seed]:
    """The seeds that are here, of these formats or of all."""
    return [seed for seed in SEEDS if seed.is_here and (not formats or seed.format in formats)]


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write files by relative name; `folder` may lie anywhere."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def one_of_each() -> list[Seed]:
    """The first seed of every format."""
    first: dict[str, Seed] = {}
    for seed in seeds():
        first.setdefault(seed.format, seed)
    return list(first.values())
