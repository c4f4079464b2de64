"""Diseases: whether those of a purpose are, or stand under, those that a policy names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bigpicture.access.data_use.reason import Answer, listed
from bigpicture.model.data_use import DataUseTerm


class Lineage(Protocol):
    """What stands over a term; keys are `SCHEME:CODE`. The catalogue's hierarchy is one."""

    @property
    def version(self) -> str:
        """Changes with the terms."""
        ...

    @property
    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """Of every known term."""
        ...

    def ancestors(self, key: str) -> tuple[str, ...]:
        """All terms over this one, without itself."""
        ...


class NoLineage:
    """Where no terminology is loaded: terms are equal, or nobody knows."""

    version = "none"
    parents: Mapping[str, tuple[str, ...]] = {}

    def ancestors(self, key: str) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        return ()


def judge_diseases(
    wanted: frozenset[str], term: DataUseTerm, lineage: Lineage
) -> tuple[Answer, str]:
    """Judge the diseases of a purpose by a DS term; never allows where either side names none."""
    if not term.values:
        return Answer.HUMAN, "The policy allows named diseases, and names none."
    named = frozenset(term.values)
    outside = {each for each in wanted if named.isdisjoint((each, *lineage.ancestors(each)))}
    if not outside:
        return Answer.ALLOW, f"{listed(wanted)}: within {listed(named)}."
    unrelated = {each for each in outside if _is_elsewhere(each, named, lineage)}
    if unrelated:
        return Answer.DENY, f"{listed(unrelated)}: not within {listed(named)}."
    text = f"{listed(outside)}: this node cannot tell whether that is within {listed(named)}; its"
    return Answer.HUMAN, f"{text} terminologies do not hold all of them."


def _is_elsewhere(disease: str, named: frozenset[str], lineage: Lineage) -> bool:
    """Whether a disease outside of those named is known to be so: all are terms of one scheme."""
    scheme = disease.partition(":")[0]
    return all(
        each in lineage.parents and each.partition(":")[0] == scheme for each in (disease, *named)
    )
