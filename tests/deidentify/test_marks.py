"""The detector finds text and codes where they were put, and nothing on clean glass and tissue."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp

from bigpicture.deidentify.mark import Mark, MarkKind, masked
from bigpicture.deidentify.marks import detect_marks
from bigpicture.model.errors import InputError
from bigpicture.phantom.identity import identity
from bigpicture.phantom.label import label_picture, macro_picture
from bigpicture.phantom.tissue import Tissue

INK = (40, 36, 44)


def glass(rows=320, columns=640, tone=226):
    """Glass with a soft gradient and a little grain."""
    slope = np.linspace(-6, 6, columns)[None, :, None]
    grain = np.random.default_rng(7).normal(0, 1, (rows, columns, 1))
    return np.clip(tone + slope + grain, 0, 255).repeat(3, axis=2).astype(np.uint8)


def code(text, symbology, scale=4):
    drawn = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, symbology), scale=scale)
    return np.repeat(np.asarray(drawn, np.uint8)[..., None], 3, axis=2)


def put(picture, part, x, y):
    picture[y : y + part.shape[0], x : x + part.shape[1]] = part
    return x, y, part.shape[1], part.shape[0]


def overlap(a, b):
    """Shared area over the area of `b`."""
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(0, wide) * max(0, high) / (b[2] * b[3])


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
@pytest.mark.parametrize("size", [0.5, 1.0, 1.8])
def test_a_line_of_text_is_found_where_it_stands(turn, size):
    picture = glass(480, 640)
    (width, height), _ = cv2.getTextSize("Erika M. S23-1044", 0, size, 2)
    cv2.putText(picture, "Erika M. S23-1044", (60, 200), 0, size, INK, 2, cv2.LINE_AA)
    truth = np.zeros(picture.shape[:2], np.uint8)
    truth[200 - height : 200, 60 : min(640, 60 + width)] = 255
    picture, truth = (np.ascontiguousarray(np.rot90(each, turn)) for each in (picture, truth))
    marks = [mark for mark in detect_marks(picture) if mark.kind is MarkKind.TEXT]
    assert max(overlap(mark.box, cv2.boundingRect(truth)) for mark in marks) > 0.7


@pytest.mark.parametrize(
    "symbology",
    [
        zxingcpp.BarcodeFormat.DataMatrix,
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.PDF417,
        zxingcpp.BarcodeFormat.Code128,
    ],
)
def test_a_code_is_found_where_it_stands(symbology):
    picture = glass()
    is_long = symbology in {zxingcpp.BarcodeFormat.PDF417, zxingcpp.BarcodeFormat.Code128}
    box = put(picture, code("S23-10447", symbology, 2 if is_long else 4)[:200], 150, 60)
    marks = [mark for mark in detect_marks(picture) if mark.kind is MarkKind.BARCODE]
    assert max(overlap(mark.box, box) for mark in marks) > 0.6


def test_a_label_with_a_name_is_found_on_the_glass_and_by_itself():
    who = identity(5)
    macro = macro_picture(who, np.full((300, 500, 3), (214, 160, 190), np.uint8))
    found = [mark for mark in detect_marks(macro) if overlap(mark.box, (0, 0, 400, 431)) > 0]
    assert {MarkKind.TEXT, MarkKind.BARCODE} <= {mark.kind for mark in found}
    assert MarkKind.TEXT in {mark.kind for mark in detect_marks(label_picture(who))}


@pytest.mark.parametrize("organ", ["colon", "breast"])
def test_tissue_is_clean(organ):
    tissue = Tissue(seed=31, width=1024, height=1024, mpp=1.0, organ=organ)
    assert detect_marks(tissue.region(0, 0, 1024, 1024)) == ()


def test_glass_dark_and_white_are_clean():
    assert detect_marks(glass()) == ()
    assert detect_marks(glass(tone=12)) == ()
    assert detect_marks(np.full((400, 900, 3), 255, np.uint8)) == ()


def test_the_same_picture_gives_the_same_marks_on_any_number_of_threads():
    picture = macro_picture(identity(9), np.full((200, 300, 3), 200, np.uint8))
    threads = cv2.getNumThreads()
    try:
        answers = []
        for number in (1, 2, 4, 1):
            cv2.setNumThreads(number)
            answers.append(detect_marks(picture))
    finally:
        cv2.setNumThreads(threads)
    assert answers[0]
    assert answers.count(answers[0]) == len(answers)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (6, 6), (7, 900), (17, 33)])
def test_odd_sizes_are_looked_at_and_boxes_stay_inside(size):
    picture = np.random.default_rng(3).integers(0, 256, (*size, 3), dtype=np.uint8)
    for mark in detect_marks(picture):
        x, y, width, height = mark.box
        assert 0 <= x < x + width <= size[1]
        assert 0 <= y < y + height <= size[0]


def test_text_across_the_edge_of_a_tile_is_found():
    picture = glass(400, 3000)
    cv2.putText(picture, "GERDA NIEMAND", (1920, 230), 0, 1.2, INK, 2, cv2.LINE_AA)
    boxes = [mark.box for mark in detect_marks(picture)]
    assert max(overlap(box, (1920, 205, 280, 25)) for box in boxes) > 0.7


def test_text_in_a_huge_picture_is_found():
    picture = glass(3000, 4400)
    cv2.putText(picture, "GERDA NIEMAND", (1930, 1030), 0, 4.0, INK, 8, cv2.LINE_AA)
    boxes = [mark.box for mark in detect_marks(picture)]
    assert max(overlap(box, (1930, 945, 930, 85)) for box in boxes) > 0.7


def test_what_is_no_rgb_picture_is_refused():
    with pytest.raises(InputError, match="8-bit RGB"):
        detect_marks(np.zeros((9, 9), np.uint8))


def test_a_masked_picture_shows_nothing_that_can_be_read():
    picture = glass()
    box = put(picture, code("S23-10447", zxingcpp.BarcodeFormat.QRCode, 5), 150, 60)
    assert zxingcpp.read_barcodes(picture)
    hidden = masked(picture, detect_marks(picture))
    assert not zxingcpp.read_barcodes(hidden)
    inner = hidden[box[1] + 10 : box[1] + box[3] - 10, box[0] + 10 : box[0] + box[2] - 10]
    assert len(np.unique(inner.reshape(-1, 3), axis=0)) <= 3
    assert (picture[:, -60:] == hidden[:, -60:]).all(), "away from the mark nothing changes"


def test_masking_leaves_the_picture_it_was_given():
    picture = glass()
    before = picture.copy()
    masked(picture, [Mark(MarkKind.TEXT, (10, 10, 30, 30), 1.0)])
    assert (picture == before).all()
