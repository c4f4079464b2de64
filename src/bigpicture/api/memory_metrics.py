"""Metrics of memories: what a process keeps of slides in use, and how often it helped."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from bigpicture.api.node import Node
from bigpicture.viewing.memories import Uses


class MemoryMetrics:
    """Read when somebody asks. `images` and `levels` are counted, the others weighed in bytes."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def describe(self) -> list[Metric]:
        return list(_families())

    def collect(self) -> Iterator[Metric]:
        held, most, found, brought = _families()
        slot = self._node.settings.slot
        for name, use in self._uses().items():
            held.add_metric([slot, name], use.weight)
            most.add_metric([slot, name], use.most)
            found.add_metric([slot, name, "hit"], use.hits)
            found.add_metric([slot, name, "miss"], use.misses)
        brought.add_metric([slot], self._node.tiles.brought)
        yield from (held, most, found, brought)

    def _uses(self) -> Uses:
        node = self._node
        return {
            **node.tiles.uses,
            "pictures": node.pictures.use,
            **node.overlays.uses,
            "segments": node.vault.memory.use,
        }


def _families() -> tuple[
    GaugeMetricFamily, GaugeMetricFamily, CounterMetricFamily, CounterMetricFamily
]:
    memory = ("slot", "memory")
    return (
        GaugeMetricFamily("bigpicture_memory_held", "Bytes or items kept", labels=memory),
        GaugeMetricFamily("bigpicture_memory_most", "Bytes or items that may be", labels=memory),
        CounterMetricFamily(
            "bigpicture_memory_asked", "Times asked", labels=(*memory, "found")
        ),
        CounterMetricFamily(
            "bigpicture_segments_ahead", "Segments brought before they were asked for",
            labels=("slot",),
        ),
    )  # fmt: skip
