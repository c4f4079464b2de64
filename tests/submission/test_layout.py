"""Which paths a dataset folder has, by the layout of Bigpicture, and what lies there."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.model.errors import InputError
from bigpicture.model.submission import FileRole
from bigpicture.submission.layout import image_alias, is_dicom, role, safe_parts


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("METADATA/dataset.xml", FileRole.METADATA),
        ("IMAGES/IMAGE_a b/level-0.dcm", FileRole.IMAGE),
        ("IMAGES/IMAGE_a/series/1.dcm", FileRole.IMAGE),
        ("ANNOTATIONS/a.geojson", FileRole.ANNOTATION),
        ("LANDING_PAGE/landing_page.xml", FileRole.LANDING_PAGE),
        ("LANDING_PAGE/THUMBNAILS/1.jpg", FileRole.THUMBNAIL),
        ("PRIVATE/rems.xml", FileRole.PRIVATE),
    ],
)
def test_the_folders_of_a_dataset(path, expected):
    assert role(path) is expected


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "x", "METADATA", "METADATA/a/b.xml", "METADATA/a.txt", "metadata/dataset.xml",
        "IMAGES/x.dcm", "IMAGES/IMAGE_a", "IMAGES/other/x.dcm", "ANNOTATIONS/a/b.json",
        "LANDING_PAGE/other.xml", "LANDING_PAGE/THUMBNAILS", "PRIVATE/x.txt", "OTHER/x.xml",
        "METADATA/../METADATA/x.xml", "METADATA//x.xml", "./METADATA/x.xml", "/METADATA/x.xml",
        "METADATA/.x.xml", "IMAGES/IMAGE_a/.DS_Store", "METADATA\\x.xml", "C:/METADATA/x.xml",
        "METADATA/x\n.xml", "METADATA/x\0.xml", "METADATA/\u202ex.xml", "METADATA/e\u0301.xml",
        "METADATA/" + "x" * 500 + ".xml",
    ],
)  # fmt: skip
def test_everything_else_is_refused(path):
    with pytest.raises(InputError):
        role(path)


@given(st.text())
def test_a_path_is_safe_or_refused(path):
    try:
        parts = safe_parts(path)
    except InputError:
        return
    assert "/".join(parts) == path
    inside = PurePosixPath("/data").joinpath(*parts)
    assert inside.is_relative_to("/data")
    assert ".." not in inside.parts


def test_an_image_is_named_by_its_folder():
    assert image_alias("IMAGES/IMAGE_a_b/x.dcm") == "a_b"
    assert is_dicom("IMAGES/IMAGE_a/X.DCM")
    assert not is_dicom("IMAGES/IMAGE_a/dcm")
