"""Streams of patches over slides of this machine: pixels, order, parts, resuming, what is lost."""

from __future__ import annotations

import gc
import multiprocessing
import pickle
import random

import numpy as np
import openslide
import pytest
import simplejpeg
import tifffile

import bigpicture
from bigpicture.client.stream.batch import Batch
from bigpicture.client.stream.reason import Cause
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.tiles import open_tiles
from bigpicture.model.errors import InputError, SlideError
from bigpicture.model.outline import Outline, OutlineKind
from made_dicom import JPEG, header, save, tiles
from places import shared
from slide_making import convert_all, pattern, write_jpeg_tiff

SIDE = 64
REAL = ["wsi_svs/libvips__CMU-1-Small-Region.svs", "wsi_tiff/rationai__CMU-1-small.tiff"]


@pytest.fixture(scope="module")
def slides(tmp_path_factory):
    """Two slides of half a micrometre a pixel as DICOM, with tiles of 64 pixels."""
    folder = tmp_path_factory.mktemp("slides")
    for name, rows, columns in (("one", 500, 700), ("two", 330, 460)):
        write_jpeg_tiff(folder / f"{name}.tif", rows=rows, columns=columns, tile=SIDE)
        convert_all(folder / f"{name}.tif", folder / name)
    return [folder / "one", folder / "two"]


def ids(stream):
    """Slide and corner of every patch, in the order in which they come."""
    return [
        (name, *map(float, corner))
        for batch in stream
        for name, corner in zip(batch.slides, batch.corners, strict=True)
    ]


def made(slides, **given):
    asked = {"mpp": 0.5, "size": SIDE, "batch": 7, "mixed": 3, "locality": 128, **given}
    return bigpicture.patches(slides, **asked)


def same(one: Batch, other: Batch):
    return one.slides == other.slides and all(
        np.array_equal(one[name], other[name])
        for name in ("pixels", "corners", "mpp", "targets", "cover", "masks")
    )


