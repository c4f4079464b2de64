"""One slide made ready for a stream: its grid, what covers it, what is stated of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bigpicture.client.slide import Slide
from bigpicture.client.stream.grid import Grid, Spot, make_grid
from bigpicture.client.stream.reason import Cause, cause_of
from bigpicture.dicom.outline_mask import OutlineMap
from bigpicture.dicom.reader import Cover
from bigpicture.model.errors import BigpictureError, SlideError
from bigpicture.model.outline import Outline

MaskOf = Callable[[Slide], NDArray[np.generic]]
"""A mask over the whole slide, shape (rows, columns) at whatever scale; not zero is wanted."""


@dataclass(frozen=True)
class Asked:
    """What somebody wants of every slide.

    `labels` are the columns of `Batch.targets`, `classes` of `Batch.cover`. `stated` are labels
    by slide that are known from elsewhere, and count as confirmed.
    """

    mpps: tuple[float, ...]
    size: tuple[int, int]
    stride: tuple[int, int]
    side: int
    mask: MaskOf | Mapping[str, NDArray[np.generic]] | None = None
    cover: float = 0.5
    labels: tuple[str, ...] = ()
    stated: Mapping[str, Sequence[str]] | None = None
    candidates: bool = False
    classes: tuple[str, ...] = ()
    outlines: Mapping[str, Sequence[Outline]] | None = None
    has_masks: bool = False
    only_drawn: bool = False


class LeftOutError(SlideError):
    """A slide that is not in the stream, with the cause."""

    def __init__(self, cause: Cause, error: BigpictureError) -> None:
        super().__init__(error.what, place=error.place, remedy=error.remedy, rule=error.rule)
        self.cause = cause


class Prepared:
    """A slide of a stream; threads may share one. Raises `LeftOutError` where it cannot be."""

    def __init__(self, slide: Slide, asked: Asked) -> None:
        self.slide = slide
        self._asked = asked
        self.grid: Grid = _grid(slide, asked)
        self._cover = _cover(slide, asked)
        self._drawn = _drawn(slide, asked)
        self.labels, self.bags = _stated(slide, asked)
        self.targets = np.array(
            [any(_same(each, label) for each in self._named(slide)) for label in asked.labels],
            np.int8,
        )

    def close(self) -> None:
        self.slide.close()

    def block(self, number: int) -> list[Spot]:
        """The patches of a block that are wanted."""
        return [spot for spot in self.grid.block(number) if self._is_wanted(spot)]

    def masks(self, spot: Spot) -> list[NDArray[np.bool_]]:
        """Of each class, the pixels of a patch that lie in outlines of it."""
        assert self._drawn is not None  # asked only where there are classes
        step = self.grid.views[0].scale
        return self._drawn.draw(
            *spot.corner, step=step, size=self.grid.size, labels=self._asked.classes
        )

    def _is_wanted(self, spot: Spot) -> bool:
        asked, scale = self._asked, self.grid.views[0].scale
        if self._cover is not None:
            box = asked.size[0] * scale[0], asked.size[1] * scale[1]
            if self._cover.of(*spot.corner, *box) < asked.cover:
                return False
        if asked.only_drawn:
            return any(mask.mean() >= asked.cover for mask in self.masks(spot))
        return True

    def _named(self, slide: Slide) -> set[str]:
        """Labels and codes that are confirmed."""
        codes = {code[1] for each in slide.observations if each.is_confirmed for code in each.codes}
        return codes | set(self.labels)


def _grid(slide: Slide, asked: Asked) -> Grid:
    try:
        return make_grid(
            slide.reader, mpps=asked.mpps, size=asked.size, stride=asked.stride, side=asked.side
        )
    except SlideError as error:
        cause = Cause.NO_SCALE if slide.mpp is None else Cause.TOO_COARSE
        raise LeftOutError(cause, error) from error


def _cover(slide: Slide, asked: Asked) -> Cover | None:
    if asked.mask is None:
        return None
    if callable(asked.mask):
        try:
            mask = asked.mask(slide)
        except BigpictureError as error:
            raise LeftOutError(cause_of(error, Cause.FAILED), error) from error
    elif slide.name in asked.mask:
        mask = asked.mask[slide.name]
    else:
        error = SlideError("no mask is given for it.", place=slide.name)
        raise LeftOutError(Cause.FAILED, error)
    array = np.asarray(mask)
    if array.ndim != 2 or not array.size:
        error = SlideError(
            f"its mask has the shape {array.shape}.", place=slide.name, rule="(rows, columns)"
        )
        raise LeftOutError(Cause.FAILED, error)
    return Cover(array, slide.width, slide.height)


def _drawn(slide: Slide, asked: Asked) -> OutlineMap | None:
    if not asked.classes:
        return None
    if asked.outlines is not None:
        return OutlineMap(asked.outlines.get(slide.name, ()))
    try:
        return OutlineMap(slide.annotations)
    except BigpictureError as error:
        raise LeftOutError(cause_of(error, Cause.UNDRAWN), error) from error


def _stated(slide: Slide, asked: Asked) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Confirmed labels, and candidates with the entity that they were stated on."""
    given = asked.stated.get(slide.name, ()) if asked.stated is not None else ()
    sure = dict.fromkeys(given)
    bags: dict[tuple[str, str], None] = {}
    dataset = slide.properties.get("dataset", "")
    for each in slide.observations:
        if each.is_confirmed:
            sure |= dict.fromkeys(each.labels)
        elif asked.candidates:
            bags |= dict.fromkeys((f"{dataset} {each.on}".strip(), label) for label in each.labels)
    return tuple(sure), tuple(bags)


def _same(given: str, label: str) -> bool:
    return given.casefold() == label.casefold()
