"""Levels of one size that lie over each other: the focal planes and channels of a resolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil

from bigpicture.dicom.slide import Encoding, Frame, Samples, SourceLevel, Stack
from bigpicture.dicom.syntax import MAXIMUM_NATIVE, NATIVE
from bigpicture.model.errors import SlideError


@dataclass(frozen=True)
class LayeredLevel:
    """One resolution made of `layers`: all planes of the first path, then those of the next one.

    The order is that of DICOM's frames (PS3.3 C.7.6.17.3).
    """

    layers: tuple[SourceLevel, ...]
    paths: int

    @property
    def place(self) -> str:
        return self.layers[0].place

    @property
    def columns(self) -> int:
        return self.layers[0].columns

    @property
    def rows(self) -> int:
        return self.layers[0].rows

    @property
    def tile_columns(self) -> int:
        return self.layers[0].tile_columns

    @property
    def tile_rows(self) -> int:
        return self.layers[0].tile_rows

    @property
    def stack(self) -> Stack:
        planes = len(self.layers) // self.paths
        return replace(self.layers[0].stack, planes=planes, paths=self.paths)

    @property
    def encoding(self) -> Encoding:
        return self._encoding

    @cached_property
    def _encoding(self) -> Encoding:
        # A layer without any bytes (ratio 0) goes with every encoding.
        told = [layer.encoding for layer in self.layers]
        encodings = [each for each in told if each.ratio] or told[:1]
        ratio = len(encodings) / sum(1 / (each.ratio or 1) for each in encodings)
        kinds = {(each.transfer_syntax, each.photometric) for each in encodings}
        size = self.tile_columns * self.tile_rows * self.stack.samples * (self.stack.bits // 8)
        reason = ""
        if len(kinds) > 1:
            reason = "its planes or channels are compressed in different ways"
        elif encodings[0].transfer_syntax in NATIVE:
            is_long = size * self._tiles * len(self.layers) >= MAXIMUM_NATIVE
            reason = "uncompressed, it is too long for DICOM" if is_long else ""
        if not reason:
            return replace(encodings[0], ratio=ratio)
        lossy = next((each for each in encodings if each.is_lossy), encodings[0])
        name = "RGB" if self.stack.samples == 3 else "MONOCHROME2"
        return replace(lossy, transfer_syntax="", photometric=name, ratio=ratio, reason=reason)

    @cached_property
    def _tiles(self) -> int:
        return ceil(self.columns / self.tile_columns) * ceil(self.rows / self.tile_rows)

    def frame(self, index: int) -> Frame | None:
        layer, tile = divmod(index, self._tiles)
        return self.layers[layer].frame(tile)

    def pixels(self, index: int) -> Samples:
        layer, tile = divmod(index, self._tiles)
        return self.layers[layer].pixels(tile)


def layered(layers: Sequence[SourceLevel], *, paths: int) -> SourceLevel:
    """The level made of `layers`; raises `SlideError` where they are not of one size and kind."""
    first = layers[0]
    for layer in layers:
        if _shape(layer) != _shape(first):
            raise SlideError(
                "two planes or channels of one resolution have different sizes or pixels.",
                place=f"{first.place}, {layer.place}",
                rule="planes and channels lie over each other, pixel by pixel",
                remedy="The file is damaged: copy it again from its origin.",
            )
    return first if len(layers) == 1 else LayeredLevel(tuple(layers), paths)


def _shape(level: SourceLevel) -> tuple[int, int, int, int, Stack]:
    return level.columns, level.rows, level.tile_columns, level.tile_rows, level.stack
