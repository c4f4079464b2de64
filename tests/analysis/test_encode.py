"""What is encoded comes back as it was, and names the slide it is of."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO

import numpy as np
import pyarrow.parquet as pq
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bigpicture.analysis.encode import decode, encode
from bigpicture.analysis.values import Facet, Features, Geometry, Heatmap, Mask, Measurements, Shape
from bigpicture.model.algorithm import OutputKind
from bigpicture.model.errors import InputError
from bigpicture.model.slide_frame import SlideFrame
from results_made import FRAME, MAKER, VALUES, geometry, heatmap, mask

KINDS = {
    Mask: OutputKind.MASK,
    Heatmap: OutputKind.HEATMAP,
    Geometry: OutputKind.GEOMETRY,
    Facet: OutputKind.FACET,
    Measurements: OutputKind.MEASUREMENTS,
    Features: OutputKind.FEATURES,
}
FEW = settings(max_examples=25, deadline=None)


def there_and_back(value, frame: SlideFrame = FRAME):
    encoded = encode(value, frame=frame, name="output", maker=MAKER)
    return decode(encoded.data, kind=KINDS[type(value)], frame=frame)


def same(one, other) -> bool:
    """Whether two values are equal, arrays bit by bit (NaN equals NaN)."""
    assert type(one) is type(other)
    if isinstance(one, Facet | Measurements):
        return one == other
    if isinstance(one, Geometry):
        assert len(one.shapes) == len(other.shapes)
        return all(
            (a.kind, a.label, a.score) == (b.kind, b.label, b.score)
            and np.array_equal(a.coordinates, b.coordinates)
            for a, b in zip(one.shapes, other.shapes, strict=True)
        )
    fields = {name: getattr(one, name) for name in type(one).__slots__}
    for name, value in fields.items():
        found = getattr(other, name)
        if isinstance(value, np.ndarray):
            if value.dtype != found.dtype or not np.array_equal(
                value, found, equal_nan=value.dtype.kind == "f"
            ):
                return False
        elif value != found:
            return False
    return True


@pytest.mark.parametrize("name", VALUES)
def test_a_value_comes_back_as_it_was(name):
    assert same(VALUES[name], there_and_back(VALUES[name]))


@pytest.mark.parametrize("name", VALUES)
def test_the_same_value_is_written_as_the_same_bytes(name):
    files = [encode(VALUES[name], frame=FRAME, name=name, maker=MAKER) for _ in range(2)]
    assert files[0] == files[1]


@pytest.mark.parametrize("name", [name for name in VALUES if name != "features"])
def test_a_dicom_object_names_the_slide_and_what_made_it(name):
    encoded = encode(VALUES[name], frame=FRAME, name=name, maker=MAKER)
    read = pydicom.dcmread(BytesIO(encoded.data))
    assert encoded.media_type == "application/dicom"
    assert read.StudyInstanceUID == FRAME.study_uid
    assert read.SeriesInstanceUID != FRAME.series_uid
    assert read.PatientID == FRAME.patient
    assert read.ManufacturerModelName == MAKER.name
    assert "research use only" in read.SeriesDescription.lower()
    text = encoded.data if name != "heatmap" else read.to_json().encode()
    assert FRAME.instance_uid.encode() in text  # the slide's finest instance is referenced


def test_features_name_the_slide_and_the_encoder():
    encoded = encode(VALUES["features"], frame=FRAME, maker=MAKER)
    table = pq.read_table(BytesIO(encoded.data))
    told = json.loads(table.schema.metadata[b"bigpicture"])
    assert told["slide"]["instance_uid"] == FRAME.instance_uid
    assert told["encoder"] == "example encoder"
    assert (told["mpp"], told["size"], told["patches"], told["dimensions"]) == (0.5, 224, 40, 16)
    assert table.column_names == ["x", "y", "features"]


def test_a_place_on_the_glass_by_hand():
    """PS3.3 C.8.12.2: rows run along -y, columns along -x; 4000 px of 0.25 µm are 1 mm."""
    assert FRAME.on_glass(4000, 8000) == pytest.approx((18.0, 59.0))
    placed = replace_mask(mask(), 4000.0, 8000.0, 32.0)
    read = pydicom.dcmread(BytesIO(encode(placed, frame=FRAME).data))
    (origin,) = read.TotalPixelMatrixOriginSequence
    assert (origin.XOffsetInSlideCoordinateSystem, origin.YOffsetInSlideCoordinateSystem) == (
        18,
        59,
    )
    assert list(read.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing) == [
        0.008,
        0.008,
    ]
    assert (read.TotalPixelMatrixColumns, read.TotalPixelMatrixRows) == (1100, 700)


def replace_mask(value: Mask, x: float, y: float, scale: float) -> Mask:
    return Mask(value.pixels, x, y, scale, value.classes)


def test_only_tiles_that_hold_a_class_are_stored():
    read = pydicom.dcmread(BytesIO(encode(mask(), frame=FRAME).data))
    # 700 × 1100 pixels are 2 × 3 tiles of 512; the first class lies in columns 100 to 900 and
    # rows 100 to 400: two tiles. The second in columns 200 to 300, rows 380 to 600: two tiles.
    assert read.NumberOfFrames == 4
    assert len(read.SegmentSequence) == 3  # also the class that nowhere occurs
    assert len(read.PixelData) == 4 * 512 * 512 // 8


def test_without_classes_found_a_mask_comes_back_empty():
    empty = Mask(np.zeros((10, 20), np.uint8), 0.0, 0.0, 64.0, ("tissue",))
    assert same(empty, there_and_back(empty))


def test_nothing_found_is_no_shape():
    assert there_and_back(Geometry(())) == Geometry(())


def test_without_mpp_pixels_stay_pixels():
    frame = replace(FRAME, mpp=None)
    for name in ("mask", "heatmap", "geometry"):
        assert same(VALUES[name], there_and_back(VALUES[name], frame))


def test_shapes_come_back_by_label_and_kind():
    mixed = Geometry((*geometry().shapes[:3], *geometry().shapes[-2:], *geometry().shapes[3:5]))
    found = there_and_back(mixed)
    order = [0, 1, 2, 5, 6, 3, 4]
    assert same(Geometry(tuple(mixed.shapes[at] for at in order)), found)


PLACES = st.floats(-100, 200_000).map(lambda value: round(value, 6) + 0.0)
SCALES = st.sampled_from([1.0, 2.0, 3.3, 8.0, 31.7, 40.000123, 400.0])
MPP = st.sampled_from([(0.25, 0.25), (0.2431, 0.2433), (0.5, 0.499), (1.0, 1.0)])
SIDES = arrays.array_shapes(min_dims=2, max_dims=2, max_side=40)


@FEW
@given(x=PLACES, y=PLACES, scale=SCALES, mpp=MPP, pixels=arrays.arrays(
    np.uint8, SIDES, elements=st.integers(0, 3)))  # fmt: skip
def test_any_mask(x, y, scale, mpp, pixels):
    value = Mask(pixels, x, y, scale, ("one", "two", "three"))
    found = there_and_back(value, replace(FRAME, mpp=mpp))
    assert np.array_equal(value.pixels, found.pixels)
    # A millionth of a level-0 pixel, as docs/results.md says.
    assert (found.x, found.y) == pytest.approx((x, y), abs=1.1e-6)
    assert found.scale == pytest.approx(scale, rel=1e-9)


@FEW
@given(arrays.arrays(np.float32, SIDES, elements=st.floats(width=32)))
def test_any_number_of_a_heatmap(pixels):
    value = Heatmap(pixels, 0.0, 0.0, 8.0, "", (-1.0, 1.0))
    assert same(value, there_and_back(value))


@FEW
@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), min_size=3, max_size=8))
def test_any_polygon(points):
    value = Geometry((Shape("polygon", np.array(points, np.float64), "é"),))
    assert same(value, there_and_back(value))


@FEW
@given(st.floats(allow_nan=False, allow_infinity=False) | st.text(
    st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=60
).filter(lambda text: text == text.strip()))  # fmt: skip
def test_any_facet(value):
    assert there_and_back(Facet(value)) == Facet(value)


@pytest.mark.parametrize("kind", OutputKind)
def test_what_is_no_such_file_is_refused(kind):
    with pytest.raises(InputError):
        decode(b"nothing of the kind", kind=kind, frame=FRAME)


def test_another_object_is_refused():
    data = encode(heatmap(), frame=FRAME).data
    with pytest.raises(InputError, match="segmentation"):
        decode(data, kind=OutputKind.MASK, frame=FRAME)
