from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pydicom
import pytest

from bigpicture.dicom.open import open_slide
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour
from places import shared
from slide_making import tiff_directory, write_jpeg_tiff, write_sparse_tiff

FOUR_BY_FOUR = [
    (256, 4, 1, 4), (257, 4, 1, 4), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
    (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 4), (279, 4, 1, 16),
]  # fmt: skip


def _tiff(path: Path, entries, *, following=0, tail=b"") -> Path:
    path.write_bytes(b"II*\0" + struct.pack("<I", 8) + tiff_directory(entries, following) + tail)
    return path


def _changed(**given):
    names = {"columns": 256, "rows": 257, "offset": 273, "length": 279, "compression": 259}
    changes = {names[name]: value for name, value in given.items()}
    return [(code, kind, count, changes.get(code, value)) for code, kind, count, value in
            FOUR_BY_FOUR]  # fmt: skip


def _refused(path: Path) -> SlideError:
    with pytest.raises(SlideError) as caught:
        _read(path)
    return caught.value


def _read(path: Path) -> None:
    """Open the slide and decode every tile."""
    with open_slide(path) as slide:
        for level in slide.levels:
            tiles = -(-level.columns // level.tile_columns) * -(-level.rows // level.tile_rows)
            for index in range(tiles):
                level.pixels(index)


def test_content_decides_and_not_the_name(tmp_path):
    write_jpeg_tiff(tmp_path / "named.dcm")
    with open_slide(tmp_path / "named.dcm") as slide:
        assert slide.format == "generic-tiff"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "no slide"),
        (b"not a slide at all", "no slide"),
        (b"\0" * 128 + b"DICM", "DICOM"),
        (b"II*\0" + struct.pack("<I", 8) + struct.pack("<HI", 0, 8), "loop"),
        (b"II*\0" + struct.pack("<I", 0xFFFFFFF0), "past the end"),
        (b"II*\0" + struct.pack("<I", 0), "no image"),
    ],
)
def test_what_is_no_slide_is_refused_by_name(tmp_path, content, what):
    path = tmp_path / "given.svs"
    path.write_bytes(content)
    error = _refused(path)
    assert what in error.what
    assert error.place.startswith("given.svs")
    assert error.place.find(str(tmp_path)) < 0


def test_a_missing_file_is_named(tmp_path):
    error = _refused(tmp_path / "absent.svs")
    assert error.place == "absent.svs"
    assert "cannot be opened" in error.what


def test_directories_that_link_to_each_other_are_refused(tmp_path):
    first = tiff_directory([], 14)
    path = tmp_path / "loop.tif"
    path.write_bytes(b"II*\0" + struct.pack("<I", 8) + first + tiff_directory([], 8))
    assert "loop" in _refused(path).what


def test_a_directory_below_itself_is_refused(tmp_path):
    entries = [(256, 4, 1, 1), (257, 4, 1, 1), (330, 4, 1, 8)]
    assert "loop" in _refused(_tiff(tmp_path / "cycle.tif", entries)).what


@pytest.mark.parametrize(
    ("entries", "what"),
    [
        (_changed(columns=2_000_000_000, rows=2_000_000_000), "impossible"),
        (_changed(offset=0xFFFFFFF0), "past the end"),
        (_changed(length=0xFFFFFFF0), "past the end"),
        (_changed(length=2), "shorter"),
        (_changed(compression=34676), "compression"),
        ([*FOUR_BY_FOUR[:2], (270, 2, 0xFFFFFFFF, 8), *FOUR_BY_FOUR[2:]], "ImageDescription"),
        ([*FOUR_BY_FOUR, (65000, 99, 1, 0)], "unknown type"),
    ],
)
def test_impossible_declarations_are_refused(tmp_path, entries, what):
    error = _refused(_tiff(tmp_path / "bad.tif", entries, tail=bytes(64)))
    assert what in error.what
    assert error.place.startswith("bad.tif IFD 0")


def test_a_tile_past_the_end_is_named(tmp_path):
    write_jpeg_tiff(tmp_path / "whole.tif")
    whole = (tmp_path / "whole.tif").read_bytes()
    write_sparse_tiff(tmp_path / "short.tif", missing=set())
    data = bytearray((tmp_path / "short.tif").read_bytes())
    (at,) = struct.unpack_from("<I", data, 4)
    count = struct.unpack_from("<H", data, at)[0]
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        if struct.unpack_from("<H", data, entry)[0] == 324:
            (offsets,) = struct.unpack_from("<I", data, entry + 8)
            struct.pack_into("<I", data, offsets + 4 * 7, len(data) + 1)
    (tmp_path / "short.tif").write_bytes(data)
    assert _refused(tmp_path / "short.tif").place == "short.tif IFD 0 tile 7"
    assert len(whole) > 0


