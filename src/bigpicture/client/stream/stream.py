"""A stream of patches: an iterable, the same for everybody who asks for the same."""

from __future__ import annotations

import hashlib
import os
import sys
import weakref
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Self

from bigpicture.client.remote_pixels import Bodies
from bigpicture.client.remote_slide import BODIES_BYTES
from bigpicture.client.stream.batch import Batch
from bigpicture.client.stream.entry import Entry
from bigpicture.client.stream.grid import Size, most_blocks
from bigpicture.client.stream.opened import Opened
from bigpicture.client.stream.order import Order, Shard
from bigpicture.client.stream.passing import Pace, Passing, Position, room_for
from bigpicture.client.stream.prepared import Asked, Prepared
from bigpicture.client.stream.reason import Cause, Reason, cause_of
from bigpicture.client.stream.room import Room
from bigpicture.dicom.level_pixels import TileMemory
from bigpicture.dicom.reader import MEMORY_BYTES
from bigpicture.model.errors import BigpictureError, InputError, SlideError


class PatchStream:
    """Batches of patches, pass after pass: each `iter` is one, from where the state says.

    What cannot be read is in `reasons` by slide where errors are skipped, else raised. It is an
    `IterableDataset` of torch once torch has been imported (or `for_torch` asked for): give it to
    a `DataLoader` with `batch_size=None`. A worker of a loader, and a rank of torch.distributed,
    each take their own part.
    """

    def __init__(
        self, entries: Sequence[Entry], asked: Asked, pace: Pace, *, seed: int, shuffle: bool,
        shard: Shard | None, skips: bool,
    ) -> None:  # fmt: skip
        self._entries = tuple(entries)
        self._asked = asked
        self._pace = pace
        self._seed = seed
        self._shuffle = shuffle
        self._shard = shard
        self._sent_from: Shard | None = None
        self._skips = skips
        self.reasons: dict[str, Reason] = {}
        self.epoch = 0
        self._position = Position()
        self._opened: Opened[Prepared] | None = None
        self._room: Room | None = None
        self._process = os.getpid()
        self._sizes = [self._size_of(each) for each in self._entries]
        _known_to_torch()

    @property
    def slides(self) -> tuple[str, ...]:
        return tuple(each.name for each in self._entries)

    def __iter__(self) -> Iterator[Batch]:
        shard = self._shard_now()
        order = self._order(shard)
        passing = Passing(
            self._entries,
            self._opened_here(),
            self._room_here(),
            self._asked,
            self._pace,
            order,
            skips=self._skips,
            reasons=self.reasons,
            position=self._position,
        )
        try:
            for batch, position in passing:
                self._position = position
                yield batch
        finally:
            passing.close()
        left_out = [each for each in self.reasons.values() if each.is_whole]
        if left_out and len(left_out) == len(self._entries):
            raise SlideError(
                f"nothing could be read of {len(self._entries)} slides.",
                place=next(iter(self.reasons)),
                rule=next(iter(self.reasons.values())).what,
                remedy="`reasons` tells why, slide by slide.",
            )
        self.epoch += 1
        self._position = Position()

    def state_dict(self) -> dict[str, Any]:
        """Where the stream stands: after the last batch that was taken. JSON can hold it."""
        return {
            "plan": self._digest(),
            "epoch": self.epoch,
            "shard": [self._shard_now().index, self._shard_now().count],
            "group": self._position.group,
            "patch": self._position.patch,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state, without reading what came before it.

        Raises `InputError` where it is of another plan (slides, sizes, seed) or another part.
        """
        shard = self._shard_now()
        if state.get("plan") != self._digest() or state.get("shard") != [shard.index, shard.count]:
            raise InputError(
                "this is the state of another stream.",
                rule="the same slides, scale, size, seed, masks by name and part",
                remedy="Make the stream as it was made when the state was taken.",
            )
        self.epoch = int(state["epoch"])
        self._position = Position(int(state["group"]), int(state["patch"]))

    def set_epoch(self, epoch: int) -> None:
        """Begin pass `epoch`, which has an order of its own, from its start."""
        self.epoch, self._position = epoch, Position()

    def close(self) -> None:
        """Close the slides that are open; a stream that is let go of closes them too."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def __getstate__(self) -> dict[str, Any]:
        """What is open stays behind: another process opens for itself.

        The rank goes along: a worker that was spawned is none of torch.distributed's.
        """
        sent = _rank(sys.modules.get("torch")) or self._sent_from
        return {**self.__dict__, "_opened": None, "_room": None, "_sent_from": sent}

    def for_torch(self) -> Self:
        """This stream, known to torch as an `IterableDataset`; raises `ImportError` without it."""
        import_module("torch.utils.data")
        _known_to_torch()
        return self

    def _opened_here(self) -> Opened[Prepared]:
        """The slides that this process has open, from pass to pass."""
        if self._opened is None or self._process != os.getpid():
            entries, asked = self._entries, self._asked
            kept, bodies = TileMemory(MEMORY_BYTES), Bodies(BODIES_BYTES)
            opened = Opened(
                lambda number: Prepared(entries[number].open(kept, bodies), asked),
                most=self._pace.opened,
            )
            weakref.finalize(self, opened.close)
            self._opened, self._process = opened, os.getpid()
        return self._opened

    def _room_here(self) -> Room:
        if self._room is None:
            self._room = room_for(self._asked, self._pace)
        return self._room

    def _size_of(self, entry: Entry) -> Size:
        try:
            size = entry.size()
            if size.mpp is not None:
                return size
            error: BigpictureError = SlideError(
                "it does not say how large its pixels are.",
                place=entry.name,
                rule="micrometres per pixel are needed to read at a scale",
                remedy="Leave it out, or have its scale stated when it is converted.",
            )
            cause = Cause.NO_SCALE
        except BigpictureError as raised:
            error, cause = raised, cause_of(raised)
            cause = Cause.UNREADABLE if cause is Cause.DAMAGED else cause
        if not self._skips:
            raise error
        self.reasons[entry.name] = Reason(cause, str(error), is_whole=True)
        return Size(0, 0, None)

    def _order(self, shard: Shard) -> Order:
        asked = self._asked
        blocks = [
            most_blocks(
                size, mpp=asked.mpps[0], size=asked.size, stride=asked.stride, side=asked.side
            )
            for size in self._sizes
        ]
        return Order(
            blocks,
            seed=self._seed,
            epoch=self.epoch,
            shard=shard,
            mixed=self._pace.mixed,
            is_shuffled=self._shuffle,
        )

    def _shard_now(self) -> Shard:
        """The part of this process: of its rank where nothing was said, then of its worker."""
        torch = sys.modules.get("torch")
        shard = self._shard or _rank(torch) or self._sent_from or Shard()
        worker = torch.utils.data.get_worker_info() if torch is not None else None
        return shard if worker is None else Shard(worker.id, worker.num_workers).of(shard)

    def _digest(self) -> str:
        asked, pace = self._asked, self._pace
        told = (
            [(each.name, *size) for each, size in zip(self._entries, self._sizes, strict=True)],
            asked.mpps, asked.size, asked.stride, asked.side, asked.cover, asked.only_drawn,
            asked.classes, asked.mask is None, pace.mixed, self._seed, self._shuffle,
        )  # fmt: skip
        return hashlib.sha256(repr(told).encode()).hexdigest()


def _rank(torch: Any) -> Shard | None:  # noqa: ANN401 - the library itself
    """The part of this process's rank, None where it has none."""
    if torch is None or not torch.distributed.is_available():
        return None
    if not torch.distributed.is_initialized():
        return None
    return Shard(torch.distributed.get_rank(), torch.distributed.get_world_size())


def _known_to_torch() -> None:
    """Tell torch, where it is loaded, that a stream is one of its datasets."""
    data = sys.modules.get("torch.utils.data")
    if data is not None:
        data.IterableDataset.register(PatchStream)
