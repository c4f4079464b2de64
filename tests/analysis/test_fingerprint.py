"""The same slide is known again, and others are not taken for it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigpicture.analysis.duplicates import duplicates
from bigpicture.analysis.fingerprint import fingerprint, likeness
from bigpicture.analysis.near_words import NearWords
from bigpicture.analysis.tissue import segment
from bigpicture.phantom.place import Grid
from bigpicture.phantom.section import Fragment, Section, one_piece

MPP, WIDTH, HEIGHT = 25.0, 200, 160
NUMBER = 450


def simple_overview(seed):
    """A slide of one to three pieces whose stains vary at three scales; rendered in a blink."""
    chance = np.random.default_rng(seed)
    across, down = WIDTH * MPP, HEIGHT * MPP
    section = one_piece(seed, across, down)
    if seed % 3:
        fragments = [
            Fragment(
                chance.uniform(0.25, 0.75) * across,
                chance.uniform(0.25, 0.75) * down,
                chance.uniform(0.1, 0.3) * across,
                chance.uniform(0.1, 0.3) * across,
                chance.uniform(-1.5, 1.5),
            )
            for _ in range(chance.integers(1, 4))
        ]
        section = Section(seed, tuple(fragments))
    grid = Grid((np.arange(WIDTH) + 0.5)[None] * MPP, (np.arange(HEIGHT) + 0.5)[:, None] * MPP)
    blue = 0.35 + 0.18 * grid.noise(seed + 1, 700) + 0.1 * grid.noise(seed + 2, 150)
    red = 0.4 + 0.15 * grid.noise(seed + 3, 1200) + 0.1 * grid.noise(seed + 4, 200)
    density = np.clip(blue, 0.03, 1.2)[..., None] * [0.65, 0.70, 0.29]
    density = density + np.clip(red, 0.03, 1.2)[..., None] * [0.07, 0.99, 0.11]
    density *= (section.inside(grid) > 0)[..., None]
    light = 242 * np.exp(-1.5 * density) + chance.normal(0, 1, density.shape)
    return np.clip(light, 0, 255).astype(np.uint8)


def rescanned(picture, form, chance):
    """Another scanner: other colours, margins, two degrees of turn, one of eight forms, half the
    size and a strong compression."""
    density = -np.log(np.maximum(picture, 1) / 242) * chance.uniform(0.8, 1.25, 3)
    seen = np.clip(236 * np.exp(-density) + chance.uniform(-3, 3), 0, 255).astype(np.uint8)
    glass = [int(value) for value in np.median(seen[:3].reshape(-1, 3), axis=0)]
    wide = cv2.copyMakeBorder(
        seen, *chance.integers(0, 12, 4).tolist(), cv2.BORDER_CONSTANT, value=glass
    )
    size = wide.shape[1], wide.shape[0]
    turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), chance.uniform(-2, 2), 1)
    turned = np.rot90(cv2.warpAffine(wide, turn, size, borderValue=glass), form % 4)
    turned = np.ascontiguousarray(turned[:, ::-1] if form >= 4 else turned)
    half = cv2.resize(turned, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    stored = cv2.imdecode(cv2.imencode(".jpg", half, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 1)
    return cv2.resize(stored, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)


def printed(picture):
    seen = segment(picture, mpp=MPP)
    return fingerprint(seen.over_glass, seen.tissue)


@pytest.fixture(scope="module")
def slides():
    made = [(seed, simple_overview(seed)) for seed in range(NUMBER)]
    return [(picture, printed(picture)) for _, picture in made]


def test_different_slides_are_not_taken_for_one(slides):
    """A hundred thousand pairs: none, so fewer than 1 in 33,000 with 95 % confidence."""
    prints = [each for _, each in slides if each is not None]
    assert len(prints) * (len(prints) - 1) / 2 > 95_000
    assert list(duplicates(prints)) == []


def test_a_rescan_is_known_again(slides):
    chance = np.random.default_rng(2)
    chosen = [(picture, old) for picture, old in slides[:160] if old is not None]
    again = [
        printed(rescanned(picture, number % 8, chance))
        for number, (picture, _) in enumerate(chosen)
    ]
    pairs = {(each.first, each.second) for each in duplicates([old for _, old in chosen] + again)}
    expected = {(number, number + len(chosen)) for number in range(len(chosen))}
    assert pairs <= expected
    assert len(pairs & expected) >= 0.99 * len(expected)


def test_the_eight_forms_are_those_of_the_turned_slide(slides):
    picture, old = slides[1]
    words = set(old.words().tolist())
    assert len(words) == 8
    for form in range(8):
        turned = np.rot90(picture, form % 4)
        again = printed(np.ascontiguousarray(turned[:, ::-1] if form >= 4 else turned))
        assert min(int(again.word ^ word).bit_count() for word in words) <= 3
        assert likeness(old.picture, again.picture) > 0.99


def test_real_sections_of_the_generator(generated):
    """Of the suite: pen, bubble and pale stain do not hide which slide it is."""
    prints = [
        fingerprint(seen.over_glass, seen.tissue | seen.ink)
        for seen in (segment(each.overview.picture) for each in generated)
    ]
    bases = [generated.index(each) for each in generated if not each.is_pale][::3]
    alike = [likeness(prints[place].picture, prints[place + 3].picture) for place in bases]
    assert min(alike) > 0.97
    others = [likeness(prints[a].picture, prints[b].picture) for a in bases for b in bases if a < b]
    assert max(others) < 0.97


def test_glass_has_no_fingerprint():
    assert printed(np.full((50, 50, 3), 240, np.uint8)) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=50), st.data())
def test_the_index_finds_what_a_pass_over_all_finds(words, data):
    word = data.draw(st.sampled_from(words)) ^ data.draw(st.integers(0, 2**12 - 1)) << 20
    word &= 2**64 - 1
    distance = data.draw(st.integers(0, 10))
    found = NearWords(np.array(words, np.uint64)).near(word, distance)
    assert found.tolist() == [
        place for place, each in enumerate(words) if (each ^ word).bit_count() <= distance
    ]
