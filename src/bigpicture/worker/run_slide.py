"""The task of one slide of a run: compute what is missing behind its key, and keep it.

It is given a reference and opens all else where it runs. It may be done again at any time: what is
kept counts with the last transaction, or not at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

from sqlalchemy import Connection, select

from bigpicture.analysis import leases, result_store
from bigpicture.analysis.encode import decode, encode
from bigpicture.analysis.execute import execute
from bigpicture.analysis.installed import Installed
from bigpicture.analysis.leases import Lease
from bigpicture.analysis.planner import read_slides
from bigpicture.analysis.result_store import Encoded, Prepared, ResultRow, Source
from bigpicture.analysis.served_slide import ServedSlide, served
from bigpicture.analysis.values import Facet, Value, Values
from bigpicture.dicom.slide_frame import read_frame
from bigpicture.model.algorithm import Algorithm
from bigpicture.model.errors import (
    AlgorithmError,
    BigpictureError,
    ConflictError,
    ErasedError,
    FailureReason,
    ForbiddenError,
    SignInError,
    UnknownError,
)
from bigpicture.model.run import RunReason, SlideState, Stage, stage_keys
from bigpicture.model.slide_frame import Maker, SlideFrame
from bigpicture.sealing.memory import SegmentMemory
from bigpicture.sealing.open import RangeOpener
from bigpicture.storage.records.run_tables import run_slides, runs
from bigpicture.submission.spool import working_folder
from bigpicture.submission.stores import Stores
from bigpicture.vault.subject import Subject
from bigpicture.viewing.stored import read_stored
from bigpicture.worker.place import give_up_place
from bigpicture.worker.run_rights import rights_of

_SKIPS = frozenset({FailureReason.EMPTY_GLASS, FailureReason.NO_MPP, FailureReason.WRONG_MPP})
"""Nothing is wrong, and there is nothing to compute."""
_PLATFORMS = frozenset({FailureReason.REFUSED_NO_ISOLATION})
"""The machine's, not the algorithm's: another may do it."""
_SEGMENTS_BYTES = 16 << 20

Find = Callable[[str, str], Installed]
"""The algorithm of an id and a version, as it is installed where it is asked."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a lease is for."""

    lease: Lease
    source: Source
    person: str
    stages: tuple[Stage, ...]
    keys: tuple[str, ...]


def compute_slide(stores: Stores, reference: str, *, find: Find | None = None) -> None:
    """Compute one slide of a run and end it in the records; see `Executor.each`.

    What an algorithm does wrong ends the slide. Raises what the platform does wrong: then the
    slide is still leased, and whoever asked has it tried again.
    """
    lease = Lease.parse(reference)
    with stores.records.read() as connection:
        job = _read_job(connection, lease)
    if job is None:  # cancelled, or given to somebody else meanwhile
        return
    began = time.perf_counter()
    work = SlideWork(stores, job, find or partial(rights_of(stores).installed, job.person))
    try:
        with ExitStack() as opened:
            work.opened = opened
            work.run()
            give_up_place()
        _finish(stores, job, work, seconds=time.perf_counter() - began)
    except AlgorithmError as error:
        if error.reason in _PLATFORMS:
            raise
        _fail(stores, job, work, error)
    except (ForbiddenError, SignInError, UnknownError) as error:  # the algorithm is closed now
        _discard(stores, work.objects)
        _end(stores, job, work, SlideState.CANCELLED, RunReason.ACCESS, str(error))
    except ErasedError as error:
        _discard(stores, work.objects)
        _end(stores, job, work, SlideState.CANCELLED, RunReason.ERASED, error.what)