def test_a_slide_truncated_anywhere_is_refused(tmp_path):
    source = shared("testdata/wsi_svs/libvips__CMU-1-Small-Region.svs").read_bytes()
    for part in range(1, 16):
        path = tmp_path / "cut.svs"
        path.write_bytes(source[: len(source) * part // 16])
        assert _refused(path).remedy


@pytest.mark.parametrize(
    "name",
    [
        "digitalslidearchive__bad_datatype.tif",
        "digitalslidearchive__bad_double_reference.tif",
        "digitalslidearchive__bad_ifd_offset.tif",
        "digitalslidearchive__bad_jpeg2.tif",
        "digitalslidearchive__bad_strip_offset.tif",
        "digitalslidearchive__bad_tag_offset.tif",
        "openslide__unopenable.tiff",
    ],
)
def test_published_malformed_files_are_refused(name):
    assert _refused(shared(f"testdata/wsi_negative/{name}")).place.startswith(name)


@pytest.mark.parametrize("orientation", [0, 2, 3, 8])
def test_a_turned_tiff_is_refused_by_its_tag(tmp_path, orientation):
    entries = [*FOUR_BY_FOUR[:6], (274, 3, 1, orientation), *FOUR_BY_FOUR[6:]]
    error = _refused(_tiff(tmp_path / "turned.tif", entries, tail=bytes(64)))
    assert f"tag 274) is {orientation}" in error.what
    assert error.place == "turned.tif IFD 0"
    assert "upright" in error.remedy


def test_an_upright_tiff_may_say_so(tmp_path):
    entries = [*FOUR_BY_FOUR[:6], (274, 3, 1, 1), *FOUR_BY_FOUR[6:]]
    _read(_tiff(tmp_path / "upright.tif", entries, tail=bytes(128)))


@pytest.mark.parametrize("name", ["girder__test_orient0.tif", "girder__test_orient8.tif"])
def test_published_turned_files_are_refused(name):
    assert "tag 274" in _refused(shared(f"testdata/wsi_tiff/{name}")).what


def test_a_document_type_in_ome_xml_is_refused(tmp_path):
    xml = '<!DOCTYPE l [<!ENTITY a "lol">]><OME><Image><Pixels/></Image></OME>'
    write_jpeg_tiff(tmp_path / "lol.tif", description=xml)
    assert "document type" in _refused(tmp_path / "lol.tif").what


def test_deep_xml_is_refused(tmp_path):
    xml = "<OME>" + "<a>" * 5000 + "</a>" * 5000 + "</OME>"
    write_jpeg_tiff(tmp_path / "deep.tif", description=xml)
    assert "nests" in _refused(tmp_path / "deep.tif").what


def test_aperio_fields_are_complete():
    path = shared("testdata/wsi_svs/libvips__CMU-1-Small-Region.svs")
    with open_slide(path) as slide:
        found = {(field.name, field.value) for field in slide.fields}
        places = {field.place for field in slide.fields if field.name == "Aperio.AppMag"}
        associated = {each.flavour for each in slide.associated}
        assert slide.mpp == (0.499, 0.499)
    # As printed by `tiffinfo` for this file.
    assert {
        ("Aperio.AppMag", "20"),
        ("Aperio.MPP", "0.4990"),
        ("Aperio.ScanScope ID", "CPAPERIOCS"),
        ("Aperio.Filename", "CMU-1"),
        ("Aperio.Date", "12/29/09"),
        ("Aperio.User", "b414003d-95c6-48b0-9369-8010ed517ba7"),
        ("TIFF.ImageWidth", "2220"),
        ("TIFF.Compression", "7"),
    } <= found
    assert "libvips__CMU-1-Small-Region.svs IFD 0 ImageDescription" in places
    assert associated == {Flavour.THUMBNAIL, Flavour.LABEL, Flavour.OVERVIEW}


def test_ome_fields_name_element_and_attribute():
    with open_slide(shared("testdata/wsi_ometiff/petebankhead__OS-1-detail.ome.tif")) as slide:
        named = {field.name for field in slide.fields}
        assert slide.mpp == pytest.approx((0.2271, 0.2271), abs=1e-4)
    assert {"OME.Pixels@SizeX", "OME.OME@Creator", "OME.Pixels@PhysicalSizeX"} <= named


def test_dicom_fields_reach_into_sequences():
    with open_slide(shared("testdata/dicom_wsi/imagingdatacommons__sm_image.dcm")) as slide:
        named = {field.name for field in slide.fields}
    assert {"DICOM.PatientID", "DICOM.SpecimenUID", "DICOM.TransferSyntaxUID"} <= named


def test_a_folder_of_two_series_is_refused(tmp_path):
    for name in ("imagingdatacommons__sm_image.dcm", "openslide__boxes_0.dcm"):
        (tmp_path / name).write_bytes(shared(f"testdata/dicom_wsi/{name}").read_bytes())
    assert "series" in _refused(tmp_path).what


def _relabelled(folder: Path, level: int, flavour: str) -> Path:
    """A copy of a published slide of twelve levels, one of which says to be something else."""
    shutil.copytree(
        shared("testdata/dicom_wsi/cmu-1-small-region"), folder, copy_function=shutil.copyfile
    )
    folder.chmod(0o755)
    (path,) = folder.glob(f"*level-{level}-frames*")
    dataset = pydicom.dcmread(path)
    dataset.ImageType = ["DERIVED", "PRIMARY", flavour, "NONE"]
    dataset.save_as(path)
    return path


def test_an_instance_of_an_unknown_flavour_is_left_out_with_a_remark(tmp_path):
    path = _relabelled(tmp_path / "slide", 3, "REGIONLOCALIZER")
    with open_slide(tmp_path / "slide") as slide:
        # As the file's own header says, 277 × 370 pixels.
        assert 277 not in {level.columns for level in slide.levels}
        assert len(slide.levels) == 11
        assert [each.place for each in slide.associated] == [f"slide/{path.name}"]
        assert slide.associated[0].flavour is Flavour.OVERVIEW
        (remark,) = [each for each in slide.remarks if "flavour" in each]
    assert remark.startswith("slide: an instance of 277 × 370 pixels")
    assert "left out" in remark
    assert path.name not in remark


def test_what_may_be_the_finest_level_is_not_left_out(tmp_path):
    path = _relabelled(tmp_path / "slide", 0, "TISSUE")
    error = _refused(tmp_path / "slide")
    assert "2220 × 2967" in error.what
    assert error.place == f"slide/{path.name} (0008,0008)"
    assert error.remedy


def test_an_unknown_flavour_alone_is_no_slide(tmp_path):
    assert "no flavour" in _refused(_relabelled(tmp_path / "slide", 3, "REGIONLOCALIZER")).what
