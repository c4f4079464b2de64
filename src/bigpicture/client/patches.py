"""Patches: a stream of them from many slides, for training and for whatever else looks at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bigpicture.client.cohort import FrozenCohort, SavedCohort
from bigpicture.client.node import Node
from bigpicture.client.stream.entry import Given, ImageEntry, entries_of
from bigpicture.client.stream.order import Shard
from bigpicture.client.stream.prepared import Asked, MaskOf
from bigpicture.client.stream.stream import Pace, PatchStream
from bigpicture.model.errors import InputError
from bigpicture.model.outline import Outline

OPENED = 64
"""Slides that are open at a time."""
_REMOTE_THREADS = 8
"""Requests in flight: with 20 ms there and back, and 5 ms of work for a block."""
_RAISE, _SKIP = "raise", "skip"


def patches(
    slides: FrozenCohort | SavedCohort | Iterable[Given] | Given,
    *,
    mpp: float | Sequence[float],
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    batch: int = 64,
    seed: int = 0,
    shuffle: bool = True,
    shard: tuple[int, int] | None = None,
    mask: MaskOf | Mapping[str, NDArray[np.generic]] | None = None,
    cover: float = 0.5,
    labels: Sequence[str] = (),
    stated: Mapping[str, Sequence[str]] | None = None,
    candidates: bool = False,
    classes: Sequence[str] = (),
    outlines: Mapping[str, Sequence[Outline]] | None = None,
    annotations: Mapping[str, Path | str] | None = None,
    masks: bool = False,
    only_drawn: bool = False,
    locality: int = 1024,
    mixed: int = 8,
    ahead: int = 2,
    threads: int | None = None,
    on_error: str = _RAISE,
    node: Node | None = None,
) -> PatchStream:
    """Stream the patches of a cohort or of slides, every one once a pass.

    `slides` are a cohort of a node, images that a query found, or slides of this machine, also
    mixed. `size` (width, height, or one side) and `stride` (`size` unless said) are pixels at
    `mpp`, micrometres per pixel. A stored level within 1 % of it is read as it is, else patches
    are resampled from the coarsest level that is finer; each batch says which it was. Of several
    `mpp` the first has the grid, the others show the same middle.

    `mask` chooses: patches come where it covers the part `cover` of them at least. `labels` are
    the codes or meanings that `Batch.targets` tells of; confirmed ones only, `candidates` come as
    bags. `stated` adds labels by slide. `classes` are those of the outlines that were drawn
    (`outlines` or files of `annotations` by slide, else those of the slide itself): `Batch.cover`,
    with `masks` also `Batch.masks`; with `only_drawn` no patch that none of them covers.

    The order depends on `seed` and pass alone: blocks of `locality` pixels are shuffled, and the
    patches of `mixed` blocks among each other. `shard` (i, n) is part i, from 0, of n.
    `on_error` is raise, or skip: then `PatchStream.reasons` tells what was left out, and why.
    Raises `InputError` for what is asked wrongly.
    """
    mpps = (float(mpp),) if isinstance(mpp, (int, float)) else tuple(float(each) for each in mpp)
    sides = _pair(size)
    _check(mpps, sides, batch=batch, cover=cover, on_error=on_error, shard=shard)
    if (masks or only_drawn) and not classes:
        raise InputError(
            "no classes of outlines are named.", place="classes", rule="masks, only_drawn need them"
        )
    entries = entries_of(slides, node=node, annotations=annotations)
    is_far = any(isinstance(each, ImageEntry) for each in entries)
    asked = Asked(
        mpps=mpps,
        size=sides,
        stride=sides if stride is None else _pair(stride),
        side=max(1, locality // max(sides)),
        mask=mask,
        cover=cover,
        labels=tuple(labels),
        stated=stated,
        candidates=candidates,
        classes=tuple(classes),
        outlines=outlines,
        has_masks=masks,
        only_drawn=only_drawn,
    )
    own = _REMOTE_THREADS if is_far else min(4, os.cpu_count() or 1)
    pace = Pace(batch, max(1, mixed), max(1, ahead), threads or own, OPENED)
    part = None if shard is None else Shard(*shard)
    return PatchStream(
        entries, asked, pace, seed=seed, shuffle=shuffle, shard=part, skips=on_error == _SKIP
    )


def _pair(given: int | tuple[int, int]) -> tuple[int, int]:
    return (given, given) if isinstance(given, int) else given


def _check(
    mpps: tuple[float, ...],
    size: tuple[int, int],
    *,
    batch: int,
    cover: float,
    on_error: str,
    shard: tuple[int, int] | None,
) -> None:
    for is_good, place, rule in (
        (mpps and all(each > 0 for each in mpps), "mpp", "micrometres per pixel, greater than 0"),
        (min(size) >= 1, "size", "pixels, 1 at least"),
        (batch >= 1, "batch", "patches, 1 at least"),
        (0 <= cover <= 1, "cover", "a part, 0 to 1"),
        (on_error in (_RAISE, _SKIP), "on_error", f"{_RAISE} or {_SKIP}"),
        (shard is None or 0 <= shard[0] < shard[1], "shard", "(i, n), i from 0 and less than n"),
    ):
        if not is_good:
            raise InputError("this is not what is asked for.", place=place, rule=rule)
