"""An installed algorithm: its manifest, and where its code lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bigpicture.model.algorithm import Algorithm


@dataclass(frozen=True, slots=True)
class Installed:
    """`folder` holds its code and weights; None: it is shipped with this program.

    `is_foreign` says that others wrote it: it runs behind every wall, or not at all.
    """

    algorithm: Algorithm
    folder: Path | None = None
    is_foreign: bool = False

    @property
    def weights(self) -> Path | None:
        """The first file of weights, if it has any; others lie beside."""
        first = next(iter(self.algorithm.weights), None)
        return self.folder / first.path if first and self.folder else None
