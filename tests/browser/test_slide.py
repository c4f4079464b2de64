"""The slide page: tiles in their place, scale, deep links, keys, and a node that fails."""

from __future__ import annotations

import re
import time

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from browser import mock_catalogue as catalogue
from browser.mock_tissue import RULER_PERIOD

pytestmark = pytest.mark.browser

FIRST = catalogue.IMAGES[0]
RULER = next(one for one in catalogue.IMAGES if one["alias"] == "ruler")
STACK = next(one for one in catalogue.IMAGES if one["alias"] == "stack")
SHUT = next(one for one in catalogue.IMAGES if one["dataset"] == catalogue.DATASETS[1]["accession"])


HIDE = """document.querySelectorAll('.instruments, .readout, .map, .layers')
    .forEach(one => one.style.visibility = 'hidden')"""


def open_slide(visit, image, place=""):
    visit.go(f"/images/{image['accession']}{place}")
    expect(visit.page.locator("[data-magnification]")).to_be_visible()
    visit.page.wait_for_load_state("networkidle")


def see(visit):
    """Pixels of the slide alone, RGB, when two looks in a row are the same."""
    visit.page.evaluate(HIDE)
    before = None
    for _ in range(40):
        now = visit.page.locator(".glass").screenshot()
        if now == before:
            break
        before = now
        visit.page.wait_for_timeout(100)
    return cv2.imdecode(np.frombuffer(before, np.uint8), cv2.IMREAD_COLOR)[..., ::-1].astype(float)


def ruler_value(place):
    """The ruler's grey at a level-0 coordinate: pixel n has its centre at n + 0.5."""
    phase = (place - 0.5) % RULER_PERIOD
    return np.minimum(phase, RULER_PERIOD - phase)


@pytest.mark.parametrize(
    ("x", "y", "z"),
    [
        (1500, 1000, 0.4),
        (1500, 1000, 1),
        (700, 900, 2.2),
        (1500, 1000, 3.1),
        (2600, 1700, 3.9),
        (1500, 1000, 5),
    ],
)
def test_every_pixel_of_every_level_lies_where_it_belongs(visit, x, y, z):
    open_slide(visit, RULER, f"#x={x}&y={y}&z={z}")
    seen = see(visit)
    rows, columns = seen.shape[:2]
    there_y, there_x = np.mgrid[0:rows, 0:columns] + 0.5
    image_x, image_y = x + (there_x - columns / 2) * z, y + (there_y - rows / 2) * z
    margin = 12 + 3 * z
    inside = (image_x > margin) & (image_x < RULER["columns"] - margin)
    inside &= (image_y > margin) & (image_y < RULER["rows"] - margin)
    for channel, place in ((0, image_x), (1, image_y)):
        wanted = ruler_value(place)
        # Smoothing flattens the tips of the triangle wave; between them a grey is a pixel.
        straight = inside & (wanted > margin) & (wanted < 255 - margin)
        # Two pixels of the screen, and two of the level shown, which is at most the third (8.7).
        off = np.abs(seen[..., channel] - wanted)[straight]
        assert straight.sum() > 10_000
        assert off.max() <= 2 * z + 2


@pytest.mark.parametrize(
    "place", ["", "#x=3001&y=2003&z=0.5", "#x=3001&y=2003&z=2", "#x=2900&y=1900&z=1.3&r=20"]
)
def test_padding_is_never_seen(visit, place):
    open_slide(visit, RULER, place)
    seen = see(visit)
    # Blue is 128 all over the ruler, 255 in the padding.
    ruler_blue = (np.abs(seen[..., 2] - 128) <= 3).sum()
    ground = seen[2, 2] if not place else np.array([230, 226, 235])
    is_ground = (np.abs(seen - ground).max(-1) <= 3).sum()
    blended = seen.shape[0] * seen.shape[1] - ruler_blue - is_ground
    magenta = (seen[..., 0] > 235) & (seen[..., 1] < 90) & (seen[..., 2] > 190)
    assert magenta.sum() == 0
    assert blended < 3 * sum(seen.shape[:2])  # the smoothed rim alone


def test_the_scale_bar_is_as_long_as_it_says(visit):
    open_slide(visit, FIRST, "#x=1500&y=1100&z=3")
    bar = visit.page.get_by_role("img", name=re.compile("Scale bar"))
    # 3 level-0 pixels of 0.5 µm under each pixel of the screen.
    assert bar.bounding_box()["width"] * 1.5 == pytest.approx(
        float(bar.get_attribute("data-micrometres")), abs=1.5
    )
    expect(bar).to_have_text("200 µm")


