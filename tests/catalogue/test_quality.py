"""How completely images are described, counted by hand; and that no small group shows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from bigpicture.catalogue.catalogue import Catalogue
from bigpicture.catalogue.disclose import SMALLEST, disclosed_percent
from bigpicture.catalogue.index.lineage import NothingAbove
from bigpicture.catalogue.quality import NO, YES, Group, Partition, Quality
from bigpicture.catalogue.quality_told import MOST, OTHERS, tell_quality
from bigpicture.model.errors import UnknownError
from bigpicture.storage.records import tables as t
from many_beings import add_dataset, named
from published import LIVER, OPEN, UNKNOWN

BEINGS, EACH = 14, 4


@pytest.fixture
def dataset(stores):
    """14 beings with 4 images each, behind a grant."""
    return add_dataset(
        stores, "hepata", seq=1, tier="controlled", title="Livers", site=LIVER,
        beings=BEINGS, images_each=EACH,
    )  # fmt: skip


def set_of(stores, dataset, table, numbers, first, **values):
    with stores.records.write() as connection:
        for number in numbers:
            accession = named("image" if table is t.images else "sample", dataset, first + number)
            connection.execute(update(table).where(table.c.accession == accession).values(**values))


def told(stores, dataset, *, is_open=False):
    return Catalogue(stores.records, None, NothingAbove()).quality(dataset, is_open=is_open)


def shares(quality):
    return {each.name: each.percent for each in quality.shares}


def spread(quality, name):
    return dict(next(each.groups for each in quality.spreads if each.name == name))


def test_shares_are_counted_in_images(stores, dataset):
    set_of(stores, dataset, t.specimens, range(9), 18000, age_start="P50Y")
    found = shares(told(stores, dataset))
    assert found["organ"] == found["stain"] == found["species"] == found["sex"] == 100
    assert found["age"] == 64  # 9 of 14 beings, 36 of 56 images: 64.3%
    assert found["scanner"] == found["annotated"] == 0


def test_a_share_is_withheld_where_either_side_shows_few_beings(stores, dataset):
    set_of(stores, dataset, t.specimens, range(10), 18000, age_start="P50Y")  # 4 are without
    assert shares(told(stores, dataset))["age"] is None
    assert told(stores, dataset).is_withheld
    assert shares(told(stores, dataset, is_open=True))["age"] == 71  # 40 of 56
    assert not told(stores, dataset, is_open=True).is_withheld


def scanned(stores, dataset, *counts):
    """So many beings of each scanner, one after the other."""
    first = 0
    for scanner, count in enumerate(counts):
        numbers = range(first * EACH, (first + count) * EACH)
        set_of(stores, dataset, t.images, numbers, 0, manufacturer="S", model=str(scanner))
        first += count


def test_small_groups_are_told_together(stores, dataset):
    scanned(stores, dataset, 7, 4, 3)
    assert spread(told(stores, dataset), "scanner") == {"S 0": 50, OTHERS: 50}
    exact = {"S 0": 50, "S 1": 29, "S 2": 21}  # 28, 16, 12 of 56
    assert spread(told(stores, dataset, is_open=True), "scanner") == exact


def test_a_small_group_takes_the_next_with_it(stores, dataset):
    scanned(stores, dataset, 6, 6, 2)
    assert spread(told(stores, dataset), "scanner") == {"S 0": 43, OTHERS: 57}


def test_of_one_large_group_and_one_small_nothing_is_told(stores, dataset):
    scanned(stores, dataset, 12, 2)
    assert spread(told(stores, dataset), "scanner") == {}


def test_candidates_do_not_follow_from_what_is_confirmed(stores, dataset):
    """A partition of three: told one beside the other, two shares would give the third away."""
    names = {each.name for each in told(stores, dataset).shares}
    assert not names & {"diagnosis", "confirmed"}
    assert spread(told(stores, dataset), "diagnosis") == {"Confirmed": 100}


@pytest.mark.parametrize(
    ("syntax", "kind", "said"),
    [
        ("1.2.840.10008.1.2.4.50", "image/jpeg", "JPEG, lossy"),
        ("1.2.840.10008.1.2.4.70", "image/jpeg", "JPEG, lossless"),
        ("1.2.840.10008.1.2.4.90", "image/jp2", "JPEG 2000, lossless"),
        ("1.2.840.10008.1.2.4.91", "image/jp2", "JPEG 2000, lossy"),
        ("1.2.840.10008.1.2.4.80", "image/jls", "JPEG-LS, lossless"),
        ("1.2.840.10008.1.2.5", "image/dicom-rle", "RLE, lossless"),
        ("1.2.840.10008.1.2.1", "application/octet-stream", "Uncompressed"),
        (None, None, "Not stated"),
    ],
)
def test_lossless_is_told_from_lossy_by_the_transfer_syntax(stores, frames, syntax, kind, said):
    if kind:
        with stores.records.write() as connection:
            connection.execute(update(t.levels).values(transfer_syntax=syntax, media_type=kind))
    else:
        with stores.records.write() as connection:
            connection.execute(t.levels.delete())
    assert spread(told(stores, OPEN, is_open=True), "compression") == {said: 100}


def test_it_is_counted_anew_when_the_dataset_changes(stores, dataset):
    catalogue = Catalogue(stores.records, None, NothingAbove())
    assert shares(catalogue.quality(dataset, is_open=True))["age"] == 0
    set_of(stores, dataset, t.specimens, range(14), 18000, age_start="P50Y")
    with stores.records.write() as connection:
        connection.execute(update(t.datasets).values(seq=2))
    assert shares(catalogue.quality(dataset, is_open=True))["age"] == 100


def test_an_unknown_dataset_is_unknown(stores, dataset):
    with pytest.raises(UnknownError):
        told(stores, UNKNOWN)


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(0, 10, 0), (10, 10, 100), (1, 3000, 1), (2999, 3000, 99), (1, 3, 33), (0, 0, 0)],
)
def test_only_none_is_0_percent_and_only_all_is_100(part, whole, percent):
    assert disclosed_percent(part, whole) == percent


@st.composite
def partitions(draw):
    """Beings dealt to groups, a being to several of them at times."""
    beings = draw(st.integers(1, 40))
    groups = draw(st.integers(1, 12))
    members = [
        draw(st.sets(st.integers(0, beings - 1), min_size=1, max_size=beings))
        for _ in range(groups)
    ]
    images = [len(each) * draw(st.integers(1, 5)) for each in members]
    made = []
    for at, (each, count) in enumerate(zip(members, images, strict=True)):
        who = np.zeros(beings, np.bool_)
        who[list(each)] = True
        made.append(Group(f"g{at}", count, who))
    return beings, made


@given(partitions())
def test_whatever_is_told_shows_enough_beings(drawn):
    beings, groups = drawn
    quality = Quality(
        images=sum(each.images for each in groups),
        offsets=np.arange(beings + 1),
        beings=np.arange(beings),
        filled=(Partition("organ", tuple(Group(YES if not at else NO, each.images, each.who)
                                         for at, each in enumerate(groups[:2]))),),
        spreads=(Partition("scanner", tuple(groups)),),
    )  # fmt: skip
    told = tell_quality(quality, is_open=False)
    known = {each.label: each for each in groups}
    (shown,) = told.spreads
    assert len(shown.groups) <= MOST
    named_ones = [label for label, _ in shown.groups if label != OTHERS]
    for label in named_ones:
        assert known[label].who.sum() >= SMALLEST
    rest = [each for each in groups if each.label not in named_ones]
    if shown.groups and rest:
        assert np.logical_or.reduce([each.who for each in rest]).sum() >= SMALLEST
    if told.shares[0].percent is not None:
        assert all(each.who.sum() >= SMALLEST for each in groups[:2])
    few = beings < SMALLEST
    assert not few or (told.images == "of <5 beings" and not shown.groups)
