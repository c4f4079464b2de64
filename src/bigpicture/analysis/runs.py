"""Runs in the records: begun, found, listed, counted, cancelled, ended."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from bigpicture.analysis.planner import Keyed, plan
from bigpicture.ledger.record import record
from bigpicture.model.algorithm import OutputKind
from bigpicture.model.errors import LimitError, UnknownError
from bigpicture.model.run import (
    OPEN_STATES,
    Run,
    RunReason,
    RunSlide,
    RunState,
    SlideState,
    Stage,
)
from bigpicture.storage.records.changed import tell_changed
from bigpicture.storage.records.newest import behind
from bigpicture.storage.records.run_tables import results, run_datasets, run_slides, runs

MOST_SLIDES = 50_000
"""Of one run: its rows are planned in one transaction."""
_MOST_NAMED = 100
_COMPUTED = (SlideState.DONE, SlideState.FAILED, SlideState.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks to be run; `deadline` in seconds for one slide."""

    title: str
    stages: tuple[Stage, ...]
    cohort: str = ""
    cohort_version: int | None = None
    deadline: float = 3600.0


def begin_run(
    connection: Connection,
    person: str,
    asked: Asked,
    slides: Sequence[Keyed],
    *,
    now: datetime,
) -> Run:
    """Plan a run and record that it began, in the caller's transaction.

    One of which nothing need be computed is over at once. Raises `LimitError`.
    """
    if len(slides) > MOST_SLIDES:
        raise LimitError(
            "these are too many slides for one run.",
            rule=f"at most {MOST_SLIDES:,}",
            remedy="Run it over parts of the cohort.",
        )
    run, target = secrets.token_hex(16), asked.stages[-1]
    datasets = sorted({each.slide.dataset for each in slides})
    connection.execute(
        insert(runs).values(
            id=run,
            person=person,
            algorithm=target.algorithm,
            version=target.version,
            title=asked.title,
            stages=[stage.as_json() for stage in asked.stages],
            cohort=asked.cohort,
            cohort_version=asked.cohort_version,
            images=len(slides),
            state=RunState.RUNNING,
            reason="",
            deadline=asked.deadline,
            created=now,
        )
    )
    if datasets:
        rows = [{"run": run, "dataset": dataset} for dataset in datasets]
        connection.execute(insert(run_datasets), rows)
    waiting = plan(connection, run, slides, now=now) if slides else 0
    details = {
        "algorithm": target.algorithm,
        "version": target.version,
        "digest": target.digest,
        "cohort": asked.cohort,
        "images": len(slides),
        "waiting": waiting,
        "datasets": datasets[:_MOST_NAMED],
    }
    record(connection, actor=person, action="run:start", subject=run, details=details)
    end_if_over(connection, run, now=now)
    return find_run(connection, run)


def find_run(connection: Connection, run: str) -> Run:
    """One run; raises `UnknownError`."""
    row = connection.execute(select(runs).where(runs.c.id == run)).mappings().first()
    if row is None:
        raise UnknownError("there is no such run.", place=run)
    return _read_run(row, _datasets(connection, [run])[run])


def own_run(connection: Connection, person: str, run: str) -> Run:
    """A run of this person; those of others are as if they were not."""
    found = find_run(connection, run)
    if found.person != person:
        raise UnknownError("there is no such run.", place=run)
    return found


def list_runs(
    connection: Connection, person: str, *, after: str = "", limit: int = 50
) -> list[Run]:
    """A person's runs, the newest first."""
    rows = connection.execute(
        select(runs)
        .where(runs.c.person == person, *behind(after, changed=runs.c.created, key=runs.c.id))
        .order_by(runs.c.created.desc(), runs.c.id.desc())
        .limit(limit)
    ).mappings().all()  # fmt: skip
    datasets = _datasets(connection, [row["id"] for row in rows])
    return [_read_run(row, datasets[row["id"]]) for row in rows]


def page_key(run: Run) -> str:
    """What `list_runs` goes on after."""
    return f"{run.created.isoformat()}~{run.id}"


