"""Metrics: what this process did, for Prometheus; every series carries the process's slot."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func, select

from bigpicture.api.asking import NodeAsked
from bigpicture.storage.records import Records
from bigpicture.storage.records.tables import submissions

router = APIRouter(tags=["running"])

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """A registry of one process. With several, a scrape finds one of them: its `slot` says which.

    The counters live in memory and begin at zero with the process, as Prometheus expects.
    """

    def __init__(self, records: Records, slot: str) -> None:
        self.registry = CollectorRegistry()
        labels = ("slot", "route", "method", "status")
        self._slot = slot
        self._requests = Counter(
            "bigpicture_requests", "Requests answered", labels, registry=self.registry
        )
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._seconds = Histogram(
            "bigpicture_request_seconds",
            "Seconds to the end of the answer",
            ("slot", "route"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        tiles = Counter(
            "bigpicture_tiles", "Tiles sent", ("slot", "source"), registry=self.registry
        )
        self._tiles = {
            kept: tiles.labels(slot, "memory" if kept else "store") for kept in (True, False)
        }
        self.registry.register(_States(records))

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        series = self._series.get((route, method, status))
        if series is None:  # finding one by its labels costs more than counting
            series = self._series[route, method, status] = (
                self._requests.labels(self._slot, route, method, str(status)),
                self._seconds.labels(self._slot, route),
            )
        series[0].inc()
        series[1].observe(seconds)

    def count_tile(self, *, was_kept: bool) -> None:
        self._tiles[was_kept].inc()


class _States:
    """Submissions by state, counted in the records when asked."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def describe(self) -> list[GaugeMetricFamily]:
        return [self._family()]

    def collect(self) -> list[GaugeMetricFamily]:
        family = self._family()
        question = select(submissions.c.state, func.count()).group_by(submissions.c.state)
        with self._records.read() as connection:
            for state, number in connection.execute(question):
                family.add_metric([state], number)
        return [family]

    @staticmethod
    def _family() -> GaugeMetricFamily:
        return GaugeMetricFamily("bigpicture_submissions", "Submissions by state", labels=["state"])


@router.get("/metrics", response_class=Response)
def metrics(request: Request, node: NodeAsked) -> Response:
    """Give this process's metrics in Prometheus' text format."""
    del node
    kept: Metrics = request.app.state.metrics
    return Response(generate_latest(kept.registry), media_type=CONTENT_TYPE_LATEST)
