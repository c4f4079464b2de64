"""Live: the index as it follows the records, never older than the question."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from bigpicture.catalogue.index.base import Base
from bigpicture.catalogue.index.lineage import Lineage
from bigpicture.catalogue.index.merge import merge
from bigpicture.catalogue.index.segment import Segment
from bigpicture.catalogue.index.segments import forget_withdrawn, load, save
from bigpicture.catalogue.index.store import Store
from bigpicture.catalogue.index.view import Layer, View
from bigpicture.model.errors import StorageError
from bigpicture.model.standing import Standing
from bigpicture.storage.records import Records
from bigpicture.storage.records.tables import changes, datasets, images

Published: TypeAlias = Mapping[str, int]
"""Accession of a dataset to the number of the change that made it what it is."""

SMALL = 20_000
"""Images up to which all is kept in memory, without a file."""
_GROWN = 0.02
"""Share of the base that may lie outside it, or be dead in it, before it is made anew."""


class Live:
    """The base file, and beside it in memory what changed since (the delta).

    Each question looks first at which datasets are published in which version, and reads only
    those that changed. Threads may share one; processes share the file.
    """

    def __init__(
        self, records: Records, folder: Path | None, lineage: Lineage, *, small: int = SMALL
    ) -> None:
        self._records = records
        self._base = Base(folder) if folder else None
        self._lineage = lineage
        self._small = small
        self._lock = threading.Lock()
        self._state = _State()
        self._compacting: threading.Thread | None = None

    def view(self) -> View:
        """The index as the records are now. May block."""
        made: list[Segment] = []
        with self._records.read() as connection:
            mark = _mark(connection)
            state = self._state
            if state.mark == mark and state.view is not None:
                return state.view
            view = self._follow(connection, mark, made)
        for segment in made:  # the read is over: who waits for readers holds the writer's lock
            self._keep(segment)
        return view

    def settle(self) -> None:
        """Wait until nothing is made anew in the background."""
        while (thread := self._compacting) is not None and thread.is_alive():
            thread.join()

    def _follow(self, connection: Connection, mark: _Mark, made: list[Segment]) -> View:
        with self._lock:  # one reads, the others find it done
            state = self._state
            if state.mark != mark or state.view is None:
                state = self._advanced(state, connection, made)
                state.mark = mark
                self._state = state
        assert state.view is not None
        self._watch_size(state)
        return state.view

    def _advanced(self, state: _State, connection: Connection, made: list[Segment]) -> _State:
        """`made` gets the segments that were not kept yet."""
        published = _published(connection)
        base, name = state.base, state.name
        if base is None and self._base is not None:
            found = self._first_base(connection, published)
            if found is not None:
                name, base = found[0], Layer.of(found[1], self._lineage)
        alive, delta = _parted(base, published)
        segments: dict[str, Segment] = {}
        for each, seq in sorted(delta.items()):
            segment, is_new = state.segments.get(each), False
            if segment is None or segment.seq != seq:
                segment, is_new = load(connection, each, seq)
            segments[each] = segment
            made += [segment] if is_new else []
        is_same = segments.keys() == state.segments.keys() and all(
            segments[each] is state.segments[each] for each in segments
        )
        top = state.top if is_same else None
        if segments and top is None:
            top = Layer.of(Store(*merge(segments.values())), self._lineage)
        under = base.with_alive(alive) if base else None
        layers = [layer for layer in (under, top if segments else None) if layer]
        return _State(
            view=View.of(layers),
            base=under,
            name=name,
            top=top if segments else None,
            segments=segments,
            must_compact=under is not None and _holds_erased(connection, under.store),
        )

    def _first_base(self, connection: Connection, published: Published) -> tuple[str, Store] | None:
        """At the first question: the file that is there, or a new one where there is much."""
        assert self._base is not None
        found = self._base.newest()
        if found is None and _count(connection) > self._small:
            with self._base.held():
                # another process may have made it meanwhile
                found = self._base.newest() or self._base.make(self._all(connection, published))
                self._base.forget_others(found[0])
        return found

    def _keep(self, segment: Segment) -> None:
        """For the next start; without room for it, it is made again then."""
        with contextlib.suppress(StorageError), self._records.write() as writing:
            save(writing, segment)

    def _all(self, connection: Connection, published: Published) -> Iterator[Segment]:
        """Every segment in the order of datasets, one at a time."""
        for dataset, seq in sorted(published.items()):
            segment, is_new = load(connection, dataset, seq)
            if is_new:  # one at a time: together they need not fit into memory
                self._keep(segment)
            yield segment

    def _watch_size(self, state: _State) -> None:
        """Begin to make the base anew in the background, where too much lies beside it."""
        if self._base is None or not self._has_grown(state):
            return
        with self._lock:
            if self._compacting is None or not self._compacting.is_alive():
                self._compacting = threading.Thread(
                    target=self._compact, name="compaction", daemon=True
                )
                self._compacting.start()

    def _has_grown(self, state: _State) -> bool:
        if state.must_compact:
            return True
        beside = sum(map(len, state.segments.values()))
        if state.base is None:
            return beside > self._small
        store = state.base.store
        beside += int(np.diff(store.starts)[~state.base.alive].sum())
        return beside > max(self._small, _GROWN * len(store))

    def _compact(self) -> None:
        """Take the file that another process has made since, or make one of what is published."""
        assert self._base is not None
        with self._base.held():
            found = self._base.newest()
            if found is None or found[0] == self._state.name:
                with self._records.read() as connection:
                    found = self._base.make(self._all(connection, _published(connection)))
                self._base.forget_others(found[0])
                with contextlib.suppress(StorageError), self._records.write() as writing:
                    forget_withdrawn(writing)
        with self._lock:  # the next question parts anew what lies in the file and what beside
            name, store = found
            self._state = _State(
                None, Layer.of(store, self._lineage), name, None, self._state.segments
            )


@dataclass(slots=True)
class _State:
    """What is known at one mark; replaced as a whole. `name` is of the base's file."""

    view: View | None = None
    base: Layer | None = None
    name: str = ""
    top: Layer | None = None
    segments: Mapping[str, Segment] = field(default_factory=dict[str, Segment])
    mark: _Mark | None = None
    must_compact: bool = False
    """The file holds what was erased since it was made."""