def count_states(connection: Connection, wanted: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many slides of each run are in each state; all states are named."""
    counts = {run: {str(state): 0 for state in SlideState} for run in wanted}
    rows = connection.execute(
        select(run_slides.c.run, run_slides.c.state, func.count().label("slides"))
        .where(run_slides.c.run.in_(counts))
        .group_by(run_slides.c.run, run_slides.c.state)
    )
    for row in rows:
        counts[row.run][row.state] = row.slides
    return counts


def count_reasons(
    connection: Connection, wanted: Iterable[str]
) -> dict[str, list[tuple[SlideState, str, int]]]:
    """Why slides of each run were not computed: state, reason, and how many, the most first."""
    counts: dict[str, list[tuple[SlideState, str, int]]] = {run: [] for run in wanted}
    many = func.count().label("slides")
    rows = connection.execute(
        select(run_slides.c.run, run_slides.c.state, run_slides.c.reason, many)
        .where(run_slides.c.run.in_(counts), run_slides.c.reason != "")
        .group_by(run_slides.c.run, run_slides.c.state, run_slides.c.reason)
        .order_by(many.desc(), run_slides.c.reason, run_slides.c.state)
    )
    for row in rows:
        counts[row.run].append((SlideState(row.state), row.reason, row.slides))
    return counts


def list_slides(
    connection: Connection,
    run: str,
    *,
    state: SlideState | None = None,
    reason: str = "",
    after: int = -1,
    limit: int = 50,
) -> list[RunSlide]:
    """The slides of a run in its order, from behind the ordinal `after`."""
    asked = select(run_slides).where(run_slides.c.run == run, run_slides.c.ordinal > after)
    if state is not None:
        asked = asked.where(run_slides.c.state == state)
    if reason:
        asked = asked.where(run_slides.c.reason == reason)
    rows = connection.execute(asked.order_by(run_slides.c.ordinal).limit(limit)).mappings()
    return [_read_slide(row) for row in rows]


def cancel_run(connection: Connection, run: Run, *, by: str, now: datetime) -> None:
    """Stop a run: no slide is begun any more, and what is under way is not kept."""
    if run.state is not RunState.RUNNING:
        return
    connection.execute(
        update(runs)
        .where(runs.c.id == run.id)
        .values(state=RunState.CANCELLED, reason=RunReason.ASKED, ended=now)
    )
    cancel_slides(
        connection, run.id, reason=RunReason.ASKED, text="The run was cancelled.", now=now
    )
    _record_end(connection, run.id, RunState.CANCELLED, by=by)
    _tell_facets(connection, run.id)


def cancel_slides(
    connection: Connection,
    run: str,
    *,
    reason: RunReason,
    text: str,
    now: datetime,
    dataset: str | None = None,
) -> int:
    """Cancel what is not over yet of a run, or of one dataset in it; returns how many slides."""
    asked = update(run_slides).where(run_slides.c.run == run, run_slides.c.state.in_(OPEN_STATES))
    if dataset is not None:
        asked = asked.where(run_slides.c.dataset == dataset)
    done = connection.execute(
        asked.values(
            state=SlideState.CANCELLED,
            reason=reason,
            text=text,
            owner="",
            lease_until=None,
            ended=now,
        )
    )
    return done.rowcount


def end_if_over(connection: Connection, run: str, *, now: datetime) -> bool:
    """Mark a run done once none of its slides is open; returns whether it is over now."""
    is_open = connection.execute(
        select(run_slides.c.ordinal)
        .where(run_slides.c.run == run, run_slides.c.state.in_(OPEN_STATES))
        .limit(1)
    ).first()
    if is_open:
        return False
    ended = connection.execute(
        update(runs)
        .where(runs.c.id == run, runs.c.state == RunState.RUNNING)
        .values(state=RunState.DONE, ended=now)
    )
    if ended.rowcount:
        _record_end(connection, run, RunState.DONE, by="node")
        _tell_facets(connection, run)
    return True


def _tell_facets(connection: Connection, run: str) -> None:
    """The catalogue reads the datasets anew of whose images a run gave facets."""
    given = select(results.c.dataset).where(
        results.c.run == run, results.c.kind == OutputKind.FACET
    )
    for dataset in connection.scalars(given.distinct()).all():
        tell_changed(connection, dataset, "computed")


def seconds_left(run: Run, counts: Mapping[str, int], *, now: datetime) -> float | None:
    """How long a run will take at the pace it had so far; None where nothing tells."""
    left = sum(counts[state] for state in OPEN_STATES)
    done = sum(counts[state] for state in _COMPUTED)
    if run.state is not RunState.RUNNING or not left:
        return 0.0
    if run.started is None or not done:
        return None
    return (now - run.started).total_seconds() / done * left


def count_ahead(connection: Connection, run: Run) -> int:
    """How many runs that began earlier have slides waiting; 0 once this one has begun."""
    if run.state is not RunState.RUNNING or run.started is not None:
        return 0
    waiting = select(run_slides.c.run).where(run_slides.c.state == SlideState.WAITING)
    asked = select(func.count()).where(
        runs.c.state == RunState.RUNNING, runs.c.created < run.created, runs.c.id.in_(waiting)
    )
    return connection.scalar(asked) or 0


def _record_end(connection: Connection, run: str, state: RunState, *, by: str) -> None:
    counts = {name: n for name, n in count_states(connection, [run])[run].items() if n}
    details = {"state": state, "slides": counts}
    record(connection, actor=by, action="run:end", subject=run, details=details)


def _datasets(connection: Connection, wanted: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {run: [] for run in wanted}
    rows = connection.execute(
        select(run_datasets)
        .where(run_datasets.c.run.in_(wanted))
        .order_by(run_datasets.c.run, run_datasets.c.dataset)
    )
    for row in rows:
        found[row.run].append(row.dataset)
    return {run: tuple(names) for run, names in found.items()}


def _read_run(row: RowMapping, datasets: tuple[str, ...]) -> Run:
    same = ("id", "person", "algorithm", "version", "title", "cohort", "cohort_version")
    return Run(
        **{name: row[name] for name in (*same, "images", "reason", "created", "started", "ended")},
        stages=tuple(Stage.from_json(held) for held in row["stages"]),
        datasets=datasets,
        state=RunState(row["state"]),
    )


def _read_slide(row: RowMapping) -> RunSlide:
    same = ("run", "ordinal", "image", "dataset", "key", "reason", "text", "attempt", "log")
    held: Mapping[str, Any] = {name: row[name] for name in (*same, "started", "ended")}
    return RunSlide(**held, state=SlideState(row["state"]), timings=row["timings"] or {})
