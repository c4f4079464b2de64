"""Lineage: what the index asks of a hierarchy of terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Lineage(Protocol):
    """Keys are `SCHEME:CODE`."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Of terms that no image need have."""
        ...

    @property
    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """The first is where a page shows a term."""
        ...

    def ancestors(self, key: str) -> tuple[str, ...]:
        """All, each once, without itself."""
        ...

    def descendants(self, key: str) -> frozenset[str]:
        """With itself."""
        ...

    def find(self, words: str) -> tuple[str, ...]:
        """Keys whose label or key is that, in any case."""
        ...

    def with_terms(self, labels: Mapping[str, str]) -> Lineage:
        """Join terms that images have, by key and label."""
        ...


class NothingAbove:
    """Of terms that stand side by side."""

    labels: Mapping[str, str] = {}
    parents: Mapping[str, tuple[str, ...]] = {}

    def ancestors(self, key: str) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        return ()

    def descendants(self, key: str) -> frozenset[str]:
        return frozenset({key})

    def find(self, words: str) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        return ()

    def with_terms(self, labels: Mapping[str, str]) -> NothingAbove:  # noqa: ARG002
        return self
