"""Several TIFF images of one size as one level: its focal planes and optical paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bigpicture.dicom.elements import EXPLICIT_LITTLE
from bigpicture.dicom.slide import Encoding, Frame, Samples, Stack
from bigpicture.dicom.tiff_strips import StripedLevel
from bigpicture.dicom.tiff_tiles import MAXIMUM_NATIVE, TiledLevel
from bigpicture.model.errors import SlideError


@dataclass(frozen=True)
class StackedLevel:
    """`images` in the order of TILED_FULL: the focal planes of the first path, of the next one."""

    images: tuple[TiledLevel | StripedLevel, ...]
    stack: Stack

    @property
    def place(self) -> str:
        return self.images[0].place

    @property
    def columns(self) -> int:
        return self.images[0].columns

    @property
    def rows(self) -> int:
        return self.images[0].rows

    @property
    def tile_columns(self) -> int:
        return self.images[0].tile_columns

    @property
    def tile_rows(self) -> int:
        return self.images[0].tile_rows

    @cached_property
    def _count(self) -> int:
        return self.images[0].count

    @property
    def encoding(self) -> Encoding:
        return self._encoding

    @cached_property
    def _encoding(self) -> Encoding:
        """That of all images; they are encoded again where they are compressed in several ways.

        Images without any bytes are compressed in every way.
        """
        found = [image.encoding for image in self.images if image.encoding.ratio] or [
            self.images[0].encoding
        ]
        ratio = len(found) / sum(1 / (each.ratio or 1) for each in found)
        lossy = [each for each in found if each.is_lossy]
        first = replace((lossy or found)[0], ratio=ratio)
        kinds = {(each.transfer_syntax, each.photometric) for each in found}
        if len(kinds) > 1:
            return self._again(first, "its planes or channels are compressed in different ways")
        size = self.tile_columns * self.tile_rows * self.stack.samples * (self.stack.bits // 8)
        is_long = size * self._count * len(self.images) >= MAXIMUM_NATIVE
        if first.transfer_syntax == EXPLICIT_LITTLE and is_long:
            return self._again(first, "uncompressed, it is too long for DICOM")
        return first

    def _again(self, encoding: Encoding, reason: str) -> Encoding:
        photometric = "RGB" if self.stack.samples == 3 else "MONOCHROME2"
        return replace(encoding, transfer_syntax="", photometric=photometric, reason=reason)

    def frame(self, index: int) -> Frame | None:
        image, tile = divmod(index, self._count)
        return self.images[image].frame(tile)

    def pixels(self, index: int) -> Samples:
        image, tile = divmod(index, self._count)
        return self.images[image].pixels(tile)


def stack_level(
    images: Sequence[TiledLevel | StripedLevel], *, planes: int, paths: int
) -> TiledLevel | StripedLevel | StackedLevel:
    """One level of `planes` × `paths` images; a single image is its own level.

    Raises `SlideError` where they differ in size, tiles, samples or bits.
    """
    assert len(images) == planes * paths
    first = images[0]
    for image in images[1:]:
        if _shape(image) != _shape(first):
            raise SlideError(
                "two planes or channels have different sizes, tiles or samples.",
                place=f"{first.place}, {image.place}",
                rule="all images of a level are alike",
                remedy="The file is damaged, or no slide: export it again.",
            )
    if len(images) == 1:
        return first
    return StackedLevel(tuple(images), replace(first.stack, planes=planes, paths=paths))


def _shape(image: TiledLevel | StripedLevel) -> tuple[object, ...]:
    return image.columns, image.rows, image.tile_columns, image.tile_rows, image.stack
