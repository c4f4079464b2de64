"""Reach: the datasets that are published, and those of them that the one who asks may open now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import Request

from bigpicture.access.decide import Decision
from bigpicture.api.node import Node
from bigpicture.catalogue.cohort_datasets import KnownDataset, read_datasets
from bigpicture.catalogue.cohort_sight import Hidden, Sight, see
from bigpicture.model.cohort import FrozenList
from bigpicture.model.person import Person
from bigpicture.model.scope import Scope

_NOT_RELEASED = Hidden(
    dataset="",
    title="Images that are not released",
    images="not told",
    beings="not told",
    is_withdrawn=False,
)
"""In the place of all parts of a list that are hidden: that there is more is said, not what."""


@dataclass(frozen=True, slots=True)
class Reach:
    """`known` by accession; `opened` is what the access decision said of each just now.

    Of `hidden` datasets the one who asks may not know.
    """

    known: Mapping[str, KnownDataset]
    decisions: Mapping[str, Decision]
    opened: frozenset[str]
    hidden: frozenset[str]

    @property
    def scope(self) -> Scope:
        return Scope(opened=self.opened)

    @property
    def titles(self) -> dict[str, str]:
        return {accession: each.title for accession, each in self.known.items()}

    def see(self, frozen: FrozenList) -> Sight:
        parts = tuple(part for part in frozen.parts if part.dataset not in self.hidden)
        sight = see(replace(frozen, parts=parts), opened=self.opened, published=self.known.keys())
        if len(parts) < len(frozen.parts):
            return replace(sight, hidden=(*sight.hidden, _NOT_RELEASED))
        return sight


def reach_of(node: Node, person: Person | None) -> Reach:
    """Take the access decision for every dataset that was published. May block."""
    with node.records.read() as connection:
        known = read_datasets(connection)
    listed = node.decisions.listed(person, known)
    present = {name: known[name] for name in listed if not known[name].is_withdrawn}
    decisions = node.decisions.decide_each(person, present)
    opened = frozenset(name for name, decision in decisions.items() if decision.allowed)
    return Reach(present, decisions, opened, frozenset(known).difference(listed))


def address_of(node: Node, request: Request) -> str:
    """How the world reaches this node, without a slash at its end."""
    return node.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
