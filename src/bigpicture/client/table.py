"""A table: for notebooks, pandas and Polars, none of which is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import import_module
from typing import Any

from bigpicture.model.errors import SettingsError

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of one length, by name, in the order in which they are shown."""

    columns: Mapping[str, Sequence[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def to_pandas(self) -> Any:  # noqa: ANN401 - pandas' own type
        """A DataFrame of pandas; raises `SettingsError` without pandas."""
        return library("pandas").DataFrame(dict(self.columns))

    def to_polars(self) -> Any:  # noqa: ANN401
        """A DataFrame of Polars; raises `SettingsError` without Polars."""
        return library("polars").DataFrame(dict(self.columns), strict=False)

    def html(self) -> str:
        """The first rows, as an HTML table."""
        heads = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        shown = (column[:_SHOWN] for column in self.columns.values())
        rows = "".join(
            f"<tr>{''.join(f'<td>{escape(told(cell))}</td>' for cell in row)}</tr>"
            for row in zip(*shown, strict=True)
        )
        more = len(self) - _SHOWN
        foot = f"<p>… and {more:,} more</p>" if more > 0 else ""
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{foot}"

    def _repr_html_(self) -> str:
        return self.html()


def told(value: object) -> str:
    """A cell as it is shown: four digits of a number, nothing for what is not known."""
    if value is None:
        return ""
    if isinstance(value, (tuple, list)):
        parts: Sequence[object] = value
        return ", ".join(told(each) for each in parts)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def library(name: str) -> Any:  # noqa: ANN401
    """A library that is not ours to ask for; raises `SettingsError` without it."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"{name} is not installed.", place=name, remedy=f"pip install {name}"
        ) from error
