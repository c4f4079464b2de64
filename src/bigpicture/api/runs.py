"""Runs: an algorithm over a cohort, begun, watched slide by slide, cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy import Connection, select

from bigpicture.access.decide import Purpose
from bigpicture.analysis.planner import Keyed, SlideFacts, foresee, key_slides, read_slides
from bigpicture.analysis.provenance import crate_json, crate_zip
from bigpicture.analysis.result_reads import record_result_read
from bigpicture.analysis.run_observations import observations_zip, stated_rows
from bigpicture.analysis.runs import (
    Asked,
    begin_run,
    cancel_run,
    count_ahead,
    count_reasons,
    count_states,
    list_runs,
    list_slides,
    own_run,
    page_key,
    seconds_left,
)
from bigpicture.api.asking import DEFAULT_LIMIT, After, Limit, NodeAsked, SignedIn
from bigpicture.api.cohort_reach import address_of
from bigpicture.api.node import Node
from bigpicture.api.opening import no_image, open_dataset
from bigpicture.api.problem import RefusedError
from bigpicture.api.run_algorithms import Runnable, stages_asked
from bigpicture.api.run_shapes import (
    RunList,
    RunPlanned,
    RunShown,
    RunSlideList,
    RunSlideShown,
    RunWanted,
)
from bigpicture.catalogue.cohort_freeze import find_version, list_versions, read_images
from bigpicture.catalogue.cohorts import find_cohort
from bigpicture.model.algorithm import RESEARCH_ONLY
from bigpicture.model.errors import ConflictError, UnknownError
from bigpicture.model.person import Person
from bigpicture.model.run import Run, SlideState
from bigpicture.storage.records.tables import images

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])

RunId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
_MARGIN_SECONDS = 600.0
_LENIENCE = 3
"""How many times an algorithm's own seconds a slide may take, waiting in line counted."""


class CrateForm(StrEnum):
    ZIP = "zip"
    JSON_LD = "jsonld"


@router.post("", status_code=201)
def begin(node: NodeAsked, person: SignedIn, wanted: RunWanted) -> RunShown:
    """Run an algorithm; what was computed before, and has not changed, is there at once.

    It needs the use `compute` of every dataset concerned, now and as long as it runs.
    """
    prepared = _prepare(node, person, wanted)
    with node.records.write() as connection:
        run = begin_run(
            connection, person.id, prepared.asked, prepared.slides, now=datetime.now(UTC)
        )
        return _shown(connection, [run])[0]


@router.post("/plan")
def foreseen(node: NodeAsked, person: SignedIn, wanted: RunWanted) -> RunPlanned:
    """Tell what a run would do, and begin nothing: how many slides are new, how many are known.

    It is refused for the same reasons.
    """
    prepared = _prepare(node, person, wanted)
    with node.records.read() as connection:
        found = foresee(connection, prepared.slides)
    datasets = sorted({each.slide.dataset for each in prepared.slides})
    return RunPlanned.of(prepared.asked, prepared.seconds, found, datasets)


@router.get("")
def runs(
    node: NodeAsked, person: SignedIn, after: After = "", limit: Limit = DEFAULT_LIMIT
) -> RunList:
    """List your runs, the newest first."""
    with node.records.read() as connection:
        found = list_runs(connection, person.id, after=after, limit=limit + 1)
        shown = _shown(connection, found[:limit])
    return RunList(items=shown, next=page_key(found[limit - 1]) if len(found) > limit else None)


@router.get("/{run}")
def one(node: NodeAsked, person: SignedIn, run: RunId) -> RunShown:
    """Show a run of yours: how many slides are in which state, and how long it will take."""
    with node.records.read() as connection:
        return _shown(connection, [own_run(connection, person.id, run)])[0]


@router.get("/{run}/slides")
def slides(
    node: NodeAsked,
    person: SignedIn,
    run: RunId,
    state: SlideState | None = None,
    reason: Annotated[str, Query(max_length=40, description="such as `out-of-memory`")] = "",
    after: Annotated[int, Query(ge=-1, description="`next` of the page before")] = -1,
    limit: Limit = DEFAULT_LIMIT,
) -> RunSlideList:
    """List the slides of a run, each with its state, its reason and its log."""
    with node.records.read() as connection:
        own_run(connection, person.id, run)
        found = list_slides(
            connection, run, state=state, reason=reason, after=after, limit=limit + 1
        )
    shown = found[:limit]
    return RunSlideList(
        items=[RunSlideShown.of(each) for each in shown],
        next=str(shown[-1].ordinal) if len(found) > limit else None,
    )


@router.post("/{run}/cancel")
def cancel(node: NodeAsked, person: SignedIn, run: RunId) -> RunShown:
    """Stop a run: what is done stays, what is under way is not kept."""
    with node.records.write() as connection:
        found = own_run(connection, person.id, run)
        cancel_run(connection, found, by=person.id, now=datetime.now(UTC))
        return _shown(connection, [own_run(connection, person.id, run)])[0]


