"""A result over its slide: its colour where it is, the slide where it is not."""

from __future__ import annotations

import numpy as np
import pytest

from bigpicture.access.grant import revoke_grant
from bigpicture.api.application import build
from bigpicture.client.connect import connect
from bigpicture.client.run import FoundResult
from bigpicture.model.errors import ForbiddenError, InputError
from published import CONTROLLED, OPEN, add_person, grant, image_name, served
from results_kept import keep_results

ORANGE = (0xE6, 0x9F, 0x00)
SIDE = 200  # level 0 is 200 x 130


@pytest.fixture
def here(stores, node):
    """Somebody with a grant at a node with results in both datasets."""
    rita, token = add_person(stores, "rita")
    for dataset in (OPEN, CONTROLLED):
        keep_results(stores, dataset, rita.id)
    with served(build(node)) as place, connect(f"http://{place}", token=token) as found:
        yield found, grant(stores, rita)


def result(node, output, dataset=OPEN):
    items = node.node.get(f"/api/v1/images/{image_name(dataset, 0)}/results")["items"]
    return next(FoundResult(node.node, each) for each in items if each["output"] == output)


def test_a_mask_has_its_colour_where_it_lies(here):
    drawn = result(here[0], "tissue").picture(side=SIDE, opacity=1)
    with here[0].slide(image_name(OPEN, 0)) as slide:
        wanted = slide.thumbnail(SIDE).copy()
    wanted[16:24, 24:32] = ORANGE
    assert np.array_equal(drawn.pixels, wanted)
    assert drawn.legend == {"tissue": "#e69f00", "fold": "#56b4e9"}
    assert "research use only" in repr(drawn)
    assert drawn._repr_png_().startswith(b"\x89PNG")


def test_what_is_half_there_is_half_seen(here):
    drawn = result(here[0], "tissue").picture(side=SIDE, opacity=0.5)
    with here[0].slide(image_name(OPEN, 0)) as slide:
        below = slide.thumbnail(SIDE)[16:24, 24:32].astype(float)
    halfway = (below + ORANGE) / 2
    assert np.abs(drawn.pixels[16:24, 24:32] - halfway).max() <= 0.5


def test_a_heatmap_takes_another_map(here):
    one = result(here[0], "focus").picture(side=SIDE)
    other = result(here[0], "focus").picture(side=SIDE, colours="ember")
    assert one.legend == {}
    assert not np.array_equal(one.pixels, other.pixels)


def test_what_is_no_picture_is_refused(here):
    for output in ("nuclei", "area"):
        with pytest.raises(InputError, match="no picture"):
            result(here[0], output).picture()
    for wrong in ({"opacity": 2.0}, {"side": 0}):
        with pytest.raises(InputError):
            result(here[0], "tissue").picture(**wrong)


def test_a_grant_that_ends_closes_it(here, stores):
    node, given = here
    closed = result(node, "tissue", CONTROLLED)
    assert closed.picture(side=SIDE).pixels.shape == (130, 200, 3)
    with stores.records.write() as connection:
        revoke_grant(connection, given.id, reason="over", by="node")
    with pytest.raises(ForbiddenError):
        closed.picture(side=SIDE)