def _read_job(connection: Connection, lease: Lease) -> Job | None:
    s = run_slides.c
    row = connection.execute(
        select(s.image, s.dataset, s.key, runs.c.person, runs.c.stages)
        .join(runs, runs.c.id == s.run)
        .where(*leases.held_as(lease))
    ).first()
    if row is None:
        return None
    stages = tuple(Stage.from_json(held) for held in row.stages)
    (slide,) = read_slides(connection, [row.image])
    keys = tuple(stage_keys(slide.digest, stages))
    if keys[-1] != row.key:
        raise ConflictError("the pixels of this slide are not those that were planned for.")
    return Job(lease, Source(row.image, row.dataset, lease.run), row.person, stages, keys)


@dataclass
class SlideWork:
    """The work on one slide: its stages computed or taken, each at most once."""

    stores: Stores
    job: Job
    find: Find
    opened: ExitStack = field(default_factory=ExitStack)
    prepared: list[Prepared] = field(default_factory=list[Prepared])
    timings: dict[str, float] = field(default_factory=dict[str, float])
    log: list[str] = field(default_factory=list[str])
    _values: dict[int, Values] = field(default_factory=dict[int, Values])

    def run(self) -> None:
        """Compute the last stage, and of the others what it needs and nobody computed before."""
        last = len(self.job.stages) - 1
        if not self._is_kept(last):
            self._compute(last)

    @property
    def objects(self) -> list[str]:
        """The keys of what was stored so far and does not count yet."""
        return [key for one in self.prepared for key in one.objects]

    def say(self, line: str) -> None:
        """Tell a line of the slide's log; lines are ours, and quote nothing of the slide."""
        self.log.append(line)

    def _compute(self, at: int) -> None:
        stage = self.job.stages[at]
        inputs = {name: self._values_of(need) for name, need in stage.needs.items()}
        installed = _installed(stage, self.find)
        algorithm = installed.algorithm
        slide = self._slide
        try:
            done = execute(
                installed,
                slide.opener,
                inputs=inputs,
                parameters=stage.parameters,
                folder=self._folder,
            )
        except BigpictureError:
            if slide.fault is not None:  # the store was away: nothing is known of the algorithm
                raise slide.fault from None
            raise
        for name, seconds in done.seconds.items():
            self.timings[f"{stage.algorithm}: {name}"] = round(seconds, 4)
        self.say(f"{stage.algorithm} {stage.version}: computed")
        self._values[at] = done.values
        self._prepare(at, algorithm, done.values)

    def _prepare(self, at: int, algorithm: Algorithm, values: Values) -> None:
        began = time.perf_counter()
        maker = Maker(name=algorithm.id, version=algorithm.version, key=self.job.keys[at])
        encoded = {
            name: self._encoded(name, value, maker)
            for name, value in values.items()
            if not isinstance(value, Facet)
        }
        subjects: tuple[Subject, ...] = ()
        if encoded:
            with self.stores.records.read() as connection:
                subjects = result_store.subjects_of(connection, self.job.source.image)
        self.prepared.append(
            result_store.prepare(
                self.stores.vault,
                self.job.keys[at],
                self.job.source,
                algorithm,
                values,
                encoded,
                subjects=subjects,
            )
        )
        self.timings[f"{algorithm.id}: keep"] = round(time.perf_counter() - began, 4)

    def _encoded(self, name: str, value: Value, maker: Maker) -> Encoded:
        made = encode(value, frame=self._frame, name=name, maker=maker)
        return Encoded(made.media_type, made.data)

    def _values_of(self, at: int) -> Values:
        if at not in self._values:
            rows = self._kept(at)
            if rows:
                self.say(f"{self.job.stages[at].algorithm}: taken from an earlier run")
                self._values[at] = {row.output: self._decoded(row) for row in rows}
            else:
                self._compute(at)
        return self._values[at]

    def _is_kept(self, at: int) -> bool:
        with self.stores.records.read() as connection:
            return result_store.is_kept(connection, self.job.keys[at], self.job.source.image)

    def _kept(self, at: int) -> list[ResultRow]:
        with self.stores.records.read() as connection:
            return result_store.find_results(connection, self.job.keys[at], self.job.source.image)

    def _decoded(self, row: ResultRow) -> Value:
        if row.facet is not None:
            return row.facet
        assert row.object is not None, "only facets have no object"
        return decode(self.stores.vault.read(row.object), kind=row.kind, frame=self._frame)

    @cached_property
    def _sources(self) -> list[RangeOpener]:
        with self.stores.records.read() as connection:
            image = read_stored(connection, self.job.source.image)
        memory = SegmentMemory(_SEGMENTS_BYTES)
        return [self.stores.vault.open(level.source, memory=memory) for level in image.levels]

    @cached_property
    def _frame(self) -> SlideFrame:
        return read_frame(self._sources[0])

    @cached_property
    def _slide(self) -> ServedSlide:
        pipes = self._folder / "slide"
        pipes.mkdir()
        return self.opened.enter_context(served(self._sources, pipes))

    @cached_property
    def _folder(self) -> Path:
        return self.opened.enter_context(working_folder(self.stores.settings))


