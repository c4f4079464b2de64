"""A selection as tests make it: what a question chose, by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Chosen:
    """Images with their datasets and the keys of their beings."""

    accessions: list[str]
    datasets: list[str]
    beings: list[str]

    def __len__(self):
        return len(self.accessions)

    @classmethod
    def of(cls, **datasets):
        """`one="abc"`: three images a, b, c of dataset one, each of a being of its own."""
        named = [
            (f"bb-image-{name}-{letter * 6}", f"bb-dataset-{name}", f"{name}{letter}")
            for name, letters in sorted(datasets.items())
            for letter in letters
        ]
        return cls(*(list(column) for column in zip(*named, strict=True)))
