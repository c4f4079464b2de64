"""Results over the slide: layers lie where they belong, fade, explain themselves, and fail well."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from bigpicture.viewing.colour_maps import table_of_classes
from browser import mock_catalogue as catalogue
from browser.mock_results import NUCLEI

pytestmark = pytest.mark.browser

RULER = next(one for one in catalogue.IMAGES if one["alias"] == "ruler")
HIDE = """document.querySelectorAll('.instruments, .readout, .map, .layers')
    .forEach(one => one.style.visibility = 'hidden')"""


def open_results(visit, image=RULER, place="#x=1500&y=1000&z=3"):
    visit.go(f"/images/{image['accession']}{place}")
    expect(visit.page.locator("[data-magnification]")).to_be_visible()
    visit.page.get_by_role("button", name="Results", exact=True).click()
    return visit.page.get_by_role("complementary", name="Results")


def see(visit, until=lambda _: True):
    """Pixels of the slide, RGB, when `until` holds of two looks that are the same."""
    visit.page.evaluate(HIDE)
    before = None
    for _ in range(60):
        visit.page.wait_for_load_state("networkidle")
        now = visit.page.locator(".glass").screenshot()
        seen = cv2.imdecode(np.frombuffer(now, np.uint8), cv2.IMREAD_COLOR)[..., ::-1].astype(float)
        if now == before and until(seen):
            return seen
        before = now
        visit.page.wait_for_timeout(100)
    return seen


def at(seen, x, y, *, z=3.0, centre=(1500, 1000)):
    """The pixel of the screen over a level-0 pixel."""
    rows, columns = seen.shape[:2]
    return seen[round(rows / 2 + (y - centre[1]) / z), round(columns / 2 + (x - centre[0]) / z)]


def test_a_mask_lies_over_the_tissue_it_was_computed_of(visit):
    panel = open_results(visit)
    bare = see(visit)
    panel.get_by_role("switch", name="Tissue").click()
    expect(panel.get_by_role("list", name="Legend")).to_contain_text("fold")
    slider = panel.get_by_role("slider", name="Opacity of Tissue")
    slider.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "100 %")
    colours = table_of_classes()[:, :3].astype(float)

    def is_there(seen):
        return np.abs(at(seen, 200, 1000) - colours[1]).max() <= 3

    seen = see(visit, is_there)
    # The mock's first class fills the left half: its last pixel of 16 ends at 93 × 16 = 1488.
    assert np.abs(at(seen, 1478, 1200) - colours[1]).max() <= 3
    assert np.abs(at(seen, 1500, 1200) - at(bare, 1500, 1200)).max() <= 3
    # The second is a square from (23 × 16, 31 × 16) on.
    assert np.abs(at(seen, 23 * 16 + 30, 31 * 16 + 30) - colours[2]).max() <= 3
    assert np.abs(at(seen, 23 * 16 - 12, 31 * 16 + 30) - colours[1]).max() <= 3
    slider.press("Home")
    for _ in range(10):
        slider.press("ArrowRight")
    half = see(visit, lambda seen: np.abs(at(seen, 200, 1000) - colours[1]).max() > 10)
    mixed = (at(bare, 200, 1000) + colours[1]) / 2
    assert np.abs(at(half, 200, 1000) - mixed).max() <= 4
    panel.get_by_role("switch", name="Tissue").click()
    off = see(visit, lambda seen: np.array_equal(seen, bare))
    assert np.array_equal(off, bare)


def test_a_heatmap_tells_its_numbers_and_its_unit(visit):
    panel = open_results(visit)
    panel.get_by_role("switch", name="Focus").click()
    bar = panel.get_by_role("img", name="Colours from 0 to 12.5 µm")
    expect(bar).to_be_visible()
    panel.get_by_role("slider", name="Opacity of Focus").press("End")
    # From dark violet at the left to bright yellow at the right.
    seen = see(visit, lambda seen: at(seen, 2700, 1200)[1] > 180)
    assert at(seen, 300, 1200).sum() < at(seen, 1500, 1200).sum() < at(seen, 2700, 1200).sum()
    assert at(seen, 2700, 1200)[2] < 150


def test_many_shapes_are_counted_and_few_are_shown(visit, world):
    panel = open_results(visit)
    bare = see(visit)
    panel.get_by_role("switch", name="Nuclei").click()
    legend = panel.get_by_role("list", name="Legend")
    expect(legend.get_by_role("listitem")).to_have_count(3)
    expect(legend).to_contain_text("tumour nucleus")
    expect(legend).to_contain_text(f"{NUCLEI // 2:,}")
    expect(panel.get_by_role("status")).to_contain_text("counted in clusters")
    seen = see(visit, lambda seen: not np.array_equal(seen, bare))
    assert (np.abs(seen - bare).max(axis=-1) > 30).mean() > 0.02
    visit.page.keyboard.press("5")  # 40×
    expect(panel.get_by_role("status")).not_to_contain_text("clusters")
    asked = len(world.views)
    visit.page.locator(".glass").hover()
    visit.page.keyboard.press("ArrowRight")  # 15 % of the view: what was asked reaches further
    visit.page.wait_for_timeout(400)
    assert len(world.views) == asked


def test_layers_over_one_another_share_no_colour(visit):
    panel = open_results(visit)
    for name in ("Nuclei", "Tissue"):  # one after the other, before the first has come
        panel.get_by_role("switch", name=name).click()
    swatches = panel.get_by_role("list", name="Legend").locator(".swatch")
    expect(swatches).to_have_count(5)
    shown = [one.evaluate("one => getComputedStyle(one).background") for one in swatches.all()]
    assert len(set(shown)) == 5
    table = table_of_classes()[:, :3].astype(float)
    panel.get_by_role("slider", name="Opacity of Nuclei").press("Home")
    panel.get_by_role("slider", name="Opacity of Tissue").press("End")
    # Three of the shapes come first, then the first class of the mask.
    seen = see(visit, lambda seen: np.abs(at(seen, 200, 1000) - table[4]).max() <= 3)
    assert np.abs(at(seen, 200, 1000) - table[4]).max() <= 3


def test_an_outline_is_drawn_where_it_lies(visit):
    panel = open_results(visit, place="#x=900&y=700&z=0.8")
    bare = see(visit)
    panel.get_by_role("switch", name="Nuclei").click()
    panel.get_by_role("slider", name="Opacity of Nuclei").press("End")
    colour = table_of_classes()[3, :3].astype(float)

    def on_line(seen):
        # The field's left side runs along x = 600 from y = 500 to 900.
        row = round(seen.shape[0] / 2 + (700 - 700) / 0.8)
        column = seen.shape[1] / 2 + (600 - 900) / 0.8
        near = seen[row - 30 : row + 30, round(column) - 2 : round(column) + 2]
        return (np.abs(near - colour).max(axis=-1) < 40).mean()

    seen = see(visit, lambda seen: on_line(seen) > 0.3)
    assert on_line(seen) > 0.3 > on_line(bare)


def test_keys_reach_every_layer(visit):
    open_results(visit)
    page = visit.page
    page.keyboard.press("l")
    expect(page.get_by_role("complementary", name="Results")).to_have_count(0)
    page.keyboard.press("l")
    switch = page.get_by_role("switch", name="Tissue")
    switch.focus()
    page.keyboard.press("Space")
    expect(switch).to_have_attribute("aria-checked", "true")
    slider = page.get_by_role("slider", name="Opacity of Tissue")
    expect(slider).to_be_visible()
    page.keyboard.press("Tab")
    expect(slider).to_be_focused()
    page.keyboard.press("o")
    expect(switch).to_have_attribute("aria-checked", "false")
    page.keyboard.press("o")
    expect(switch).to_have_attribute("aria-checked", "true")
    page.keyboard.press("i")
    expect(page.get_by_role("complementary", name="Details")).to_be_visible()
    page.keyboard.press("l")
    expect(switch).to_have_attribute("aria-checked", "true")


def test_numbers_and_files_are_listed_and_all_is_marked(visit):
    panel = open_results(visit)
    expect(panel).to_contain_text("For research use only")
    expect(panel.get_by_role("definition")).to_have_text("123.5 mm²")
    file = panel.get_by_role("link", name="Note")
    assert "/api/v1/results/dddd" in file.get_attribute("href")


def test_nothing_computed_says_so(visit, world):
    world.results = "none"
    panel = open_results(visit)
    expect(panel).to_contain_text("Nothing was computed of this slide yet.")


def test_results_that_do_not_come_can_be_asked_for_again(visit, world):
    world.results = "fail"
    panel = open_results(visit)
    expect(panel.get_by_role("alert")).to_contain_text("The store does not answer.")
    world.results = "some"
    panel.get_by_role("button", name="Try again").click()
    expect(panel.get_by_role("switch", name="Tissue")).to_be_visible()


def test_a_layer_whose_right_ended_goes_and_says_why(visit, world):
    panel = open_results(visit)
    switch = panel.get_by_role("switch", name="Tissue")
    switch.click()
    see(visit)
    world.overlays_fail = True
    visit.page.keyboard.press("5")  # 40×
    expect(panel.get_by_role("alert")).to_contain_text("The grant for this dataset has ended.")
    expect(switch).to_have_attribute("aria-checked", "false")
    world.overlays_fail = False
    panel.get_by_role("button", name="Try again").click()
    expect(switch).to_have_attribute("aria-checked", "true")


def test_on_a_phone_slide_and_layers_share_the_screen(visit):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    panel = open_results(visit)
    switch = panel.get_by_role("switch", name="Tissue")
    switch.click()
    slider = panel.get_by_role("slider", name="Opacity of Tissue")
    for one in (switch, slider):
        box = one.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["height"] >= 44  # CSS pixels: WCAG 2.5.5
    glass = visit.page.locator(".glass").bounding_box()
    assert glass["height"] > 200
    assert panel.bounding_box()["y"] >= glass["y"] + glass["height"] - 1
