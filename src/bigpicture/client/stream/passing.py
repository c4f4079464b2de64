"""One pass over a stream: groups of blocks are read ahead, in threads, into batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, MutableMapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import NamedTuple

from bigpicture.client.stream.batch import Batch, Filling
from bigpicture.client.stream.entry import Entry
from bigpicture.client.stream.grid import Spot
from bigpicture.client.stream.opened import Opened
from bigpicture.client.stream.order import Order
from bigpicture.client.stream.prepared import Asked, LeftOutError, Prepared
from bigpicture.client.stream.reading import Target, read_block
from bigpicture.client.stream.reason import Cause, Reason, cause_of
from bigpicture.client.stream.room import Room
from bigpicture.model.errors import BigpictureError


@dataclass(frozen=True)
class Pace:
    """How much is read at a time: `threads` read, `ahead` groups of `mixed` blocks are at hand."""

    batch: int
    mixed: int
    ahead: int
    threads: int
    opened: int


class Position(NamedTuple):
    """The first patch that was not given: its group, and its number in that group's order."""

    group: int = 0
    patch: int = 0


_HELD = 4
"""Batches that one who trains holds at a time, as a rule."""


@dataclass
class _Group:
    """A group whose blocks are being listed."""

    number: int
    blocks: list[tuple[int, int]]
    listed: list[Future[list[Spot]]]


@dataclass
class _Batch:
    """A batch that is being filled, what it waits for, and where the next one begins."""

    filling: Filling
    count: int = 0
    jobs: list[Future[None]] = field(default_factory=list[Future[None]])
    position: Position = field(default_factory=Position)


class Passing:
    """Gives each batch with the position after it; `close` it where it is left early."""

    def __init__(
        self,
        entries: Sequence[Entry],
        opened: Opened[Prepared],
        room: Room,
        asked: Asked,
        pace: Pace,
        order: Order,
        *,
        skips: bool,
        reasons: MutableMapping[str, Reason],
        position: Position,
    ) -> None:
        self._entries = entries
        self._asked = asked
        self._pace = pace
        self._order = order
        self._skips = skips
        self._reasons = reasons
        self._lock = Lock()
        self._from = position
        self._opened = opened
        self._room = room
        self._pool = ThreadPoolExecutor(pace.threads, thread_name_prefix="patches")
        self._listing: deque[_Group] = deque()
        self._batches: deque[_Batch] = deque()
        self._next = position.group

    def __iter__(self) -> Iterator[tuple[Batch, Position]]:
        while True:
            self._go_on()
            if not self._batches:
                return
            batch = self._batches.popleft()
            for job in batch.jobs:
                job.result()
            whole = batch.filling.whole(batch.count)
            if whole.count:
                yield whole, batch.position

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _go_on(self) -> None:
        """Have enough under way: groups being listed, and batches being read."""
        pace = self._pace
        most = pace.batch * _batches_ahead(self._asked, pace)
        while True:
            while len(self._listing) <= pace.ahead and self._next < self._order.groups:
                self._list(self._next)
                self._next += 1
            under_way = sum(each.count for each in self._batches)
            if not self._listing or under_way >= most:
                return
            self._read(self._listing.popleft())

    def _list(self, number: int) -> None:
        blocks = self._order.group(number)
        listed = [self._pool.submit(self._spots, *block) for block in blocks]
        self._listing.append(_Group(number, blocks, listed))

    def _spots(self, slide: int, block: int) -> list[Spot]:
        if self._is_left_out(slide):
            return []
        try:
            with self._opened.use(slide) as prepared:
                return prepared.block(block)
        except LeftOutError as error:
            self._note(slide, error.cause, error, is_whole=True)
        except BigpictureError as error:
            cause = cause_of(error)
            cause = Cause.UNREADABLE if cause is Cause.DAMAGED else cause
            self._note(slide, cause, error, is_whole=True)
        return []

    def _read(self, group: _Group) -> None:
        """Give every patch of a group its place in a batch, and have its blocks read."""
        spots = [job.result() for job in group.listed]
        flat = [(block, spot) for block, found in enumerate(spots) for spot in found]
        targets: list[list[Target]] = [[] for _ in spots]
        touched: list[_Batch] = []
        skipped = self._from.patch if group.number == self._from.group else 0
        order = self._order.within(group.number, len(flat)).tolist()
        for place, number in enumerate(order):
            if place < skipped:
                continue
            batch = self._open_batch()
            block, spot = flat[number]
            targets[block].append(Target(spot, batch.filling, batch.count))
            batch.count += 1
            is_last = place + 1 == len(order)
            batch.position = (
                Position(group.number + 1) if is_last else Position(group.number, place + 1)
            )
            if not touched or touched[-1] is not batch:
                touched.append(batch)
        jobs = [
            self._pool.submit(self._fill, slide, wanted)
            for (slide, _), wanted in zip(group.blocks, targets, strict=True)
            if wanted
        ]
        for batch in touched:
            batch.jobs += jobs

    def _open_batch(self) -> _Batch:
        if not self._batches or self._batches[-1].count == self._pace.batch:
            asked = self._asked
            filling = Filling(
                self._room.take(),
                labels=len(asked.labels),
                classes=len(asked.classes),
                has_masks=asked.has_masks,
            )
            self._batches.append(_Batch(filling))
        return self._batches[-1]

    def _fill(self, slide: int, wanted: Sequence[Target]) -> None:
        if self._is_left_out(slide):
            self._lose(slide, len(wanted))
            return
        try:
            with self._opened.use(slide) as prepared:
                for error in read_block(prepared, self._asked, wanted):
                    self._note(slide, cause_of(error), error, patches=1)
        except BigpictureError as error:
            cause = cause_of(error)
            is_whole = cause in (Cause.CLOSED, Cause.ERASED)
            self._note(slide, cause, error, is_whole=is_whole, patches=len(wanted))

    def _is_left_out(self, slide: int) -> bool:
        reason = self._reasons.get(self._entries[slide].name)
        return reason is not None and reason.is_whole

    def _note(
        self, slide: int, cause: Cause, error: BigpictureError, *, is_whole: bool = False,
        patches: int = 0,
    ) -> None:  # fmt: skip
        if not self._skips:
            raise error
        name = self._entries[slide].name
        with self._lock:
            known = self._reasons.get(name)
            if known is None or (is_whole and not known.is_whole):
                lost = known.patches if known else 0
                self._reasons[name] = Reason(cause, str(error), is_whole, lost)
        self._lose(slide, patches)

    def _lose(self, slide: int, patches: int) -> None:
        name = self._entries[slide].name
        with self._lock:
            known = self._reasons[name]
            self._reasons[name] = replace(known, patches=known.patches + patches)


def room_for(asked: Asked, pace: Pace) -> Room:
    """Room for what is under way, and for what one who trains holds."""
    width, height = asked.size
    scales = () if len(asked.mpps) == 1 else (len(asked.mpps),)
    shape = (pace.batch, *scales, height, width, 3)
    return Room(shape, most=_batches_ahead(asked, pace) + _HELD)


def _batches_ahead(asked: Asked, pace: Pace) -> int:
    """How many are being read or wait to be taken."""
    return max(2, -(-pace.ahead * pace.mixed * asked.side**2 // pace.batch))
