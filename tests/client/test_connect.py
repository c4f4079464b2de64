"""A connected node: the same slide as on this machine, streams over HTTP, and access that ends."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

import bigpicture
from bigpicture.access.grant import revoke_grant
from bigpicture.api.application import build
from bigpicture.api.node import Node as ServedNode
from bigpicture.client.stream.reason import Cause
from bigpicture.dicom.reader import reader_of
from bigpicture.dicom.tiles import open_pyramid
from bigpicture.model.errors import ForbiddenError, SignInError, UnknownError
from bigpicture.model.inheritance import Qualifier
from published import (
    CONTROLLED,
    OPEN,
    BytesSource,
    add_person,
    grant,
    image_name,
    insert_annotation,
    insert_instances,
    make_level,
    make_stores,
    named_series,
    publish_two,
    served,
)
from slide_making import pattern

MINE = image_name(CONTROLLED, 3)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A node that is served; a slide of two levels in the closed dataset, and its bytes."""
    stores = make_stores(tmp_path_factory.mktemp("node"))
    publish_two(stores)
    picture = pattern(800, 1000)
    named = named_series(CONTROLLED, 3)
    levels = [
        make_level(1000, 800, pixels=picture, **named)[0],
        make_level(500, 400, pixels=np.ascontiguousarray(picture[::2, ::2]), **named)[0],
    ]
    insert_instances(stores, CONTROLLED, 3, levels)
    insert_annotation(stores, CONTROLLED, MINE)
    node = ServedNode.open(stores, start_work=lambda accession: None)
    with served(build(node)) as place:
        yield stores, f"http://{place}", levels
    stores.records.close()


@pytest.fixture
def reader(world, request):
    """Somebody with a grant: an address, a token, the grant."""
    stores, url, _ = world
    person, token = add_person(stores, f"reader-{request.node.name}"[:60])
    return url, token, grant(stores, person)


@pytest.fixture
def mine(world, reader):
    with bigpicture.connect(reader[0], token=reader[1]) as node:
        yield node


@pytest.fixture
def local(world):
    """The same slide read from its bytes."""
    sources = [(f"{n}.dcm", BytesSource(data)) for n, data in enumerate(world[2])]
    return reader_of(open_pyramid(sources))


def test_a_slide_of_a_node_is_read_as_one_of_this_machine(mine, local):
    with mine.slide(MINE) as slide:
        assert (slide.width, slide.height, slide.mpp) == (1000, 800, (0.25, 0.25))
        assert len(slide.levels) == 2
        for box in ((0, 0, 64, 64), (13, 27, 200, 150), (-10, 780, 100, 100)):
            assert np.array_equal(slide.region(*box), local.region(*box))
        assert np.array_equal(
            slide.at_mpp(40, 8, mpp=0.7, size=(90, 50)), local.at_mpp(40, 8, mpp=0.7, size=(90, 50))
        )
        assert np.array_equal(slide.overview(4.0), local.overview(4.0))
        assert np.array_equal(slide.tile(1, 2, 1), local.pixels_of(1).read(128, 64, 64, 64))


def test_what_is_known_of_a_slide_comes_with_it(mine):
    slide = mine.slide(MINE)
    assert slide.properties["dataset"] == CONTROLLED
    assert slide.properties["organ"] == "Lung"
    assert slide.properties["is_stored"] is True
    (drawn,) = slide.annotations
    assert (drawn.label, drawn.bounds) == ("Tumour", (0, 0, 64, 64))
    (stated,) = slide.observations
    assert stated.labels == ("Fibrosis",)
    assert stated.qualifier is Qualifier.CANDIDATE
    assert stated.names("112674009")
    sure = mine.slide(image_name(CONTROLLED, 0)).observations
    assert [each.labels for each in sure if each.is_confirmed] == [("Adenoma",)]
    assert mine.slide(image_name(OPEN, 0)).properties["is_stored"] is False  # a native level


def test_its_picture_is_its_thumbnail(mine):
    with Image.open(BytesIO(mine.slide(MINE)._repr_png_())) as picture:
        assert picture.size == (512, 410)


