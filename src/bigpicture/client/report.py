"""Report: who is in a cohort, and what a run says of its slides, as a page of a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bigpicture.analysis.dataset_report import report_on
from bigpicture.analysis.dataset_report_shown import report_html, report_markdown
from bigpicture.model.dataset_report import DatasetReport, ImageRow, decade

_WORDS = ("scanner", "sex", "stain", "organ")


@dataclass(frozen=True, slots=True)
class ShownReport:
    """A report that notebooks show with its plots; `told` are its numbers."""

    told: DatasetReport

    def markdown(self) -> str:
        return report_markdown(self.told)

    def _repr_html_(self) -> str:
        return report_html(self.told)


def make_report(
    images: Iterable[Mapping[str, Any]],
    facets: Mapping[str, Mapping[str, float | str | None]],
    *,
    title: str,
    is_generated: bool,
) -> ShownReport:
    """The report on a cohort's `images`, as the node tells them, and their `facets` by image.

    A dataset stands for a site. Facets that are words are counted as stain and organ are.
    """
    rows = [_row(image, facets.get(image["accession"], {})) for image in images]
    return ShownReport(report_on(rows, title=title, is_generated=is_generated))


def _row(image: Mapping[str, Any], facets: Mapping[str, float | str | None]) -> ImageRow:
    properties = {name: "; ".join(image[name]) or None for name in _WORDS}
    words = {name: each for name, each in facets.items() if isinstance(each, str)}
    return ImageRow(
        image=image["accession"],
        being="; ".join(image["being"]),
        properties={
            "site": image["dataset"],
            "age": decade(image["age"]),
            **properties,
            **words,
        },
        facets={name: each for name, each in facets.items() if not isinstance(each, str)},
    )
