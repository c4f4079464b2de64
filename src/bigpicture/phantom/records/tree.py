"""The tree of one dataset: which slide is of which block, specimen, case and being."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """Numbers from 0: the block of each slide, the specimen of each block, and so on up.

    Animals have no cases.
    """

    block_of_slide: Numbers
    specimen_of_block: Numbers
    case_of_specimen: Numbers
    being_of_specimen: Numbers
    being_of_case: Numbers
    second_specimen: Numbers
    """Of each block: another specimen of the same being in it; -1 for most."""

    @property
    def being_of_slide(self) -> Numbers:
        return self.being_of_specimen[self.specimen_of_slide]

    @property
    def specimen_of_slide(self) -> Numbers:
        return self.specimen_of_block[self.block_of_slide]

    @property
    def blocks(self) -> int:
        return len(self.specimen_of_block)

    @property
    def specimens(self) -> int:
        return len(self.being_of_specimen)

    @property
    def beings(self) -> int:
        return int(self.being_of_specimen[-1]) + 1


_OF_PEOPLE = (1 / 2.4, 1 / 1.5, 1 / 1.6, 1 / 1.25)
_OF_ANIMALS = (0.95, 0.97, 1 / 26, 1.0)
_TWO_SPECIMENS = 0.02


def grow(chance: np.random.Generator, slides: int, *, is_clinical: bool) -> Tree:
    """Grow the tree of so many slides.

    With some chance the next slide begins another block, that another specimen, and so on: how
    many slides a being has is skewed, as in archives.
    """
    odds = _OF_PEOPLE if is_clinical else _OF_ANIMALS
    begins = [np.ones(slides, dtype=np.bool_)]
    for each in odds:
        begins.append(begins[-1] & (chance.random(slides) < each))
        begins[-1][0] = True
    _, block, specimen, case, being = begins
    numbers = [np.cumsum(each) - 1 for each in (block, specimen, case, being)]
    block_of_slide, specimen_of_slide, case_of_slide, being_of_slide = numbers
    specimen_of_block = specimen_of_slide[block]
    being_of_specimen = being_of_slide[specimen]
    return Tree(
        block_of_slide=block_of_slide,
        specimen_of_block=specimen_of_block,
        case_of_specimen=case_of_slide[specimen],
        being_of_specimen=being_of_specimen,
        being_of_case=being_of_slide[case],
        second_specimen=_second(chance, specimen_of_block, being_of_specimen),
    )


def _second(chance: np.random.Generator, specimen_of_block: Numbers, beings: Numbers) -> Numbers:
    """The specimen before, where it is of the same being and chance will have it."""
    before = specimen_of_block - 1
    is_same = (before >= 0) & (beings[before] == beings[specimen_of_block])
    wanted = chance.random(len(before)) < _TWO_SPECIMENS
    return np.where(is_same & wanted, before, -1)


def within(groups: Numbers) -> Numbers:
    """The place of each among those of its group; groups are numbered in order."""
    first = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    return np.arange(len(groups)) - np.repeat(first, np.diff(np.r_[first, len(groups)]))
