"""Runs and results as the doors take and show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bigpicture.analysis.planner import Foreseen
from bigpicture.analysis.result_store import ResultRow
from bigpicture.analysis.runs import Asked
from bigpicture.model.algorithm import RESEARCH_ONLY
from bigpicture.model.run import Run, RunSlide, RunState, SlideState, Stage

MOST_IMAGES = 10_000
"""Named one by one; more than that is a cohort."""


class CohortNamed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    version: Annotated[int | None, Field(ge=1, le=1_000_000, description="else the newest")] = None


class RunWanted(BaseModel):
    """An algorithm over a frozen cohort, a dataset, or some images: exactly one of the three."""

    model_config = ConfigDict(extra="forbid")

    algorithm: Annotated[str, Field(min_length=1, max_length=200)]
    version: Annotated[str, Field(max_length=40, description="else the newest")] = ""
    parameters: dict[str, Any] = {}
    cohort: CohortNamed | None = None
    dataset: Annotated[str, Field(max_length=80)] | None = None
    images: Annotated[list[str], Field(min_length=1, max_length=MOST_IMAGES)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.cohort, self.dataset, self.images)) != 1:
            raise ValueError("name one of cohort, dataset and images")
        return self


class StageShown(BaseModel):
    algorithm: str
    version: str
    digest: str
    parameters: dict[str, Any]

    @classmethod
    def of(cls, stage: Stage) -> Self:
        same = ("algorithm", "version", "digest")
        return cls(
            **{name: getattr(stage, name) for name in same}, parameters=dict(stage.parameters)
        )


class CohortRun(BaseModel):
    id: str
    version: int


class RunPlanned(BaseModel):
    """What a run would do: `waiting` slides are computed, the results of `reused` ones are kept.

    At `failed` ones the algorithm failed before, and would again; `erased` ones are gone. `seconds`
    is the longest that one slide may take.
    """

    algorithm: str
    version: str
    title: str
    images: int
    datasets: list[str]
    waiting: int
    reused: int
    failed: int
    erased: int
    seconds: float
    stages: list[StageShown]
    notice: str = RESEARCH_ONLY

    @classmethod
    def of(cls, asked: Asked, seconds: float, foreseen: Foreseen, datasets: list[str]) -> Self:
        target = asked.stages[-1]
        return cls(
            algorithm=target.algorithm,
            version=target.version,
            title=asked.title,
            images=foreseen.slides,
            datasets=datasets,
            **{name: getattr(foreseen, name) for name in ("waiting", "reused", "failed", "erased")},
            seconds=seconds,
            stages=[StageShown.of(each) for each in asked.stages],
        )


class ReasonCount(BaseModel):
    """Why so many slides in this state were not computed."""

    state: SlideState
    reason: str
    slides: int


class RunShown(BaseModel):
    """A run. `counts` are slides by state; `ahead` runs that wait before it."""

    id: str
    algorithm: str
    version: str
    title: str
    parameters: dict[str, Any]
    stages: list[StageShown]
    cohort: CohortRun | None
    datasets: list[str]
    images: int
    state: RunState
    reason: str
    counts: dict[SlideState, int]
    reasons: list[ReasonCount]
    created: datetime
    started: datetime | None
    ended: datetime | None
    seconds_left: float | None
    ahead: int
    notice: str = RESEARCH_ONLY

    @classmethod
    def of(
        cls,
        run: Run,
        counts: Mapping[str, int],
        reasons: Iterable[tuple[SlideState, str, int]],
        *,
        seconds_left: float | None,
        ahead: int,
    ) -> Self:
        same = ("id", "algorithm", "version", "title", "images", "state", "reason")
        named = run.cohort and run.cohort_version
        return cls(
            **{name: getattr(run, name) for name in (*same, "created", "started", "ended")},
            parameters=dict(run.stages[-1].parameters),
            stages=[StageShown.of(each) for each in run.stages],
            cohort=CohortRun(id=run.cohort, version=named) if named else None,
            datasets=list(run.datasets),
            counts={SlideState(state): count for state, count in counts.items()},
            reasons=[
                ReasonCount(state=state, reason=reason, slides=count)
                for state, reason, count in reasons
            ],
            seconds_left=seconds_left,
            ahead=ahead,
        )


class RunList(BaseModel):
    items: list[RunShown]
    next: str | None


class RunSlideShown(BaseModel):
    """One slide of a run. `reason` is a code, `text` the same in words; `log` lines of the node."""

    ordinal: int
    image: str
    dataset: str
    key: str
    state: SlideState
    reason: str
    text: str
    attempt: int
    started: datetime | None
    ended: datetime | None
    timings: dict[str, float]
    log: str

    @classmethod
    def of(cls, slide: RunSlide) -> Self:
        return cls(**{name: getattr(slide, name) for name in cls.model_fields})


class RunSlideList(BaseModel):
    items: list[RunSlideShown]
    next: str | None


class ResultShown(BaseModel):
    """One output of an algorithm for an image; `value` where it is a facet."""

    image: str
    key: str
    output: str
    kind: str
    algorithm: str
    version: str
    run: str
    media_type: str
    size: int
    sha256: str
    created: datetime
    value: float | str | None
    unit: str
    address: str
    notice: str = RESEARCH_ONLY

    @classmethod
    def of(cls, row: ResultRow) -> Self:
        same = ("image", "key", "output", "algorithm", "version", "run", "media_type", "size")
        return cls(
            **{name: getattr(row, name) for name in (*same, "sha256", "created")},
            kind=row.kind,
            value=row.facet.value if row.facet else None,
            unit=row.facet.unit if row.facet else "",
            address=f"/api/v1/results/{row.key}/{row.output}?image={row.image}",
        )


class ResultList(BaseModel):
    items: list[ResultShown]