_NOT_WITHDRAWN = datasets.c.standing != Standing.WITHDRAWN
_Mark: TypeAlias = tuple[int, int, int]


def _mark(connection: Connection) -> _Mark:
    """Changes whenever a dataset is published, changed or withdrawn."""
    seq = datasets.c.seq
    told = (func.count(), func.coalesce(func.max(seq), 0), func.coalesce(func.sum(seq), 0))
    row = connection.execute(select(*told).where(_NOT_WITHDRAWN)).one()
    return int(row[0]), int(row[1]), int(row[2])


def _published(connection: Connection) -> Published:
    rows = connection.execute(select(datasets.c.accession, datasets.c.seq).where(_NOT_WITHDRAWN))
    return {row.accession: row.seq for row in rows}


def _holds_erased(connection: Connection, store: Store) -> bool:
    since = max(store.seqs, default=0)
    asked = select(changes.c.seq).where(changes.c.kind == "erased", changes.c.seq > since)
    return connection.execute(asked.limit(1)).first() is not None


def _count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(images)).scalar_one()


def _parted(base: Layer | None, published: Published) -> tuple[NDArray[np.bool_], Published]:
    """Which datasets of the base are still so, and what is not in it."""
    if base is None:
        return np.empty(0, np.bool_), published
    store = base.store
    same = [
        published.get(name) == seq for name, seq in zip(store.datasets, store.seqs, strict=True)
    ]
    there = {name for name, is_same in zip(store.datasets, same, strict=True) if is_same}
    return np.array(same, np.bool_), {
        name: seq for name, seq in published.items() if name not in there
    }
