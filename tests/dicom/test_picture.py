"""Images beside the tissue are drawn, to be looked at; what cannot be drawn says so."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bigpicture.dicom.open import open_slide
from bigpicture.dicom.picture import LONGEST_SIDE, draw_jpeg, draw_level
from bigpicture.model.errors import SlideError
from bigpicture.phantom.identity import identity
from bigpicture.phantom.label import label_picture


def test_a_jpeg_is_drawn_as_another_program_reads_it():
    label = label_picture(identity(3))
    encoded = cv2.imencode(".jpg", label[:, :, ::-1])[1].tobytes()
    theirs = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]
    assert np.abs(draw_jpeg(encoded, place="label").astype(int) - theirs).max() <= 3


@pytest.mark.parametrize("data", [b"", b"PNG", b"\xff\xd8", b"\xff\xd8\xff\xe0\0\x10JFIF"])
def test_what_is_no_whole_jpeg_is_told(data):
    with pytest.raises(SlideError):
        draw_jpeg(data, place="label")


def test_a_large_picture_is_reduced(tmp_path):
    source = tmp_path / "gross.png"
    cv2.imwrite(str(source), np.full((300, LONGEST_SIDE + 1000, 3), 200, np.uint8))
    with open_slide(source) as slide:
        picture = draw_level(slide.levels[0])
    assert picture.shape[1] == LONGEST_SIDE
    assert picture.min() == picture.max() == 200
