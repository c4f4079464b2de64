"""Found images as a table: for notebooks, pandas and Polars, none of which is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from html import escape
from importlib import import_module
from typing import Any, overload

from bigpicture.client.query import FoundImage
from bigpicture.model.errors import SettingsError

_SHOWN = 20
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
        return _library("pandas").DataFrame(self.columns())

    def to_polars(self) -> Any:  # noqa: ANN401
        """A DataFrame of Polars, a row an image; raises `SettingsError` without Polars."""
        return _library("polars").DataFrame(self.columns())

    def _repr_html_(self) -> str:
        heads = "".join(f"<th>{name}</th>" for name in _COLUMNS)
        rows = "".join(_row(image) for image in self.images[:_SHOWN])
        more = len(self.images) - _SHOWN
        foot = f"<p>… and {more:,} more</p>" if more > 0 else ""
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{foot}"


def _row(image: FoundImage) -> str:
    cells = (escape(_text(getattr(image, name))) for name in _COLUMNS)
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _text(value: object) -> str:
    if isinstance(value, tuple):
        parts: tuple[object, ...] = value
        return ", ".join(f"{each:.4g}" if isinstance(each, float) else str(each) for each in parts)
    return str(value)


def _library(name: str) -> Any:  # noqa: ANN401
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"{name} is not installed.", place=name, remedy=f"pip install {name}"
        ) from error
