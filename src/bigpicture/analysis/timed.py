"""A slide that tells how long it was read from."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from bigpicture.dicom.level_pixels import LevelPixels
from bigpicture.dicom.reader import SlideReader
from bigpicture.dicom.slide import Pixels
from bigpicture.model.image import Level


@dataclass(slots=True)
class Reading:
    """`seconds` spent reading and decoding, over all threads."""

    seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class _Timed:
    def __init__(self, pixels: LevelPixels, reading: Reading) -> None:
        self._pixels = pixels
        self._reading = reading

    @property
    def level(self) -> Level:
        return self._pixels.level

    def read(self, x: int, y: int, width: int, height: int, *, out: Pixels | None = None) -> Pixels:
        begun = time.monotonic()
        try:
            return self._pixels.read(x, y, width, height, out=out)
        finally:
            with self._reading.lock:
                self._reading.seconds += time.monotonic() - begun


def timed(slide: SlideReader) -> tuple[SlideReader, Reading]:
    """The same slide, and how long it was read from so far."""
    reading = Reading()
    pixels = [_Timed(slide.pixels_of(number), reading) for number in range(len(slide.levels))]
    return SlideReader(pixels, place=slide.place, close=slide.close), reading
