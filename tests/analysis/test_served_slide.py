"""A slide is read through pipes as it lies in its files, and nowhere written open."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from bigpicture.analysis import served_slide
from bigpicture.analysis.served_slide import ServedOpener, served
from bigpicture.dicom.index import build_index
from bigpicture.dicom.read import read_instance
from bigpicture.dicom.reader import reader_of
from bigpicture.dicom.tiles import TiledInstance
from bigpicture.model.errors import IntegrityError, StorageError
from bigpicture.sandbox.limits import Reach
from bigpicture.sandbox.run import Sandbox
from published import BytesSource, make_level


@pytest.fixture(scope="module")
def levels():
    return [
        make_level(700, 500, seed=1)[0],
        make_level(350, 250, seed=2, is_native=True)[0],
    ]


def read_here(levels):
    sources = [BytesSource(data) for data in levels]
    instances = [(source, read_instance(source)) for source in sources]
    return reader_of([TiledInstance(s, i, build_index(s, i)) for s, i in instances])


def read_there(opener):
    with opener() as slide:
        return (
            slide.width,
            slide.region(10, 20, 300, 200),
            slide.region(0, 0, 700, 500, size=(70, 50)),
        )


def test_a_child_sees_the_same_pixels(levels, tmp_path):
    with served([BytesSource(data) for data in levels], tmp_path) as slide, Sandbox() as sandbox:
        reach = Reach(readable=slide.opener.readable, writable=slide.opener.writable)
        width, region, small = sandbox.run(read_there, slide.opener, reach=reach).value
    here = read_here(levels)
    assert width == 700
    assert np.array_equal(region, here.region(10, 20, 300, 200))
    assert np.array_equal(small, here.region(0, 0, 700, 500, size=(70, 50)))
    assert slide.fault is None
    assert list(tmp_path.iterdir()) == []


def test_threads_share_it(levels, tmp_path):
    with served([BytesSource(data) for data in levels], tmp_path) as slide:
        reader, here = slide.opener(), read_here(levels)
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda x: reader.region(x, 0, 50, 50), range(0, 640, 20)))
    for x, pixels in zip(range(0, 640, 20), found, strict=True):
        assert np.array_equal(pixels, here.region(x, 0, 50, 50))


class Failing(BytesSource):
    def read(self, offset, length):
        if offset:
            raise StorageError("the store is away.")
        return super().read(offset, length)


def test_a_store_that_fails_is_told_on_this_side(levels, tmp_path):
    with served([Failing(levels[0])], tmp_path) as slide:
        with pytest.raises(IntegrityError):
            slide.opener()
        assert isinstance(slide.fault, StorageError)


def test_whoever_stops_reading_holds_nobody_up(levels, tmp_path):
    """Larger than a pipe: the answer waits, and closing does not."""
    big = BytesSource(bytes(8 << 20))
    with served([big], tmp_path) as slide:
        ask = os.open(slide.opener.ask, os.O_WRONLY)
        os.write(ask, (0).to_bytes(4, "little") + bytes(8) + (8 << 20).to_bytes(8, "little"))
        os.close(ask)
    assert not [each for each in threading.enumerate() if each.name == "served slide"]


def test_past_the_end_nothing_is_read(levels, tmp_path):
    data = BytesSource(levels[0])
    with served([data], tmp_path) as slide:
        line = served_slide._Line(slide.opener.ask, slide.opener.answer)
        honest = served_slide.ServedSource(line, 0, data.size)
        assert honest.read(data.size - 5, 5) == data.data[-5:]
        for size in (data.size, data.size + 1):  # one that believes more than there is, too
            with pytest.raises(IntegrityError):
                served_slide.ServedSource(line, 0, size).read(data.size - 1, 2)


def test_what_is_not_served_does_not_open(tmp_path):
    with pytest.raises(IntegrityError, match="not served"):
        ServedOpener(tmp_path / "ask", tmp_path / "answer")()
