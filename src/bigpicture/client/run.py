"""Runs at a node: begin one, watch it, see each slide, take its results."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from bigpicture.client.cohort import FrozenCohort, SavedCohort, find_cohort
from bigpicture.client.node import Node, UnreachedError
from bigpicture.client.table import Table
from bigpicture.client.told import Told, save_whole
from bigpicture.model.algorithm import OutputKind
from bigpicture.model.errors import InputError, UnknownError
from bigpicture.model.run import RunState, SlideState

if TYPE_CHECKING:
    from bigpicture.client.overlaid import Picture
    from bigpicture.client.report import ShownReport

HERE = "/api/v1/runs"
_ID = re.compile(r"(?:.*/runs/)?([0-9a-f]{32})(?:[/?#].*)?")
_SLIDE = ("image", "dataset", "state", "reason")
_SOONEST, _LATEST = 0.5, 5.0
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class FoundResult:
    """One output for an image; `told` is what the node says of it, as JSON."""

    node: Node
    told: Mapping[str, Any]

    @property
    def image(self) -> str:
        return self.told["image"]

    @property
    def output(self) -> str:
        return self.told["output"]

    @property
    def value(self) -> float | str | None:
        """Of a facet; None for what is a file."""
        return self.told["value"]

    def read(self) -> bytes:
        """Its bytes: a DICOM object, a Parquet file, or JSON, as `told["media_type"]` says."""
        return self.node.request("GET", self.told["address"]).content

    def save(self, path: Path | str) -> Path:
        """Write them to a file; it gets its name only when it is whole."""
        return save_whole(path, [self.read()])

    def picture(self, *, side: int = 512, opacity: float = 0.5, colours: str = "") -> Picture:
        """A mask or a heatmap over its slide; `colours` names the map of a heatmap.

        Needs the extra `slides`. Raises `InputError` for a result that is neither.
        """
        drawing = import_module("bigpicture.client.overlaid")
        return drawing.overlaid(self.node, self.told, side=side, opacity=opacity, colours=colours)


class Job(Told):
    """A run at a node. Use it with `with`, or `close` it; the run goes on without it."""

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {state}" for state, n in self.told["counts"].items() if n)
        return f"<Job {self.id}: {self.told['algorithm']} {self.state}, {counts}>"

    @property
    def id(self) -> str:
        return self.told["id"]

    @property
    def state(self) -> RunState:
        return RunState(self.told["state"])

    @property
    def is_over(self) -> bool:
        return self.state is not RunState.RUNNING

    def refresh(self) -> Self:
        """Ask the node how it stands."""
        self.told = self.node.get(self._path)
        return self

    def watch(
        self, *, patience: float = 600.0, sleep: Callable[[float], None] = time.sleep
    ) -> Iterator[Self]:
        """Give the job each time something has changed, until it is over.

        It may be left and taken up again at any time, from anywhere. A node that does not answer
        is asked again, for `patience` seconds; then raises `UnreachedError`.
        """
        before: object = None
        wait, silent = _SOONEST, 0.0
        while True:
            try:
                self.refresh()
                silent = 0.0
            except UnreachedError:
                if silent > patience:
                    raise
                silent += wait
            else:
                now = (self.told["state"], self.told["counts"])
                wait = _SOONEST if now != before else min(_LATEST, 1.5 * wait)
                if now != before:
                    before = now
                    yield self
                if self.is_over:
                    return
            sleep(wait)

    def wait(self) -> Self:
        """Wait until it is over."""
        for _ in self.watch():
            pass
        return self

    def slides(self, state: SlideState | str | None = None) -> Iterator[Mapping[str, Any]]:
        """Every slide as the node tells it: its state, reason, log and seconds by stage."""
        wanted = {} if state is None else {"state": SlideState(state)}
        return self.node.items(f"{self._path}/slides", **wanted)

    def results(self, output: str = "") -> Iterator[FoundResult]:
        """What it gave, slide by slide; `output` names one of its outputs."""
        for slide in self.slides():
            if slide["state"] not in (SlideState.DONE, SlideState.REUSED):
                continue
            for told in self.node.get(f"/api/v1/images/{slide['image']}/results")["items"]:
                if told["key"] == slide["key"] and output in ("", told["output"]):
                    yield FoundResult(self.node, told)

    def facets(self) -> dict[str, dict[str, float | str | None]]:
        """The numbers and words that it gave, by image and name."""
        found: dict[str, dict[str, float | str | None]] = {}
        for result in self.results():
            if result.told["kind"] == OutputKind.FACET:
                found.setdefault(result.image, {})[result.output] = result.value
        return found

    def table(self) -> Table:
        """A row for each slide: how it ended, why, and each facet; None where it gave none."""
        slides, facets = list(self.slides()), self.facets()
        names = dict.fromkeys(name for each in facets.values() for name in each)
        columns = {name: [slide[name] for slide in slides] for name in _SLIDE}
        for name in names:
            columns[name] = [facets.get(slide["image"], {}).get(name) for slide in slides]
        return Table(columns)

    def report(
        self, cohort: FrozenCohort, *, title: str = "", is_generated: bool = False
    ) -> ShownReport:
        """Who is in the cohort and how the facets of this run are spread over it, with plots.

        `is_generated` says that the slides were drawn by a program. Needs the extra `slides`.
        """
        reporting = import_module("bigpicture.client.report")
        return reporting.make_report(
            cohort.images(),
            self.facets(),
            title=title or self.told["title"],
            is_generated=is_generated,
        )

    def cancel(self) -> Self:
        """Stop it: what is done stays."""
        self.told = self.node.post(f"{self._path}/cancel", None)
        return self

    def save_provenance(self, path: Path | str) -> Path:
        """Write where every result came from, as an RO-Crate in a zip."""
        return save_whole(path, [self.node.request("GET", f"{self._path}/provenance").content])

    def save_observations(self, path: Path | str) -> Path:
        """Write what it states of each image, as MetaFleX in a zip; by dataset."""
        return save_whole(path, [self.node.request("GET", f"{self._path}/observations").content])

    @property
    def _path(self) -> str:
        return f"{HERE}/{self.id}"


def begin_run(
    node: Node,
    algorithm: str,
    *,
    version: str = "",
    cohort: str | SavedCohort | FrozenCohort = "",
    cohort_version: int | None = None,
    dataset: str = "",
    images: Sequence[str] = (),
    parameters: Mapping[str, Any] | None = None,
) -> Job:
    """Begin a run over a frozen cohort, a dataset, or some images; exactly one of them.

    A cohort that was never frozen is frozen. Raises `InputError`, and what the node refuses with.
    """
    if sum(map(bool, (cohort, dataset, images))) != 1:
        raise InputError("a run is over a cohort, a dataset, or some images: name one of them.")
    wanted: dict[str, Any] = {"algorithm": algorithm, "version": version}
    wanted["parameters"] = dict(parameters or {})
    if cohort:
        wanted["cohort"] = _named(node, cohort, cohort_version)
    elif dataset:
        wanted["dataset"] = dataset
    else:
        wanted["images"] = list(images)
    return Job(node, node.post(HERE, wanted))


def _named(
    node: Node, cohort: str | SavedCohort | FrozenCohort, number: int | None
) -> Mapping[str, Any]:
    if isinstance(cohort, str):
        cohort = find_cohort(node, cohort)
    if isinstance(cohort, SavedCohort):
        return {"id": cohort.id, "version": cohort.version(number).number}
    return {"id": cohort.cohort, "version": cohort.number}


def list_jobs(node: Node) -> Iterator[Job]:
    """Your runs, the newest first."""
    return (Job(node, told) for told in node.items(HERE))


def find_job(node: Node, which: str) -> Job:
    """A run by its id, by the first letters of it, or by the address of its page.

    Raises `UnknownError` where there is none, or several begin so.
    """
    named = _ID.fullmatch(which.strip())
    if named:
        return Job(node, node.get(f"{HERE}/{named[1]}"))
    found = [each for each in list_jobs(node) if which and each.id.startswith(which)]
    if len(found) != 1:
        raise UnknownError(
            "there is no such run of yours." if not found else "several runs begin so.",
            place=which,
            remedy="`bigpicture runs list` tells which there are.",
        )
    return found[0]


def run(
    algorithm: str,
    *,
    node: str,
    token: str | None = None,
    version: str = "",
    cohort: str | SavedCohort | FrozenCohort = "",
    dataset: str = "",
    images: Sequence[str] = (),
    **parameters: Any,  # noqa: ANN401 - as the algorithm's manifest says
) -> Job:
    """Run an algorithm at a node over a cohort, a dataset, or some images.

    `parameters` are the algorithm's own; `token` is a bearer token of the node, else
    BIGPICTURE_TOKEN. Returns at once: see `Job.watch`, `Job.slides` and `Job.results`.
    """
    door = Node(node, token=token)
    try:
        return begin_run(
            door,
            algorithm,
            version=version,
            cohort=cohort,
            dataset=dataset,
            images=images,
            parameters=parameters,
        )
    except BaseException:
        door.close()
        raise


def job(which: str, *, node: str, token: str | None = None) -> Job:
    """A run of yours at a node, by its id or the address of its page."""
    door = Node(node, token=token)
    try:
        return find_job(door, which)
    except BaseException:
        door.close()
        raise
