"""A slide as a vendor wrote it: the seam that every vendor's file implements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from bigpicture.model.allowance import Field
from bigpicture.model.image import Flavour

Pixels = NDArray[np.uint8]
"""RGB, shape (rows, columns, 3)."""

Samples = NDArray[np.uint8 | np.uint16]
"""What a frame holds, shape (rows, columns, samples): RGB, or the intensities of one channel."""

BACKGROUND = 255
"""What stands where a source has no pixels: white, as glass looks."""


class Frame(NamedTuple):
    """One stored frame: `head` (rewritten marker segments, or nothing) and `body` (untouched)."""

    head: bytes
    body: bytes | memoryview


@dataclass(frozen=True, slots=True)
class Stack:
    """What a pixel is, and how many frames lie over each other at every tile.

    `samples` a pixel (3: RGB, 1: one channel's intensity) of `bits` (8 or 16) each, in `planes`
    focal planes, in `paths` optical paths (channels). `used` of the bits count, from the lowest
    on: all of them where it is 0. A brightfield slide is the default.
    """

    samples: int = 3
    bits: int = 8
    planes: int = 1
    paths: int = 1
    used: int = 0

    @property
    def depth(self) -> int:
        return self.planes * self.paths


RGB_STACK = Stack()


@dataclass(frozen=True, slots=True)
class Channel:
    """One optical path of a fluorescence slide; `colour` (RGB) is how it is shown.

    Wavelengths in nanometres, `exposure` in milliseconds, each None where it is not told. `dye`
    names the fluorophore (DAPI) where a rule of the allow-list keeps its field.
    """

    dye: str = ""
    colour: tuple[int, int, int] | None = None
    excitation: float | None = None
    emission: float | None = None
    exposure: float | None = None


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a level's frames are compressed.

    `transfer_syntax` is the DICOM one in which they can be stored as they are, or empty where
    DICOM has none for them; then `reason` says why they must be encoded again. `is_lossy` tells
    whether the pixels went through lossy compression before, `method` which one and `ratio` how
    strongly, uncompressed to compressed bytes (PS3.3 C.7.6.1.1.5.1); `later` are further ones
    (method and ratio) that came after it. `is_stored_exactly`: what went through that is stored
    here without further loss, and must not lose again.
    """

    transfer_syntax: str
    photometric: str
    is_lossy: bool
    method: str = ""
    ratio: float = 0.0
    reason: str = ""
    is_stored_exactly: bool = False
    later: tuple[tuple[str, float], ...] = ()

    @property
    def is_copied(self) -> bool:
        return bool(self.transfer_syntax)


class SourceLevel(Protocol):
    """One resolution of a vendor's pyramid, cut into tiles counted row by row.

    Frames are counted as DICOM's TILED_FULL counts them (PS3.3 C.7.6.17.3): all tiles of the first
    focal plane (nearest to the glass), of the next ones, then the same of the next optical path.
    """

    @property
    def place(self) -> str: ...
    @property
    def columns(self) -> int: ...
    @property
    def rows(self) -> int: ...
    @property
    def tile_columns(self) -> int: ...
    @property
    def tile_rows(self) -> int: ...
    @property
    def encoding(self) -> Encoding: ...
    @property
    def stack(self) -> Stack: ...

    def frame(self, index: int) -> Frame | None:
        """The frame as DICOM stores it; None where the source holds no bytes for this tile.

        Only where `encoding.is_copied`. Raises `SlideError` on a damaged tile.
        """
        ...

    def pixels(self, index: int) -> Samples:
        """The decoded frame, shape (tile_rows, tile_columns, stack.samples), uint8 or uint16.

        Background (white for RGB, 0 for a channel) where it is missing. May be called from
        several threads. Raises `SlideError` on a damaged tile.
        """
        ...


@dataclass(frozen=True, slots=True)
class Scanner:
    """What made the slide, out of the fields that a rule keeps."""

    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    software: str = ""
    magnification: float | None = None
    """Power of the objective, 20 or 40 as a rule."""


@dataclass(frozen=True, slots=True)
class Associated:
    """An image beside the tissue: where it lies and how large it is.

    Its bytes are never copied. `draw`, where there is one, makes a picture of it while its slide is
    open: RGB, shape (rows, columns, 3), reduced where it is very large. Raises `SlideError`.
    """

    flavour: Flavour
    place: str
    columns: int
    rows: int
    draw: Callable[[], Pixels] | None = field(default=None, compare=False, repr=False)


class VendorSlide(Protocol):
    """A slide opened by its vendor's reader.

    `format` keys the allow-list, `place` names the slide in errors. `levels` are finest first.
    `fields` hold every text and number found beside the pixels. `mpp` is micrometres per pixel at
    level 0 (x, y), or None where the source states no credible scale. `profile` is the ICC
    profile with the name of its field, so that the caller asks the allow-list before it is used.
    `plane_spacing` is micrometres from one focal plane to the next, 0 where it is not told or
    there is one. `placement` is where level 0 begins on the glass: millimetres right of and below
    the glass's upper left corner as the image shows it, None where it is not told.
    """

    @property
    def format(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def levels(self) -> Sequence[SourceLevel]: ...
    @property
    def associated(self) -> Sequence[Associated]: ...
    @property
    def fields(self) -> Sequence[Field]: ...
    @property
    def mpp(self) -> tuple[float, float] | None: ...
    @property
    def profile(self) -> tuple[str, bytes] | None: ...
    @property
    def plane_spacing(self) -> float: ...
    @property
    def placement(self) -> tuple[float, float] | None: ...
    @property
    def agrees_with_openslide(self) -> bool:
        """Whether OpenSlide, where it reads the format, shows the same pixels in each place."""
        ...

    @property
    def remarks(self) -> Sequence[str]:
        """What a reader of the report should know (tiles missing, a doubtful scale)."""
        ...

    def scanner(self, kept: Mapping[str, str]) -> Scanner:
        """What made the slide, from the `kept` values by field name."""
        ...

    def channels(self, kept: Mapping[str, str]) -> Sequence[Channel]:
        """One for each optical path, from the `kept` values; none of a brightfield slide."""
        ...


def _brightfield(_: Mapping[str, str], /) -> Sequence[Channel]:
    return ()


@dataclass(frozen=True, slots=True)
class OpenedSlide:
    """The plain form of a `VendorSlide`, for vendors that need nothing beyond values."""

    format: str
    place: str
    levels: tuple[SourceLevel, ...]
    associated: tuple[Associated, ...]
    fields: tuple[Field, ...]
    mpp: tuple[float, float] | None
    profile: tuple[str, bytes] | None
    remarks: tuple[str, ...]
    describe: ScannerOf
    describe_channels: ChannelsOf = _brightfield
    plane_spacing: float = 0.0
    placement: tuple[float, float] | None = None
    agrees_with_openslide: bool = True

    def scanner(self, kept: Mapping[str, str]) -> Scanner:
        return self.describe(kept)

    def channels(self, kept: Mapping[str, str]) -> Sequence[Channel]:
        return self.describe_channels(kept)


class ScannerOf(Protocol):
    def __call__(self, kept: Mapping[str, str], /) -> Scanner: ...


class ChannelsOf(Protocol):
    def __call__(self, kept: Mapping[str, str], /) -> Sequence[Channel]: ...