def _installed(stage: Stage, find: Find) -> Installed:
    """The algorithm as the run began with it; raises `ConflictError` where it is not so here."""
    found = find(stage.algorithm, stage.version)
    if found.algorithm.digest != stage.digest:
        raise ConflictError(
            "another algorithm of the same name and version is installed here.",
            place=f"{stage.algorithm} {stage.version}",
            remedy="Install the same on every machine, or run it again.",
        )
    return found


def _finish(stores: Stores, job: Job, work: SlideWork, *, seconds: float) -> None:
    """Make it all count in one transaction, if the lease and the rights still hold."""
    work.timings["total"] = round(seconds, 4)
    for stage in job.stages:  # one that was withdrawn meanwhile counts no more
        work.find(stage.algorithm, stage.version)
    decision = rights_of(stores).decide(job.person, [job.source.dataset])[job.source.dataset]
    if not decision.allowed:
        _discard(stores, work.objects)
        _end(stores, job, work, SlideState.CANCELLED, RunReason.ACCESS, decision.text)
        return
    state = SlideState.DONE if work.prepared else SlideState.REUSED
    now = datetime.now(UTC)
    unused: list[str] = []
    with stores.records.write() as connection:
        if leases.is_held(connection, job.lease):
            for one in work.prepared:
                if not result_store.settle(connection, stores.vault, one, now=now):
                    unused += one.objects
            log = "\n".join(work.log)
            leases.end(connection, job.lease, state, now=now, timings=work.timings, log=log)
        else:
            unused = work.objects
    _discard(stores, unused)


def _discard(stores: Stores, objects: Sequence[str]) -> None:
    if objects:
        stores.vault.discard(objects)


def _fail(stores: Stores, job: Job, work: SlideWork, error: AlgorithmError) -> None:
    """The algorithm's own failure: final for the key. What came before it is kept."""
    state = SlideState.SKIPPED if error.reason in _SKIPS else SlideState.FAILED
    work.say(str(error))
    now, unused = datetime.now(UTC), work.objects
    with stores.records.write() as connection:
        if leases.end(
            connection,
            job.lease,
            state,
            now=now,
            reason=error.reason,
            text=str(error),
            timings=work.timings,
            log="\n".join(work.log),
        ):
            result_store.keep_failure(
                connection,
                job.keys[-1],
                job.source,
                state=state,
                reason=error.reason,
                text=str(error),
                now=now,
            )
            settled = [
                one
                for one in work.prepared
                if result_store.settle(connection, stores.vault, one, now=now)
            ]
            kept = {key for one in settled for key in one.objects}
            unused = [key for key in unused if key not in kept]
    _discard(stores, unused)


def _end(
    stores: Stores,
    job: Job,
    work: SlideWork,
    state: SlideState,
    reason: RunReason,
    text: str,
) -> None:
    told: Mapping[str, float] = work.timings
    with stores.records.write() as connection:
        leases.end(
            connection,
            job.lease,
            state,
            now=datetime.now(UTC),
            reason=reason,
            text=text,
            timings=dict(told),
            log="\n".join(work.log),
        )