@pytest.mark.parametrize("stride", [SIDE, 50])
def test_every_patch_is_what_openslide_shows(slides, stride):
    opened = {path.name: openslide.OpenSlide(path / "level-0.dcm") for path in slides}
    seen = 0
    for batch in made(slides, stride=stride):
        for name, (x, y), pixels in zip(batch.slides, batch.corners, batch.pixels, strict=True):
            wanted = opened[name].read_region((int(x), int(y)), 0, (SIDE, SIDE))
            assert np.array_equal(pixels, np.asarray(wanted)[..., :3])
            seen += 1
    by_hand = {(700, 500), (460, 330)}
    assert seen == sum(
        ((wide - SIDE) // stride + 1) * ((high - SIDE) // stride + 1) for wide, high in by_hand
    )


@pytest.mark.parametrize("name", REAL)
def test_real_slides_come_as_openslide_shows_them(name):
    path = shared(f"testdata/{name}")
    chance = random.Random(2)
    with openslide.OpenSlide(path) as slide, bigpicture.slide(path) as ours:
        stream = bigpicture.patches(ours, mpp=ours.mpp[0], size=200, batch=16)
        for batch in stream:
            assert batch.mpp == pytest.approx(np.full(batch.count, ours.mpp[0]))
            number = chance.randrange(batch.count)
            x, y = map(int, batch.corners[number])
            wanted = np.asarray(slide.read_region((x, y), 0, (200, 200)))[..., :3]
            assert np.array_equal(batch.pixels[number], wanted)


def test_the_order_is_that_of_the_seed_and_the_pass(slides):
    first, again, other = made(slides, seed=1), made(slides, seed=1), made(slides, seed=2)
    one = ids(first)
    assert one == ids(again)
    assert one != ids(other)
    assert sorted(one) == sorted(set(one))
    second = ids(first)
    assert second != one
    assert sorted(second) == sorted(one)
    again.set_epoch(1)
    assert ids(again) == second
    plain = ids(made(slides, shuffle=False, locality=SIDE))
    assert plain == sorted(plain, key=lambda each: (each[0], each[2], each[1]))
    assert sorted(plain) == sorted(one)


def test_neighbours_come_near_each_other(slides):
    """All patches of a block are in one group: a decoded tile is not needed again much later."""
    order = ids(made(slides, locality=128, mixed=2))
    where = {}
    for number, (name, x, y) in enumerate(order):
        where.setdefault((name, x // 128, y // 128), []).append(number)
    assert max(max(each) - min(each) for each in where.values()) < 2 * 4


@pytest.mark.parametrize("count", [2, 3])
def test_parts_have_nothing_in_common_and_miss_nothing(slides, count):
    parts = [ids(made(slides, shard=(number, count))) for number in range(count)]
    assert sorted(each for part in parts for each in part) == sorted(ids(made(slides)))


@pytest.mark.parametrize("at", [1, 4, 9])
def test_what_is_resumed_is_what_would_have_come(slides, at):
    whole = list(made(slides))
    begun = made(slides)
    taken = []
    for batch in begun:
        taken.append(batch)
        if len(taken) == at:
            break
    state = begun.state_dict()
    resumed = made(slides)
    resumed.load_state_dict(state)
    rest = list(resumed)
    assert len(rest) == len(whole) - at
    assert all(map(same, [*taken, *rest], whole))
    assert resumed.epoch == 1


def test_a_state_of_another_stream_is_refused(slides):
    state = made(slides).state_dict()
    for other in (made(slides, seed=9), made(slides[:1]), made(slides, shard=(0, 2))):
        with pytest.raises(InputError, match="another stream"):
            other.load_state_dict(state)


@pytest.mark.parametrize("wanted", [0.5, 0.504, 0.7, 1.3, 2.0, 3.0])
def test_the_scale_is_honoured_and_stated(slides, wanted):
    """A ramp across 700 pixels: between patches it rises as the scale says."""
    for batch in made(slides[:1], mpp=wanted, size=80, stride=20, batch=500):
        assert batch.mpp == pytest.approx(np.full(batch.count, wanted), rel=0.01)
        across = batch.pixels[..., 0].astype(float).mean(axis=(0, 1))
        assert np.polyfit(range(80), across, 1)[0] == pytest.approx(
            255 / 699 * batch.mpp[0] / 0.5, rel=0.01
        )
        assert batch.pixels.shape[1:] == (80, 80, 3)


def test_several_scales_show_one_middle(slides):
    with bigpicture.slide(slides[0]) as slide:
        batch = next(iter(made(slides[:1], mpp=(0.5, 1.0), size=32)))
        assert batch.pixels.shape[1:] == (2, 32, 32, 3)
        assert np.array_equal(batch.mpp, np.tile([0.5, 1.0], (batch.count, 1)))
        for (x, y), pixels in zip(batch.corners, batch.pixels, strict=True):
            assert np.array_equal(pixels[0], slide.region(x, y, 32, 32))
            assert np.array_equal(pixels[1], slide.at_mpp(x - 16, y - 16, mpp=1.0, size=(32, 32)))


def test_a_mask_chooses_patches(slides):
    mask = np.zeros((500, 700))
    mask[:, :96] = 1  # covers the first column of patches, and half of the second
    found = ids(made(slides[:1], mask={"one": mask}))
    assert {x for _, x, _ in found} == {0.0, 64.0}
    assert len(found) == 2 * 7
    most = ids(made(slides[:1], mask=lambda slide: mask, cover=0.6))
    assert {x for _, x, _ in most} == {0.0}


def square(left, top, side, label):
    right, bottom = left + side, top + side
    ring = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Outline(OutlineKind.POLYGON, (ring,), label)


def test_regions_become_cover_and_masks(slides):
    """Tumour over the left half of the first patch, stroma over a quarter of the second."""
    drawn = {"one": [square(-100, -100, 132, "Tumour"), square(64, 0, 32, "Stroma")]}
    stream = made(
        slides[:1], outlines=drawn, classes=["Tumour", "Stroma"], masks=True, only_drawn=True,
        cover=0.2,
    )  # fmt: skip
    found = {
        tuple(map(int, corner)): (cover, mask)
        for batch in stream
        for corner, cover, mask in zip(batch.corners, batch.cover, batch.masks, strict=True)
    }
    assert set(found) == {(0, 0), (64, 0)}
    assert found[0, 0][0] == pytest.approx([0.25, 0])
    assert found[64, 0][0] == pytest.approx([0, 0.25])
    wanted = np.zeros((SIDE, SIDE))
    wanted[:32, :32] = 1
    assert np.array_equal(found[0, 0][1], wanted)
    wanted[:32, :32] = 2
    assert np.array_equal(found[64, 0][1], wanted)


def test_labels_from_elsewhere_are_columns(slides):
    stated = {"one": ["Adenoma"], "two": ["Fibrosis", "adenoma"]}
    for batch in made(slides, labels=["Adenoma", "Necrosis"], stated=stated):
        for name, labels, targets in zip(batch.slides, batch.labels, batch.targets, strict=True):
            assert list(labels) == stated[name]
            assert list(targets) == [1, 0]


def without_scale(path):
    picture = pattern(200, 200)
    tifffile.imwrite(path, picture, tile=(64, 64), photometric="rgb", compression="jpeg")
    return path


def with_damage(path, number=4):
    """Level of 64-pixel tiles, one of which is cut short."""
    picture = pattern(256, 256)[None, None]
    frames = [simplejpeg.encode_jpeg(tile, quality=80) for tile in tiles(picture, SIDE)]
    frames[number] = frames[number][:40]
    path.mkdir()
    save(path / "a.dcm", header(picture, syntax=JPEG, name=path.name, side=SIDE), frames)
    return path


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(slides, tmp_path):
    bad = [without_scale(tmp_path / "scaleless.tif"), with_damage(tmp_path / "damaged")]
    (tmp_path / "no.svs").write_bytes(b"this is no slide")
    coarse = tmp_path / "coarse.tif"
    write_jpeg_tiff(coarse)
    with tifffile.TiffFile(coarse, mode="r+b") as file:
        for name in ("XResolution", "YResolution"):
            file.pages[0].tags[name].overwrite((5000, 1))
    stream = made([*slides, *bad, tmp_path / "no.svs", coarse], on_error="skip")
    counts = {}
    for name, *_ in ids(stream):
        counts[name] = counts.get(name, 0) + 1
    assert counts == {"one": 10 * 7, "two": 7 * 5, "damaged": 15}
    told = {name: (reason.cause, reason.patches) for name, reason in stream.reasons.items()}
    assert told == {
        "scaleless.tif": (Cause.NO_SCALE, 0),
        "damaged": (Cause.DAMAGED, 1),
        "no.svs": (Cause.UNREADABLE, 0),
        "coarse.tif": (Cause.TOO_COARSE, 0),
    }
    assert "frame 4" in stream.reasons["damaged"].what


def test_unless_it_is_to_be_skipped_it_is_raised(slides, tmp_path):
    with pytest.raises(SlideError, match="frame 4"):
        list(made([*slides, with_damage(tmp_path / "damaged")]))
    with pytest.raises(SlideError, match="how large its pixels are"):
        made([without_scale(tmp_path / "scaleless.tif")])


def test_where_nothing_can_be_read_that_is_an_error(tmp_path):
    with pytest.raises(SlideError, match="nothing could be read"):
        list(made([without_scale(tmp_path / "scaleless.tif")], on_error="skip"))


@pytest.mark.parametrize("leaves", [lambda stream: stream.close(), lambda stream: None])
def test_a_stream_that_is_let_go_of_closes_its_files(slides, monkeypatch, leaves):
    closed, close = [], FileSource.close
    monkeypatch.setattr(FileSource, "close", lambda self: (closed.append(self.name), close(self)))
    stream = made(slides)
    closed.clear()
    passing = iter(stream)
    next(passing)
    passing.close()
    leaves(stream)
    del stream, passing
    gc.collect()
    assert "level-0.dcm" in closed


def test_a_batch_that_is_held_is_never_written_over(slides):
    held = list(made(slides, batch=4))
    copies = [batch.pixels.copy() for batch in made(slides, batch=4)]
    assert all(np.array_equal(b.pixels, c) for b, c in zip(held, copies, strict=True))
    tails, wanted = [], []
    for batch in made(slides, batch=4):
        tails.append(batch.pixels[-1, 10:])  # a part of a part is held, the batch is not
        wanted.append(tails[-1].copy())
        del batch
    assert all(map(np.array_equal, tails, wanted))


@pytest.mark.parametrize(
    "wrong",
    [
        {"mpp": 0}, {"mpp": ()}, {"size": 0}, {"batch": 0}, {"cover": 2}, {"on_error": "ignore"},
        {"shard": (2, 2)}, {"masks": True},
    ],
)  # fmt: skip
def test_what_is_asked_wrongly_is_refused_at_once(slides, wrong):
    with pytest.raises(InputError):
        made(slides, **wrong)


def test_one_slide_twice_is_refused(slides):
    with pytest.raises(InputError, match="one name"):
        made([slides[0], slides[0]])


def test_workers_of_a_loader_share_a_pass_out(slides):
    data = pytest.importorskip("torch.utils.data", reason="needs the extra ai")
    stream = made(slides).for_torch()
    assert isinstance(stream, data.IterableDataset)
    found = []
    for batch in data.DataLoader(stream, batch_size=None, num_workers=2):
        assert batch["pixels"].shape[1:] == (SIDE, SIDE, 3)
        found += [
            (name, *corner)
            for name, corner in zip(batch["slides"], batch["corners"].tolist(), strict=True)
        ]
    assert sorted(found) == sorted(ids(made(slides)))


def test_spawned_workers_share_a_pass_out(slides):
    """They share nothing with this process: what they open and read they have from the pickle."""
    data = pytest.importorskip("torch.utils.data", reason="needs the extra ai")
    loader = data.DataLoader(
        made(slides, seed=5).for_torch(),
        batch_size=None,
        num_workers=2,
        multiprocessing_context="spawn",
    )
    pixels = {}
    for batch in loader:
        for number, name in enumerate(batch["slides"]):
            place = (name, *batch["corners"][number].tolist())
            assert place not in pixels
            pixels[place] = batch["pixels"][number].numpy()
    for batch in made(slides, seed=5):
        for name, corner, wanted in zip(batch.slides, batch.corners, batch.pixels, strict=True):
            assert np.array_equal(pixels.pop((name, *map(float, corner))), wanted)
    assert not pixels


def rank_reads(rank, ranks, slides, meeting, told):
    """What a rank of torch.distributed sees: without workers, then with two of them."""
    from torch import distributed
    from torch.utils.data import DataLoader

    distributed.init_process_group(
        "gloo", init_method=f"file://{meeting}", rank=rank, world_size=ranks
    )
    stream = made(slides).for_torch()
    plain = ids(stream)
    stream.set_epoch(0)
    loaded = [
        (name, *corner)
        for batch in DataLoader(stream, batch_size=None, num_workers=2)
        for name, corner in zip(batch["slides"], batch["corners"].tolist(), strict=True)
    ]
    distributed.destroy_process_group()
    told.put((rank, plain, loaded))


def test_ranks_of_a_training_share_a_pass_out(slides, tmp_path):
    """Processes of torch.distributed: alone, and with spawned workers, which are of no rank."""
    pytest.importorskip("torch", reason="needs the extra ai")
    spawn = multiprocessing.get_context("spawn")
    told = spawn.Queue()
    ranks = [
        spawn.Process(target=rank_reads, args=(rank, 2, slides, tmp_path / "meeting", told))
        for rank in range(2)
    ]
    for process in ranks:
        process.start()
    found = sorted(told.get(timeout=120) for _ in ranks)
    for process in ranks:
        process.join()
    every = sorted(ids(made(slides)))
    for way in (1, 2):
        assert sorted(place for each in found for place in each[way]) == every
        assert all(0 < len(each[way]) < len(every) for each in found)


def test_a_stream_travels_to_another_process(slides):
    assert ids(pickle.loads(pickle.dumps(made(slides)))) == ids(made(slides))


def test_stored_tiles_are_decoded_once_where_patches_lie_across_them(slides, monkeypatch):
    tiled = open_tiles(FileSource(slides[0] / "level-0.dcm")).level
    decoded = []
    whole = simplejpeg.decode_jpeg
    monkeypatch.setattr(
        simplejpeg,
        "decode_jpeg",
        lambda *given, **more: (decoded.append(1), whole(*given, **more))[1],
    )
    list(made(slides[:1], stride=40, threads=1))
    on_the_grid = 3 * 2  # where 40 n is a multiple of 64 across and down: those are not kept
    assert len(decoded) <= tiled.tile_count + on_the_grid
