"""A run: one execution of an algorithm over a cohort, slide by slide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bigpicture.model.canonical import digest


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class SlideState(StrEnum):
    """How one slide of a run stands."""

    WAITING = "waiting"
    LEASED = "leased"
    DONE = "done"
    REUSED = "reused"
    """Its result was there: computed before, from the same of everything."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """Nothing is wrong, and there is nothing to compute: empty glass, no mpp."""
    CANCELLED = "cancelled"


OPEN_STATES = (SlideState.WAITING, SlideState.LEASED)
"""While a run has slides in one of these it is not over."""


class RunReason(StrEnum):
    """Why a slide was not computed, where it was not the algorithm's own reason."""

    ERASED = "erased"
    ACCESS = "access-ended"
    ASKED = "cancelled-by-person"
    PLATFORM = "platform-fault"
    """The node could not do it, after several tries; another run tries it again."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One algorithm of a run, fixed when the run begins.

    `digest` is the algorithm's, `weights` the SHA-256 of each file of weights, sorted; `needs`
    names, for each input, the position of the stage that gives it.
    """

    algorithm: str
    version: str
    digest: str
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    weights: tuple[str, ...] = ()
    needs: Mapping[str, int] = field(default_factory=dict[str, int])

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Stage:
        told = dict(held)
        return cls(weights=tuple(told.pop("weights")), **told)


@dataclass(frozen=True, slots=True)
class Run:
    """`person` is a person's id; `stages` end with the algorithm that was asked for."""

    id: str
    person: str
    algorithm: str
    version: str
    title: str
    stages: tuple[Stage, ...]
    cohort: str
    cohort_version: int | None
    datasets: tuple[str, ...]
    images: int
    state: RunState
    reason: str
    created: datetime
    started: datetime | None
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class RunSlide:
    """One slide of a run. `reason` is a code, `text` the same for people; `timings` in seconds."""

    run: str
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
    timings: Mapping[str, float]
    log: str


def slide_digest(pixels: str, mpp: tuple[float, float]) -> str:
    """What an algorithm can see of a slide: its pixels' digest, and micrometres per pixel."""
    return digest({"pixels": pixels, "mpp": list(mpp)})


def result_key(slide: str, stage: Stage, upstream: Iterable[str]) -> str:
    """The key of a result: SHA-256 over all that it comes from, as canonical JSON (RFC 8785).

    `slide` is what `slide_digest` gave, `upstream` the keys of the results that are its inputs.
    """
    return digest(
        {
            "slide": slide,
            "upstream": sorted(upstream),
            "algorithm": stage.digest,
            "parameters": stage.parameters,
            "weights": sorted(stage.weights),
        }
    )


def stage_keys(slide: str, stages: Iterable[Stage]) -> list[str]:
    """The keys of a slide's results, one for each stage in its order."""
    keys: list[str] = []
    for stage in stages:
        keys.append(result_key(slide, stage, (keys[at] for at in stage.needs.values())))
    return keys
