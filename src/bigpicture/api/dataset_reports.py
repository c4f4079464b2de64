"""The report on a dataset: who is in it, how good it is, what gives its sites away."""

from __future__ import annotations

from enum import StrEnum
from html import escape
from typing import Annotated, Self

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from bigpicture.analysis.dataset_report import report_on
from bigpicture.analysis.dataset_report_shown import (
    ADVICE,
    probe_sentence,
    report_html,
    report_markdown,
)
from bigpicture.analysis.slide_vectors import find_feature_files, read_slide_vectors
from bigpicture.api.asking import Anyone, NodeAsked
from bigpicture.api.opening import open_dataset
from bigpicture.catalogue.report_rows import ReportedFacet, read_report_rows
from bigpicture.model.algorithm import RESEARCH_ONLY
from bigpicture.model.dataset_report import Coverage, DatasetReport, Probe, Quality, Spread
from bigpicture.model.errors import SignInError

router = APIRouter(prefix="/api/v1/datasets", tags=["results"])

_MOST_PROBED = 1000
"""Images whose features are read for one probe."""
_WITHIN = "stain"
"""Sites that stain otherwise differ for a good reason."""


class ReportForm(StrEnum):
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


class ShareShown(BaseModel):
    value: str | None = Field(description="null: not stated")
    images: int
    beings: int


class CoverageShown(BaseModel):
    name: str
    shares: list[ShareShown]

    @classmethod
    def of(cls, coverage: Coverage) -> Self:
        shares = [
            ShareShown(value=each.value, images=each.images, beings=each.beings)
            for each in coverage.shares
        ]
        return cls(name=coverage.name, shares=shares)


class SpreadShown(BaseModel):
    group: str
    images: int
    missing: int
    quantiles: list[float] = Field(description="of 5, 25, 50, 75 and 95 %; empty where none is")

    @classmethod
    def of(cls, spread: Spread) -> Self:
        return cls(
            group=spread.group,
            images=spread.images,
            missing=spread.missing,
            quantiles=list(spread.quantiles),
        )


class MeasuredShown(BaseModel):
    """A facet that an algorithm gave; `facet` is asked for as `companion.FACET`.

    `counts` are images between `edges`, which are one more.
    """

    facet: str
    label: str
    unit: str
    algorithm: str
    whole: SpreadShown
    edges: list[float]
    counts: list[int]
    by_site: list[SpreadShown]

    @classmethod
    def of(cls, quality: Quality, facet: ReportedFacet) -> Self:
        return cls(
            facet=facet.name,
            label=facet.label,
            unit=facet.unit,
            algorithm=facet.algorithm,
            whole=SpreadShown.of(quality.whole),
            edges=list(quality.edges),
            counts=list(quality.counts),
            by_site=[SpreadShown.of(each) for each in quality.by_site],
        )


class ProbeShown(BaseModel):
    """Balanced accuracy on beings not learned from, and its mean by chance (`null`)."""

    property: str
    encoder: str
    accuracy: float | None
    null: float | None
    p_value: float | None
    classes: list[str]
    images: int
    beings: int
    reason: str
    sentence: str

    @classmethod
    def of(cls, probe: Probe) -> Self:
        same = ("property", "encoder", "accuracy", "null", "p_value", "images", "beings", "reason")
        return cls(
            **{name: getattr(probe, name) for name in same},
            classes=list(probe.classes),
            sentence=probe_sentence(probe),
        )


class DatasetReportShown(BaseModel):
    """`is_generated`: all slides were drawn by a program, and figures say nothing of real ones."""

    dataset: str
    title: str
    images: int
    beings: int
    is_generated: bool
    coverage: list[CoverageShown]
    quality: list[MeasuredShown]
    probes: list[ProbeShown]
    can_probe: bool = Field(description="whether features of the images are kept")
    advice: str = ADVICE
    notice: str = RESEARCH_ONLY


@router.get(
    "/{accession}/report",
    response_model=DatasetReportShown,
    responses={200: {"content": {"text/markdown": {}, "text/html": {}}}},
)
def report(
    node: NodeAsked,
    person: Anyone,
    accession: str,
    form: ReportForm = ReportForm.JSON,
    probe: Annotated[
        bool, Query(description="whether features tell site and scanner; for who is signed in")
    ] = False,
) -> DatasetReportShown | Response:
    """Report on a dataset: coverage, quality by site, and whether its features give sites away.

    For whom the dataset is open now, as its results are; counts are exact.
    """
    open_dataset(node, person, accession)
    if probe and person is None:
        raise SignInError("a probe needs somebody signed in.", remedy="Sign in, then try again.")
    with node.records.read() as connection:
        told = read_report_rows(connection, accession)
        files = find_feature_files(connection, accession)
    names = [row.image for row in told.rows]
    vectors = read_slide_vectors(node.vault, files, names, most=_MOST_PROBED) if probe else None
    made = report_on(
        told.rows,
        title=told.title or accession,
        is_generated=told.is_generated,
        vectors=vectors,
        encoder=files.maker,
        within=_WITHIN,
    )
    if form is not ReportForm.JSON:
        return _as_text(made, form, accession)
    facets = {each.title: each for each in told.facets}
    return DatasetReportShown(
        dataset=accession,
        title=made.title,
        images=made.images,
        beings=made.beings,
        is_generated=made.is_generated,
        coverage=[CoverageShown.of(each) for each in made.coverage],
        quality=[MeasuredShown.of(each, facets[each.facet]) for each in made.quality],
        probes=[ProbeShown.of(each) for each in made.probes] if probe else [],
        can_probe=bool(files.objects),
    )


def _as_text(made: DatasetReport, form: ReportForm, accession: str) -> Response:
    """The report as a file that opens by itself."""
    if form is ReportForm.MARKDOWN:
        body, media_type, ending = report_markdown(made), "text/markdown", "md"
    else:
        head = f'<meta charset="utf-8"><title>{escape(made.title)}</title>'
        body = f'<!doctype html><html lang="en"><head>{head}</head><body>{report_html(made)}'
        body, media_type, ending = f"{body}</body></html>\n", "text/html", "html"
    named = f'attachment; filename="{accession}-report.{ending}"'
    headers = {"Content-Disposition": named, "Bigpicture-Notice": RESEARCH_ONLY}
    return Response(body, media_type=media_type, headers=headers)
