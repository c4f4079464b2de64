"""A scope: what a question may see, and in what detail."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Made by whoever took the access decision; nothing outside it shows in an answer.

    `listed` are accessions of the datasets that may be known of, None meaning every published
    one. `opened` are those whose single images may be shown.
    """

    opened: frozenset[str] = frozenset()
    listed: frozenset[str] | None = None

    def lists(self, dataset: str) -> bool:
        return self.listed is None or dataset in self.listed

    def opens(self, dataset: str) -> bool:
        return dataset in self.opened and self.lists(dataset)