def test_an_objective_sets_micrometres_on_the_screen(visit):
    open_slide(visit, FIRST)
    visit.page.get_by_role("button", name="10×", exact=True).click()
    expect(visit.page.get_by_role("button", name="10×", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    # 10× is 1 µm per pixel: 2 level-0 pixels of 0.5 µm.
    expect(visit.page).to_have_url(re.compile(r"z=2(&|$)"))


def test_a_view_survives_its_address(visit):
    open_slide(visit, FIRST, "#x=1234&y=987&z=2.5&r=90")
    visit.page.keyboard.press("ArrowRight")
    # Turned by 90° clockwise, the slide's top lies to the right: 15 % of 928 pixels, 2.5 level-0
    # pixels under each, are 348.
    expect(visit.page).to_have_url(re.compile(r"#x=1234&y=639&z=2\.5&r=90"))
    moved = visit.page.url
    visit.page.goto("about:blank")
    visit.page.goto(moved)
    expect(visit.page.locator("[data-magnification]")).to_be_visible()
    visit.page.keyboard.press("ArrowLeft")
    expect(visit.page).to_have_url(re.compile(r"#x=123[345]&y=98[678]&z=2\.5&r=90"))


def test_keys_walk_zoom_and_help(visit):
    open_slide(visit, FIRST, "#x=1500&y=1100&z=4")
    visit.page.keyboard.press("+")
    expect(visit.page).to_have_url(re.compile(r"z=2\.5$"))
    visit.page.keyboard.press("]")
    expect(visit.page.get_by_role("heading", name="C01-HE")).to_be_visible()
    visit.page.keyboard.press("[")
    expect(visit.page.get_by_role("heading", name="C00-HE")).to_be_visible()
    visit.page.keyboard.press("?")
    expect(visit.page.get_by_role("dialog", name="Keys")).to_be_visible()
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("dialog")).to_have_count(0)
    visit.page.keyboard.press("i")
    expect(visit.page.get_by_role("complementary", name="Details")).to_have_count(0)


def test_the_panel_tells_confirmed_from_candidate(visit):
    open_slide(visit, FIRST)
    panel = visit.page.get_by_role("complementary", name="Details")
    expect(panel.get_by_role("listitem").filter(has_text="Tubular adenoma")).to_contain_text(
        "Confirmed"
    )
    expect(panel.get_by_role("listitem").filter(has_text="Adenocarcinoma")).to_contain_text(
        "Candidate"
    )
    expect(panel).to_contain_text("Lumenscan L40")


def test_the_pointer_tells_its_place_in_micrometres(visit):
    open_slide(visit, FIRST, "#x=1500&y=1100&z=2")
    box = visit.page.locator(".glass").bounding_box()
    visit.page.mouse.move(box["x"] + box["width"] / 2 + 100, box["y"] + box["height"] / 2)
    # 100 pixels of the screen to the right of level-0 pixel 1500: (1500 + 200) × 0.5 µm.
    expect(visit.page.locator(".cursor")).to_have_text(
        re.compile(r"x (849|850|851) µm, y (549|550|551) µm")
    )


def test_a_shut_slide_says_why(visit):
    visit.go(f"/images/{SHUT['accession']}")
    alert = visit.page.get_by_role("alert")
    expect(alert).to_contain_text("data access committee")
    expect(alert.get_by_role("link", name="How to apply")).to_be_visible()
    expect(alert.get_by_role("link", name="Sign in")).to_be_visible()


def test_tiles_that_fail_are_told_of_and_loaded_again(visit, world):
    world.tiles_fail = True
    visit.go(f"/images/{RULER['accession']}")
    expect(visit.page.get_by_role("status")).to_contain_text("did not load")
    world.tiles_fail = False
    visit.page.get_by_role("button", name="Load again").click()
    expect(visit.page.get_by_role("status")).not_to_contain_text("did not load")
    for _ in range(100):  # until the tiles are there: a busy machine takes its time
        centre = see(visit)
        if abs(centre[centre.shape[0] // 2, centre.shape[1] // 2, 2] - 128) <= 3:
            return
    pytest.fail("the tiles did not come")


def test_a_lost_line_is_told_of_and_found_again(visit):
    open_slide(visit, RULER, "#x=1500&y=1000&z=4")
    visit.page.context.set_offline(True)
    visit.page.keyboard.press("4")
    expect(visit.page.get_by_role("status")).to_contain_text("Connection lost")
    visit.page.context.set_offline(False)
    visit.page.get_by_role("button", name="Try now").click()
    expect(visit.page.get_by_role("status")).to_contain_text("Connected again")
    visit.forgive("ERR_INTERNET_DISCONNECTED")


def test_the_dark_dims_what_surrounds_the_slide_and_not_the_slide(visit):
    visit.page.emulate_media(color_scheme="light")
    open_slide(visit, RULER, "#x=3001&y=2003&z=2")  # its lower right corner
    light = see(visit)
    visit.page.emulate_media(color_scheme="dark")
    dark = see(visit)
    rows, columns = light.shape[:2]
    slide = np.s_[: rows // 3, : columns // 3]
    assert np.array_equal(light[slide], dark[slide])
    grey = dark[-3, -3]
    assert np.ptp(grey) == 0  # without hue: it lends the stains none
    assert 60 <= grey[0] <= 100  # neither black, on which glass glares, nor bright
    assert light[-3, -3].min() > 200


def see_layers(visit, *, until=lambda _: True):
    """Pixels of the slide, with the panel of layers back in its place.

    A busy machine shows the old layers for a while: looks again until `until` holds, or as long
    as a page may take.
    """
    end = time.monotonic() + 20
    while True:
        visit.page.wait_for_load_state("networkidle")
        seen = see(visit)
        if until(seen) or time.monotonic() > end:
            visit.page.evaluate(HIDE.replace("'hidden'", "''"))
            return seen


def sharpness(seen):
    return cv2.Laplacian(seen, cv2.CV_64F).var()


def test_a_channel_is_put_out_and_lit_again(visit):
    open_slide(visit, STACK, "#x=750&y=500&z=0.5")
    channels = visit.page.get_by_role("group", name="Channels")
    all_lit = see_layers(visit)
    assert all_lit.max(axis=(0, 1)).min() > 200
    channels.get_by_role("button", name="Opal 520").click()
    expect(visit.page).to_have_url(re.compile(r"&channels=0,2$"))
    seen = see_layers(visit, until=lambda seen: seen[..., 1].max() <= 97)
    assert seen[..., 1].max() <= 97  # DAPI's colour is #0060ff
    channels.get_by_role("button", name="Channel 3").press("Space")
    seen = see_layers(visit, until=lambda seen: seen[..., 0].max() <= 1)
    assert seen[..., 0].max() <= 1
    assert seen[..., 2].max() > 200
    last = channels.get_by_role("button", name="DAPI")
    expect(last).to_have_attribute("aria-disabled", "true")
    last.click(force=True)
    expect(last).to_have_attribute("aria-pressed", "true")
    for name in ("Opal 520", "Channel 3"):
        channels.get_by_role("button", name=name).click()
    expect(visit.page).not_to_have_url(re.compile("channels"))
    seen = see_layers(visit, until=lambda seen: np.array_equal(seen, all_lit))
    assert np.array_equal(seen, all_lit)


def test_the_focus_follows_slider_and_keys_and_survives_its_address(visit):
    open_slide(visit, STACK, "#x=750&y=500&z=0.5")
    focus = visit.page.get_by_role("slider", name="Focus")
    expect(focus).to_have_attribute("aria-valuetext", "Plane 3 of 5")
    sharp = see_layers(visit)
    focus.press("ArrowRight")
    expect(focus).to_have_attribute("aria-valuetext", "Plane 4 of 5")
    blurred = see_layers(visit, until=lambda seen: sharpness(seen) < sharpness(sharp) / 2)
    assert sharpness(blurred) < sharpness(sharp) / 2
    assert "x=750&y=500" in visit.page.url  # the arrow moved the slider, not the slide
    visit.page.keyboard.press(".")
    visit.page.keyboard.press(".")  # there is no sixth
    expect(focus).to_have_attribute("aria-valuetext", "Plane 5 of 5")
    expect(visit.page).to_have_url(re.compile(r"&plane=4$"))
    farther = see_layers(visit, until=lambda seen: seen.std() < blurred.std() - 3)
    assert farther.std() < blurred.std() - 3
    there = visit.page.url
    visit.page.goto("about:blank")
    visit.page.goto(there)
    expect(focus).to_have_attribute("aria-valuetext", "Plane 5 of 5")
    again = see_layers(visit, until=lambda seen: np.abs(seen - farther).mean() < 0.5)
    assert np.abs(again - farther).mean() < 0.5


def test_a_slide_in_colour_of_one_plane_has_no_layers(visit):
    open_slide(visit, FIRST)
    expect(visit.page.get_by_role("region", name="Layers")).to_have_count(0)
