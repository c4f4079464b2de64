"""The page that shows a dataset's findings to a person: one file, no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from bigpicture.model.finding import Finding, Severity
from bigpicture.model.study import Study
from bigpicture.standard.explain import asks_for
from bigpicture.submission.page import document

_MARKS = {Severity.ERROR: "bad", Severity.WARNING: "care", Severity.REPAIRED: "good"}
_WORDS = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.REPAIRED: ("read as meant", "read as meant"),
}


def draw_findings(name: str, study: Study, findings: Sequence[Finding]) -> str:
    """The page as HTML; `name` is the folder's."""
    parts = [_head(name, study, findings)]
    for file, members in groupby(findings, key=lambda each: each.place.file):
        parts.append(_table(file, list(members)))
    parts.append(_foot())
    return document(f"Findings of {name}", parts)


def _head(name: str, study: Study, findings: Sequence[Finding]) -> str:
    counts = {each: sum(one.severity == each for one in findings) for each in Severity}
    if counts[Severity.ERROR]:
        lead = "This dataset cannot be submitted yet: mend the errors, then check again."
    elif findings:
        lead = "This dataset can be submitted. What is told below would make it easier to find."
    else:
        lead = "This dataset can be submitted. There is nothing to tell."
    held = [
        (f"{kind.label}s" if kind.label[-1] not in "sy" else kind.label, len(members))
        for kind, members in study.by_kind.items()
        if len(members) > 1
    ]
    sums = [(_WORDS[each][count != 1], count) for each, count in counts.items()] + held
    boxes = "".join(f"<div><dt>{escape(word)}</dt><dd>{count:,}</dd></div>" for word, count in sums)
    return (
        f'<h1>{escape(name)}</h1>\n<p class="lead">{escape(lead)}</p>\n'
        f'<dl class="sums">{boxes}</dl>'
    )


def _table(file: str, findings: Sequence[Finding]) -> str:
    ordered = sorted(findings, key=lambda each: list(Severity).index(each.severity))
    rows = "".join(_row(each) for each in ordered)
    return (
        f"<h2><code>{escape(file) or 'the folder'}</code></h2>\n<table>\n<thead><tr>"
        '<th class="number">line</th><th></th><th>what was found</th><th>what is expected</th>'
        "<th>how to mend it</th><th>rule</th></tr></thead>\n"
        f"<tbody>{rows}</tbody>\n</table>"
    )


def _row(finding: Finding) -> str:
    word = _WORDS[finding.severity][0]
    entity = f"<small>{escape(finding.entity)}</small>" if finding.entity else ""
    asked = escape(asks_for(finding.rule), quote=True)
    return (
        f'<tr><td class="number" data-name="line">{finding.place.line or ""}</td>'
        f'<td><span class="mark {_MARKS[finding.severity]}">{word}</span></td>'
        f"<td>{escape(finding.what)}{entity}</td>"
        f'<td data-name="expected">{escape(finding.expected)}</td>'
        f'<td data-name="mend">{escape(finding.remedy)}</td>'
        f'<td data-name="rule"><code title="{asked}">{escape(finding.rule)}</code></td></tr>'
    )


def _foot() -> str:
    return (
        "<footer><p>Numbers are rows of MSMdad 2.0.0; point at one to read what it asks for, or "
        "run <code>bigpicture standard NUMBER</code>.</p></footer>"
    )
