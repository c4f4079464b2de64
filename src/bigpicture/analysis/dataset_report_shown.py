"""Show a report on a dataset as Markdown, and as HTML with plots."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from bigpicture.analysis.card_shown import NOT_EVALUATED, plain
from bigpicture.analysis.plot import bars, boxes, histogram
from bigpicture.model.algorithm import RESEARCH_ONLY
from bigpicture.model.dataset_report import Coverage, DatasetReport, Probe, Quality, Spread

_NOT_STATED = "not stated"
_ALARM = 0.05
ADVICE = (
    "Above chance, the features give the property away: a model may learn it instead of the "
    "disease. Train and test on different sites, and compare figures by site."
)


def report_markdown(report: DatasetReport) -> str:
    """The report as Markdown."""
    lines = [f"# {plain(report.title)}", "", f"**{RESEARCH_ONLY}**", "", _whole(report)]
    for each in report.coverage:
        lines += ["", f"## Coverage by {plain(each.name)}", ""]
        lines += ["| value | images | beings |", "|---|---:|---:|"]
        lines += [
            f"| {plain(share.value or _NOT_STATED)} | {share.images:,} | {share.beings:,} |"
            for share in each.shares
        ]
    for each in report.quality:
        lines += ["", f"## {plain(each.facet)}{_generated(report)}", ""]
        lines += ["| site | images | not evaluated | 5 % | 25 % | 50 % | 75 % | 95 % |"]
        lines += ["|---|" + "---:|" * 7]
        lines += [_spread_row(spread) for spread in (each.whole, *each.by_site)]
    lines += ["", "## What gives a site away", ""]
    lines += [f"- {plain(sentence)}" for sentence in _probes(report)]
    return "\n".join([*lines, "", ADVICE, ""])


def report_html(report: DatasetReport) -> str:
    """The report as one HTML fragment, an `article` with plots, without style or script."""
    parts = [f"<h1>{escape(report.title)}</h1><p><strong>{escape(RESEARCH_ONLY)}</strong></p>"]
    parts.append(f"<p>{escape(_whole(report))}</p>")
    parts += [_coverage_html(each) for each in report.coverage]
    parts += [_quality_html(report, each) for each in report.quality]
    told = "".join(f"<li>{escape(sentence)}</li>" for sentence in _probes(report))
    parts.append(f"<h2>What gives a site away</h2><ul>{told}</ul><p>{escape(ADVICE)}</p>")
    return f'<article class="dataset-report">{"".join(parts)}</article>'


def probe_sentence(probe: Probe) -> str:
    """What a probe found, in a sentence."""
    if probe.accuracy is None or probe.null is None or probe.p_value is None:
        return f"{probe.property}: {NOT_EVALUATED} ({probe.reason})."
    verdict = "told by the features" if probe.p_value <= _ALARM else "not told by the features"
    return (
        f"{probe.property}: {verdict} (balanced accuracy {probe.accuracy:.2f} of beings not "
        f"learned from, {probe.null:.2f} by chance, p = {probe.p_value:.3f}; {len(probe.classes)} "
        f"values, {probe.images:,} images of {probe.beings:,} beings; {probe.encoder})."
    )


def _probes(report: DatasetReport) -> Iterable[str]:
    for each in report.probes:
        is_figure = report.is_generated and each.accuracy is not None
        yield ("On generated slides: " if is_figure else "") + probe_sentence(each)


def _whole(report: DatasetReport) -> str:
    kind = "generated image" if report.is_generated else "image"
    return f"{_many(report.images, kind)} of {_many(report.beings, 'being')}."


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _generated(report: DatasetReport) -> str:
    return " (generated slides)" if report.is_generated else ""


def _spread_row(spread: Spread) -> str:
    told = [f"{each:.4g}" for each in spread.quantiles] or [NOT_EVALUATED, *[""] * 4]
    cells = [plain(spread.group), f"{spread.images:,}", f"{spread.missing:,}", *told]
    return "| " + " | ".join(cells) + " |"


def _coverage_html(coverage: Coverage) -> str:
    rows = [
        (share.value or _NOT_STATED, float(share.images), f"{share.images:,} of {share.beings:,}")
        for share in coverage.shares
    ]
    title = f"Coverage by {coverage.name}"
    return f"<h2>{escape(title)}</h2>{bars(f'{title}: images, of so many beings', rows)}"


def _quality_html(report: DatasetReport, quality: Quality) -> str:
    title = f"{quality.facet}{_generated(report)}"
    rows = [
        (each.group, each.quantiles, f"{each.images - each.missing:,}" if each.quantiles else "-")
        for each in (quality.whole, *quality.by_site)
    ]
    missing = f"<p>{quality.whole.missing:,} images {NOT_EVALUATED}.</p>"
    drawn = histogram(f"{title}: images", quality.edges, quality.counts)
    return f"<h2>{escape(title)}</h2>{drawn}{boxes(f'{title}: by site', rows)}{missing}"