@router.get("/{run}/provenance", response_class=Response)
def provenance(
    node: NodeAsked,
    person: SignedIn,
    run: RunId,
    request: Request,
    form: CrateForm = CrateForm.ZIP,
) -> Response:
    """Give where every result came from: W3C PROV in an RO-Crate (Workflow Run Crate 0.5)."""
    with node.records.read() as connection:
        found = own_run(connection, person.id, run)
        make = crate_zip if form is CrateForm.ZIP else crate_json
        body = make(connection, found, address=address_of(node, request), by=person.display_name)
    if form is CrateForm.JSON_LD:
        return Response(body, media_type="application/ld+json")
    named = {"Content-Disposition": f'attachment; filename="run-{run[:8]}.crate.zip"'}
    return Response(body, media_type="application/zip", headers=named)


@router.get(
    "/{run}/observations",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}},
)
def observations(node: NodeAsked, person: SignedIn, run: RunId, request: Request) -> Response:
    """Give what a run states of each image in MetaFleX: findings whose observer is a machine.

    All of the run's datasets are open to you, or none is told of.
    """
    with node.records.read() as connection:
        found = own_run(connection, person.id, run)
        stated = stated_rows(connection, found)
    decided = {each: open_dataset(node, person, each) for each in found.datasets}
    now = datetime.now(UTC)
    with node.records.write() as connection:
        for each in stated:
            grant = decided[each.dataset].grant
            record_result_read(connection, person.id, each.rows[0], grant=grant, now=now)
    with node.records.read() as connection:
        address = address_of(node, request)
        body = observations_zip(connection, node.vault, found, stated, address=address)
    named = {"Content-Disposition": f'attachment; filename="run-{run[:8]}.observations.zip"'}
    headers = {**named, "Bigpicture-Notice": RESEARCH_ONLY}
    return Response(body, media_type="application/zip", headers=headers)


@dataclass(frozen=True, slots=True)
class _Prepared:
    asked: Asked
    slides: list[Keyed]
    seconds: float


def _prepare(node: Node, person: Person, wanted: RunWanted) -> _Prepared:
    """What is asked for, once the person may have it computed now."""
    with node.records.read() as connection:
        runnable = Runnable(connection, person, node.seals.current())
        stages = stages_asked(runnable, wanted.algorithm, wanted.version, wanted.parameters)
        names, cohort, version = _images(connection, person, wanted)
        slides = read_slides(connection, names)
    _check_all_there(names, slides)
    _check_allowed(node, person, slides)
    asked = Asked(
        title=stages.title,
        stages=stages.stages,
        cohort=cohort,
        cohort_version=version,
        deadline=_LENIENCE * stages.seconds + _MARGIN_SECONDS,
    )
    return _Prepared(asked, key_slides(slides, asked.stages), stages.seconds)


def _shown(connection: Connection, found: Sequence[Run]) -> list[RunShown]:
    now = datetime.now(UTC)
    wanted = [run.id for run in found]
    counts: Mapping[str, Mapping[str, int]] = count_states(connection, wanted)
    reasons = count_reasons(connection, wanted)
    return [
        RunShown.of(
            run,
            counts[run.id],
            reasons[run.id],
            seconds_left=seconds_left(run, counts[run.id], now=now),
            ahead=count_ahead(connection, run),
        )
        for run in found
    ]


def _images(
    connection: Connection, person: Person, wanted: RunWanted
) -> tuple[list[str], str, int | None]:
    """Accessions of the images; the cohort and the version that they were frozen to, if any."""
    if wanted.images is not None:
        return list(dict.fromkeys(wanted.images)), "", None
    if wanted.dataset is not None:
        rows = select(images.c.accession).where(images.c.dataset == wanted.dataset)
        found = list(connection.scalars(rows.order_by(images.c.ordinal)))
        if not found:
            raise UnknownError("there is no such dataset.", place=wanted.dataset)
        return found, "", None
    assert wanted.cohort is not None
    cohort = find_cohort(connection, person, wanted.cohort.id)
    number = wanted.cohort.version or _newest(connection, cohort.id)
    frozen = find_version(connection, cohort.id, number)
    held = read_images(connection, frozen.images.digest)
    return [image for dataset in sorted(held) for image in held[dataset]], cohort.id, number


def _newest(connection: Connection, cohort: str) -> int:
    last = next(iter(list_versions(connection, cohort, limit=1)), None)
    if last is None:
        raise ConflictError(
            "this cohort was never frozen: nobody could say later what was computed on.",
            remedy="Freeze it, then run it.",
        )
    return last.number


def _check_all_there(names: Sequence[str], slides: Sequence[SlideFacts]) -> None:
    there = {slide.image for slide in slides}
    for name in names:
        if name not in there:
            raise no_image(name)


def _check_allowed(node: Node, person: Person, slides: Sequence[SlideFacts]) -> None:
    """Raise `RefusedError` for the first dataset that no program of the person may run over."""
    first = {slide.dataset: slide.image for slide in reversed(slides)}
    for dataset, image in first.items():
        try:
            decision = node.decisions.decide(person, dataset, Purpose.COMPUTE)
        except UnknownError:
            raise no_image(image) from None
        if not decision.allowed:
            raise RefusedError(replace(decision, text=f"{dataset}: {decision.text}"))
