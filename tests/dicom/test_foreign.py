from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from bigpicture.dicom.foreign import FOREIGN
from bigpicture.dicom.open import open_slide
from bigpicture.model.errors import SlideError
from slide_making import write_jpeg_tiff

# Roots, namespaces and tags as the pages on formats of OpenSlide state them.
QPTIFF = "<PerkinElmer-QPI-ImageDescription/>"
OME = "<OME><Image><Pixels SizeC='3'/><D>{}</D></Image></OME>"


def _refused(path: Path) -> SlideError:
    with pytest.raises(SlideError) as caught, open_slide(path):
        pass
    return caught.value


def _assert_named(path: Path, name: str) -> None:
    error = _refused(path)
    assert error.what == f"this is {name}, which this release does not read."
    assert error.place == path.name
    assert "DICOM, SVS or pyramidal TIFF" in error.remedy


def _xmp(path: Path, text: str) -> Path:
    page = np.full((64, 64, 3), 200, np.uint8)
    data = text.encode()
    with tifffile.TiffWriter(path, bigtiff=True) as tiff:
        tiff.write(page, photometric="rgb", description="Label Image", metadata=None,
                   extratags=[(700, 7, len(data), data, True)])  # fmt: skip
    return path


@pytest.mark.parametrize("prolog", [b"", b'<?xml version="1.0" encoding="UTF-8"?>\n'])
def test_philips_isyntax_is_named_by_its_root(tmp_path, prolog):
    document = b'<DataObject ObjectType="DPUfsImport"></DataObject>\r\n\4'
    (tmp_path / "given.isyntax").write_bytes(prolog + document + bytes(400))
    _assert_named(tmp_path / "given.isyntax", "a Philips iSyntax slide")


def test_other_xmp_is_no_ventana(tmp_path):
    path = _xmp(tmp_path / "given.tif", "<x:xmpmeta xmlns:x='adobe:ns:meta/'>iScan</x:xmpmeta>")
    with open_slide(path) as slide:
        assert slide.format == "generic-tiff"


@pytest.mark.parametrize("description", ["<scn/>", "DataObject", "seen by <DataObject>", "<>", "<"])
def test_a_word_in_a_description_makes_no_foreign_slide(tmp_path, description):
    write_jpeg_tiff(tmp_path / "given.tif", description=description)
    with open_slide(tmp_path / "given.tif") as slide:
        assert slide.format == "generic-tiff"


def test_an_ome_tiff_that_quotes_its_origin_is_still_one(tmp_path):
    write_jpeg_tiff(tmp_path / "given.tif", description=OME.format(QPTIFF))
    with open_slide(tmp_path / "given.tif") as slide:
        assert slide.format == "ome-tiff"


def test_a_jpeg_alone_is_no_mirax(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(64))
    assert "MIRAX" not in str(_refused(tmp_path / "photo.jpg"))


def test_an_isyntax_slide_is_refused_by_name(tmp_path):
    """Philips's own container begins with the XML header of its data object."""
    (tmp_path / "given.isyntax").write_bytes(b'<DataObject ObjectType="DPUfsImport">' + bytes(400))
    _assert_named(tmp_path / "given.isyntax", "a Philips iSyntax slide")


def test_every_format_is_named_once():
    names = [foreign.name for foreign in FOREIGN]
    assert len(set(names)) == len(names)
