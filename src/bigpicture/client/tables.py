"""Found images as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, overload

from bigpicture.client.query import FoundImage
from bigpicture.client.table import Table

_COLUMNS = ("accession", "dataset", "organ", "stain", "species", "diagnoses", "mpp")


@dataclass(frozen=True, slots=True)
class FoundImages(Sequence[FoundImage]):
    """Images in the order in which they were found."""

    images: tuple[FoundImage, ...]

    @overload
    def __getitem__(self, index: int) -> FoundImage: ...
    @overload
    def __getitem__(self, index: slice) -> FoundImages: ...
    def __getitem__(self, index: int | slice) -> FoundImage | FoundImages:
        if isinstance(index, slice):
            return FoundImages(self.images[index])
        return self.images[index]

    def __len__(self) -> int:
        return len(self.images)

    def __iter__(self) -> Iterator[FoundImage]:
        return iter(self.images)

    def columns(self) -> dict[str, list[Any]]:
        """A list for each of an image's facts; `mpp` is that of level 0 across."""
        told: dict[str, list[Any]] = {
            each.name: [getattr(image, each.name) for image in self.images]
            for each in fields(FoundImage)
        }
        told["mpp"] = [image.mpp[0] for image in self.images]
        told["diagnoses"] = [list(image.diagnoses) for image in self.images]
        return told

    def to_pandas(self) -> Any:  # noqa: ANN401 - pandas' own type
        """A DataFrame of pandas, a row an image; raises `SettingsError` without pandas."""
        return Table(self.columns()).to_pandas()

    def to_polars(self) -> Any:  # noqa: ANN401
        """A DataFrame of Polars, a row an image; raises `SettingsError` without Polars."""
        return Table(self.columns()).to_polars()

    def _repr_html_(self) -> str:
        told = self.columns()
        return Table({name: told[name] for name in _COLUMNS}).html()
