"""Reach: the datasets that are published, and those of them that the one who asks may open now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request

from bigpicture.access.decide import Decision
from bigpicture.api.node import Node
from bigpicture.catalogue.cohort_datasets import KnownDataset, read_datasets
from bigpicture.catalogue.cohort_sight import Sight, see
from bigpicture.model.cohort import FrozenList
from bigpicture.model.person import Person
from bigpicture.model.scope import Scope


@dataclass(frozen=True, slots=True)
class Reach:
    """`known` by accession; `opened` is what the access decision said of each just now."""

    known: Mapping[str, KnownDataset]
    decisions: Mapping[str, Decision]
    opened: frozenset[str]

    @property
    def scope(self) -> Scope:
        return Scope(opened=self.opened)

    @property
    def titles(self) -> dict[str, str]:
        return {accession: each.title for accession, each in self.known.items()}

    def see(self, frozen: FrozenList) -> Sight:
        return see(frozen, opened=self.opened, published=self.known.keys())


def reach_of(node: Node, person: Person | None) -> Reach:
    """Take the access decision for every published dataset. May block."""
    with node.records.read() as connection:
        known = read_datasets(connection)
    decisions = node.decisions.decide_each(person, known)
    opened = frozenset(name for name, decision in decisions.items() if decision.allowed)
    return Reach(known, decisions, opened)


def address_of(node: Node, request: Request) -> str:
    """How the world reaches this node, without a slash at its end."""
    return node.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
