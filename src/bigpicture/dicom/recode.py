"""Encodes again what DICOM has no transfer syntax for, on all cores, in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from bigpicture.dicom.codecs import (
    JPEG_2000_LOSSLESS,
    JPEG_BASELINE,
    QUALITY,
    encode_jpeg,
    encode_jpeg2000,
)
from bigpicture.dicom.header import Storage
from bigpicture.dicom.jpeg import YCBCR
from bigpicture.dicom.slide import Encoding, Frame, Samples, Stack

_WAITING_PER_THREAD = 4
"""Frames under way: enough to keep a core busy, few enough to hold in memory."""

Read = Callable[[int], Samples]


def storage_of(encoding: Encoding, stack: Stack, *, is_resampled: bool) -> Storage:
    """How a level is stored: as it is where DICOM can, else encoded again.

    Lossy colour becomes JPEG Baseline of quality 95; whatever is stored without loss, and every
    channel's intensities, become JPEG 2000 without loss.
    """
    first = encoding.method, encoding.ratio
    earlier = (first, *encoding.later) if encoding.is_lossy and encoding.method else ()
    if encoding.is_copied:
        syntax, photometric = encoding.transfer_syntax, encoding.photometric
        return Storage(syntax, photometric, earlier, is_resampled, stack)
    if stack.samples == 1:
        return Storage(JPEG_2000_LOSSLESS, "MONOCHROME2", earlier, is_resampled, stack)
    if encoding.is_lossy and not encoding.is_stored_exactly:
        losses = (*earlier, ("ISO_10918_1", 0.0))
        return Storage(JPEG_BASELINE, YCBCR, losses, is_resampled, stack)
    return Storage(JPEG_2000_LOSSLESS, "YBR_RCT", earlier, is_resampled, stack)


def encode(read: Read, count: int, storage: Storage, *, quality: int = QUALITY) -> Iterator[Frame]:
    """Frames 0 to `count`, each read and encoded as `storage` says, in order.

    `read` is called from several threads: decoding and encoding give up Python's lock.
    """
    is_jpeg = storage.transfer_syntax == JPEG_BASELINE

    def make(index: int) -> Frame:
        pixels = read(index)
        if is_jpeg:
            return Frame(b"", encode_jpeg(pixels, quality=quality, is_subsampled=True))
        return Frame(b"", encode_jpeg2000(pixels, bits=storage.stack.used))

    threads = os.cpu_count() or 1
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Frame]] = deque()
        try:
            for index in range(count):
                waiting.append(pool.submit(make, index))
                if len(waiting) > threads * _WAITING_PER_THREAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
