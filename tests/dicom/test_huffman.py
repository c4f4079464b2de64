"""Intervals of one colour, against what a JPEG decoder sees in them."""

from __future__ import annotations

import numpy as np
import pytest

from bigpicture.dicom.huffman import flat_interval
from bigpicture.dicom.jpeg import read_head
from made_hamamatsu import decoded, jpeg, scan_start, tissue


@pytest.mark.parametrize("sampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("quality", [30, 90, 100])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_it_decodes_to_its_colour(sampling, quality, value):
    """Tables of one stream, 8 units wide; the mean is rounded by the quantiser (T.81 A.3.4)."""
    stream = jpeg(tissue(64, 128), quality=quality, subsampling=sampling, optimize=False)
    head = read_head(stream, place="made")
    wide = 8 * head.sampling[0][0]
    high = 8 * head.sampling[0][1]
    across, down = -(-128 // wide), -(-64 // high)
    interval = flat_interval(head, value, mcus=across * down)
    assert interval is not None
    seen = decoded(stream[: scan_start(stream)] + interval + b"\xff\xd9")
    step = 16 if quality == 30 else 2
    assert np.abs(seen.astype(int) - value).max() <= step
    assert len(np.unique(seen.reshape(-1, 3), axis=0)) == 1


def test_a_grey_stream_has_one_component():
    stream = jpeg(tissue(64, 128)[..., 0])
    interval = flat_interval(read_head(stream, place="made"), 0, mcus=128)
    assert interval is not None
    assert decoded(stream[: scan_start(stream)] + interval + b"\xff\xd9").max() == 0


def test_where_tables_have_no_code_there_is_nothing():
    stream = jpeg(np.full((64, 64, 3), 128, np.uint8), optimize=True)
    head = read_head(stream, place="made")
    assert flat_interval(head, 255, mcus=4) is None
    assert flat_interval(head, 128, mcus=4) is not None