@pytest.mark.parametrize("stride", [64, 50])
def test_patches_of_a_node_are_those_of_the_bytes(mine, local, stride):
    stream = mine.patches([MINE], mpp=0.25, size=64, stride=stride, batch=16, locality=256)
    seen = 0
    for batch in stream:
        for (x, y), pixels in zip(batch.corners, batch.pixels, strict=True):
            assert np.array_equal(pixels, local.region(int(x), int(y), 64, 64))
        seen += batch.count
    assert seen == ((1000 - 64) // stride + 1) * ((800 - 64) // stride + 1)


def test_resampled_patches_of_a_node_are_those_of_the_bytes(mine, local):
    for batch in mine.patches([MINE], mpp=0.6, size=64, batch=16):
        assert batch.mpp == pytest.approx(np.full(batch.count, 0.6), rel=0.01)
        for (x, y), pixels in zip(batch.corners, batch.pixels, strict=True):
            assert np.array_equal(pixels, local.at_mpp(x, y, mpp=0.6, size=(64, 64)))


def test_statements_are_labels_where_they_are_sure_and_bags_where_not(mine):
    images = [image_name(CONTROLLED, number) for number in (0, 1)]
    asked = {"mpp": 0.25, "size": 64, "labels": ["Adenoma", "Fibrosis"]}
    for batch in mine.patches(images, **asked, candidates=True):
        for name, labels, bags, targets in zip(
            batch.slides, batch.labels, batch.bags, batch.targets, strict=True
        ):
            is_first = name == images[0]
            assert labels == (("Adenoma",) if is_first else ())
            assert bags == ((f"{CONTROLLED} being being 0", "Fibrosis"),)
            assert list(targets) == [int(is_first), 0]
    for batch in mine.patches(images, **asked):
        assert set(batch.bags) == {()}


def test_what_was_drawn_at_a_node_is_cover(mine):
    stream = mine.patches([MINE], mpp=0.25, size=64, classes=["Tumour"], only_drawn=True)
    (batch,) = stream
    assert batch.corners.tolist() == [[0, 0]]
    assert batch.cover.tolist() == [[1]]


def test_a_query_is_a_table_and_a_stream(mine):
    found = mine.query("stain:Ki-67")
    assert {image.dataset for image in found} == {OPEN, CONTROLLED}
    table = found.to_pandas()
    assert list(table["accession"]) == [image.accession for image in found]
    assert "<table>" in found._repr_html_()
    assert len(mine.query("", most=2)) == 2
    names = {name for batch in mine.patches(found, mpp=0.25, size=64) for name in batch.slides}
    assert names == {image.accession for image in found}


def test_a_cohort_is_frozen_and_streamed(mine):
    cohort = mine.save_cohort("lungs", "organ:Lung")
    stream = mine.patches(mine.cohort(cohort.id), mpp=0.25, size=64)
    frozen = [each["accession"] for each in cohort.version().images()]
    assert sorted(stream.slides) == sorted(frozen)
    assert {name for batch in stream for name in batch.slides} == set(frozen)


def test_a_grant_that_ends_closes_the_loader(world, mine, reader):
    stores, given = world[0], reader[2]
    for skips in (False, True):
        stream = mine.patches(
            [image_name(OPEN, 0), MINE], mpp=0.25, size=64, batch=4, locality=64, mixed=1, ahead=1,
            threads=1, on_error="skip" if skips else "raise",
        )  # fmt: skip
        passing = iter(stream)
        if not skips:
            while MINE not in next(passing).slides:
                pass
            with stores.records.write() as connection:
                revoke_grant(connection, given.id, reason="over", by="node")
            with pytest.raises(ForbiddenError):
                list(passing)
        else:
            names = {name for batch in passing for name in batch.slides}
            assert names == {image_name(OPEN, 0)}
            assert stream.reasons[MINE].cause is Cause.CLOSED
    with pytest.raises(ForbiddenError):
        mine.slide(MINE)


def test_who_has_no_grant_is_told_how_to_apply(world):
    with bigpicture.connect(world[1]) as node:
        with pytest.raises(SignInError, match=r"access@example\.org"):
            node.slide(MINE)
        with pytest.raises(UnknownError):
            node.slide("bb-image-nnnnnn-nnnnnn")


def test_a_wrong_token_is_told_when_one_connects(world):
    with pytest.raises(SignInError):
        bigpicture.connect(world[1], token="not-a-token")


def test_a_light_install_asks_and_says_what_pixels_need(world):
    heavy = ("numpy", "cv2", "pydicom", "simplejpeg", "torch", "pandas", "sqlalchemy", "fastapi")
    program = f"""
import sys
sys.modules.update(dict.fromkeys({heavy!r}))
import bigpicture
with bigpicture.connect({world[1]!r}) as node:
    print(len(node.query("organ:Liver")))
try:
    bigpicture.slide
except ModuleNotFoundError as error:
    print(error)
"""
    words = [sys.executable, "-c", program]
    told = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stderr
    count, missing = told.stdout.splitlines()
    assert int(count) == 3
    assert "bigpicture[slides]" in missing


def test_a_damaged_tile_at_a_node_costs_itself(world, mine):
    """A frame that was damaged before it was stored: its patch is left out, and told."""
    stores = world[0]
    picture = pattern(256, 256)
    data, frames = make_level(256, 256, pixels=picture, **named_series(CONTROLLED, 4))
    at = data.index(frames[5])
    broken = data[: at + 30] + bytes(len(frames[5]) - 30) + data[at + len(frames[5]) :]
    insert_instances(stores, CONTROLLED, 4, [broken])
    name = image_name(CONTROLLED, 4)
    stream = mine.patches([name], mpp=0.25, size=64, on_error="skip")
    assert sum(batch.count for batch in stream) == 15
    assert stream.reasons[name].cause is Cause.DAMAGED
    assert stream.reasons[name].patches == 1
    assert "1_1" in stream.reasons[name].what
