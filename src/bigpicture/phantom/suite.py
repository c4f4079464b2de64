"""The suite: overviews with exact truth on which tissue, pen and quality are judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bigpicture.phantom.artefacts import Kind
from bigpicture.phantom.overview import Overview, overlay, overview, paler
from bigpicture.phantom.stain import Stain
from bigpicture.phantom.tissue import Tissue

PALE = 0.35
"""The part of its stain that a pale slide has."""


@dataclass(frozen=True)
class Base:
    """A slide of the suite, 4.0 x 3.5 mm, before it is made paler and disturbed."""

    seed: int
    organ: str
    finding: str = "normal"
    stain: Stain = Stain.HE
    kinds: tuple[Kind, ...] = ()

    def render(self) -> Overview:
        return overview(
            Tissue(
                seed=self.seed,
                width=1600,
                height=1400,
                mpp=2.5,
                organ=self.organ,
                finding=self.finding,
                stain=self.stain,
                kinds=self.kinds,
            )
        )


@dataclass(frozen=True, eq=False)
class Generated:
    """One overview of the suite."""

    base: Base
    is_pale: bool
    overview: Overview


SMALL = (
    Base(3, "colon", kinds=(Kind.FOLD,)),
    Base(8, "breast", "carcinoma"),
    Base(4, "colon", "adenocarcinoma", Stain.KI67),
    Base(9, "breast", stain=Stain.KI67),
)
"""H&E and Ki-67, half of them with much fat: rendered in ten seconds."""

LARGE = (
    *SMALL,
    Base(5, "breast"),
    Base(6, "breast", "carcinoma", Stain.HER2),
    Base(7, "liver"),
    Base(2, "kidney"),
    Base(11, "kidney", stain=Stain.KI67),
    Base(12, "colon", "adenocarcinoma"),
)

_DISTURBED: tuple[tuple[Kind, ...], ...] = ((), (Kind.PEN,), (Kind.BUBBLE, Kind.BLUR))


def suite(bases: Iterable[tuple[Base, Overview]]) -> Iterator[Generated]:
    """Of each rendered base, well stained and pale: as it is, with a pen, with bubble and blur."""
    for base, rendered in bases:
        for is_pale in (False, True):
            view = paler(rendered, PALE) if is_pale else rendered
            for kinds in _DISTURBED:
                yield Generated(base, is_pale, overlay(view, kinds, seed=base.seed))
